"""What 'adam', Adam, Adam() and {'class_name': 'Adam', 'config': {...}} have in common.

Each family of parts (activations, losses, optimizers, ...) has a table of names; `get` turns
whatever a user names a part by into the part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pylego import names


def get(kind: str, identifier: Any, table: Mapping[str, Any]) -> Any:
    """Return the part that the identifier means; classes are made into objects.

    Args:
        kind: what it is called in messages: 'loss', 'optimizer'.
        identifier: None (stays None), a name of the table, a config dictionary as `serialize`
            makes it, a class, or anything callable, which is returned as it is.
        table: the known functions and classes by name.

    Raises:
        ValueError: for a name that is not in the table, with the nearest ones.
        TypeError: for anything that cannot be a part.
    """
    if identifier is None:
        return None
    if isinstance(identifier, str):
        return _made(_named(kind, identifier, table))
    if isinstance(identifier, Mapping):
        return deserialize(kind, identifier, table)
    if callable(identifier):
        return _made(identifier)
    raise TypeError(
        f"The {kind} must be a name, a function, a class or an object. Received: {identifier!r} of "
        f"type {type(identifier).__name__}"
    )


def deserialize(kind: str, config: Mapping[str, Any], table: Mapping[str, Any]) -> Any:
    """Make the part again that `serialize` has described."""
    if "class_name" not in config:
        raise ValueError(
            f"The {kind} must be described by 'class_name' and 'config'. Received: {config}"
        )
    part = _named(kind, config["class_name"], table)
    if not isinstance(part, type):
        return part
    settings = config.get("config") or {}
    from_config: Callable | None = getattr(part, "from_config", None)
    return from_config(settings) if from_config else part(**settings)


def serialize(part: Any) -> Any:
    """Describe a part so that it can be made again: functions by name, objects by a dictionary."""
    if part is None or isinstance(part, str):
        return part
    if not hasattr(part, "get_config"):
        return part.__name__
    return {"class_name": type(part).__name__, "config": part.get_config()}


def _named(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    if name not in table:
        raise names.unknown(kind, name, table)
    return table[name]


def _made(part: Any) -> Any:
    return part() if isinstance(part, type) else part
