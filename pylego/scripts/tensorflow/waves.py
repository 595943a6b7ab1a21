"""`tf.signal` and complex numbers, which are arrays of NumPy here: pylego has no such dtype.

`tf.abs`, `tf.math.real` and their kin make tensors of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import ops
from pylego.core.text_array import TEXT, holds_texts, text_array

__all__ = [
    "as_complex", "converted", "framed", "magnitude", "part_of", "short_spectra", "spectrum",
    "widened",
]  # fmt: skip

_COMPLEX = {"complex64": np.complex64, "complex128": np.complex128}


def is_complex(x: Any) -> bool:
    """Whether x is an array of complex numbers; tensors are not asked for their numbers."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "c"


def widened(x: Any, axis: int) -> Any:
    """Put in an axis of length 1, also into arrays of texts and of complex numbers."""
    if is_complex(x):
        return np.expand_dims(x, axis)
    return np.expand_dims(text_array(x), axis) if holds_texts(x) else ops.expand_dims(x, axis)


def as_complex(real: Any, imag: Any) -> np.ndarray:
    """Return complex numbers of two parts."""
    return (np.asarray(real) + 1j * np.asarray(imag)).astype("complex64")


def converted(x: Any, dtype: Any) -> Any:
    """Convert to a dtype; complex numbers become, and stay, an array."""
    if str(dtype) in _COMPLEX:
        return np.asarray(x).astype(_COMPLEX[str(dtype)])
    if str(dtype) == TEXT:  # texts, or a placeholder of texts
        return text_array(x) if holds_texts(x) else x
    return ops.cast(part_of(x, "real"), dtype)


def part_of(x: Any, which: str) -> Any:
    """Return the real or the imaginary part; a tensor is its own real part."""
    if not is_complex(x):
        return x if which == "real" else ops.zeros_like(x)
    return ops.convert_to_tensor(getattr(x, which).copy())


def magnitude(x: Any) -> Any:
    """Return absolute values, also of complex numbers."""
    return ops.convert_to_tensor(np.abs(x)) if is_complex(x) else ops.absolute(x)


def spectrum(x: Any, kind: str, length: int | None = None) -> Any:
    """Transform along the last axis: 'fft', 'ifft', 'rfft' or 'irfft'."""
    made = getattr(np.fft, kind)(np.asarray(x), length)
    if kind == "irfft":
        return ops.convert_to_tensor(made.astype("float32"))
    return made.astype("complex64")


def framed(x: Any, length: int, step: int, pads: bool = False, value: float = 0.0) -> Any:
    """Cut the last axis into frames; the last ones are padded, or left out."""
    x = np.asarray(x)
    if pads:
        rest = max((-(-x.shape[-1] // step) - 1) * step + length - x.shape[-1], 0)
        x = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, rest)], constant_values=value)
    frames = np.lib.stride_tricks.sliding_window_view(x, length, -1)[..., ::step, :]
    return ops.convert_to_tensor(frames.copy())


def short_spectra(x: Any, length: int, step: int, fft_length: Any, window: Any, pads: bool) -> Any:
    """Transform frames, under a window of Hann."""
    if fft_length is None:
        fft_length = 1 << (length - 1).bit_length()
    turns = np.arange(length) / length
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * turns) if window is None else np.asarray(window)
    return spectrum(framed(x, length, step, pads).numpy() * shape, "rfft", fft_length)
