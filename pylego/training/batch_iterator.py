"""Iterators over one pass through the data.

Each has `peek`, which returns the next batch, or a range of batches that the engine runs in one
call, and `advance`, which moves on. They are two methods because a program may stop early in a
range: how far to move is known only after the run.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor
from pylego.training.data import Batch, Rows, to_batch


class RowTensors:
    """All rows as tensors in row-major order, made once: the engine gathers batches from them."""

    def __init__(self, rows: Rows):
        parts = [None if part is None else _in_row_major_order(part) for part in rows]
        self.arrays = Rows(*parts)
        self._tensors: list[Tensor] | None = None
        self._signatures: dict[int, Hashable] = {}

    @property
    def handles(self) -> list[engine.Handle]:
        """The engine's tensors: inputs, and targets and weights if there are any."""
        if self._tensors is None:
            parts = [part for part in self.arrays if part is not None]
            # They share the memory of the arrays, without a copy: no run outlives its call.
            self._tensors = [Tensor(engine.tensor_around(part)) for part in parts]
        return [tensor._handle for tensor in self._tensors]

    def signature(self, size: int) -> Hashable:
        """Return the signature of batches of so many rows (see `programs.signature_of`)."""
        if size not in self._signatures:
            self._signatures[size] = tuple(
                _layout(part, size) for part in self.arrays if part is not None
            )
        return self._signatures[size]


def _layout(part: np.ndarray, size: int) -> tuple:
    """The same as `engine.layout` of so many rows."""
    shape = (size, *part.shape[1:])
    return engine.dtype_number(part.dtype.name), shape, _strides(shape)


def _in_row_major_order(array: np.ndarray) -> np.ndarray:
    """The same numbers, copied only if the order is another.

    NumPy lets an axis of length 1 have any stride; reshaping gives it the usual one.
    """
    return np.ascontiguousarray(array).reshape(-1).reshape(array.shape)


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of row-major order, in elements."""
    strides = [1]
    for length in reversed(shape[1:]):
        strides.insert(0, strides[0] * length)
    return tuple(strides)


@dataclass(frozen=True)
class BatchRange:
    """Several batches of one size, one after another.

    Args:
        rows: all rows of the data.
        order: the numbers of the rows of these batches; None: they are consecutive.
        first: the position of the first row in the order of the pass.
        size: the number of rows of a batch.
        steps: the number of batches.
    """

    rows: RowTensors
    order: np.ndarray | None
    first: int
    size: int
    steps: int

    def first_batch(self) -> Batch:
        """Return the first of the batches."""
        places: Any = slice(self.first, self.first + self.size)
        if self.order is not None:
            places = self.order[: self.size]
        return to_batch(self.rows.arrays.take(places))


class RowIterator:
    """One pass through rows.

    Args:
        rows: the rows.
        size: the number of rows of a batch; the last one may be smaller.
        order: the numbers of all rows; None: 0, 1, 2, ...
    """

    def __init__(self, rows: RowTensors, size: int, order: np.ndarray | None):
        self._rows = rows
        self._size = size
        self._order = order
        self._position = 0
        self._is_over = False

    def peek(self, most: int | None = None) -> BatchRange | None:
        """Return the next batches, at most so many; None at the end."""
        left = len(self._rows.arrays) - self._position
        if self._is_over:
            return None
        steps = max(left // self._size, 1)
        steps = steps if most is None else min(steps, most)
        size = min(self._size, left)
        end = self._position + steps * size
        order = None if self._order is None else self._order[self._position : end]
        return BatchRange(self._rows, order, self._position, size, steps)

    def advance(self, steps: int) -> None:
        """Move on by so many of the batches that `peek` returned."""
        self._position += steps * self._size
        # No rows are one empty batch: the output of a model for it still has a shape.
        self._is_over = self._position >= len(self._rows.arrays)


class BatchIterator:
    """One pass through batches that a Python iterator yields."""

    def __init__(self, batches: Iterator[Batch]):
        self._batches = batches
        self._next: Any = None

    def peek(self, most: int | None = None) -> Batch | None:
        """Return the next batch; None at the end."""
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next

    def advance(self, steps: int) -> None:
        """Move on to the next batch."""
        self._next = None
