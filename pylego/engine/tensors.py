"""Properties of tensors: shape, dtype, address, and whether gradients reach them."""

from __future__ import annotations

from pylego.engine.library import check, ffi, lib
from pylego.engine.lifetimes import Handle, own

__all__ = [
    "address",
    "detach",
    "dtype",
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


def layout(handle: Handle) -> tuple:
    """Return the layout, which an input of a program must have: dtype, shape and strides."""
    return handle.layout


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
