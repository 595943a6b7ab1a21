"""Spectrograms, and the contrast of tiles: Keras's numbers and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import initializers, layers

GOLDEN = load("spectrograms")
CASES = [
    pytest.param(case, id=f"{case['class'][:4]} {case['arguments']}") for case in GOLDEN["cases"]
]


@pytest.mark.parametrize("case", CASES)
def test_outputs_are_keras_s(case: dict[str, Any]) -> None:
    x = np.array(GOLDEN["inputs"][case["input"]], "float32")
    layer = getattr(layers, case["class"])(**case["arguments"])
    y, golden = layer(x).numpy(), np.array(case["output"])
    assert layer.compute_output_shape(x.shape) == y.shape == golden.shape
    apart = np.abs(y - golden)
    if case["arguments"].get("mode") == "angle":  # pi and -pi are one
        apart = np.minimum(apart, np.abs(2 * np.pi - apart))
    assert apart.max() < 2e-4
    again = type(layer).from_config(layer.get_config())
    np.testing.assert_array_equal(again(x).numpy(), y)


@pytest.mark.parametrize("mode", ["log", "stft"])
@pytest.mark.parametrize("expand_dims", [False, True])
def test_sounds_with_channels_first(mode: str, expand_dims: bool) -> None:
    x = np.array(GOLDEN["inputs"]["stereo"], "float32")
    arguments = {"mode": mode, "frame_length": 4, "expand_dims": expand_dims}
    last = layers.STFTSpectrogram(**arguments)(x)
    layer = layers.STFTSpectrogram(**arguments, data_format="channels_first")
    first = layer(x.transpose(0, 2, 1))
    assert layer.compute_output_shape((1, 2, 14)) == first.shape
    np.testing.assert_allclose(first.numpy(), np.moveaxis(last.numpy(), -1, 1), atol=1e-6)


def test_the_waves_are_those_of_the_fourier_transform() -> None:
    x = np.random.default_rng(1).normal(size=8)
    real = initializers.STFT("real", window=None)((8, 1, 5)).numpy()[:, 0]
    imaginary = initializers.STFT("imag", window=None)((8, 1, 5)).numpy()[:, 0]
    np.testing.assert_allclose(x @ real + 1j * (x @ imaginary), np.fft.rfft(x), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: initializers.STFT("left"), "side"),
        (lambda: initializers.STFT(window="hat"), "window"),
        (lambda: initializers.STFT(scaling="large"), "scaling"),
        (lambda: initializers.STFT(window=[1.0, 2.0])((3, 1, 2)), "as many numbers as a frame"),
        (lambda: layers.STFTSpectrogram("loud"), "mode"),
        (lambda: layers.STFTSpectrogram(padding="full"), "padding"),
        (lambda: layers.STFTSpectrogram(frame_length=4, frame_step=5), "frame_step"),
        (lambda: layers.STFTSpectrogram(frame_length=4, fft_length=3), "fft_length"),
        (lambda: layers.MelSpectrogram(8, sequence_length=9), "fft_length"),
        (lambda: layers.MelSpectrogram(num_mel_bins=0), "num_mel_bins"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        make()


def test_whole_numbers_are_no_sounds() -> None:
    with pytest.raises(TypeError, match="takes floats"):
        layers.STFTSpectrogram(frame_length=4, autocast=False)(np.ones((1, 8, 1), "int32"))
