"""Functions of tensors as programs, for tests that compare them with what runs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego import engine
from pylego.tensor import Tensor

Function = Callable[..., Sequence[Tensor]]

ALL = sum(engine.PASSES.values())
CHOICES = {"none": 0, "all": ALL, **engine.PASSES}  # what laws run every program with


def bits(tensors: Sequence[Any]) -> list[bytes]:
    """The bits of the numbers; what is no number has a sign of no meaning."""
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


# ---- what a program is made of --------------------------------------------------------------


class Home(NamedTuple):
    """Memory that a program works with."""

    kind: str
    bytes: int
    place: int
    first: int
    last: int


class Operand(NamedTuple):
    """Where a part's numbers lie."""

    home: int
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @property
    def reach(self) -> tuple[int, int]:
        """The first byte of its home that it touches, and the first behind."""
        if 0 in self.shape:
            return (0, 0)
        size = np.dtype(self.dtype).itemsize
        ends = [(n - 1) * stride * size for n, stride in zip(self.shape, self.strides)]
        low, high = sum(min(0, end) for end in ends), sum(max(0, end) for end in ends)
        return (self.offset + low, self.offset + high + size)


class Part(NamedTuple):
    """A brick in an instruction; what a brick writes is not among what it reads."""

    brick: str
    reads: tuple[Operand, ...]
    writes: tuple[Operand, ...]


def homes(recorded: Recorded) -> list[Home]:
    found = []
    facts = engine.ffi.new("lego_home_facts *")
    for index in range(engine.lib.lego_program_home_count(recorded.program)):
        assert not engine.lib.lego_program_home(recorded.program, index, facts)
        kind = engine.HOME_KINDS[facts.kind]
        found.append(Home(kind, facts.bytes, facts.place, facts.first, facts.last))
    return found


def home_address(recorded: Recorded, index: int) -> int:
    """Where the numbers of a constant or a variable lie."""
    tensor = engine.lib.lego_program_home_tensor(recorded.program, index)
    return int(engine.ffi.cast("uintptr_t", engine.lib.lego_tensor_data(tensor)))


def instructions(recorded: Recorded) -> list[list[Part]]:
    count = engine.lib.lego_program_instruction_count(recorded.program)
    return [_parts(recorded.program, index) for index in range(count)]


def bricks(recorded: Recorded) -> list[list[str]]:
    """The names of the bricks of each instruction."""
    return [[part.brick for part in parts] for parts in instructions(recorded)]


def _parts(program: engine.Recording, index: int) -> list[Part]:
    facts = engine.ffi.new("lego_instruction_facts *")
    assert not engine.lib.lego_program_instruction(program, index, facts)
    return [_part(program, index, which) for which in range(facts.parts)]


def _part(program: engine.Recording, index: int, which: int) -> Part:
    facts = engine.ffi.new("lego_part_facts *")
    assert not engine.lib.lego_program_part(program, index, which, facts)
    name = engine.ffi.string(engine.lib.lego_brick_name(facts.brick)).decode()
    count = facts.inputs + facts.outputs
    operands = [_operand(program, index, which, number) for number in range(count)]
    reads = operands[name == "assign" : facts.inputs]
    return Part(name, tuple(reads), tuple(operands[facts.inputs :]))


def _operand(program: engine.Recording, index: int, which: int, number: int) -> Operand:
    facts = engine.ffi.new("lego_operand_facts *")
    assert not engine.lib.lego_program_operand(program, index, which, number, facts)
    shape, strides = (tuple(engine.ffi.unpack(d, facts.rank)) if facts.rank else ()
                      for d in (facts.shape, facts.strides))  # fmt: skip
    return Operand(facts.home, engine.DTYPES[facts.dtype], shape, strides, facts.offset)
