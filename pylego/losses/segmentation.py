"""Losses for regions: how little what was found overlaps what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up

Axes = int | Sequence[int] | None


def dice(y_true: Any, y_pred: Any, axis: Axes = None) -> Tensor:
    """Return 1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)), the Dice loss.

    Args:
        y_true: 0 and 1, or shares, of the outputs' shape.
        y_pred: the outputs, from 0 to 1.
        axis: over which axes it sums; None makes one number of the whole batch.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> round(dice([[1.0, 0.0, 1.0]], [[1.0, 1.0, 0.0]]).item(), 4)
    0.5
    """
    y_true, y_pred = line_up("dice", y_true, y_pred)
    overlap = ops.sum(y_true * y_pred, axis=axis)
    whole = ops.sum(y_true, axis=axis) + ops.sum(y_pred, axis=axis)
    return 1.0 - 2.0 * overlap / (whole + config.epsilon())


def tversky(
    y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Axes = None
) -> Tensor:
    """Return 1 - o / (o + alpha m + beta f), with the overlap o = sum(y_true y_pred), what was
    missed, m = sum(y_true (1 - y_pred)), and what was found without being there,
    f = sum((1 - y_true) y_pred) (Salehi et al., 2017; https://arxiv.org/abs/1706.05721).

    With alpha = beta = 0.5 it is the Dice loss. The two weights have the places that Keras gives
    them.

    Args:
        y_true: 0 and 1, or shares, of the outputs' shape.
        y_pred: the outputs, from 0 to 1.
        alpha: what counts of what was missed.
        beta: what counts of what was found without being there.
        axis: over which axes it sums; None makes one number of the whole batch.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> round(tversky([[1.0, 1.0]], [[1.0, 0.0]], alpha=3.0).item(), 4)
    0.75
    """
    y_true, y_pred = line_up("tversky", y_true, y_pred)
    overlap = ops.sum(y_true * y_pred, axis=axis)
    missed = ops.sum(y_true * (1.0 - y_pred), axis=axis)
    mistaken = ops.sum((1.0 - y_true) * y_pred, axis=axis)
    return 1.0 - overlap / (overlap + alpha * missed + beta * mistaken + config.epsilon())


class Dice(LossFunctionWrapper):
    """How little outputs overlap targets; see `dice`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        axis: over which axes it sums; None makes one number of the whole batch.
        dtype: see `Loss`.

    >>> round(float(Dice()([[1.0, 0.0, 1.0]], [[1.0, 1.0, 0.0]])), 4)
    0.5
    """

    _rules = rules.of(axis=rules.optional(rules.one_or_each(rules.whole())))

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "dice",
        axis: Axes = None,
        dtype: Any = None,
    ):
        super().__init__(dice, reduction, name, dtype, axis=axis)


class Tversky(LossFunctionWrapper):
    """How little outputs overlap targets, with weights of both kinds of mistakes; see `tversky`.

    Args:
        alpha: what counts of what was missed.
        beta: what counts of what was found without being there.
        reduction: see `Loss`.
        name: what messages and logs call it.
        axis: over which axes it sums; None makes one number of the whole batch.
        dtype: see `Loss`.

    >>> round(float(Tversky(alpha=3.0)([[1.0, 1.0]], [[1.0, 0.0]])), 4)
    0.75
    """

    _rules = rules.of(
        alpha=rules.number(0),
        beta=rules.number(0),
        axis=rules.optional(rules.one_or_each(rules.whole())),
    )

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "tversky",
        axis: Axes = None,
        dtype: Any = None,
    ):
        super().__init__(tversky, reduction, name, dtype, alpha=alpha, beta=beta, axis=axis)
