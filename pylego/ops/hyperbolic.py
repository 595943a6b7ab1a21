"""Hyperbolic functions and their inverses; integers become floats. tanh is an activation."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply

__all__ = ["arccosh", "arcsinh", "arctanh", "cosh", "sinh"]


def sinh(x: Any) -> Tensor:
    """Compute (e^x - e^-x) / 2.

    >>> print(sinh([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [0.        1.1752012])
    """
    return apply("sinh", (x,))


def cosh(x: Any) -> Tensor:
    """Compute (e^x + e^-x) / 2.

    >>> print(cosh([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [1.        1.5430806])
    """
    return apply("cosh", (x,))


def arcsinh(x: Any) -> Tensor:
    """Compute the number whose sinh is x.

    >>> print(arcsinh([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [0.        0.8813736])
    """
    return apply("arcsinh", (x,))


def arccosh(x: Any) -> Tensor:
    """Compute the number from 0 on whose cosh is x; NaN below 1.

    >>> print(arccosh([1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [0.       1.316958])
    """
    return apply("arccosh", (x,))


def arctanh(x: Any) -> Tensor:
    """Compute the number whose tanh is x; infinite at -1 and 1, NaN beyond.

    >>> print(arctanh([0.0, 0.5]))
    Tensor(shape=(2,), dtype=float32, [0.         0.54930615])
    """
    return apply("arctanh", (x,))
