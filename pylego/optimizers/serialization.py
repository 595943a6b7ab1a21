"""Optimizers by name, as descriptions, and back."""

from __future__ import annotations

from typing import Any

from pylego import lazy, registry
from pylego.optimizers.optimizer import Optimizer

_TABLE = lazy.Names(
    "pylego.optimizers",
    spell=str.lower,
    without=(
        "Optimizer", "OptimizerMap", "deserialize", "get", "legacy", "schedules", "serialize",
    ),
)  # fmt: skip


def get(identifier: Any) -> Optimizer | None:
    """Return the optimizer that a name, a config, a class or an object means; None stays None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for anything that is not an optimizer.

    >>> type(get("adam")).__name__
    'Adam'
    """
    if identifier is None or isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        identifier = identifier.lower()
    optimizer = registry.get("optimizer", identifier, _TABLE)
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"an optimizer is a name, a class or an object. Received: {identifier!r}")
    return optimizer


def knows(identifier: Any) -> bool:
    """Return whether that is the name, the class or an object of an optimizer."""
    if isinstance(identifier, str):
        return identifier.lower() in _TABLE
    kind = identifier if isinstance(identifier, type) else type(identifier)
    return issubclass(kind, Optimizer)


def serialize(optimizer: Optimizer) -> Any:
    """Describe an optimizer so that `deserialize` makes it again."""
    return registry.serialize(optimizer)


def deserialize(config: Any, custom_objects: Any = None) -> Optimizer | None:
    """Make the optimizer that `serialize` has described."""
    with registry.reading(config, custom_objects):
        return get(config)
