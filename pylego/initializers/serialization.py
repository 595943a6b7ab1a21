"""Initializers by name, as descriptions or arrays, and back."""

from __future__ import annotations

from typing import Any

from pylego import lazy, names, registry
from pylego.core.tensor import convert_to_tensor
from pylego.initializers.constant_initializers import GivenNumbers

_TABLE = lazy.Names(
    "pylego.initializers",
    spell=names.snake_case,
    others={
        "normal": "RandomNormal",
        "one": "Ones",
        "uniform": "RandomUniform",
        "zero": "Zeros",
    },
    without=("RandomInitializer", "compute_fans", "deserialize", "get", "serialize"),
)


def get(identifier: Any) -> Any:
    """Return the initializer for a name, a function of (shape, dtype), an object, or an array.

    An array or tensor stands for the numbers themselves. None stays None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for anything else.

    >>> type(get("he_normal")).__name__
    'HeNormal'
    """
    if hasattr(identifier, "__array__"):
        return GivenNumbers(convert_to_tensor(identifier))
    return registry.get("initializer", identifier, _TABLE)


def serialize(initializer: Any) -> Any:
    """Describe an initializer as plain data.

    >>> from pylego.initializers import Constant
    >>> serialize(Constant(0.5))
    {'module': 'keras.initializers', 'class_name': 'Constant', 'config': {'value': 0.5}, \
'registered_name': None}
    """
    return registry.serialize(initializer)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Make the initializer that `serialize` described."""
    with registry.reading(config, custom_objects):
        return get(config)
