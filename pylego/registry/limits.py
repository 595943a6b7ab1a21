"""How deep and how large a description may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

# Keras nests about five levels for each model inside of a model.
DEEPEST = 400


def check_extent(config: Any) -> None:
    """Refuse what is nested without end; looks at it without recursion.

    Raises:
        ValueError: when it is nested more than `DEEPEST` levels deep.

    >>> check_extent({"a": [1, 2]})
    """
    for _, depth in _parts(config):
        if depth > DEEPEST:
            raise ValueError(
                f"A description may be nested {DEEPEST} levels deep, and this one is deeper"
            )


def class_names_in(config: Any) -> dict[str, Mapping[str, Any]]:
    """Return the objects that a description speaks of, one of each name of a class."""
    found: dict[str, Mapping[str, Any]] = {}
    for part, _ in _parts(config):
        if isinstance(part, Mapping) and "class_name" in part and "config" in part:
            name = part["class_name"]
            is_class = isinstance(name, str) and name[:2] != "__"
            if is_class and name not in ("function", "DTypePolicy"):
                found.setdefault(name, part)
    return found


def _parts(config: Any) -> Iterator[tuple[Any, int]]:
    """Go through all lists and dictionaries with their depths."""
    todo = [(config, 0)]
    while todo:
        part, depth = todo.pop()
        if isinstance(part, Mapping):
            inner: Any = part.values()
        elif isinstance(part, (list, tuple)):
            inner = part
        else:
            continue
        yield part, depth
        if depth <= DEEPEST:
            todo += [(one, depth + 1) for one in inner if isinstance(one, (Mapping, list, tuple))]
