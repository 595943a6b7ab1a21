"""Metrics by name, as descriptions, and back."""

from __future__ import annotations

from typing import Any

from pylego import lazy, names, registry

_TABLE = lazy.Names(
    "pylego.metrics",
    spell=names.snake_case,
    others={
        "mse": "MeanSquaredError",
        "MSE": "MeanSquaredError",
        "mae": "MeanAbsoluteError",
        "MAE": "MeanAbsoluteError",
        "mape": "MeanAbsolutePercentageError",
        "MAPE": "MeanAbsolutePercentageError",
        "msle": "MeanSquaredLogarithmicError",
        "MSLE": "MeanSquaredLogarithmicError",
        "bce": "BinaryCrossentropy",
        "BCE": "BinaryCrossentropy",
    },
    without=("Metric", "MeanMetricWrapper", "deserialize", "get", "serialize"),
)


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


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Make the metric that `serialize` has described."""
    with registry.reading(config, custom_objects):
        return get(config)
