"""Losses for the side of a margin: what lies on the right side, far enough away, costs nothing.

Targets are -1 and 1. Where all of a batch are 0 and 1 they are taken as -1 and 1, as Keras does.
"""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up


def hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean(max(1 - y_true y_pred, 0)) over the last axis.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> hinge([[-1.0, 1.0]], [[-2.0, 0.5]]).numpy().tolist()
    [0.25]
    """
    return ops.mean(_beyond_margin("hinge", y_true, y_pred), axis=-1)


def squared_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean(max(1 - y_true y_pred, 0)^2) over the last axis.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> squared_hinge([[-1.0, 1.0]], [[-2.0, 0.5]]).numpy().tolist()
    [0.125]
    """
    return ops.mean(ops.square(_beyond_margin("squared_hinge", y_true, y_pred)), axis=-1)


def _beyond_margin(name: str, y_true: Any, y_pred: Any) -> Tensor:
    y_true, y_pred = line_up(name, y_true, y_pred)
    is_binary = ops.all((y_true == 0) | (y_true == 1))
    signs = ops.where(is_binary, 2.0 * y_true - 1.0, y_true)
    return ops.maximum(1.0 - signs * y_pred, 0.0)


def categorical_hinge(y_true: Any, y_pred: Any) -> Tensor:
    """Return max(1 + the largest output of a wrong class - that of the right class, 0).

    Shapes: one-hot rows (N, ..., k) and outputs (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> categorical_hinge([[0, 1, 0]], [[0.25, 0.5, 0.0]]).numpy().tolist()
    [0.75]
    """
    y_true, y_pred = line_up("categorical_hinge", y_true, y_pred)
    right = ops.sum(y_true * y_pred, axis=-1)
    wrong = ops.max((1.0 - y_true) * y_pred, axis=-1)
    return ops.maximum(wrong - right + 1.0, 0.0)


class Hinge(LossFunctionWrapper):
    """The mean of how far outputs lie from the right side of a margin; see `hinge`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(Hinge()([[-1.0], [1.0]], [[-2.0], [0.5]]))
    0.25
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "hinge",
        dtype: Any = None,
    ):
        super().__init__(hinge, reduction, name, dtype)


class SquaredHinge(LossFunctionWrapper):
    """The mean of squares of what `Hinge` is the mean of; see `squared_hinge`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(SquaredHinge()([[-1.0], [1.0]], [[-2.0], [0.5]]))
    0.125
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "squared_hinge",
        dtype: Any = None,
    ):
        super().__init__(squared_hinge, reduction, name, dtype)


class CategoricalHinge(LossFunctionWrapper):
    """The margin between the right class and the others; see `categorical_hinge`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(CategoricalHinge()([[0, 1, 0]], [[0.25, 0.5, 0.0]]))
    0.75
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_hinge",
        dtype: Any = None,
    ):
        super().__init__(categorical_hinge, reduction, name, dtype)
