"""Which steps of a sequence count for which queries: masks of shape (batch, steps, others)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor


def causal(steps: int, others: int) -> Tensor:
    """Return a mask (1, steps, others): a step sees the steps up to its own.

    >>> causal(2, 3).numpy().astype(int).tolist()
    [[[1, 0, 0], [1, 1, 0]]]
    """
    row, column = _places(steps, others)
    return ops.greater_equal(row, column)


def window(steps: int, others: int, width: int) -> Tensor:
    """Return a mask (1, steps, others): a step sees those that are less than `width` away.

    >>> window(2, 4, 2).numpy().astype(int).tolist()
    [[[1, 1, 0, 0], [1, 1, 1, 0]]]
    """
    row, column = _places(steps, others)
    return ops.less(ops.abs(row - column), width)


def _places(steps: int, others: int) -> tuple[Tensor, Tensor]:
    row = ops.reshape(ops.arange(steps, dtype="int32"), (1, steps, 1))
    return row, ops.reshape(ops.arange(others, dtype="int32"), (1, 1, others))


def of_queries(mask: Any) -> Tensor | None:
    """Lay out a mask (batch, steps) as (batch, steps, 1)."""
    return None if mask is None else ops.expand_dims(as_booleans(mask), -1)


def of_values(mask: Any) -> Tensor | None:
    """Lay out a mask (batch, others) as (batch, 1, others)."""
    return None if mask is None else ops.expand_dims(as_booleans(mask), -2)


def as_booleans(mask: Any) -> Tensor:
    """Return a mask of booleans: numbers other than 0 are True."""
    mask = ops.convert_to_tensor(mask)
    return mask if mask.dtype == "bool" else ops.cast(mask, "bool")


def all_of(masks: Iterable[Tensor | None]) -> Tensor | None:
    """Return where all masks are True; None where there are none."""
    given = [mask for mask in masks if mask is not None]
    return reduce(ops.logical_and, given) if given else None
