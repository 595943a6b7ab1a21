"""Functions that make weights, as Keras 1 called them: with a shape and a name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def of_shape(initializer: Any) -> Any:
    """Return a function that today's layers call for one of a shape and a name; all else as it is.

    >>> of_shape(lambda shape, name: (shape, name))((2, 3), dtype="float32")
    ((2, 3), None)
    """
    if not inspect.isfunction(initializer):
        return initializer
    wanted = inspect.signature(initializer).parameters
    is_older = "name" in wanted and "dtype" not in wanted
    return _without_dtype(initializer) if is_older else initializer


def _without_dtype(initializer: Callable) -> Callable:
    def make(shape: Any, dtype: Any = None) -> Any:
        return initializer(shape, name=None)

    return make
