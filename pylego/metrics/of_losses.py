"""Losses looked at as metrics: their mean over everything that was seen."""

from __future__ import annotations

from typing import Any

from pylego import losses, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.shapes import line_up
from pylego.metrics.mean import MeanMetricWrapper


class MeanSquaredError(MeanMetricWrapper):
    """The mean of squared errors.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(MeanSquaredError()([[0.0], [1.0]], [[2.0], [1.0]]))
    2.0
    """

    _direction = "down"

    def __init__(self, name: str = "mean_squared_error", dtype: Any = None):
        super().__init__(losses.mean_squared_error, name, dtype)


class RootMeanSquaredError(MeanMetricWrapper):
    """The square root of the mean of squared errors.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(RootMeanSquaredError()([[0.0], [0.0]], [[3.0], [3.0]]))
    3.0
    """

    _direction = "down"

    def __init__(self, name: str = "root_mean_squared_error", dtype: Any = None):
        super().__init__(_squared_error, name, dtype)

    def result(self) -> Tensor:
        return ops.sqrt(super().result())


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of absolute errors.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]]))
    1.0
    """

    _direction = "down"

    def __init__(self, name: str = "mean_absolute_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The mean of absolute errors in percent; see `losses.mean_absolute_percentage_error`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(MeanAbsolutePercentageError()([[2.0], [1.0]], [[1.0], [1.0]]))
    25.0
    """

    _direction = "down"

    def __init__(self, name: str = "mean_absolute_percentage_error", dtype: Any = None):
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The mean of squared errors of logarithms; see `losses.mean_squared_logarithmic_error`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> round(float(MeanSquaredLogarithmicError()([[0.0], [3.0]], [[0.0], [1.0]])), 4)
    0.2402
    """

    _direction = "down"

    def __init__(self, name: str = "mean_squared_logarithmic_error", dtype: Any = None):
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """The mean of logarithms of the hyperbolic cosine of errors; see `losses.log_cosh`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> round(float(LogCoshError()([[0.0], [0.0]], [[0.0], [100.0]])), 4)
    49.6534
    """

    _direction = "down"

    def __init__(self, name: str = "logcosh", dtype: Any = None):
        super().__init__(losses.log_cosh, name, dtype)


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between targets and outputs: 1 where they point the same way.

    It is minus the loss of that name.

    Args:
        name: what logs call it.
        dtype: of the totals.
        axis: along which the vectors lie.

    >>> float(CosineSimilarity()([[0.0, 1.0], [1.0, 0.0]], [[0.0, 2.0], [0.0, 2.0]]))
    0.5
    """

    _direction = "up"

    _rules = rules.of(axis=rules.whole())

    def __init__(self, name: str = "cosine_similarity", dtype: Any = None, axis: int = -1):
        super().__init__(_cosine, name, dtype, axis=axis)


def _cosine(y_true: Any, y_pred: Any, axis: int) -> Tensor:
    return -losses.cosine_similarity(y_true, y_pred, axis)


class Hinge(MeanMetricWrapper):
    """The mean of how far outputs lie from the right side of a margin; see `losses.hinge`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(Hinge()([[-1.0], [1.0]], [[-2.0], [0.5]]))
    0.25
    """

    _direction = "down"

    def __init__(self, name: str = "hinge", dtype: Any = None):
        super().__init__(losses.hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The mean of squares of what `Hinge` is the mean of; see `losses.squared_hinge`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(SquaredHinge()([[-1.0], [1.0]], [[-2.0], [0.5]]))
    0.125
    """

    _direction = "down"

    def __init__(self, name: str = "squared_hinge", dtype: Any = None):
        super().__init__(losses.squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """The mean margin between the right class and the others; see `losses.categorical_hinge`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(CategoricalHinge()([[0, 1, 0]], [[0.25, 0.5, 0.0]]))
    0.75
    """

    _direction = "down"

    def __init__(self, name: str = "categorical_hinge", dtype: Any = None):
        super().__init__(losses.categorical_hinge, name, dtype)


class KLDivergence(MeanMetricWrapper):
    """The mean of how far outputs are from distributions; see `losses.kl_divergence`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> round(float(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]])), 4)
    0.1438
    """

    _direction = "down"

    def __init__(self, name: str = "kl_divergence", dtype: Any = None):
        super().__init__(losses.kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """The mean of how unlikely counts are, given how many are expected; see `losses.poisson`.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> round(float(Poisson()([[0.0], [2.0]], [[1.0], [1.0]])), 4)
    1.0
    """

    _direction = "down"

    def __init__(self, name: str = "poisson", dtype: Any = None):
        super().__init__(losses.poisson, name, dtype)


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean of binary cross-entropies; see `losses.binary_crossentropy`.

    Args:
        name: what logs call it.
        dtype: of the totals.
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward one half.

    >>> round(float(BinaryCrossentropy()([[0], [1]], [[0.5], [0.5]])), 4)
    0.6931
    """

    _direction = "down"

    _rules = rules.of(from_logits=rules.flag, label_smoothing=rules.number(0, 1))

    def __init__(
        self,
        name: str = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ):
        super().__init__(
            losses.binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean of cross-entropies of one-hot targets; see `losses.categorical_crossentropy`.

    Args:
        name: what logs call it.
        dtype: of the totals.
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward 1 / classes.
        axis: the axis of classes.

    >>> round(float(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.6931
    """

    _direction = "down"

    _rules = rules.of(
        from_logits=rules.flag, label_smoothing=rules.number(0, 1), axis=rules.whole()
    )

    def __init__(
        self,
        name: str = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ):
        super().__init__(
            losses.categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean of cross-entropies of labels; see `losses.sparse_categorical_crossentropy`.

    Args:
        name: what logs call it.
        dtype: of the totals.
        from_logits: whether outputs are logits.
        ignore_class: a label whose samples count as 0.
        axis: the axis of classes.

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    _direction = "down"

    _rules = rules.of(
        from_logits=rules.flag, ignore_class=rules.optional(rules.whole()), axis=rules.whole()
    )

    def __init__(
        self,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ):
        super().__init__(
            losses.sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


def _squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The squares of single numbers, so that a weight for each of them fits, too."""
    y_true, y_pred = line_up("root_mean_squared_error", y_true, y_pred)
    return ops.square(y_true - y_pred)
