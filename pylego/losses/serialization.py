"""Losses by name, as descriptions, and back."""

from __future__ import annotations

from typing import Any

from pylego import lazy, registry
from pylego.losses.loss import Loss

_TABLE = lazy.Names(
    "pylego.losses", without=("Loss", "LossFunctionWrapper", "deserialize", "get", "serialize")
)


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


def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """Make the loss that `serialize` has described.

    Args:
        name: the description; Keras calls it so.
        custom_objects: {name: class or function} of the user's own.
    """
    with registry.reading(name, custom_objects):
        return get(name)
