"""Functions of tensors as programs, for tests that compare programs with eager results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor

Function = Callable[..., Sequence[Tensor]]

ALL = sum(engine.PASSES.values())
WRITING = ("assign", "subtract_rows")  # bricks that write their first input and do not read it
CHOICES = {"none": 0, "all": ALL, **engine.PASSES}  # the passes that laws run every program with


def bits(tensors: Sequence[Any]) -> list[bytes]:
    """The bits of the numbers. The sign of NaN has no meaning, so all NaN count as equal."""
    arrays = [np.array(tensor) for tensor in tensors]
    for array in arrays:
        if array.dtype.kind == "f":
            array[np.isnan(array)] = np.nan
    return [array.tobytes() for array in arrays]


def handles(tensors: Sequence[Tensor]) -> list[engine.Handle]:
    return [tensor._handle for tensor in tensors]


class Recorded:
    """A function of tensors as a program.

    Args:
        function: gives a sequence of tensors.
        inputs: tensors laid out as those of each call will be.
        passes: the sum of those that are run.
        sibling: whose arena it shares.
    """

    def __init__(
        self,
        function: Function,
        inputs: Sequence[Tensor] = (),
        passes: int = ALL,
        sibling: Recorded | None = None,
    ):
        self.program = engine.new_program(sibling and sibling.program)
        stand_ins = [Tensor(engine.program_input(self.program, x._handle)) for x in inputs]
        former = engine.record(self.program)
        try:
            outputs = function(*stand_ins)
        finally:
            engine.record(former)
        self.count = len(outputs)
        engine.finish_program(self.program, handles(outputs), passes)

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        outputs = engine.run_program(self.program, handles(inputs), self.count)
        return [Tensor(handle) for handle in outputs]


# ---- instructions and buffers ---------------------------------------------------------------


class Part(NamedTuple):
    """An op of an instruction, with the operands that it reads and those that it writes."""

    brick: str
    reads: tuple[engine.Operand, ...]
    writes: tuple[engine.Operand, ...]


def buffers(recorded: Recorded) -> tuple[engine.BufferInfo, ...]:
    return engine.buffers_of(recorded.program)


def instructions(recorded: Recorded) -> list[list[Part]]:
    steps = engine.instructions_of(recorded.program)
    return [[_reads_and_writes(op) for op in step.ops] for step in steps]


def _reads_and_writes(op: engine.Op) -> Part:
    name = op.brick.name
    return Part(name, op.inputs[name in WRITING :], op.outputs)


def bricks(recorded: Recorded) -> list[list[str]]:
    """The names of the bricks of each instruction."""
    return [[op.brick for op in ops] for ops in instructions(recorded)]


def reach(operand: engine.Operand) -> tuple[int, int]:
    """The first byte of its buffer that an operand touches, and the first byte after it."""
    if 0 in operand.shape:
        return (0, 0)
    size = np.dtype(operand.dtype).itemsize
    ends = [(n - 1) * stride * size for n, stride in zip(operand.shape, operand.strides)]
    low, high = sum(min(0, end) for end in ends), sum(max(0, end) for end in ends)
    return (operand.offset + low, operand.offset + high + size)
