"""How well outputs and targets rise and fall together."""

from __future__ import annotations

from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.shapes import line_up
from pylego.metrics.mean import MeanMetricWrapper


def pearson_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return the covariance of targets and outputs over the product of their standard deviations:
    from -1 to 1. It is NaN where one of them is constant.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Args:
        y_true: the targets.
        y_pred: the outputs.
        axis: along which they are compared.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> pearson_correlation([[1.0, 2.0, 3.0]], [[5.0, 3.0, 1.0]]).numpy().round(4).tolist()
    [-1.0]
    """
    y_true, y_pred = line_up("pearson_correlation", y_true, y_pred)
    scores = []
    for one in (y_true, y_pred):
        away = one - ops.mean(one, axis=axis, keepdims=True)
        scores.append(away / ops.std(away, axis=axis, keepdims=True))
    return ops.mean(scores[0] * scores[1], axis=axis)


def concordance_correlation(y_true: Any, y_pred: Any, axis: int = -1) -> Tensor:
    """Return 2 cov / (var_true + var_pred + (mean_true - mean_pred)^2): the correlation, less where
    the outputs lie off the targets (Lin, 1989).

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Args:
        y_true: the targets.
        y_pred: the outputs.
        axis: along which they are compared.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> concordance_correlation([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]]).numpy().round(4).tolist()
    [0.571399986743927]
    """
    y_true, y_pred = line_up("concordance_correlation", y_true, y_pred)
    means = [ops.mean(one, axis=axis, keepdims=True) for one in (y_true, y_pred)]
    away_true, away_pred = y_true - means[0], y_pred - means[1]
    spread = ops.mean(ops.square(away_true), axis=axis) + ops.mean(ops.square(away_pred), axis=axis)
    apart = ops.squeeze(ops.square(means[0] - means[1]), axis)
    covariance = ops.mean(away_true * away_pred, axis=axis)
    return 2.0 * covariance / (spread + apart + config.epsilon())


class PearsonCorrelation(MeanMetricWrapper):
    """The mean of the samples' correlations; see `pearson_correlation`.

    Args:
        name: what logs call it.
        dtype: of the totals.
        axis: along which targets and outputs are compared.

    >>> round(float(PearsonCorrelation()([[1.0, 2.0, 3.0]], [[5.0, 3.0, 1.0]])), 4)
    -1.0
    """

    _direction = "up"

    _rules = rules.of(axis=rules.whole())

    def __init__(self, name: str = "pearson_correlation", dtype: Any = None, axis: int = -1):
        super().__init__(pearson_correlation, name, dtype, axis=axis)


class ConcordanceCorrelation(MeanMetricWrapper):
    """The mean of the samples' concordance correlations; see `concordance_correlation`.

    Args:
        name: what logs call it.
        dtype: of the totals.
        axis: along which targets and outputs are compared.

    >>> round(float(ConcordanceCorrelation()([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0]])), 4)
    0.5714
    """

    _direction = "up"

    _rules = rules.of(axis=rules.whole())

    def __init__(self, name: str = "concordance_correlation", dtype: Any = None, axis: int = -1):
        super().__init__(concordance_correlation, name, dtype, axis=axis)
