"""One pass through data: what comes next, as a batch, or as a stretch of batches at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor
from pylego.training.data import Batch, Rows, to_batch


class Columns:
    """Rows as the engine gathers batches from them: tensors in row-major order, made once."""

    def __init__(self, rows: Rows):
        parts = [None if part is None else _in_row_major_order(part) for part in rows]
        self.rows = Rows(*parts)
        self._tensors: list[Tensor] | None = None
        self._signatures: dict[int, Hashable] = {}

    @property
    def handles(self) -> list[engine.Handle]:
        """The engine's tensors: inputs, targets, weights, as far as they are there."""
        if self._tensors is None:
            parts = [part for part in self.rows if part is not None]
            # They lie over the rows, which may be many: no run outlives the call it belongs to.
            self._tensors = [Tensor(engine.tensor_around(part)) for part in parts]
        return [tensor._handle for tensor in self._tensors]

    def signature(self, size: int) -> Hashable:
        """Return the signature of batches of so many rows (see `programs.signature_of`)."""
        if size not in self._signatures:
            self._signatures[size] = tuple(
                _layout(part, size) for part in self.rows if part is not None
            )
        return self._signatures[size]


def _layout(part: np.ndarray, size: int) -> tuple:
    """What `engine.layout` says of so many rows."""
    shape = (size, *part.shape[1:])
    return engine.dtype_number(part.dtype.name), shape, _strides(shape)


def _in_row_major_order(array: np.ndarray) -> np.ndarray:
    """The same numbers, not copied where they lie so; NumPy lets an axis of 1 have any stride."""
    return np.ascontiguousarray(array).reshape(-1).reshape(array.shape)


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of row-major order, in elements."""
    strides = [1]
    for length in reversed(shape[1:]):
        strides.insert(0, strides[0] * length)
    return tuple(strides)


@dataclass(frozen=True)
class Stretch:
    """Batches of one size that come one after the other.

    Args:
        columns: all rows.
        order: the numbers of the rows of these batches; None: they lie one behind the other.
        first: the place, in the order of the pass, of the first row.
        size: how many rows a batch has.
        steps: how many batches there are.
    """

    columns: Columns
    order: np.ndarray | None
    first: int
    size: int
    steps: int

    def first_batch(self) -> Batch:
        """Return the first of the batches."""
        places: Any = slice(self.first, self.first + self.size)
        if self.order is not None:
            places = self.order[: self.size]
        return to_batch(self.columns.rows.take(places))


class RowPassage:
    """A pass through rows.

    Args:
        columns: the rows.
        size: of a batch; the last one may be smaller.
        order: the numbers of all rows; None: as they lie.
    """

    def __init__(self, columns: Columns, size: int, order: np.ndarray | None):
        self._columns = columns
        self._size = size
        self._order = order
        self._place = 0
        self._is_over = False

    def piece(self, most: int | None = None) -> Stretch | None:
        """Look at what comes next: at most so many batches; None at the end."""
        left = len(self._columns.rows) - self._place
        if self._is_over:
            return None
        steps = max(left // self._size, 1)
        steps = steps if most is None else min(steps, most)
        size = min(self._size, left)
        end = self._place + steps * size
        order = None if self._order is None else self._order[self._place : end]
        return Stretch(self._columns, order, self._place, size, steps)

    def advance(self, steps: int) -> None:
        """Go on by so many batches of the piece."""
        self._place += steps * self._size
        # No rows are a batch, too: what comes out of a model for them has a shape.
        self._is_over = self._place >= len(self._columns.rows)


class GivenPassage:
    """A pass through batches that somebody yields."""

    def __init__(self, batches: Iterator[Batch]):
        self._batches = batches
        self._next: Any = None

    def piece(self, most: int | None = None) -> Batch | None:
        """Look at the next batch; None at the end."""
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next

    def advance(self, steps: int) -> None:
        """Go on: the batch is used."""
        self._next = None
