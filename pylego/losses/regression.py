"""Losses for numbers: squared, absolute and relative errors, Huber, log-cosh, and angles."""

from __future__ import annotations

import math
from typing import Any

from pylego import config, ops, rules
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


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return 100 mean(|y_true - y_pred| / |y_true|) over the last axis.

    Targets that are 0 count as `config.epsilon()`.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> mean_absolute_percentage_error([[4.0, 1.0]], [[2.0, 1.0]]).numpy().tolist()
    [25.0]
    """
    y_true, y_pred = line_up("mean_absolute_percentage_error", y_true, y_pred)
    least = ops.maximum(ops.absolute(y_true), config.epsilon())
    return 100.0 * ops.mean(ops.absolute((y_true - y_pred) / least), axis=-1)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis.

    Numbers below `config.epsilon()` count as that.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> mean_squared_logarithmic_error([[0.0, 3.0]], [[0.0, 1.0]]).numpy().round(4).tolist()
    [0.2401999980211258]
    """
    y_true, y_pred = line_up("mean_squared_logarithmic_error", y_true, y_pred)
    least = config.epsilon()
    logarithms = [ops.log1p(ops.maximum(one, least)) for one in (y_true, y_pred)]
    return ops.mean(ops.square(logarithms[1] - logarithms[0]), axis=-1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Tensor:
    """Return the mean over the last axis of a loss that is squared for small errors, and grows in
    proportion to large ones: e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), with
    e = y_pred - y_true (Huber, 1964).

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Args:
        y_true: the targets.
        y_pred: the outputs.
        delta: the error from which on the loss is a straight line.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy().tolist()
    [1.5]
    """
    y_true, y_pred = line_up("huber", y_true, y_pred)
    error = ops.absolute(y_pred - y_true)
    # Both branches at once: with m = min(|e|, delta) the loss is m (|e| - m / 2).
    inner = ops.minimum(error, delta)
    return ops.mean(inner * (error - 0.5 * inner), axis=-1)


def log_cosh(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean(log(cosh(y_pred - y_true))) over the last axis: about e^2 / 2 for small errors,
    |e| - log(2) for large ones.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> log_cosh([[0.0, 0.0]], [[0.0, 100.0]]).numpy().round(4).tolist()
    [49.65340042114258]
    """
    y_true, y_pred = line_up("log_cosh", y_true, y_pred)
    error = y_pred - y_true
    # cosh(e) = exp(e) (1 + exp(-2 e)) / 2, whose logarithm overflows nowhere
    return ops.mean(error + ops.softplus(-2.0 * error) - math.log(2.0), axis=-1)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return minus the cosine of the angle between targets and outputs: -1 where they point the
    same way, 1 where they point opposite ways, 0 where one of them is all zeros.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Args:
        y_true: the targets.
        y_pred: the outputs.
        axis: along which the vectors lie.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> cosine_similarity([[0.0, 2.0]], [[0.0, 3.0]]).numpy().tolist()
    [-1.0]
    """
    y_true, y_pred = line_up("cosine_similarity", y_true, y_pred)
    y_true, y_pred = ops.normalize(y_true, axis), ops.normalize(y_pred, axis)
    return -ops.sum(y_true * y_pred, axis=axis)


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


class MeanAbsolutePercentageError(LossFunctionWrapper):
    """The mean of absolute errors in percent; see `mean_absolute_percentage_error`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]]))
    25.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_absolute_percentage_error",
        dtype: Any = None,
    ):
        super().__init__(mean_absolute_percentage_error, reduction, name, dtype)


class MeanSquaredLogarithmicError(LossFunctionWrapper):
    """The mean of squared errors of logarithms; see `mean_squared_logarithmic_error`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(MeanSquaredLogarithmicError()([[0.0], [3.0]], [[0.0], [1.0]])), 4)
    0.2402
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "mean_squared_logarithmic_error",
        dtype: Any = None,
    ):
        super().__init__(mean_squared_logarithmic_error, reduction, name, dtype)


class Huber(LossFunctionWrapper):
    """A loss that large errors do not dominate; see `huber`.

    Args:
        delta: the error from which on the loss is a straight line.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    Raises:
        ValueError: for a negative delta.

    >>> float(Huber()([[0.0], [0.0]], [[1.0], [3.0]]))
    1.5
    """

    _rules = rules.of(delta=rules.number(0))

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str = "huber_loss",
        dtype: Any = None,
    ):
        super().__init__(huber, reduction, name, dtype, delta=delta)


class LogCosh(LossFunctionWrapper):
    """The mean of logarithms of the hyperbolic cosine of errors; see `log_cosh`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(LogCosh()([[0.0], [0.0]], [[0.0], [100.0]])), 4)
    49.6534
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "log_cosh",
        dtype: Any = None,
    ):
        super().__init__(log_cosh, reduction, name, dtype)


class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between targets and outputs; see `cosine_similarity`.

    Args:
        axis: along which the vectors lie.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> float(CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 2.0]]))
    -0.5
    """

    _rules = rules.of(axis=rules.whole())

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "cosine_similarity",
        dtype: Any = None,
    ):
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
logcosh = log_cosh
