"""Loops: a body that is recorded once, and runs once per step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pylego.engine.custom_gradients import raise_what_gradients_raised
from pylego.engine.library import ffi, lib, raise_failure
from pylego.engine.lifetimes import OUTPUTS, Handle, own
from pylego.engine.programs import Recording

__all__ = ["body_carry", "body_of", "body_row", "new_body", "run_scan", "written_by_body"]


def new_body() -> Recording:
    """Make an empty body, inside of what this thread records."""
    pointer = lib.lego_body_new()
    if pointer == ffi.NULL:
        raise_failure(lib.lego_last_status())
    return ffi.gc(pointer, lib.lego_program_release)


def body_carry(body: Recording, first: Handle) -> Handle:
    """Make the symbolic tensor of a carry; `first` is its value before the first step."""
    return own(lib.lego_body_carry(body, first.pointer))


def body_row(body: Recording, sequence: Handle) -> Handle:
    """Make the symbolic tensor of a row of the sequence."""
    return own(lib.lego_body_row(body, sequence.pointer))


def body_of(program: Recording, index: int, which: int) -> Recording | None:
    """Return the body that an op of a finished program runs once per step; None: it has none.

    It is borrowed from the program.
    """
    pointer = lib.lego_program_body(program, index, which)
    return None if pointer == ffi.NULL else pointer


def written_by_body(body: Recording) -> Iterator[int]:
    """Yield the addresses of the variables that a recorded body assigns to."""
    index = 0
    while (address := lib.lego_body_variable(body, index)) != ffi.NULL:
        yield int(ffi.cast("uintptr_t", address))
        index += 1


def run_scan(
    body: Recording, results: Sequence[Handle], length: int, is_reversed: bool, room: int
) -> list[Handle]:
    """End the recording of a body and run it `length` times: at once, or within a recording.

    Args:
        body: is given away.
        results: of a step: the next carries, and what is stacked.
        length: how many steps.
        is_reversed: whether the last row comes first.
        room: how many tensors come out: one for each result, and one for each variable that the
            body assigns to, its last value.
    """
    outputs, count = ffi.new(OUTPUTS, room), ffi.new("int *")
    ffi.gc(body, None)  # from now on the engine gives it back
    made = [y.pointer for y in results]
    status = lib.lego_scan(body, made, len(made), length, is_reversed, outputs, room, count)
    raise_what_gradients_raised(status)
    return [own(outputs[i]) for i in range(count[0])]
