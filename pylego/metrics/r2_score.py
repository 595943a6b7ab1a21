"""The coefficient of determination, R^2."""

from __future__ import annotations

from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.masking import masked_weight
from pylego.losses.shapes import line_up
from pylego.metrics.mean import fit_weight
from pylego.metrics.metric import Metric

_AGGREGATIONS = ("uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """What share of the targets' variance the outputs explain: 1 - sum((y - p)^2) / sum((y - m)^2),
    where m is the mean of y. 1 is perfect, 0 is as good as answering m.

    Where all targets are equal it is 1 if the outputs are these, and else 0.

    Args:
        class_aggregation: how the columns' scores become one number. 'uniform_average': their mean;
            'variance_weighted_average': their mean by the variance of targets; None: they do not.
        num_regressors: of how many independent variables the outputs were made, k; with it the
            score is the adjusted one, 1 - (1 - R^2) (n - 1) / (n - k - 1), of n targets. Where
            there are no more than k + 1 targets it is not adjusted.
        name: what logs call it.
        dtype: of the totals.

    Shapes: targets and outputs are (N, columns).

    Raises:
        ValueError: for an unknown aggregation, or fewer than 0 regressors.

    >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
    0.5714
    """

    _direction = "up"

    _rules = rules.of(
        class_aggregation=rules.optional(rules.one_of(_AGGREGATIONS)), num_regressors=rules.whole(0)
    )

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str = "r2_score",
        dtype: Any = None,
    ):
        super().__init__(dtype, name)
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), name="num_samples")
        self._is_built = False

    def _build(self, columns: int) -> None:
        self.squared_sum = self.add_variable((columns,), name="squared_sum")
        self.sum = self.add_variable((columns,), name="sum")
        self.total_mse = self.add_variable((columns,), name="residual")
        self.count = self.add_variable((columns,), name="count")
        self._is_built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        weight = masked_weight(y_pred, sample_weight, self.dtype)
        y_true, y_pred = line_up(self.name, y_true, ops.cast(y_pred, self.dtype))
        if y_pred.ndim != 2:
            raise ValueError(
                f"{self.name}: outputs must have shape (N, columns). Received: {y_pred.shape}"
            )
        if not self._is_built:
            self._build(y_pred.shape[-1])
        weight = ops.ones_like(y_pred) if weight is None else ops.cast(weight, self.dtype)
        weight = fit_weight(weight, y_pred)
        for total, values in (
            (self.sum, y_true * weight),
            (self.squared_sum, y_true * (y_true * weight)),
            (self.total_mse, ops.square(y_true - y_pred) * weight),
            (self.count, weight),
        ):
            total.assign_add(ops.sum(values, axis=0))
        self.num_samples.assign_add(float(y_true.size))

    def result(self) -> Tensor:
        if not self._is_built:
            return ops.zeros((), self.dtype)
        mean = ops.divide_no_nan(self.sum, self.count)
        variance = self.squared_sum - self.sum * mean
        at_no_variance = ops.where((self.total_mse == 0) & (self.count > 0), 1.0, 0.0)
        is_constant = variance == 0
        explained = 1.0 - ops.divide_no_nan(self.total_mse, variance)
        scores = ops.where(is_constant, at_no_variance, explained)
        if self.class_aggregation == "uniform_average":
            scores = ops.mean(scores)
        elif self.class_aggregation == "variance_weighted_average":
            scores = ops.divide_no_nan(ops.sum(variance * scores), ops.sum(variance))
        return scores if self.num_regressors == 0 else self._adjusted(scores)

    def _adjusted(self, scores: Tensor) -> Tensor:
        freedom = self.num_samples - self.num_regressors - 1.0
        adjusted = 1.0 - ops.divide_no_nan((1.0 - scores) * (self.num_samples - 1.0), freedom)
        return ops.where(freedom > 0, adjusted, scores)

    def get_config(self) -> dict[str, Any]:
        own = {
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
        return {**super().get_config(), **own}
