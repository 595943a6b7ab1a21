"""utils.audio_dataset_from_directory: sounds of Keras, widths, rates, lengths, and bad files."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import layers
from pylego.models import Sequential
from pylego.utils import audio_dataset_from_directory, split_dataset
from pylego.utils.wave_files import read_wave, resampled

GOLDEN = load("data_sets")


def write_wave(path: Any, content: bytes, channels: int, width: int = 2, rate: int = 8000) -> None:
    with wave.open(path if hasattr(path, "write") else str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sounds that Keras read, in a folder for each class."""
    for name, samples in GOLDEN["sounds"].items():
        path = tmp_path / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        write_wave(path, np.array(samples, "<i2").tobytes(), len(samples[0]))
    return tmp_path


def listed(dataset: Any) -> list:
    return [[p.numpy() for p in (e if isinstance(e, tuple) else (e,))] for e in dataset]


@pytest.mark.parametrize(("settings", "batches"), GOLDEN["read"], ids=str)
def test_sounds_are_kerass(folder: Path, settings: dict[str, Any], batches: list) -> None:
    has_labels = settings.get("label_mode", "int") is not None
    given = {"batch_size": 2, "shuffle": False, "verbose": False, **settings}
    data = audio_dataset_from_directory(folder if has_labels else folder / "a", **given)
    found = listed(data)
    assert len(found) == len(data) == len(batches)
    for batch, golden in zip(found, batches):
        for part, expected in zip(batch, golden if has_labels else [golden]):
            np.testing.assert_array_equal(part, np.array(expected, part.dtype))


def test_other_widths_are_the_same_sound(tmp_path: Path) -> None:
    whole = np.array([-(2**31), -(2**30), 0, 2**30, 2**31 - 2**24], "<i4")
    expected = whole / 2**31
    contents = {
        1: ((whole >> 24) + 128).astype("u1").tobytes(),
        2: (whole >> 16).astype("<i2").tobytes(),
        3: whole.view("u1").reshape(-1, 4)[:, 1:].tobytes(),
        4: whole.tobytes(),
    }
    for width, content in contents.items():
        file = io.BytesIO()
        write_wave(file, content, 1, width)
        file.seek(0)
        samples, rate = read_wave(file)
        assert (samples.shape, samples.dtype, rate) == ((5, 1), np.float32, 8000)
        np.testing.assert_array_equal(samples[:, 0], expected)


@pytest.mark.parametrize(("rate", "wanted"), [(8000, 16000), (44100, 16000), (16000, 11025)])
def test_a_tone_keeps_its_pitch_at_another_rate(rate: int, wanted: int) -> None:
    def tones(of: int) -> np.ndarray:
        times = np.arange(of // 5) / of
        return np.stack([np.sin(2 * np.pi * 440 * times), np.cos(2 * np.pi * 1000 * times)], 1)

    found = resampled(tones(rate).astype("float32"), rate, wanted)
    assert found.shape == (wanted // 5, 2)
    inside = slice(wanted // 50, -wanted // 50)
    np.testing.assert_allclose(found[inside], tones(wanted)[inside], atol=2e-3)


def test_what_the_lower_rate_cannot_hold_is_left_out() -> None:
    high = np.sin(2 * np.pi * 6000 * np.arange(3200) / 16000).astype("float32")[:, None]
    assert np.abs(resampled(high, 16000, 8000)[200:-200]).max() < 1e-3
    assert resampled(high, 16000, 16000) is high


def test_rates_lengths_and_ragged_batches(folder: Path) -> None:
    given: dict[str, Any] = {"batch_size": 4, "shuffle": False, "verbose": False}
    data = audio_dataset_from_directory(
        folder, sampling_rate=16000, output_sequence_length=15, **given
    )
    assert listed(data)[0][0].shape == (4, 15, 2)
    sounds, labels = next(iter(audio_dataset_from_directory(folder, ragged=True, **given)))
    assert [sound.shape for sound in sounds] == [(5, 1), (7, 1), (9, 2), (6, 2)]
    assert labels.numpy().tolist() == [0, 0, 1, 1]
    assert split_dataset(data, left_size=3)[0].class_names == ["a", "b"]
    single = audio_dataset_from_directory(folder, **{**given, "batch_size": None})
    assert [x.shape for x, _ in single] == [(5, 1), (7, 1), (9, 2), (6, 2)]


def test_bad_sounds_and_arguments_are_refused(folder: Path) -> None:
    def read(**settings: Any) -> list:
        return listed(audio_dataset_from_directory(folder, verbose=False, **settings))

    with pytest.raises(ValueError, match="give one"):
        read(ragged=True, output_sequence_length=3)
    with pytest.raises(ValueError, match="sampling_rate"):
        read(sampling_rate=0)
    with pytest.raises(TypeError, match="output_sequence_length"):
        read(output_sequence_length=1.5)
    with pytest.raises(TypeError, match="Did you mean 'sampling_rate'"):
        read(samplingrate=1)
    (folder / "b" / "2.wav").write_bytes(b"RIFF no sound")
    with pytest.raises(ValueError, match=r"2\.wav is not a WAV file"):
        read()
    write_wave(folder / "b" / "2.wav", bytes(16), 1)
    content = bytearray((folder / "b" / "2.wav").read_bytes())
    content[34:36] = b"\x50\x00"
    (folder / "b" / "2.wav").write_bytes(content)
    with pytest.raises(ValueError, match=r"2\.wav is not a WAV file .*80 bits a sample"):
        read()
    with pytest.raises(ValueError, match="has no sounds"):
        audio_dataset_from_directory(folder / "a", labels="inferred", verbose=False)


def test_sounds_are_trained_on(folder: Path) -> None:
    data = audio_dataset_from_directory(
        folder, output_sequence_length=8, batch_size=2, shuffle=False, verbose=False
    ).map(lambda sound, label: (sound[:, :, :1], label))
    model = Sequential([layers.Flatten(), layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    assert len(model.fit(data, epochs=2, verbose=0).history["loss"]) == 2
