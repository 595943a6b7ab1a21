"""Structures of shapes: one shape, or nested lists, tuples and dictionaries of them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any


def is_shape(value: Any) -> bool:
    """Return whether the value is one shape, such as (None, 28, 28), and no structure of shapes."""
    return isinstance(value, (list, tuple)) and all(
        length is None or hasattr(length, "__index__") for length in value
    )


def map_shapes(function: Callable, shapes: Any) -> Any:
    """Apply the function to every shape of nested lists, tuples and dictionaries of shapes.

    Raises:
        TypeError: for anything but a shape.
    """
    if is_shape(shapes):
        return function(tuple(None if x is None else operator.index(x) for x in shapes))
    if not isinstance(shapes, (list, tuple, dict)):
        raise TypeError(f"A shape is a tuple of lengths, such as (None, 784). Received: {shapes!r}")
    if isinstance(shapes, dict):
        return {key: map_shapes(function, value) for key, value in shapes.items()}
    return type(shapes)(map_shapes(function, value) for value in shapes)
