"""Angles: trigonometric functions and their inverses, in radians; integers become floats."""

from __future__ import annotations

import math
from typing import Any

from pylego.core.tensor import Tensor, apply
from pylego.ops.arithmetic import multiply
from pylego.ops.core import where

__all__ = [
    "arccos",
    "arcsin",
    "arctan",
    "arctan2",
    "cos",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinc",
    "tan",
]


def sin(x: Any) -> Tensor:
    """Compute the sine of x radians.

    >>> print(sin([0.0]))
    Tensor(shape=(1,), dtype=float32, [0.])
    """
    return apply("sin", (x,))


def cos(x: Any) -> Tensor:
    """Compute the cosine of x radians.

    >>> print(cos([0.0]))
    Tensor(shape=(1,), dtype=float32, [1.])
    """
    return apply("cos", (x,))


def tan(x: Any) -> Tensor:
    """Compute the tangent of x radians.

    >>> print(tan([0.0]))
    Tensor(shape=(1,), dtype=float32, [0.])
    """
    return apply("tan", (x,))


def arcsin(x: Any) -> Tensor:
    """Compute the angle from -pi/2 to pi/2 whose sine is x; NaN beyond -1 and 1.

    >>> print(arcsin([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [0.        1.5707964])
    """
    return apply("arcsin", (x,))


def arccos(x: Any) -> Tensor:
    """Compute the angle from 0 to pi whose cosine is x; NaN beyond -1 and 1.

    >>> print(arccos([1.0, 0.0]))
    Tensor(shape=(2,), dtype=float32, [0.        1.5707964])
    """
    return apply("arccos", (x,))


def arctan(x: Any) -> Tensor:
    """Compute the angle from -pi/2 to pi/2 whose tangent is x.

    >>> print(arctan([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [0.        0.7853982])
    """
    return apply("arctan", (x,))


def arctan2(x1: Any, x2: Any) -> Tensor:
    """Compute the angle from -pi to pi of the point (x2, x1): its tangent is x1 / x2.

    >>> print(arctan2([1.0, 1.0], [1.0, -1.0]))
    Tensor(shape=(2,), dtype=float32, [0.7853982 2.3561945])
    """
    return apply("arctan2", (x1, x2))


def sinc(x: Any) -> Tensor:
    """Compute sin(pi x) / (pi x), which is 1 at 0.

    >>> print(sinc([0.0, 0.5]))
    Tensor(shape=(2,), dtype=float32, [1.         0.63661975])
    """
    angle = multiply(x, math.pi)
    is_zero = angle == 0
    return where(is_zero, 1.0, sin(angle) / where(is_zero, 1.0, angle))


def deg2rad(x: Any) -> Tensor:
    """Convert degrees to radians.

    >>> print(deg2rad([180.0]))
    Tensor(shape=(1,), dtype=float32, [3.1415927])
    """
    return multiply(x, math.pi / 180)


def rad2deg(x: Any) -> Tensor:
    """Convert radians to degrees.

    >>> print(rad2deg([1.0]))
    Tensor(shape=(1,), dtype=float32, [57.29578])
    """
    return multiply(x, 180 / math.pi)
