"""Properties of tensors: shape, dtype, address, and whether gradients reach them."""

from __future__ import annotations

from pylego.engine.library import check, ffi, lib
from pylego.engine.lifetimes import Handle, own

__all__ = [
    "address",
    "detach",
    "dtype",
    "dtype_number_of",
    "is_symbolic",
    "is_watched",
    "layout",
    "set_trainable",
    "shape",
    "watch",
]


def shape(handle: Handle) -> tuple[int, ...]:
    """Return the tensor's shape."""
    return handle.shape


def dtype(handle: Handle) -> str:
    """Return the name of the tensor's dtype."""
    return handle.dtype


def dtype_number_of(handle: Handle) -> int:
    """Return the number of the tensor's dtype."""
    return lib.lego_tensor_dtype(handle.pointer)


def layout(handle: Handle) -> tuple:
    """Return the layout, which an input of a program must have: dtype, shape and strides."""
    rank = lib.lego_tensor_rank(handle.pointer)
    strides = ffi.unpack(lib.lego_tensor_strides(handle.pointer), rank)
    return (lib.lego_tensor_dtype(handle.pointer), shape(handle), tuple(strides))


def address(handle: Handle) -> int:
    """Return the address of the tensor's numbers."""
    return int(ffi.cast("uintptr_t", lib.lego_tensor_data(handle.pointer)))


def is_symbolic(handle: Handle) -> bool:
    """Return whether the tensor belongs to a recording and has no numbers."""
    return lib.lego_tensor_is_symbolic(handle.pointer)


def detach(handle: Handle) -> Handle:
    """Return the same numbers without their history."""
    return own(lib.lego_tensor_detach(handle.pointer))


def is_watched(handle: Handle) -> bool:
    """Return whether gradients can reach the tensor now."""
    return bool(lib.lego_tensor_is_watched(handle.pointer))


def watch(handle: Handle, is_asked: bool) -> None:
    """Ask for the tensor's gradient from now on, or no longer."""
    check(lib.lego_tensor_watch(handle.pointer, is_asked))


def set_trainable(handle: Handle, is_trainable: bool) -> None:
    """Set whether open tapes watch the variable."""
    lib.lego_variable_set_trainable(handle.pointer, is_trainable)
