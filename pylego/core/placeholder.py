"""Placeholders stand for tensors to come: they have a shape and a dtype, and never numbers.

What needs numbers, NumPy for one, asks a placeholder in vain: it raises `PlaceholderError`. The
functions of `pylego.ops` catch it, and let the placeholder defer the call (`ops/deferral.py`): it
becomes a node of a graph. So code that works on tensors pays nothing for the question.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Placeholder:
    """A shape and a dtype without numbers; `pylego.graph` defines what such things are."""

    def defer(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        """Add a node for the call of a function that was given this placeholder.

        Returns placeholders for its results.
        """
        raise NotImplementedError


class PlaceholderError(TypeError):
    """Somebody needs the numbers of a placeholder.

    Args:
        placeholder: which has none.
        message: what a user reads where nobody defers the call.
    """

    def __init__(self, placeholder: Placeholder, message: str):
        super().__init__(message)
        self.placeholder = placeholder

    def __reduce__(self) -> tuple:
        return TypeError, self.args
