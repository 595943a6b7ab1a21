"""How good answers are at all thresholds together: the area under a curve, and points on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, names, ops, rules
from pylego.core.tensor import Tensor
from pylego.metrics.confusion import Confusion, ThresholdMetric, confusion

_ALL = Confusion._fields


def _evenly(count: int) -> list[float]:
    """The thresholds inside of 0 to 1 of `count` evenly spaced ones."""
    return [step / (count - 1) for step in range(1, count - 1)]


class _AtConstraint(ThresholdMetric):
    """The best of one figure at the thresholds where another one is good enough."""

    _direction = "up"
    _counts = _ALL
    # The counts of which they are shares: of the figure that is asked to be good enough, and of
    # the figure of which the best is wanted.
    _asked: tuple[str, str]
    _wanted: tuple[str, str]
    _argument: str

    def __init__(
        self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: Any
    ):
        thresholds = [0.5] if num_thresholds == 1 else [0.0, *_evenly(num_thresholds), 1.0]
        super().__init__(thresholds, None, class_id, name, dtype)
        self.thresholds = thresholds
        setattr(self, self._argument, value)
        self.num_thresholds = num_thresholds
        self._add_counts((num_thresholds,))

    def result(self) -> Tensor:
        asked, wanted = self._share(self._asked), self._share(self._wanted)
        is_enough = asked >= getattr(self, self._argument)
        return ops.max(ops.where(is_enough, wanted, 0.0), initial=0.0)

    def _share(self, counts: tuple[str, str]) -> Tensor:
        right, wrong = (getattr(self, name) for name in counts)
        return ops.divide_no_nan(right, right + wrong)

    def get_config(self) -> dict[str, Any]:
        asked = {self._argument: getattr(self, self._argument)}
        own = {"num_thresholds": self.num_thresholds, **asked}
        return {**super().get_config(), "class_id": self.class_id, **own}


_SENSITIVITY = ("true_positives", "false_negatives")  # which is the recall, too
_SPECIFICITY = ("true_negatives", "false_positives")
_PRECISION = ("true_positives", "false_positives")


class SensitivityAtSpecificity(_AtConstraint):
    """The best sensitivity, tp / (tp + fn), where the specificity, tn / (tn + fp), is good enough.

    Args:
        specificity: what is good enough, from 0 to 1.
        num_thresholds: how many evenly spaced thresholds from 0 to 1 are tried.
        class_id: the class whose column counts; all by default.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a specificity outside of 0 to 1.

    >>> metric = SensitivityAtSpecificity(0.5)
    >>> float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _asked, _wanted, _argument = _SPECIFICITY, _SENSITIVITY, "specificity"

    _rules = rules.of(specificity=rules.number(0, 1), num_thresholds=rules.whole(1))

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


class SpecificityAtSensitivity(_AtConstraint):
    """The best specificity, tn / (tn + fp), where the sensitivity, tp / (tp + fn), is good enough.

    Args:
        sensitivity: what is good enough, from 0 to 1.
        num_thresholds: how many evenly spaced thresholds from 0 to 1 are tried.
        class_id: the class whose column counts; all by default.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a sensitivity outside of 0 to 1.

    >>> metric = SpecificityAtSensitivity(0.5)
    >>> round(float(metric([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
    0.6667
    """

    _asked, _wanted, _argument = _SENSITIVITY, _SPECIFICITY, "sensitivity"

    _rules = rules.of(sensitivity=rules.number(0, 1), num_thresholds=rules.whole(1))

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


class PrecisionAtRecall(_AtConstraint):
    """The best precision, tp / (tp + fp), where the recall, tp / (tp + fn), is good enough.

    Args:
        recall: what is good enough, from 0 to 1.
        num_thresholds: how many evenly spaced thresholds from 0 to 1 are tried.
        class_id: the class whose column counts; all by default.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a recall outside of 0 to 1.

    >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
    0.5
    """

    _asked, _wanted, _argument = _SENSITIVITY, _PRECISION, "recall"

    _rules = rules.of(recall=rules.number(0, 1), num_thresholds=rules.whole(1))

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(recall, num_thresholds, class_id, name, dtype)


class RecallAtPrecision(_AtConstraint):
    """The best recall, tp / (tp + fn), where the precision, tp / (tp + fp), is good enough.

    Args:
        precision: what is good enough, from 0 to 1.
        num_thresholds: how many evenly spaced thresholds from 0 to 1 are tried.
        class_id: the class whose column counts; all by default.
        name: what logs call it.
        dtype: of the totals.

    Raises:
        ValueError: for a precision outside of 0 to 1.

    >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.5
    """

    _asked, _wanted, _argument = _PRECISION, _SENSITIVITY, "precision"

    _rules = rules.of(precision=rules.number(0, 1), num_thresholds=rules.whole(1))

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(precision, num_thresholds, class_id, name, dtype)


_CURVES = ("ROC", "PR", "PRGAIN")
_SUMMATIONS = ("interpolation", "majoring", "minoring")


class AUC(ThresholdMetric):
    """The area under a curve over all thresholds: how well outputs tell positive samples from
    negative ones. 0.5 under ROC is guessing, 1 is perfect.

    The curve is known at the thresholds only, and between two of them a summation method says what
    counts. Interpolation of PR follows Davis and Goadrich (2006).

    Args:
        num_thresholds: how many evenly spaced thresholds there are, 2 or more; may be None where
            `thresholds` are given.
        curve: 'ROC': the recall over the false positives' share; 'PR': the precision over the
            recall; 'PRGAIN': the same as gains over a constant answer (Flach and Kull, 2015).
        summation_method: 'interpolation': heights are means of both ends; 'minoring' takes the
            smaller end, 'majoring' the larger one.
        name: what logs call it.
        dtype: of the totals.
        thresholds: numbers from 0 to 1, in place of evenly spaced ones.
        multi_label: whether each column of (N, L) outputs has a curve of its own; the result is
            the mean of their areas.
        num_labels: L; by default that of the first batch. Only with `multi_label`.
        label_weights: a weight for each column: with `multi_label` of its area, else of its
            samples.
        from_logits: whether outputs are logits, of which the sigmoid is taken.

    Raises:
        ValueError: for an unknown curve or method, less than 2 thresholds, or thresholds outside of
            0 to 1.

    >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
    0.75
    """

    _direction = "up"
    _counts = _ALL

    _rules = rules.of(
        num_thresholds=rules.optional(rules.whole(2)),
        thresholds=rules.optional(rules.each(rules.number(0, 1))),
        multi_label=rules.flag,
        num_labels=rules.optional(rules.whole(1)),
        label_weights=rules.optional(rules.each(rules.number(0))),
        from_logits=rules.flag,
    )

    def __init__(
        self,
        num_thresholds: int | None = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ):
        curve, summation_method = str(curve).upper(), str(summation_method).lower()
        if curve not in _CURVES:
            raise names.unknown("curve", curve, _CURVES)
        if summation_method not in _SUMMATIONS:
            raise names.unknown("summation_method", summation_method, _SUMMATIONS)
        if num_labels and not multi_label:
            raise ValueError("AUC: num_labels goes with multi_label=True")
        if thresholds is not None:
            inner = sorted(float(threshold) for threshold in thresholds)
        elif num_thresholds is not None:
            inner = _evenly(num_thresholds)
        else:
            raise ValueError("AUC needs num_thresholds, such as 200, or thresholds")
        # Beyond 0 and 1, so that all outputs lie above the first one and none above the last.
        beyond = config.epsilon()
        super().__init__([-beyond, *inner, 1.0 + beyond], name=name, dtype=dtype)
        self.num_thresholds = len(inner) + 2
        self.curve, self.summation_method = curve, summation_method
        self.multi_label, self.num_labels = bool(multi_label), num_labels
        self.label_weights = (
            None
            if label_weights is None
            else ops.convert_to_numpy(ops.cast(label_weights, self.dtype))
        )
        self.from_logits = bool(from_logits)
        self._has_own_thresholds = thresholds is not None
        self._is_built = False
        if not multi_label or num_labels:
            self._build(num_labels)

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, from a little below 0 to a little above 1."""
        return self._thresholds.values

    def _build(self, labels: int | None) -> None:
        count = self.num_thresholds
        self._add_counts((count, labels) if labels else (count,))
        self._is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        y_true, y_pred, weight = self._aligned(y_true, y_pred, sample_weight)
        if self.multi_label and y_pred.ndim != 2:
            raise ValueError(
                f"{self.name}: with multi_label=True outputs have shape (N, labels). Received: "
                f"{y_pred.shape}"
            )
        if not self._is_built:
            self._build(y_pred.shape[-1])
        if self.from_logits:
            y_pred = ops.sigmoid(y_pred)
        if self.label_weights is not None and not self.multi_label:
            of_labels = ops.broadcast_to(self.label_weights, y_pred.shape)
            weight = of_labels if weight is None else weight * of_labels
        self._add(confusion(y_true, y_pred, weight, self._thresholds, self.multi_label))

    def result(self) -> Tensor:
        if not self._is_built:
            return ops.zeros((), self.dtype)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return self.interpolate_pr_auc()
        x, y = self._curve()
        # From one threshold to the next x falls.
        return self._mean(_steps(x) * self._heights(y))

    def _curve(self) -> tuple[Tensor, Tensor]:
        """The points at all thresholds, as their two coordinates."""
        tp, fp, tn, fn = (getattr(self, name) for name in _ALL)
        recall = ops.divide_no_nan(tp, tp + fn)
        if self.curve == "ROC":
            return ops.divide_no_nan(fp, fp + tn), recall
        if self.curve == "PR":
            return recall, ops.divide_no_nan(tp, tp + fp)
        odds = ops.divide_no_nan(tp + fn, tn + fp)
        gains = [1.0 - odds * ops.divide_no_nan(wrong, tp) for wrong in (fn, fp)]
        is_nothing = tp == 0
        recall_gain = ops.maximum(ops.where(is_nothing, 0.0, gains[0]), 0.0)
        return recall_gain, ops.where(is_nothing, 1.0, gains[1])

    def _heights(self, y: Tensor) -> Tensor:
        if self.summation_method == "interpolation":
            return (y[:-1] + y[1:]) / 2.0
        between = ops.minimum if self.summation_method == "minoring" else ops.maximum
        return between(y[:-1], y[1:])

    def interpolate_pr_auc(self) -> Tensor:
        """Return the area under the curve of precision and recall, as it is between thresholds.

        There tp and fp change in proportion: with s = dtp / dp, p = tp + fp and i = tp - s p, an
        area is s (dtp + i log(p / p')) / (tp + fn).

        Source: Davis and Goadrich, The Relationship Between Precision-Recall and ROC Curves, 2006.
        """
        tp, fp, fn = self.true_positives, self.false_positives, self.false_negatives
        p = tp + fp
        dtp, dp = _steps(tp), _steps(p)
        slope = ops.divide_no_nan(dtp, ops.maximum(dp, 0.0))
        intercept = tp[1:] - slope * p[1:]
        is_positive = (p[:-1] > 0) & (p[1:] > 0)
        ratio = ops.where(is_positive, ops.divide_no_nan(p[:-1], p[1:]), 1.0)
        area = slope * (dtp + intercept * ops.log(ratio))
        return self._mean(ops.divide_no_nan(area, tp[1:] + fn[1:]))

    def _mean(self, areas: Tensor) -> Tensor:
        """The sum over thresholds, and the mean of labels."""
        if not self.multi_label:
            return ops.sum(areas)
        of_labels = ops.sum(areas, axis=0)
        if self.label_weights is None:
            return ops.mean(of_labels)
        weighted = ops.sum(of_labels * self.label_weights)
        return ops.divide_no_nan(weighted, ops.sum(self.label_weights))

    def get_config(self) -> dict[str, Any]:
        weights = self.label_weights
        own = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if weights is None else weights.tolist(),
            "from_logits": self.from_logits,
        }
        if self._has_own_thresholds:
            own["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **own}


def _steps(x: Tensor) -> Tensor:
    """How much x falls from each threshold to the next."""
    return x[:-1] - x[1:]
