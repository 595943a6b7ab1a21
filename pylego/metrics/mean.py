"""Sums and means over everything that was seen, and means of a function of targets and outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import given, ops, registry
from pylego.construction import check_options
from pylego.core.tensor import Tensor
from pylego.losses.masking import masked_weight
from pylego.metrics.metric import Metric


def per_sample(values: Any, sample_weight: Any, dtype: str) -> tuple[Tensor, Tensor]:
    """Return each sample's mean of weighted values, and its mean weight: both of one axis.

    Shapes: values (N, ...) and weights (N, ...) or (N,) or () give (N,) and (N,).

    Raises:
        ValueError: when the weights do not fit the values.
    """
    values = ops.cast(values, dtype)
    weight = ops.ones_like(values)
    if sample_weight is not None:
        weight = fit_weight(ops.cast(sample_weight, dtype), values)
    within = tuple(range(1, values.ndim))
    if not within:
        return values * weight, weight
    return ops.mean(values * weight, axis=within), ops.mean(weight, axis=within)


def fit_weight(weight: Tensor, values: Tensor) -> Tensor:
    """Return a weight for each value: the weight of a sample counts for all values of the sample.

    Shapes: weights (N, ...), (N,), (N, 1) or () for values (N, ...) give (N, ...).

    Raises:
        ValueError: when the weights do not fit the values.
    """
    if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
        weight = ops.squeeze(weight, -1)
    if weight.ndim > values.ndim or any(
        w not in (1, n) for w, n in zip(weight.shape, values.shape)
    ):
        raise ValueError(
            f"sample_weight of shape {given.shape(weight.shape)} does not fit values of shape "
            f"{given.shape(values.shape)}"
        )
    missing = (1,) * (values.ndim - weight.ndim)
    return ops.broadcast_to(ops.reshape(weight, weight.shape + missing), values.shape)


def _sum(x: Tensor) -> Tensor:
    return ops.sum(x) if x.shape else x


class Sum(Metric):
    """The weighted sum of all values.

    Args:
        name: what logs call it.
        dtype: of the total.

    >>> metric = Sum()
    >>> metric.update_state([1.0, 2.0])
    >>> float(metric([3.0]))
    6.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None):
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values, each times its weight."""
        values = ops.cast(values, self.dtype)
        if sample_weight is not None:
            values = values * fit_weight(ops.cast(sample_weight, self.dtype), values)
        self.total.assign_add(ops.sum(values))

    def result(self) -> Tensor:
        return self.total


class Mean(Metric):
    """The weighted mean of all samples; 0 before there are any.

    A sample of several values counts with their mean.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> metric = Mean()
    >>> metric.update_state([1.0, 2.0])
    >>> float(metric([6.0]))
    3.0
    """

    def __init__(self, name: str = "mean", dtype: Any = None):
        super().__init__(dtype, name)
        self.total = self.add_variable((), name="total")
        self.count = self.add_variable((), name="count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values of samples; a weight counts a sample that many times."""
        means, weights = per_sample(values, sample_weight, self.dtype)
        self.total.assign_add(_sum(means))
        self.count.assign_add(_sum(weights))

    def result(self) -> Tensor:
        return ops.divide_no_nan(self.total, self.count)


class MeanMetricWrapper(Mean):
    """The mean of a function of (y_true, y_pred) over all samples.

    Args:
        fn: returns one value per sample.
        name: by default the function's.
        dtype: of the totals.
        **kwargs: handed to the function.

    Raises:
        TypeError: for something that is not a function, and for options that it does not take.
    """

    def __init__(self, fn: Callable, name: str | None = None, dtype: Any = None, **kwargs: Any):
        if not callable(fn):
            raise TypeError(f"{type(self).__name__} needs a function. Received: fn={fn!r}")
        check_options(type(self).__name__, fn, kwargs, ("name", "dtype"))
        super().__init__(name or getattr(fn, "__name__", None) or "mean", dtype)
        self._fn = fn
        self._options = kwargs

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        values = self._fn(y_true, y_pred, **self._options)
        try:
            values = ops.convert_to_tensor(values)
        except (TypeError, ValueError) as error:
            raise TypeError(f"The metric {self.name!r} must return numbers: {error}") from error
        super().update_state(values, masked_weight(y_pred, sample_weight, self.dtype))

    def get_config(self) -> dict[str, Any]:
        if type(self) is not MeanMetricWrapper:
            return {**super().get_config(), **self._options}
        own = {"fn": registry.serialize(self._fn), **registry.serialize(self._options)}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        return cls(**(registry.read_parts(config) if "fn" in config else config))
