"""Programs: bricks are recorded, passes improve the recording, and it runs as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego.engine.dtypes import dtype_number
from pylego.engine.library import check, ffi, lib, raise_failure
from pylego.engine.lifetimes import OUTPUTS, Handle, own, own_all

__all__ = [
    "PASSES",
    "PASS_NEEDS",
    "PATTERNS",
    "Pattern",
    "Recording",
    "arena_bytes",
    "finish_program",
    "is_program_watched",
    "is_recording",
    "label",
    "new_program",
    "profile_program",
    "program_input",
    "program_input_of",
    "record",
    "record_bytes",
    "run_program",
    "run_program_on",
    "run_program_over_rows",
    "set_label",
]

PASSES = {  # by name, in the order in which they run
    ffi.string(lib.lego_pass_name(i)).decode(): int(lib.lego_pass_flag(i))
    for i in range(lib.lego_pass_count())
}
PASS_NEEDS = {  # what each of them needs: without these it has nothing to do
    name: tuple(other for other, flag in PASSES.items() if lib.lego_pass_needs(i) & flag)
    for i, name in enumerate(PASSES)
}


class Pattern(NamedTuple):
    """Several ops that belong together and that a pass knows; see lego_pattern_name in lego.h."""

    name: str
    formula: str
    python: str  # the code that it is made for, as "file: function"
    of_pass: str  # one of PASSES


def _pattern(index: int) -> Pattern:
    names = ("name", "formula", "python", "pass")
    texts = (getattr(lib, f"lego_pattern_{name}")(index) for name in names)
    return Pattern(*(ffi.string(text).decode() for text in texts))


PATTERNS = {pattern.name: pattern for pattern in map(_pattern, range(lib.lego_pattern_count()))}
_memory = ffi.from_buffer
_ADDRESSES, _POINTERS = ffi.typeof("uintptr_t[]"), ffi.typeof("lego_tensor **")
_INT, _INTS = ffi.typeof("int64_t *"), ffi.typeof("int64_t[]")  # cffi parses a name each time
Recording = Any  # a cdata 'lego_program *'


def new_program(sibling: Recording | None = None) -> Recording:
    """Make an empty program; siblings share an arena and run one at a time."""
    pointer = lib.lego_program_new(ffi.NULL if sibling is None else sibling)
    if pointer == ffi.NULL:
        raise_failure(lib.lego_last_status())
    return ffi.gc(pointer, lib.lego_program_release)


def record(program: Recording | None) -> Recording | None:
    """Append bricks to the program from now on (None: run them); return the former program."""
    former = lib.lego_record(ffi.NULL if program is None else program)
    return None if former == ffi.NULL else former


def is_recording() -> bool:
    """Return whether bricks that this thread applies are recorded."""
    return lib.lego_is_recording()


def program_input(program: Recording, like: Handle) -> Handle:
    """Make the symbolic tensor of the program's next input, with the layout of `like`."""
    rank = lib.lego_tensor_rank(like.pointer)
    shape, strides = lib.lego_tensor_shape(like.pointer), lib.lego_tensor_strides(like.pointer)
    number = lib.lego_tensor_dtype(like.pointer)
    return own(lib.lego_program_input(program, number, rank, shape, strides))


def program_input_of(program: Recording, shape: Sequence[int], dtype: str) -> Handle:
    """Make the symbolic tensor of the program's next input, in row-major order."""
    number = dtype_number(dtype)
    return own(lib.lego_program_input(program, number, len(shape), tuple(shape), ffi.NULL))


def label(program: Recording, name: str) -> int:
    """Return the number of a label, which instructions keep as their origin."""
    return lib.lego_program_label(program, name.encode())


def set_label(number: int) -> int:
    """Mark what is recorded from now on with a label's number; return the former one."""
    return lib.lego_set_label(number)


def finish_program(program: Recording, outputs: Sequence[Handle], passes: int) -> None:
    """End the recording: `outputs` are what a run returns; `passes` are flags of `PASSES`."""
    check(lib.lego_program_finish(program, [y.pointer for y in outputs], len(outputs), passes))


def _raise_failure_of_run(program: Recording, status: int) -> None:
    """Raise the error of a run; its `label` is that of the instruction that failed."""
    number = lib.lego_failed_label()
    name = lib.lego_program_label_name(program, number)
    try:
        raise_failure(status)
    except Exception as error:
        error.label = "" if name == ffi.NULL else ffi.string(name).decode()  # type: ignore[attr-defined]
        raise


def run_program(program: Recording, inputs: Sequence[Handle], room: int) -> list[Handle]:
    """Run it once; return its `room` outputs as new tensors."""
    outputs = ffi.new(OUTPUTS, room) if room else ffi.NULL
    pointers = ffi.NULL
    if inputs:
        addresses = ffi.new(_ADDRESSES, [x.address for x in inputs])  # one array, no pointer each
        pointers = ffi.cast(_POINTERS, addresses)
    status = lib.lego_program_run(program, pointers, len(inputs), outputs, room)
    if status:
        _raise_failure_of_run(program, status)
    return own_all(outputs, room) if room else []


def run_program_on(program: Recording, x: np.ndarray, y: np.ndarray) -> None:
    """Run it once from array to array: the values of its only input and its only output, both in
    row-major order, of their shapes and dtypes."""
    status = lib.lego_program_run_on(program, _memory(x), x.nbytes, _memory(y), y.nbytes)
    if status:
        _raise_failure_of_run(program, status)


def run_program_over_rows(
    program: Recording,
    columns: Sequence[Handle],
    order: np.ndarray | None,
    first: int,
    steps: int,
    seconds: float,
    outputs: Sequence[Handle],
    is_stacked: bool,
) -> int:
    """Run it once per batch of rows, for about so many seconds; return the number of batches.

    Args:
        program: finished.
        columns: of each input, the tensor whose rows it takes.
        order: the row numbers of all batches, one batch after another; None: rows in order.
        first: without an order, the first row of the first batch.
        steps: how many batches at most.
        seconds: no batch but the first begins after them.
        outputs: new tensors in row-major order.
        is_stacked: whether the outputs of all batches are kept, one after another.
    """
    done = ffi.new(_INT)
    order = None if order is None else np.ascontiguousarray(order, np.int64)
    rows = ffi.NULL if order is None else ffi.from_buffer(_INTS, order)
    count = 0 if order is None else order.size
    status = lib.lego_program_run_batches(
        program, [x.pointer for x in columns], len(columns), rows, count, first, steps, seconds,
        [y.pointer for y in outputs], len(outputs), is_stacked, done,
    )  # fmt: skip
    if status:
        _raise_failure_of_run(program, status)
    return done[0]


def is_program_watched(program: Recording) -> bool:
    """Return whether a constant or a variable of the program is watched."""
    return lib.lego_program_is_watched(program)


def arena_bytes(program: Recording) -> int:
    """Return how many bytes the finished program's arena has."""
    return lib.lego_program_arena_bytes(program)


def record_bytes(program: Recording) -> int:
    """Return how many bytes describe the program: instructions, operands, fused loops."""
    return lib.lego_program_record_bytes(program)


def profile_program(program: Recording, is_on: bool) -> None:
    """Time each instruction from now on, or no longer."""
    lib.lego_program_profile(program, is_on)
