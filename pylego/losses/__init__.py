"""Losses: what is a mistake, and how large is it? The torso of the figure.

Use a name (`loss="mse"`), a function of (y_true, y_pred), or an object in `compile`; or call them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pylego import lazy, registry
from pylego.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from pylego.losses.loss import Loss, LossFunctionWrapper
from pylego.losses.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
)

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
bce = BCE = binary_crossentropy

_TABLE: dict[str, Any] = {
    "mean_squared_error": mean_squared_error,
    "mse": mse,
    "MSE": mse,
    "mean_absolute_error": mean_absolute_error,
    "mae": mae,
    "MAE": mae,
    "binary_crossentropy": binary_crossentropy,
    "bce": bce,
    "BCE": bce,
    "categorical_crossentropy": categorical_crossentropy,
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
    "MeanSquaredError": MeanSquaredError,
    "MeanAbsoluteError": MeanAbsoluteError,
    "BinaryCrossentropy": BinaryCrossentropy,
    "CategoricalCrossentropy": CategoricalCrossentropy,
    "SparseCategoricalCrossentropy": SparseCategoricalCrossentropy,
}


def get(identifier: Any) -> Any:
    """Return the loss that a name, a config, a class, a function or an object means.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    >>> get("mse").__name__
    'mean_squared_error'
    """
    return registry.get("loss", identifier, _TABLE)


def knows(identifier: Any) -> bool:
    """Return whether that is the name, the class or an object of a loss."""
    if isinstance(identifier, str):
        return identifier in _TABLE
    kind = identifier if isinstance(identifier, type) else type(identifier)
    return issubclass(kind, Loss)


def serialize(loss: Any) -> Any:
    """Describe a loss so that `deserialize` makes it again."""
    return registry.serialize(loss)


def deserialize(config: Any) -> Any:
    """Make the loss that `serialize` has described."""
    return registry.get("loss", config, _TABLE)


__all__ = [
    "BCE",
    "MAE",
    "MSE",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "bce",
    "binary_crossentropy",
    "categorical_crossentropy",
    "deserialize",
    "get",
    "mae",
    "mean_absolute_error",
    "mean_squared_error",
    "mse",
    "serialize",
    "sparse_categorical_crossentropy",
]

if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
