"""Anything array-like as a NumPy array that the engine reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego.core import bfloat16, dtypes


def array_of(x: Any) -> np.ndarray:
    """Read anything array-like; name the fault where it is none."""
    bits = bfloat16.bits_of(x)
    if bits is not None:
        return bfloat16.as_float32(bits)
    speaks_only_dlpack = hasattr(x, "__dlpack__") and not hasattr(x, "__array__")
    try:
        array = np.from_dlpack(x) if speaks_only_dlpack else np.asarray(x)
    except ValueError as error:
        raise ValueError(
            f"this is no table of numbers, its rows are of unequal length: {error}"
        ) from error
    is_list = isinstance(x, (list, tuple))
    ready = dtypes.ready_array(_as_python_numbers(x, array) if is_list else array)
    if is_list or ready is not array:
        ready.flags.writeable = False  # it was made here: nobody else can write it
    return ready


def _as_python_numbers(x: Sequence, array: np.ndarray) -> np.ndarray:
    """A list of Python numbers has no dtype of its own: integers become int32, floats floatx."""
    if array.dtype == np.float64 and not _holds_arrays(x):
        return array.astype(dtypes.standardize_dtype(None))
    fits = array.dtype == np.int64 and (
        array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
    )
    return array.astype(np.int32) if fits and not _holds_arrays(x) else array


def _holds_arrays(x: Any) -> bool:
    while isinstance(x, (list, tuple)) and x:
        x = x[0]
    return isinstance(x, (np.ndarray, np.generic))
