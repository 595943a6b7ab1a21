"""Gradients that Python computes: the backward pass calls back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from pylego.engine.library import check, ffi, lib
from pylego.engine.lifetimes import Handle, lent, own, owner_numbers

__all__ = ["raise_what_gradients_raised", "with_gradient"]

# Takes the gradient of the result and which inputs want one; returns one for each input, or None.
Gradient = Callable[[Handle, list[bool]], Sequence[Handle | None]]


class _Raised(threading.local):
    """What a gradient raised in this thread, until the backward pass has ended."""

    error: BaseException | None = None


_raised = _Raised()


def with_gradient(value: Handle, inputs: Sequence[Handle], gradient: Gradient) -> Handle:
    """Return the numbers of a tensor as a function of inputs, with gradients that Python computes.

    Args:
        value: the numbers; nothing flows back to it.
        inputs: what they depend on.
        gradient: kept until no history asks for it any more. It must not hold the result, which
            would keep itself alive.
    """
    owner = next(owner_numbers)
    lent[owner] = gradient
    pointers = [x.pointer for x in inputs]
    y = lib.lego_with_gradient(value.pointer, pointers, len(pointers), owner)
    if y == ffi.NULL:
        lent.pop(owner, None)
    return own(y)


def raise_what_gradients_raised(status: int) -> None:
    """Raise what came up in a gradient that Python computed; else the engine's error, if any."""
    error, _raised.error = _raised.error, None
    if error is not None:
        raise error
    check(status)


@ffi.def_extern()
def lego_python_gradient(owner: int, dy: Any, wanted: Any, count: int, dx: Any) -> int:
    """Compute the gradients that belong to a number."""
    try:
        flags = [bool(wanted[i]) for i in range(count)]
        found = lent[owner](own(lib.lego_tensor_retain(dy)), flags)
        for i, gradient in enumerate(found):
            if gradient is not None and flags[i]:
                dx[i] = lib.lego_tensor_retain(gradient.pointer)
    except BaseException as error:  # it cannot pass through C
        _raised.error = error
        return int(lib.LEGO_BAD_VALUE)
    return int(lib.LEGO_OK)


lib.lego_set_gradient_caller(lib.lego_python_gradient)
