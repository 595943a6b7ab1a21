"""What a finished program is made of: its memory, its instructions, and the bricks inside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pylego.engine.bricks import BRICKS, Brick
from pylego.engine.dtypes import C_NUMBERS, DTYPES
from pylego.engine.library import check, ffi, lib
from pylego.engine.programs import Recording

__all__ = [
    "HOME_KINDS",
    "Home",
    "Instruction",
    "Operand",
    "Part",
    "constant_bytes",
    "homes_of",
    "instructions_of",
]

HOME_KINDS = ("arena", "input", "output", "constant", "variable", "tile")


class Home(NamedTuple):
    """Memory that a program works with; see lego_home_facts in lego.h."""

    kind: str  # one of HOME_KINDS
    bytes: int
    place: int
    first: int
    last: int
    slot: int
    address: int  # of a constant's or a variable's memory; else 0


class Operand(NamedTuple):
    """What a part of an instruction reads or writes, and where in its home that lies."""

    home: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    number: bool | int | float | None  # what a constant says, where all its elements are the same


class Part(NamedTuple):
    """One brick inside an instruction."""

    brick: Brick
    attributes: dict[str, Any]
    label: str
    is_gradient: bool
    operations: int
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    phrase: str  # what it is said in, in one loop with its neighbours; "" where it is on its own
    said_from: int  # the first and the last part of that loop
    said_to: int


class Instruction(NamedTuple):
    """One step of a program: a brick, or several that passes have put together."""

    parts: tuple[Part, ...]
    threads: int
    bytes: int
    operations: int
    seconds: float
    runs: int


def homes_of(program: Recording) -> tuple[Home, ...]:
    """Return the memory that the program works with."""
    return tuple(_home(program, i) for i in range(lib.lego_program_home_count(program)))


def _home(program: Recording, index: int) -> Home:
    facts = ffi.new("lego_home_facts *")
    check(lib.lego_program_home(program, index, facts))
    kind, memory = HOME_KINDS[facts.kind], int(ffi.cast("uintptr_t", facts.memory))
    return Home(kind, facts.bytes, facts.place, facts.first, facts.last, facts.slot, memory)


def constant_bytes(program: Recording) -> int:
    """Return what the constants of the program take of memory."""
    facts, total = ffi.new("lego_home_facts *"), 0
    constant = HOME_KINDS.index("constant")
    for i in range(lib.lego_program_home_count(program)):
        check(lib.lego_program_home(program, i, facts))
        total += facts.bytes if facts.kind == constant else 0
    return total


def instructions_of(program: Recording) -> tuple[Instruction, ...]:
    """Return what the program does, step by step."""
    homes = homes_of(program)
    count = lib.lego_program_instruction_count(program)
    return tuple(_instruction(program, homes, i) for i in range(count))


def _instruction(program: Recording, homes: Sequence[Home], index: int) -> Instruction:
    facts = ffi.new("lego_instruction_facts *")
    check(lib.lego_program_instruction(program, index, facts))
    parts = tuple(_part(program, homes, index, i) for i in range(facts.parts))
    return Instruction(
        parts, facts.threads, facts.bytes, facts.operations, facts.seconds, facts.runs
    )


def _part(program: Recording, homes: Sequence[Home], index: int, which: int) -> Part:
    facts = ffi.new("lego_part_facts *")
    check(lib.lego_program_part(program, index, which, facts))
    brick = BRICKS[ffi.string(lib.lego_brick_name(facts.brick)).decode()]
    words = lib.lego_program_attributes(program, index, which)
    label = lib.lego_program_label_name(program, facts.label)
    count = facts.inputs + facts.outputs
    operands = tuple(_operand(program, homes, index, which, i) for i in range(count))
    return Part(
        brick,
        brick.unpack(bytes(ffi.buffer(words, brick.attribute_bytes))),
        "" if label == ffi.NULL else ffi.string(label).decode(),
        facts.is_gradient,
        facts.operations,
        operands[: facts.inputs],
        operands[facts.inputs :],
        "" if facts.phrase == ffi.NULL else ffi.string(facts.phrase).decode(),
        facts.phrase_first,
        facts.phrase_last,
    )


def _operand(
    program: Recording, homes: Sequence[Home], index: int, part: int, which: int
) -> Operand:
    facts = ffi.new("lego_operand_facts *")
    check(lib.lego_program_operand(program, index, part, which, facts))
    shape, strides = (tuple(ffi.unpack(d, facts.rank)) for d in (facts.shape, facts.strides))
    number = _number_at(homes[facts.home], facts) if _is_uniform(shape, strides) else None
    return Operand(facts.home, DTYPES[facts.dtype], shape, strides, facts.offset, number)


def _is_uniform(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether all elements are one and the same."""
    return 0 not in shape and all(n == 1 or stride == 0 for n, stride in zip(shape, strides))


def _number_at(home: Home, facts: Any) -> bool | int | float | None:
    if home.kind != "constant":
        return None
    return ffi.cast(C_NUMBERS[facts.dtype], home.address + facts.offset)[0]
