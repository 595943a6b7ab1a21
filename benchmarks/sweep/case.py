"""What a case is: operands, a statement for each library, and the least that must be done."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Shape: TypeAlias = tuple[int, ...]
NAMES = "abcdefg"  # of the operands, in statements

# How an operand lies in memory -> the array that is made, and the view of it that is taken. Views
# are written once for all libraries: each slices alike, and `transposed` is in each namespace.
VIEWS: dict[str, tuple[Callable[[Shape], Shape], str]] = {
    "": (lambda shape: shape, "{}"),
    "transposed": (lambda shape: shape[::-1], "transposed({})"),
    "every second": (lambda shape: (*shape[:-1], 2 * shape[-1]), "{}[..., ::2]"),
    "inner": (lambda shape: (*shape[:-1], shape[-1] + 2), "{}[..., 1:-1]"),
    "variable": (lambda shape: shape, "variable({})"),
}


@dataclass(frozen=True)
class Array:
    """An operand: uniform numbers between `low` and `high`."""

    shape: Shape
    dtype: str = "float32"
    view: str = ""
    low: float = -1.0
    high: float = 1.0

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    def base(self, seed: int) -> np.ndarray:
        """The numbers, as they lie in memory before the view is taken."""
        generator = np.random.default_rng(seed)
        shape = VIEWS[self.view][0](self.shape)
        dtype = np.dtype(self.dtype)
        if dtype.kind == "b":
            return np.asarray(generator.random(shape) < 0.5)
        if dtype.kind in "iu":
            return generator.integers(int(self.low), int(self.high), shape, dtype)
        return generator.uniform(self.low, self.high, shape).astype(dtype)

    def __str__(self) -> str:
        shape = "x".join(map(str, self.shape)) or "scalar"
        return shape + "".join(
            f" {word}" for word in (self.dtype.replace("float32", ""), self.view) if word
        )


@dataclass(frozen=True)
class Way:
    """A statement that is timed, after one that is not."""

    run: str
    setup: str = "pass"


@dataclass(frozen=True)
class Case:
    """One operation at one size, written as users of each library write it.

    `writes` are the bytes of the result; what is read are the operands, each number once, unless
    `reads` says how much less. `ways` names a library and how it does the same; where there are
    several ways, its faster one counts.
    """

    family: str
    name: str
    bricks: tuple[str, ...]
    operands: tuple[Array, ...]
    ways: dict[str, tuple[Way, ...]]
    writes: int
    reads: int
    operations: int = 0
    is_named: bool = False  # by issue 13; the short form has all of these


def ways(statement: str | Way | tuple[Way, ...] | None) -> tuple[Way, ...]:
    if statement is None:
        return ()
    if isinstance(statement, str):
        return (Way(statement),)
    return (statement,) if isinstance(statement, Way) else statement


def case(
    family: str,
    name: str,
    bricks: str,
    operands: tuple[Array, ...],
    pylego: str | Way,
    torch: str | Way | tuple[Way, ...] | None = None,
    numpy: str | Way | None = None,
    *,
    result: Array | int | None = None,
    **others: Any,
) -> Case:
    """A case whose result is as large as its operands broadcast, unless `result` says otherwise."""
    statements = {"pylego": ways(pylego), "torch": ways(torch), "numpy": ways(numpy)}
    if result is None:
        result = Array(
            np.broadcast_shapes(*(operand.shape for operand in operands)), operands[0].dtype
        )
    writes = result if isinstance(result, int) else result.bytes
    reads = others.pop("reads", sum(operand.bytes for operand in operands))
    return Case(family, name, tuple(bricks.split()), operands, statements, writes, reads, **others)


def named(name: str, operands: tuple[Array, ...], words: str = "") -> str:
    """The operation, its operands and what else tells it from others."""
    return " ".join(part for part in (name, ", ".join(map(str, operands)), words) if part)
