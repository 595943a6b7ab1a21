"""Metrics: figures that are gathered over batches and shown, but not learned from.

Use a name (`metrics=["accuracy"]`), a function of (y_true, y_pred), or an object in `compile`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pylego import lazy, names, registry
from pylego.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from pylego.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from pylego.metrics.mean import Mean, MeanMetricWrapper, Sum
from pylego.metrics.metric import Metric
from pylego.metrics.of_losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    SparseCategoricalCrossentropy,
)

_CLASSES = (
    Accuracy,
    BinaryAccuracy,
    BinaryCrossentropy,
    CategoricalAccuracy,
    CategoricalCrossentropy,
    Mean,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    SparseCategoricalAccuracy,
    SparseCategoricalCrossentropy,
    Sum,
)
_TABLE: dict[str, Any] = {
    **{part.__name__: part for part in _CLASSES},
    **{names.snake_case(part.__name__): part for part in _CLASSES},
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
    "bce": BinaryCrossentropy,
    "BCE": BinaryCrossentropy,
}


def get(identifier: Any) -> Any:
    """Return the metric that a name, a config, a class, a function or an object means.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    >>> get("mse")
    <MeanSquaredError name=mean_squared_error>
    """
    return registry.get("metric", identifier, _TABLE)


def serialize(metric: Any) -> Any:
    """Describe a metric so that `deserialize` makes it again."""
    return registry.serialize(metric)


def deserialize(config: Any) -> Any:
    """Make the metric that `serialize` has described."""
    return registry.get("metric", config, _TABLE)


__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "Sum",
    "accuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mean_absolute_error",
    "mean_squared_error",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
