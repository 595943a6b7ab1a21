"""Layers of sounds, and of the contrast of tiles: outputs for given numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")
OTHER = {
    "expand_dims": True, "padding": "same", "frame_step": 3, "scaling": "spectrum",
    "window": "hamming", "periodic": True, "fft_length": 16,
}  # fmt: skip
CASES: list[tuple[str, dict[str, Any], str]] = [
    *(("STFTSpectrogram", {"mode": mode, "frame_length": 8}, "stereo") for mode in MODES),
    *(("STFTSpectrogram", {"mode": mode, "frame_length": 8, **OTHER}, "stereo")
      for mode in ("log", "angle", "stft")),
    ("STFTSpectrogram", {"frame_length": 5, "window": None, "scaling": None}, "stereo"),
    ("MelSpectrogram", {"fft_length": 32, "sequence_stride": 9, "sequence_length": 20,
                        "num_mel_bins": 4, "sampling_rate": 800}, "sounds"),
    ("MelSpectrogram", {"fft_length": 32, "sequence_stride": 16, "num_mel_bins": 3, "mag_exp": 1.0,
                        "sampling_rate": 800, "max_freq": 300.0, "power_to_db": False}, "sound"),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (3, 2)}, "pictures"),
    ("ContrastLimitedAdaptiveHistogramEqualization",
     {"tile_grid_size": (2, 2), "clip_limit": 0.0, "value_range": (0, 100)}, "pictures"),
]  # fmt: skip


def inputs() -> dict[str, np.ndarray]:
    """Return arrays by name."""
    draw = np.random.default_rng(16)
    return {
        "stereo": draw.normal(size=(1, 14, 2)).astype("float32").round(3),
        "sounds": draw.normal(size=(2, 90)).astype("float32").round(3),
        "sound": draw.normal(size=(80,)).astype("float32").round(3),
        "pictures": draw.integers(0, 100, (1, 7, 5, 2)).astype("float32"),
    }


def facts() -> dict[str, Any]:
    """Return the content of spectrograms.json."""
    arrays = inputs()
    cases = []
    for name, arguments, given in CASES:
        layer = getattr(keras.layers, name)(**arguments)
        y = np.asarray(layer(arrays[given]))
        shape = list(layer.compute_output_shape(arrays[given].shape))
        cases.append({"class": name, "arguments": arguments, "input": given, "shape": shape,
                      "output": encode(y)})  # fmt: skip
    return {
        "about": "outputs of layers; shape is what compute_output_shape says",
        "inputs": {name: encode(x) for name, x in arrays.items()},
        "cases": cases,
    }
