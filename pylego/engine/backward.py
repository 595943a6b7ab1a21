"""Tapes, which record bricks as they are applied, and the backward pass along them."""

from __future__ import annotations

from collections.abc import Sequence

from pylego.engine.library import check, ffi, lib
from pylego.engine.lifetimes import OUTPUTS, Handle, own

__all__ = [
    "TAPE_ASKED",
    "TAPE_PAUSED",
    "TAPE_VARIABLES",
    "backward",
    "forget_gradient",
    "gradient_of",
    "gradients",
    "tape",
]

TAPE_PAUSED = int(lib.LEGO_TAPE_PAUSED)
TAPE_ASKED = int(lib.LEGO_TAPE_ASKED)
TAPE_VARIABLES = int(lib.LEGO_TAPE_VARIABLES)


def tape(taping: int) -> int:
    """Set which bricks this thread records on tapes; return the former setting."""
    return lib.lego_tape(taping)


def gradients(
    targets: Sequence[Handle],
    seeds: Sequence[Handle | None],
    sources: Sequence[Handle],
    is_recorded: bool,
) -> list[Handle | None]:
    """Return gradients of the targets; None for sources that no target depends on."""
    found = ffi.new(OUTPUTS, len(sources))
    plain_seeds = [ffi.NULL if seed is None else seed for seed in seeds]
    check(
        lib.lego_gradients(
            targets, plain_seeds, len(targets), sources, len(sources), is_recorded, found
        )
    )
    return [None if pointer == ffi.NULL else own(pointer) for pointer in found]


def backward(handle: Handle, seed: Handle | None, is_recorded: bool) -> None:
    """Run the backward pass from the tensor and store gradients at all watched leaves."""
    check(lib.lego_backward(handle, ffi.NULL if seed is None else seed, is_recorded))


def gradient_of(handle: Handle) -> Handle | None:
    """Return the gradient that backward() stored at the tensor."""
    pointer = lib.lego_tensor_gradient(handle)
    return None if pointer == ffi.NULL else own(pointer)


def forget_gradient(handle: Handle) -> None:
    """Drop the gradient that backward() stored at the tensor."""
    lib.lego_tensor_forget_gradient(handle)
