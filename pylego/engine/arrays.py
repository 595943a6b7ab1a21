"""Arrays in and out: tensors over NumPy's memory, and NumPy arrays over that of tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.engine.bricks import apply
from pylego.engine.dtypes import (
    C_NUMBERS,
    DTYPE_NUMBERS,
    HALVES,
    NUMBER_OF_NUMPY,
    NUMPY_DTYPES,
)
from pylego.engine.library import ffi, lib
from pylego.engine.lifetimes import Handle, lent, own, owner_numbers
from pylego.engine.tensors import address, shape

__all__ = [
    "array_over",
    "has_dtype_of",
    "never_changes",
    "number",
    "tensor_around",
    "tensor_from",
    "variable_from",
]

_MEMORY = ffi.typeof("void *")  # looked up once: cffi parses a name each time


def has_dtype_of(array: np.ndarray) -> bool:
    """Return whether a tensor can share the array's memory without a conversion."""
    return array.dtype in NUMBER_OF_NUMPY


def _lies_in_elements(array: np.ndarray) -> bool:
    """Whether all strides are whole numbers of elements."""
    return array.flags.aligned and not any(stride % array.itemsize for stride in array.strides)


def tensor_around(array: np.ndarray, dtype: str | None = None) -> Handle:
    """Make a tensor over the array's own memory.

    Args:
        array: its dtype is one of DTYPES.
        dtype: what the array's memory means: "bfloat16" for the bits in one of uint16.
    """
    number = NUMBER_OF_NUMPY[array.dtype] if dtype is None else DTYPE_NUMBERS[dtype]
    flags = array.flags
    is_row_major = flags.c_contiguous and flags.aligned  # the usual case, on the fast path
    if not is_row_major and not _lies_in_elements(array):
        array, is_row_major = array.copy(order="C"), True
    if is_row_major:
        data, strides = ffi.from_buffer(array), ffi.NULL
    else:
        data = ffi.cast(_MEMORY, array.__array_interface__["data"][0])
        strides = [stride // array.itemsize for stride in array.strides]
    owner = next(owner_numbers)
    lent[owner] = array
    pointer = lib.lego_tensor_wrap(number, array.ndim, array.shape, strides, data, owner)
    if pointer == ffi.NULL:
        del lent[owner]
    return own(pointer)


# A cache of the few numbers that programs use again and again.
_numbers: dict[tuple[str, float], Handle] = {}


def number(value: bool | int | float, dtype: str) -> Handle:
    """Make a tensor without axes. It may be shared: nobody may watch or write it.

    Raises:
        OverflowError: when the dtype cannot hold the value.
    """
    handle = _numbers.get((dtype, value)) if value else None  # 0.0 would find -0.0
    if handle is None:
        handle = _half(value, dtype) if dtype in HALVES else _number(value, DTYPE_NUMBERS[dtype])
        if len(_numbers) > 1000:
            _numbers.clear()
        _numbers[dtype, value] = handle
    return handle


def _number(value: bool | int | float, number: int) -> Handle:
    word = ffi.new(C_NUMBERS[number], value)
    return own(lib.lego_tensor_new(number, 0, ffi.NULL, word))


def _half(value: float, dtype: str) -> Handle:
    """C has no numbers of 16 bits: the brick rounds it, also while something is recorded."""
    recording = lib.lego_record(ffi.NULL)
    try:
        return apply("full", (), shape=(), value=float(value), dtype=DTYPE_NUMBERS[dtype])._handle
    finally:
        lib.lego_record(recording)


def tensor_from(array: np.ndarray) -> Handle:
    """Make a tensor with a copy of the array's numbers."""
    array = np.asarray(array, order="C")
    number = NUMBER_OF_NUMPY[array.dtype]
    data = ffi.from_buffer(array)
    return own(lib.lego_tensor_new(number, array.ndim, array.shape, data))


def variable_from(array: np.ndarray, trainable: bool, dtype: str | None = None) -> Handle:
    """Make a variable with a copy of the array's numbers; `dtype` as in `tensor_around`."""
    array = np.asarray(array, order="C")
    number = NUMBER_OF_NUMPY[array.dtype] if dtype is None else DTYPE_NUMBERS[dtype]
    data = ffi.from_buffer(array)
    return own(lib.lego_variable_new(number, array.ndim, array.shape, data, bool(trainable)))


class _Window:
    """A view of a tensor's memory for NumPy; it keeps the tensor alive."""

    def __init__(self, handle: Handle, is_writable: bool):
        self.handle = handle
        self.is_writable = is_writable
        dtype = NUMPY_DTYPES[lib.lego_tensor_dtype(handle.pointer)]
        rank = lib.lego_tensor_rank(handle.pointer)
        strides = ffi.unpack(lib.lego_tensor_strides(handle.pointer), rank)
        self.__array_interface__ = {
            "version": 3,
            "shape": shape(handle),
            "strides": tuple(stride * dtype.itemsize for stride in strides),
            "typestr": dtype.str,
            "data": (address(handle), not is_writable),
        }


def array_over(handle: Handle, is_writable: bool = False) -> np.ndarray:
    """Return a NumPy array over the tensor's memory, which keeps it alive; nothing is copied.

    That of bfloat16 is an array of uint16, its bits."""
    return np.asarray(_Window(handle, is_writable))


def never_changes(array: np.ndarray) -> bool:
    """Return whether the array's memory is read-only: through the array, and through every array
    that it is a view of."""
    memory: Any = array
    while isinstance(memory, np.ndarray):
        if memory.flags.writeable:
            return False
        memory = memory.base
    if isinstance(memory, _Window):
        return not memory.is_writable and not lib.lego_tensor_is_variable(memory.handle.pointer)
    return memory is None or isinstance(memory, bytes)
