"""What a finished program is made of: its buffers, its instructions, and their ops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from pylego.engine.bricks import Brick, brick_at
from pylego.engine.dtypes import C_NUMBERS, DTYPES, HALVES, half_value
from pylego.engine.library import check, ffi, lib
from pylego.engine.programs import Recording

__all__ = [
    "BUFFER_KINDS",
    "BufferInfo",
    "Instruction",
    "Op",
    "Operand",
    "buffers_of",
    "constant_bytes",
    "instructions_of",
]

BUFFER_KINDS = ("arena", "input", "output", "constant", "variable", "tile")


class BufferInfo(NamedTuple):
    """A buffer of a program; see lego_buffer_info in lego.h."""

    kind: str  # one of BUFFER_KINDS
    bytes: int
    offset: int
    first: int
    last: int
    slot: int
    address: int  # of a constant's or a variable's memory; else 0


class Operand(NamedTuple):
    """An input or an output of an op, and where in its buffer it lies."""

    buffer: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    number: bool | int | float | None  # of a constant whose elements are all the same
    maker: tuple[int, int]  # the instruction and its op that make the value; (-1, 0): none does
    obstacle: str  # why the op that makes it is not joined with this one; "": none has tried


class Op(NamedTuple):
    """One application of a brick, in an instruction."""

    brick: Brick
    attributes: dict[str, Any]
    label: str
    is_gradient: bool
    operations: int
    algorithm: str  # that the kernel takes; "": it has a single one
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    pattern: str  # one of PATTERNS, whose loop computes it and its neighbours; "": none
    pattern_first: int  # the first and the last op of that loop
    pattern_last: int
    obstacle: str  # why no fused loop takes it, in words that follow its name; "": one does


class Instruction(NamedTuple):
    """One step of a program: an op, or several that passes have joined."""

    ops: tuple[Op, ...]
    threads: int
    bytes: int
    operations: int
    seconds: float
    runs: int


def buffers_of(program: Recording) -> tuple[BufferInfo, ...]:
    """Return the buffers of the program."""
    return tuple(_buffer(program, i) for i in range(lib.lego_program_buffer_count(program)))


def _buffer(program: Recording, index: int) -> BufferInfo:
    info = ffi.new("lego_buffer_info *")
    check(lib.lego_program_buffer(program, index, info))
    kind, memory = BUFFER_KINDS[info.kind], int(ffi.cast("uintptr_t", info.memory))
    return BufferInfo(kind, info.bytes, info.offset, info.first, info.last, info.slot, memory)


def constant_bytes(program: Recording) -> int:
    """Return how many bytes the constants of the program take."""
    info, total = ffi.new("lego_buffer_info *"), 0
    constant = BUFFER_KINDS.index("constant")
    for i in range(lib.lego_program_buffer_count(program)):
        check(lib.lego_program_buffer(program, i, info))
        total += info.bytes if info.kind == constant else 0
    return total


def instructions_of(program: Recording) -> tuple[Instruction, ...]:
    """Return the instructions of the program, in their order."""
    buffers = buffers_of(program)
    count = lib.lego_program_instruction_count(program)
    return tuple(_instruction(program, buffers, i) for i in range(count))


def _instruction(program: Recording, buffers: Sequence[BufferInfo], index: int) -> Instruction:
    info = ffi.new("lego_instruction_info *")
    check(lib.lego_program_instruction(program, index, info))
    ops = tuple(_op(program, buffers, index, i) for i in range(info.ops))
    return Instruction(ops, info.threads, info.bytes, info.operations, info.seconds, info.runs)


def _op(program: Recording, buffers: Sequence[BufferInfo], index: int, which: int) -> Op:
    info = ffi.new("lego_op_info *")
    check(lib.lego_program_op(program, index, which, info))
    brick = brick_at(info.brick)
    slots = lib.lego_program_attributes(program, index, which)
    label = lib.lego_program_label_name(program, info.label)
    count = info.inputs + info.outputs
    operands = tuple(_operand(program, buffers, index, which, i) for i in range(count))
    return Op(
        brick,
        brick.unpack(bytes(ffi.buffer(slots, brick.attribute_bytes))),
        _text(label),
        info.is_gradient,
        info.operations,
        "" if info.algorithm == ffi.NULL else ffi.string(info.algorithm).decode(),
        operands[: info.inputs],
        operands[info.inputs :],
        _text(info.pattern),
        info.pattern_first,
        info.pattern_last,
        _text(info.obstacle),
    )


def _text(text: Any) -> str:
    return "" if text == ffi.NULL else ffi.string(text).decode()


def _operand(
    program: Recording, buffers: Sequence[BufferInfo], index: int, op: int, which: int
) -> Operand:
    info = ffi.new("lego_operand_info *")
    check(lib.lego_program_operand(program, index, op, which, info))
    shape, strides = (tuple(ffi.unpack(d, info.rank)) for d in (info.shape, info.strides))
    number = _number_at(buffers[info.buffer], info) if _is_uniform(shape, strides) else None
    maker, obstacle = (info.maker, info.maker_op), _text(info.obstacle)
    kind = DTYPES[info.dtype]
    return Operand(info.buffer, kind, shape, strides, info.offset, number, maker, obstacle)


def _is_uniform(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether all elements are the same number in memory."""
    return 0 not in shape and all(n == 1 or stride == 0 for n, stride in zip(shape, strides))


def _number_at(buffer: BufferInfo, info: Any) -> bool | int | float | None:
    if buffer.kind != "constant":
        return None
    number = ffi.cast(C_NUMBERS[info.dtype], buffer.address + info.offset)[0]
    dtype = DTYPES[info.dtype]
    return half_value(number, dtype) if dtype in HALVES else number
