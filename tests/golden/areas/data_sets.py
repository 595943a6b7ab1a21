"""Parts that `split_dataset` makes, and sounds that `audio_dataset_from_directory` reads."""

from __future__ import annotations

import tempfile
import wave
from pathlib import Path
from typing import Any

import keras
import numpy as np

from areas.encoding import encode

SIZES: list[dict[str, Any]] = [
    {"left_size": 0.8},
    {"left_size": 3},
    {"left_size": 0.25},
    {"left_size": 0.35},
    {"right_size": 0.25},
    {"right_size": 4},
    {"left_size": 0.2, "right_size": 0.3},
    {"left_size": 2, "right_size": 3},
    {"left_size": 0.2, "right_size": 3},
    {"left_size": 0.5, "shuffle": True, "seed": 7},
    {"left_size": 3, "right_size": 4, "shuffle": True, "seed": 2**40},
]
WRONG: list[dict[str, Any]] = [
    {},
    {"left_size": 0},
    {"left_size": 10},
    {"left_size": 1.0},
    {"left_size": -0.5},
    {"left_size": 0.04},
    {"right_size": 0.05},
    {"left_size": 0.6, "right_size": 0.5},
    {"left_size": 7, "right_size": 7},
    {"left_size": "a"},
    {"left_size": True},
]
SOUNDS: list[dict[str, Any]] = [
    {},
    {"output_sequence_length": 4},
    {"output_sequence_length": 12},
    {"label_mode": "categorical", "batch_size": 2},
    {"label_mode": None, "batch_size": 3},
]


def numbers(element: Any) -> Any:
    return [numbers(part) for part in element] if isinstance(element, tuple) else encode(element)


def listed(dataset: Any) -> list:
    return [numbers(element) for element in dataset]


def refusal(settings: dict[str, Any]) -> str:
    try:
        keras.utils.split_dataset(np.arange(10), **settings)
    except (TypeError, ValueError) as error:
        return type(error).__name__
    return "none"


def write_sounds(folder: Path) -> dict[str, list]:
    """Sounds of 16 bits in two folders, of other lengths and with one channel or two."""
    chance = np.random.default_rng(4)
    written = {}
    for name, length, channels in (("a/0", 5, 1), ("a/1", 7, 1), ("b/0", 9, 2), ("b/1", 6, 2)):
        samples = chance.integers(-(2**15), 2**15, (length, channels)).astype("<i2")
        path = folder / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        with wave.open(str(path), "wb") as file:
            file.setparams((channels, 2, 8000, length, "NONE", ""))
            file.writeframes(samples.tobytes())
        written[name] = samples.tolist()
    return written


def read_sounds(folder: Path, settings: dict[str, Any]) -> list:
    """Of one number of channels a batch, as Keras needs it."""
    given = {"batch_size": 2, "shuffle": False, "verbose": False, **settings}
    if settings.get("label_mode", "int") is None:
        given |= {"directory": folder / "a"}
    return listed(keras.utils.audio_dataset_from_directory(**{"directory": folder, **given}))


def facts() -> dict[str, Any]:
    pairs = (np.arange(4), np.arange(4) * 10.0)
    with tempfile.TemporaryDirectory() as name:
        sounds = write_sounds(Path(name))
        read = [[settings, read_sounds(Path(name), settings)] for settings in SOUNDS]
    return {
        "splits": [
            [settings, *map(listed, keras.utils.split_dataset(np.arange(10), **settings))]
            for settings in SIZES
        ],
        "pairs": [*map(listed, keras.utils.split_dataset(pairs, left_size=0.5))],
        "refusals": [[settings, refusal(settings)] for settings in WRONG],
        "sounds": sounds,
        "read": read,
    }
