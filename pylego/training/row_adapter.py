"""Arrays as batches: rows in an order, and ranges of batches that the engine gathers by itself.

A pass through data has `peek`, which returns the next batch, or a range of batches that the engine
runs in one call, and `advance`, which moves on. They are two methods because a program may stop
early in a range: how far to move is known only after the run.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from pylego import engine
from pylego.core.tree import outline
from pylego.training.data import Batch, LazyRows, Rows, to_batch
from pylego.training.programs import signature_of
from pylego.training.row_order import RandomOrder
from pylego.utils.packing import pack_x_y_sample_weight


class RowAdapter:
    """Batches of the rows of arrays: the last one may be smaller.

    The engine gathers batches from the rows by itself, unless some are lazy: sparse, or in a file
    and of another dtype. These are made arrays a batch at a time.

    Args:
        rows: inputs, targets, weights.
        batch_size: the number of rows of a batch.
        order: gives the order of the rows for each pass; None leaves them as they are.

    Attributes:
        length: how many rows there are.
        handles: the rows as tensors of the engine, in the order in which they lie in a batch.
    """

    comes_once = False

    def __init__(self, rows: Rows, batch_size: int, order: RandomOrder | None = None):
        is_as_needed = all(map(_is_row_major, rows.tables))
        self.rows = rows if is_as_needed else rows.map(_in_row_major_order)
        tables = self.rows.tables
        self.is_dense = not any(isinstance(table, LazyRows) for table in tables)
        # They share the memory of the arrays, without a copy: no run outlives its call.
        self.handles = [engine.tensor_around(table) for table in tables if self.is_dense]
        self.batch_size = batch_size
        self.length = len(rows)
        self.count: int | None = max(1, -(-self.length // batch_size))
        self._order = order
        self._signatures: dict[int, Hashable] = {}

    def first(self, size: int | None = None) -> Batch:
        """Return the first rows as a batch, of the usual or of another size."""
        return to_batch(self.rows.take(slice(self.batch_size if size is None else size)))

    def signature(self, size: int) -> Hashable:
        """Return the signature of batches of so many rows."""
        if size not in self._signatures:
            self._signatures[size] = self._make_signature(size)
        return self._signatures[size]

    def _make_signature(self, size: int) -> Hashable:
        """That of `first(size)`, where rows are dense without making the batch: its arrays differ
        from all rows in their length only."""
        if not self.is_dense:
            return signature_of(self.first(size))
        rows = self.rows
        outlined = outline(pack_x_y_sample_weight(rows.x, rows.y, rows.sample_weight))
        layouts = map(engine.layout, self.handles)
        return outlined, *[(kind, (size, *shape[1:]), steps) for kind, shape, steps in layouts]

    def begin_epoch(self) -> None:
        """Do nothing: rows need no preparation."""

    def end_epoch(self) -> None:
        """Do nothing: rows need no preparation."""

    def state(self) -> None:
        """Return None: rows have no state of themselves."""

    def put_back(self, state: None) -> None:
        """Do nothing: rows have no state of themselves."""

    def begin_pass(self) -> RowPass:
        """Begin a pass through all rows."""
        if self._order is None:
            return RowPass(self, None)
        number = self._order.drawn
        return RowPass(self, self._order(self.length), number)

    def resume_pass(self, state: dict[str, Any]) -> RowPass:
        """Begin a pass in the order of a former one, behind the rows that it has done.

        Raises:
            ValueError: when it went through other rows, or in another way.
        """
        is_shuffled = self._order is not None
        now = {"rows": self.length, "batch_size": self.batch_size, "shuffle": is_shuffled}
        former = {**state, "shuffle": state["order"] is not None}
        for what, value in now.items():
            if former[what] != value:
                raise ValueError(
                    f"Training cannot go on in the middle of an epoch that was begun with {what}="
                    f"{former[what]}: now there is {what}={value}. Call fit with the data and the "
                    "arguments of before"
                )
        if self._order is None:
            return RowPass(self, None, position=state["position"])
        order = self._order.numbered(state["order"], self.length)
        return RowPass(self, order, state["order"], state["position"])


def _is_row_major(table: Any) -> bool:
    """Whether rows are lazy, or lie as the engine gathers them. It reads no strides of such."""
    return isinstance(table, LazyRows) or table.flags.c_contiguous


def _in_row_major_order(table: Any) -> Any:
    """The same numbers, copied only if the order is another."""
    return table if _is_row_major(table) else np.ascontiguousarray(table)


class BatchRange(NamedTuple):
    """Several batches of one size, one after another.

    Args:
        adapter: has all rows.
        order: the numbers of the rows of these batches; None: they are consecutive.
        first: the position of the first row in the order of the pass.
        size: the number of rows of a batch.
        steps: the number of batches.
    """

    adapter: RowAdapter
    order: np.ndarray | None
    first: int
    size: int
    steps: int

    def first_batch(self) -> Batch:
        """Return the first of the batches."""
        places: Any = slice(self.first, self.first + self.size)
        if self.order is not None:
            places = self.order[: self.size]
        return to_batch(self.adapter.rows.take(places))


class RowPass:
    """One pass through rows.

    Args:
        adapter: has the rows, and says how many make a batch.
        order: the numbers of all rows; None: 0, 1, 2, ...
        order_number: of the order, by which it can be made once more.
        position: how many of the rows are done.
    """

    def __init__(
        self,
        adapter: RowAdapter,
        order: np.ndarray | None,
        order_number: int | None = None,
        position: int = 0,
    ):
        self._adapter = adapter
        self._count = adapter.length
        self._size = adapter.batch_size
        self._order = order
        self._order_number = order_number
        self._position = position
        self._is_over = position > 0 and position >= self._count

    def state(self) -> dict[str, Any]:
        """Return where the pass is, and what must not change; its adapter resumes there."""
        return {
            "order": self._order_number,
            "position": self._position,
            "rows": self._count,
            "batch_size": self._size,
        }

    def peek(self, most: int | None = None) -> BatchRange | None:
        """Return the next batches, at most so many; None at the end."""
        if self._is_over:
            return None
        start, left = self._position, self._count - self._position
        steps = max(left // self._size, 1)
        steps = steps if most is None else min(steps, most)
        size = min(self._size, left)
        order = None if self._order is None else self._order[start : start + steps * size]
        return BatchRange(self._adapter, order, start, size, steps)

    def advance(self, steps: int) -> None:
        """Move on by so many of the batches that `peek` returned."""
        self._position += steps * self._size
        # No rows are one empty batch: the output of a model for it still has a shape.
        self._is_over = self._position >= self._count
