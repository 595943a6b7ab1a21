"""F scores: precision and recall in one number."""

from __future__ import annotations

from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.masking import masked_weight
from pylego.losses.shapes import line_up
from pylego.metrics.mean import fit_weight
from pylego.metrics.metric import Metric

_AVERAGES = ("micro", "macro", "weighted")


class FBetaScore(Metric):
    """The F score of each class: (1 + b^2) p r / (b^2 p + r) with the precision p and the recall r.

    Args:
        average: how the classes' scores become one number. None: they do not. 'macro': their mean;
            'weighted': their mean by how many samples each class has; 'micro': the score of all
            classes' answers together.
        beta: b, how many times as much the recall counts as the precision; above 0.
        threshold: above which an output says yes; None: the largest output of a sample does.
        name: what logs call it.
        dtype: of the totals.

    Shapes: targets and outputs are (N, classes).

    Raises:
        ValueError: for an unknown average, a beta of 0 or less, or a threshold outside of 0 to 1.

    >>> metric = FBetaScore(beta=2.0, threshold=0.5)
    >>> y_true, y_pred = [[1, 1, 1], [1, 0, 0], [1, 1, 0]], [[0.2, 0.6, 0.7]] * 3
    >>> metric(y_true, y_pred).numpy().round(3).tolist()
    [0.0, 0.9089999794960022, 0.7139999866485596]
    """

    _direction = "up"

    _rules = rules.of(
        average=rules.optional(rules.one_of(_AVERAGES)),
        beta=rules.above(0),
        threshold=rules.optional(rules.above(0, 1)),
    )

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        self.average, self.beta, self.threshold = average, beta, threshold
        self._is_built = False

    def _build(self, classes: int) -> None:
        shape = () if self.average == "micro" else (classes,)
        self.true_positives = self.add_variable(shape, name="true_positives")
        self.false_positives = self.add_variable(shape, name="false_positives")
        self.false_negatives = self.add_variable(shape, name="false_negatives")
        self.intermediate_weights = self.add_variable(shape, name="intermediate_weights")
        self._is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        weight = masked_weight(y_pred, sample_weight, self.dtype)
        y_true, y_pred = line_up(self.name, y_true, ops.cast(y_pred, self.dtype))
        if y_pred.ndim != 2:
            raise ValueError(
                f"{self.name}: outputs must have shape (N, classes). Received: {y_pred.shape}"
            )
        if not self._is_built:
            self._build(y_pred.shape[-1])
        says_yes = ops.cast(self._says_yes(y_pred), self.dtype)
        if weight is not None:
            weight = fit_weight(ops.cast(weight, self.dtype), y_pred)
        axis = None if self.average == "micro" else 0
        for total, values in (
            (self.true_positives, says_yes * y_true),
            (self.false_positives, says_yes * (1.0 - y_true)),
            (self.false_negatives, (1.0 - says_yes) * y_true),
            (self.intermediate_weights, y_true),
        ):
            total.assign_add(ops.sum(values if weight is None else values * weight, axis=axis))

    def _says_yes(self, y_pred: Tensor) -> Tensor:
        if self.threshold is not None:
            return y_pred > self.threshold
        # The largest of each sample; where all are 0, none.
        is_largest = y_pred >= ops.max(y_pred, axis=-1, keepdims=True)
        return is_largest & (ops.absolute(y_pred) > 1e-9)

    def result(self) -> Tensor:
        if not self._is_built:
            return ops.zeros((), self.dtype)
        epsilon, square = config.epsilon(), self.beta**2
        tp = self.true_positives
        precision = tp / (tp + self.false_positives + epsilon)
        recall = tp / (tp + self.false_negatives + epsilon)
        scores = precision * recall / (square * precision + recall + epsilon) * (1 + square)
        if self.average == "weighted":
            whole = ops.sum(self.intermediate_weights) + epsilon
            return ops.sum(scores * (self.intermediate_weights / whole))
        return scores if self.average is None else ops.mean(scores)

    def get_config(self) -> dict[str, Any]:
        own = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **own}


class F1Score(FBetaScore):
    """The F score where precision and recall count alike: 2 p r / (p + r); see `FBetaScore`.

    Args:
        average: see `FBetaScore`.
        threshold: see `FBetaScore`.
        name: what logs call it.
        dtype: of the totals.

    >>> metric = F1Score(average="micro")
    >>> round(float(metric([[1, 0], [0, 1]], [[0.7, 0.3], [0.6, 0.4]])), 3)
    0.5
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ):
        super().__init__(average, 1.0, threshold, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config
