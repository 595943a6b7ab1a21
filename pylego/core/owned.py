"""What an object owns: the variables, layers and metrics in its attributes.

Nothing is registered. Attributes are searched at each request, so a list may grow after it was
assigned, and a deleted attribute is no longer found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

Kind = TypeVar("Kind")

CONTAINERS = (list, tuple, dict)

# Most attributes have these types, which hold no variables.
_PLAIN = frozenset({str, int, float, bool, type(None)})

# Attributes that hold what belongs elsewhere, or is listed in another way.
_NOT_OWNED = frozenset(
    {
        "_init_arguments", "_losses", "_frozen", "_added_weights", "_inbound_nodes",
        "_compile_arguments",
    }
)  # fmt: skip


def owned(holder: Any, kind: type[Kind]) -> list[Kind]:
    """List the objects of a kind in the attributes of the holder, in order, each once."""
    found: list[Kind] = []
    for name, value in vars(holder).items():
        if type(value) in _PLAIN:
            continue
        if isinstance(value, kind):
            found.append(value)
        elif isinstance(value, CONTAINERS) and name not in _NOT_OWNED:
            _find(value, kind, found)
    return once(found)


def once(items: Iterable[Kind]) -> list[Kind]:
    """List the items in order, each object once."""
    return list({id(item): item for item in items}.values())


def _find(container: Any, kind: type[Kind], found: list[Kind]) -> None:
    for item in container.values() if isinstance(container, dict) else container:
        if isinstance(item, kind):
            found.append(item)
        elif isinstance(item, CONTAINERS):
            _find(item, kind, found)
