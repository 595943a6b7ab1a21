"""Losses for numbers: mean squared and mean absolute error."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean((y_true - y_pred)^2) over the last axis.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> mean_squared_error([[0.0, 1.0]], [[1.0, 1.0]]).numpy().tolist()
    [0.5]
    """
    y_true, y_pred = line_up("mean_squared_error", y_true, y_pred)
    return ops.mean(ops.square(y_true - y_pred), axis=-1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean(|y_true - y_pred|) over the last axis.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> mean_absolute_error([[0.0, 1.0]], [[2.0, 1.0]]).numpy().tolist()
    [1.0]
    """
    y_true, y_pred = line_up("mean_absolute_error", y_true, y_pred)
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


class MeanSquaredError(LossFunctionWrapper):
    """The mean of squared errors: mean((y_true - y_pred)^2).

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
    2.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_error",
        dtype: Any = None,
    ):
        super().__init__(mean_squared_error, reduction, name, dtype)


class MeanAbsoluteError(LossFunctionWrapper):
    """The mean of absolute errors: mean(|y_true - y_pred|).

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]]))
    1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_error",
        dtype: Any = None,
    ):
        super().__init__(mean_absolute_error, reduction, name, dtype)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
