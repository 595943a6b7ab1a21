"""Losses for distributions: the Kullback-Leibler divergence, and counts after Poisson."""

from __future__ import annotations

from typing import Any

from pylego import config, ops
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up


def kl_divergence(y_true: Any, y_pred: Any) -> Tensor:
    """Return sum(y_true log(y_true / y_pred)) over the last axis: how far two distributions are
    apart. Both are kept between `config.epsilon()` and 1.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).numpy().round(4).tolist()
    [0.14380000531673431]
    """
    y_true, y_pred = line_up("kl_divergence", y_true, y_pred)
    y_true, y_pred = (ops.clip(one, config.epsilon(), 1.0) for one in (y_true, y_pred))
    return ops.sum(y_true * ops.log(y_true / y_pred), axis=-1)


def poisson(y_true: Any, y_pred: Any) -> Tensor:
    """Return mean(y_pred - y_true log(y_pred + epsilon)) over the last axis: how unlikely counts
    are where y_pred > 0 are expected, up to what does not depend on these.

    Shapes: (N, ..., k) and (N, ..., k) give (N, ...).

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.

    >>> poisson([[0.0, 2.0]], [[1.0, 1.0]]).numpy().round(4).tolist()
    [1.0]
    """
    y_true, y_pred = line_up("poisson", y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + config.epsilon()), axis=-1)


class KLDivergence(LossFunctionWrapper):
    """How far outputs are from the distributions that were wanted; see `kl_divergence`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
    0.1438
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "kl_divergence",
        dtype: Any = None,
    ):
        super().__init__(kl_divergence, reduction, name, dtype)


class Poisson(LossFunctionWrapper):
    """How unlikely counts are, given how many are expected; see `poisson`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(Poisson()([[0.0], [2.0]], [[1.0], [1.0]])), 4)
    1.0
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "poisson",
        dtype: Any = None,
    ):
        super().__init__(poisson, reduction, name, dtype)


kld = KLD = kullback_leibler_divergence = kl_divergence
