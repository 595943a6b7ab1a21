"""Structures: things in nested lists, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any


def map_leaves(function: Callable, structure: Any) -> Any:
    """Return the structure with each leaf replaced by what the function makes of it.

    >>> map_leaves(abs, {"a": [-1, 2], "b": (-3,)})
    {'a': [1, 2], 'b': (3,)}
    """
    if not isinstance(structure, (dict, list, tuple)):
        return function(structure)
    if isinstance(structure, dict):
        return {key: map_leaves(function, value) for key, value in structure.items()}
    if hasattr(structure, "_fields"):  # a named tuple
        return type(structure)(*(map_leaves(function, value) for value in structure))
    return type(structure)(map_leaves(function, value) for value in structure)


def leaves(structure: Any) -> list:
    """List what lies in the structure, in order.

    >>> leaves({"a": [1, 2], "b": 3})
    [1, 2, 3]
    """
    if not isinstance(structure, (dict, list, tuple)):
        return [structure]
    found: list = []
    _add_leaves(structure, found)
    return found


def _add_leaves(structure: dict | list | tuple, found: list) -> None:
    for part in structure.values() if isinstance(structure, dict) else structure:
        if isinstance(part, (dict, list, tuple)):
            _add_leaves(part, found)
        else:
            found.append(part)


def with_leaves(structure: Any, new: Sequence) -> Any:
    """Return the structure with other leaves, in the same order.

    >>> with_leaves({"a": [1, 2], "b": 3}, "xyz")
    {'a': ['x', 'y'], 'b': 'z'}
    """
    next_leaf = iter(new)
    return map_leaves(lambda _: next(next_leaf), structure)


def outline(structure: Any) -> Hashable:
    """Return what structures have in common that differ in their leaves only. None is not a leaf.

    >>> outline({"a": [1, 2]}) == outline({"a": [3, 4]})
    True
    >>> outline({"a": [1, 2]}) == outline({"a": [1, None]})
    False
    """
    if isinstance(structure, dict):
        return dict, tuple((key, outline(value)) for key, value in structure.items())
    if isinstance(structure, (list, tuple)):
        return type(structure), tuple(map(outline, structure))
    return structure is None
