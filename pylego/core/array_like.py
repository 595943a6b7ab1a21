"""Anything array-like as a NumPy array that the engine reads, and tensors as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import engine
from pylego.core import bfloat16, dtypes
from pylego.keras_imports import is_as_keras


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
            f"this is not a table of numbers, its rows are of unequal length: {error}"
        ) from error
    is_list = isinstance(x, (list, tuple))
    ready = dtypes.ready_array(_as_python_numbers(x, array) if is_list else array)
    if is_list or ready is not array:
        ready.flags.writeable = False  # it was made here: nobody else can write it
    return ready


def _as_python_numbers(x: Sequence, array: np.ndarray) -> np.ndarray:
    """A list of Python numbers has no dtype of its own: integers become int32, floats floatx."""
    if array.dtype == np.float64 and not _holds_arrays(x):
        return array.astype(dtypes.array_dtype())
    fits = array.dtype == np.int64 and (
        array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
    )
    return array.astype(np.int32) if fits and not _holds_arrays(x) else array


def _holds_arrays(x: Any) -> bool:
    while isinstance(x, (list, tuple)) and x:
        x = x[0]
    return isinstance(x, (np.ndarray, np.generic))


def numbers_of(tensor: Any) -> np.ndarray:
    """Look at the numbers of a tensor: a read-only array; nothing is copied."""
    tensor._check_numbers()
    return dtypes.as_numpy(engine.array_over(tensor._handle), tensor._handle.dtype)


def handed_out(tensor: Any) -> np.ndarray:
    """Return what `numpy()` of a tensor gives: the numbers, to be looked at.

    Where imports of Keras reach pylego it is a copy, as of TensorFlow, which programs write into;
    of a tensor without axes it is a number, which may be the key of a dictionary.
    """
    array = numbers_of(tensor)
    if not is_as_keras():
        return array
    return array.copy() if array.ndim else array[()]
