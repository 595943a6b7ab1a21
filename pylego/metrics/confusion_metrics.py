"""Counts of right and wrong answers at thresholds, and what share of answers is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.metrics.confusion import BELOW_ALL, Confusion, ThresholdMetric

Numbers = float | Sequence[float] | None


_THRESHOLDS = rules.of(thresholds=rules.optional(rules.one_or_each(rules.number(0, 1))))


def _listed(thresholds: Numbers, default: float) -> list[float]:
    """The thresholds as a list, or the default."""
    if thresholds is None:
        return [default]
    return [float(one) for one in np.atleast_1d(np.asarray(thresholds))]


class _Count(ThresholdMetric):
    """The weights of one kind of answers at each threshold."""

    _kind: str

    _rules = _THRESHOLDS

    def __init__(self, thresholds: Numbers = None, name: str | None = None, dtype: Any = None):
        listed = _listed(thresholds, 0.5)
        super().__init__(listed, name=name, dtype=dtype)
        self.thresholds = listed
        self.init_thresholds = thresholds
        self.accumulator = self.add_variable((len(listed),), name="accumulator")

    def _add(self, found: Confusion) -> None:
        self.accumulator.assign_add(getattr(found, self._kind))

    def result(self) -> Tensor:
        return _one_or_all(self.accumulator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "thresholds": self.init_thresholds}


def _one_or_all(x: Tensor) -> Tensor:
    """The number, where there is one threshold, or the numbers of all."""
    return x[0] if x.shape == (1,) else x


class TruePositives(_Count):
    """How many samples are said to be positive, and are.

    Args:
        thresholds: above which an output says yes, from 0 to 1: a number, or several, which give as
            many results. 0.5 by default.
        name: what logs call it.
        dtype: of the totals.

    >>> float(TruePositives()([0, 1, 1, 1], [0.9, 0.9, 0.2, 0.8]))
    2.0
    """

    _kind = "true_positives"


class TrueNegatives(_Count):
    """How many samples are said to be negative, and are.

    Args:
        thresholds: see `TruePositives`.
        name: what logs call it.
        dtype: of the totals.

    >>> float(TrueNegatives()([0, 1, 0, 0], [0.1, 0.9, 0.2, 0.8]))
    2.0
    """

    _kind = "true_negatives"


class FalsePositives(_Count):
    """How many samples are said to be positive, and are not.

    Args:
        thresholds: see `TruePositives`.
        name: what logs call it.
        dtype: of the totals.

    >>> FalsePositives(thresholds=[0.1, 0.5])([0, 1, 0, 0], [0.9, 0.9, 0.2, 0.8]).numpy()
    array([3., 2.], dtype=float32)
    """

    _kind = "false_positives"


class FalseNegatives(_Count):
    """How many samples are said to be negative, and are positive.

    Args:
        thresholds: see `TruePositives`.
        name: what logs call it.
        dtype: of the totals.

    >>> float(FalseNegatives()([0, 1, 1, 1], [0.9, 0.9, 0.2, 0.8]))
    1.0
    """

    _kind = "false_negatives"


class _Share(ThresholdMetric):
    """What share of some answers is right, at each threshold."""

    _direction = "up"

    _rules = _THRESHOLDS

    def __init__(
        self,
        thresholds: Numbers = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        default = 0.5 if top_k is None else BELOW_ALL
        listed = _listed(thresholds, default)
        super().__init__(listed, top_k, class_id, name, dtype)
        self.thresholds = listed
        self.init_thresholds = thresholds
        self._add_counts((len(listed),))

    def result(self) -> Tensor:
        right, wrong = (getattr(self, name) for name in self._counts)
        return _one_or_all(ops.divide_no_nan(right, right + wrong))

    def get_config(self) -> dict[str, Any]:
        own = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **own}


class Precision(_Share):
    """What share of the samples that are said to be positive is: tp / (tp + fp).

    Args:
        thresholds: above which an output says yes, from 0 to 1: a number, or several, which give as
            many results. 0.5 by default; with `top_k` all that are among these say yes.
        top_k: how many of the largest outputs of a sample may say yes; all by default.
        class_id: the class whose column counts; all by default.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a threshold outside of 0 to 1.

    >>> float(Precision()([0, 1, 1, 1], [0.9, 0.9, 0.2, 0.8])) == float(ops.cast(2 / 3, "float32"))
    True
    """

    _counts = ("true_positives", "false_positives")


class Recall(_Share):
    """What share of the positive samples is said to be positive: tp / (tp + fn).

    Args:
        thresholds: see `Precision`.
        top_k: see `Precision`.
        class_id: see `Precision`.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a threshold outside of 0 to 1.

    >>> float(Recall()([0, 1, 1, 1, 1], [0.9, 0.9, 0.2, 0.8, 0.1]))
    0.5
    """

    _counts = ("true_positives", "false_negatives")
