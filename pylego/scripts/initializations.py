"""`keras.initializations` of Keras 1: functions of a shape that return a variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import initializers
from pylego.core.variable import Variable

# Initializers of one name, then and now.
_NAMES = (
    "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_uniform", "one", "zero",
)  # fmt: skip


def get(identifier: Any, **kwargs: Any) -> Callable:
    """Return the function of that name; a function stays as it is."""
    return globals()[identifier] if identifier in globals() else initializers.get(identifier)


def normal(shape: Any, scale: float = 0.05, name: str | None = None, **kwargs: Any) -> Variable:
    """Return a variable whose numbers are drawn of a normal distribution."""
    return _variable(initializers.RandomNormal(stddev=scale), shape, name)


def uniform(shape: Any, scale: float = 0.05, name: str | None = None, **kwargs: Any) -> Variable:
    """Return a variable whose numbers are drawn from -scale up to scale."""
    return _variable(initializers.RandomUniform(-scale, scale), shape, name)


def identity(shape: Any, scale: float = 1.0, name: str | None = None, **kwargs: Any) -> Variable:
    """Return a variable that starts as a multiple of the unit matrix."""
    return _variable(initializers.Identity(gain=scale), shape, name)


def orthogonal(shape: Any, scale: float = 1.1, name: str | None = None, **kwargs: Any) -> Variable:
    """Return a variable that starts as a multiple of a random orthogonal matrix."""
    return _variable(initializers.Orthogonal(gain=scale), shape, name)


def _variable(initializer: Any, shape: Any, name: str | None) -> Variable:
    return Variable(initializer, tuple(shape), name=name and name.replace("/", "_"))


def _named(word: str) -> Callable:
    def make(shape: Any, name: str | None = None, **kwargs: Any) -> Variable:
        return _variable(initializers.get(word), shape, name)

    make.__name__ = word
    make.__doc__ = f"Return a variable that starts as the initializer {word!r} says."
    return make


globals().update({word: _named(word) for word in _NAMES})
__all__ = ["get", "identity", "normal", "orthogonal", "uniform", *_NAMES]
