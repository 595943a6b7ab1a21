"""What a user may name a part by: 'adam', Adam, Adam() and {'class_name': 'Adam', ...}.

Each family of parts (activations, losses, optimizers, ...) has a table of names; `get` turns
whatever came into the part.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pylego import names
from pylego.registry import custom
from pylego.registry.reading import deserialize


def get(kind: str, identifier: Any, table: Mapping[str, Any]) -> Any:
    """Return the part that the identifier means; classes are made into objects.

    Args:
        kind: what it is called in messages: 'loss', 'optimizer'.
        identifier: None (stays None), a name of the table or of a custom object, a dictionary as
            `serialize` makes it, a class, or anything callable, which is returned as it is.
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
        return deserialize(identifier, kind=kind, table=table)
    if callable(identifier):
        return _made(identifier)
    is_tensor = hasattr(identifier, "shape") and hasattr(identifier, "dtype")
    advice = ". A layer is made first and called on a tensor then: y = Layer(...)(x)"
    raise TypeError(
        f"The {kind} must be a name, a function, a class or an object. Received: {identifier!r} of "
        f"type {type(identifier).__name__}{advice if is_tensor else ''}"
    )


def _named(kind: str, name: str, table: Mapping[str, Any]) -> Any:
    own = custom.find(name)
    if own is not None:
        return own
    if name not in table:
        package = f"{kind}es" if kind.endswith("s") else f"{kind}s"
        if (older := import_module("pylego.older.names").find(package, name)) is not None:
            return older.today()
        raise names.unknown(kind, name, [*table, *custom.known_names()])
    return table[name]


def _made(part: Any) -> Any:
    return part() if isinstance(part, type) else part
