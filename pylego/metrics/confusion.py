"""True and false positives and negatives at thresholds: what many metrics are made of.

An output is compared with all thresholds at once: how many of them lie below it is its *bucket*.
The weights of each bucket are added up, and a running sum over the buckets, from the last one down,
says how many outputs lie above each threshold. So a batch of N outputs costs N additions and a sum
over the T thresholds, not N T comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.losses.masking import masked_weight
from pylego.losses.shapes import line_up
from pylego.metrics.mean import fit_weight
from pylego.metrics.metric import Metric

# What stands for an output that is not among the largest; below any output.
BELOW_ALL = -1e10


class Thresholds:
    """Thresholds, and which of them an output lies above.

    Args:
        values: numbers in any order.
    """

    def __init__(self, values: Sequence[float]):
        self.values = [float(value) for value in values]
        order = np.argsort(self.values, kind="stable")
        self._sorted = np.asarray(self.values)[order]
        is_sorted = bool((order == np.arange(len(order))).all())
        self._places = None if is_sorted else np.argsort(order)
        self._is_even = is_sorted and _is_even(self._sorted)

    def __len__(self) -> int:
        return len(self.values)

    def buckets(self, outputs: Tensor) -> Tensor:
        """Return how many thresholds lie below each output, int32; below NaN there is none."""
        if not self._is_even:
            thresholds = ops.convert_to_tensor(self._sorted, outputs.dtype)
            is_above = ops.expand_dims(outputs, -1) > thresholds
            return ops.count_nonzero(is_above, axis=-1)
        steps = ops.ceil(ops.minimum(outputs, 1.0) * (len(self) - 1.0))
        # The first threshold is 0, or lies a little below it.
        below = ops.where(outputs > 0, steps, 0.0)
        return ops.cast(below if self._sorted[0] >= 0 else ops.maximum(below, 1.0), "int32")

    def in_order(self, totals: Tensor) -> Tensor:
        """Return totals of the sorted thresholds, along the first axis, in the order of values."""
        return totals if self._places is None else ops.take(totals, self._places, axis=0)


def _is_even(thresholds: np.ndarray) -> bool:
    """Whether they run from 0 to 1 in equal steps, but for `config.epsilon()`."""
    count = len(thresholds)
    if count < 3:
        return False
    return np.allclose(thresholds, np.arange(count) / (count - 1), atol=config.epsilon())


class Confusion(NamedTuple):
    """The weights of outputs above (positives) and below thresholds, by whether they should be."""

    true_positives: Tensor
    false_positives: Tensor
    true_negatives: Tensor
    false_negatives: Tensor


def confusion(
    y_true: Tensor,
    y_pred: Tensor,
    weight: Tensor | None,
    thresholds: Thresholds,
    is_by_label: bool = False,
) -> Confusion:
    """Return how outputs and thresholds agree with targets.

    Args:
        y_true: targets; all but 0 say yes.
        y_pred: outputs of the same shape.
        weight: of the same shape, or None.
        thresholds: T of them.
        is_by_label: whether each column of (N, L) outputs has totals of its own.

    Shapes: totals are (T,), or (T, L).
    """
    groups = len(thresholds) + 1
    # The largest outputs come first, so that a running sum counts what lies above a threshold.
    place = len(thresholds) - thresholds.buckets(y_pred)
    place = place + groups * ops.cast(ops.cast(y_true, "bool"), "int32")
    shape: tuple[int, ...] = (2, groups)
    if is_by_label:
        labels = y_pred.shape[-1]
        place = place * labels + ops.arange(labels)
        shape = (2, groups, labels)
    weight = ops.ones_like(y_pred) if weight is None else weight
    totals = ops.segment_sum(weight.reshape(-1), place.reshape(-1), int(np.prod(shape)))
    negatives, positives = ops.unstack(ops.cumsum(totals.reshape(shape), axis=1), axis=0)
    above = [thresholds.in_order(one[:-1][::-1]) for one in (positives, negatives)]
    below = [one[-1:] - above_one for one, above_one in zip((positives, negatives), above)]
    return Confusion(above[0], above[1], below[1], below[0])


class ThresholdMetric(Metric):
    """The base of metrics of counts at thresholds.

    Args:
        thresholds: at which outputs say yes.
        top_k: how many of the largest outputs of a sample count; the others say no.
        class_id: the column that counts; all by default.
        name: what logs call it.
        dtype: of the totals.
    """

    # Which counts it keeps, each in an attribute.
    _counts: tuple[str, ...] = ()

    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    _rules = rules.of(top_k=rules.optional(rules.whole(1)), class_id=rules.optional(rules.whole()))

    def __init__(
        self,
        thresholds: Sequence[float],
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        self.top_k, self.class_id = top_k, class_id
        self._thresholds = Thresholds(thresholds)

    def _add_counts(self, shape: Sequence[int]) -> None:
        for name in self._counts:
            setattr(self, name, self.add_variable(shape, name=name))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        y_true, y_pred, weight = self._aligned(y_true, y_pred, sample_weight)
        self._add(confusion(y_true, y_pred, weight, self._thresholds))

    def _add(self, found: Confusion) -> None:
        for name in self._counts:
            getattr(self, name).assign_add(getattr(found, name))

    def _aligned(
        self, y_true: Any, y_pred: Any, sample_weight: Any
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return targets, outputs and weights of one shape."""
        weight = masked_weight(y_pred, sample_weight, self.dtype)
        y_true, y_pred = line_up(self.name, y_true, ops.cast(y_pred, self.dtype))
        if weight is not None:
            weight = fit_weight(ops.cast(weight, self.dtype), y_pred)
        if self.top_k is not None:
            y_pred = _largest(y_pred, self.top_k)
        if self.class_id is not None:
            y_true, y_pred = (self._column(one, self.class_id) for one in (y_true, y_pred))
            weight = None if weight is None else self._column(weight, self.class_id)
        return y_true, y_pred, weight

    def _column(self, x: Tensor, class_id: int) -> Tensor:
        if x.ndim < 2 or not -x.shape[-1] <= class_id < x.shape[-1]:
            raise ValueError(
                f"{self.name}: class_id={class_id} is not a column of outputs of shape {x.shape}"
            )
        return x[..., class_id]


def _largest(outputs: Tensor, k: int) -> Tensor:
    """The k largest outputs of each sample as they are, and BELOW_ALL in place of the others."""
    _, places = ops.top_k(outputs, k)
    is_large = ops.any(ops.one_hot(places, outputs.shape[-1], dtype="bool"), axis=-2)
    return ops.where(is_large, outputs, BELOW_ALL)
