"""bfloat16 outside of the engine: NumPy does not have it.

Where the package ml_dtypes is installed, arrays have its bfloat16; elsewhere they are float32,
which holds every number of bfloat16. DLPack has a word for it, which NumPy does not understand: so
its capsules are made and read as those of uint16, and the word is exchanged.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from pylego import engine

NAME = "bfloat16"
LARGEST = 2.0**128 - 2.0**120  # of 8 binary digits
_UNSIGNED, _BFLOAT = 1, 4  # the words of DLPack


@functools.cache
def numpy_dtype() -> np.dtype | None:
    """Return the bfloat16 of ml_dtypes; None where it is not installed."""
    try:
        import ml_dtypes
    except ImportError:
        return None
    return np.dtype(ml_dtypes.bfloat16)


def as_numpy(bits: np.ndarray) -> np.ndarray:
    """Return the numbers that an array of uint16 holds the bits of, as others see them."""
    dtype = numpy_dtype()
    return as_float32(bits) if dtype is None else bits.view(dtype)


def as_float32(bits: np.ndarray) -> np.ndarray:
    """Return the numbers that an array of uint16 holds the bits of, as float32.

    >>> as_float32(np.array([0x3F80, 0xC000], "uint16")).tolist()
    [1.0, -2.0]
    """
    return (bits.astype(np.uint32) << 16).view(np.float32)


def towards_zero(x: np.ndarray) -> np.ndarray:
    """Return the numbers of bfloat16, as float32, that float32 numbers become when digits are cut.

    >>> towards_zero(np.array([1.999, -65504.0], "float32")).tolist()
    [1.9921875, -65280.0]
    """
    return as_float32((x.view(np.uint32) >> 16).astype(np.uint16))


def bits_of(x: Any) -> np.ndarray | None:
    """Return the bits of another library's array of bfloat16; None for all else."""
    dtype = getattr(x, "dtype", None)
    if dtype is None or str(dtype).rpartition(".")[2] != NAME:
        return None
    if str(dtype) == NAME and hasattr(x, "__array__"):
        return np.asarray(x).view(np.uint16)
    return np.from_dlpack(_AsUnsigned(x)) if hasattr(x, "__dlpack__") else None


def widened(x: Any) -> np.ndarray:
    """Return x as an array that files and other readers of NumPy understand: of float32, where it
    is bfloat16."""
    bits = bits_of(x)
    return np.asarray(x) if bits is None else as_float32(bits)


class _AsUnsigned:
    """What another library hands over, under a word that NumPy knows."""

    def __init__(self, x: Any):
        self._x = x

    def __dlpack__(self, **options: Any) -> Any:
        options = {key: value for key, value in options.items() if key == "stream"}
        return engine.retyped(self._x.__dlpack__(**options), _BFLOAT, _UNSIGNED)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._x.__dlpack_device__()


def capsule_of(bits: np.ndarray, **options: Any) -> Any:
    """Return a capsule of DLPack for the bits, which calls them bfloat16."""
    return engine.retyped(bits.__dlpack__(**options), _UNSIGNED, _BFLOAT)
