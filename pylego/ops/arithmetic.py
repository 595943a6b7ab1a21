"""Arithmetic of two tensors, element by element, broadcast against each other as NumPy does it.

Operands of unlike dtypes are brought to the one that holds both; Python numbers take the dtype of
the tensor beside them.
"""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply
from pylego.ops.core import as_floats, where

__all__ = [
    "add",
    "divide",
    "divide_no_nan",
    "floor_divide",
    "lerp",
    "logaddexp",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "power",
    "subtract",
    "true_divide",
]


def add(x1: Any, x2: Any) -> Tensor:
    """Add two tensors.

    >>> print(add([1, 2], 10))
    Tensor(shape=(2,), dtype=int32, [11 12])
    """
    return apply("add", (x1, x2))


def subtract(x1: Any, x2: Any) -> Tensor:
    """Subtract x2 from x1.

    >>> print(subtract([1, 2], 10))
    Tensor(shape=(2,), dtype=int32, [-9 -8])
    """
    return apply("subtract", (x1, x2))


def multiply(x1: Any, x2: Any) -> Tensor:
    """Multiply two tensors element by element; see `matmul` for matrices.

    >>> print(multiply([1, 2], [[10], [100]]))
    Tensor(shape=(2, 2), dtype=int32,
    [[ 10  20]
     [100 200]])
    """
    return apply("multiply", (x1, x2))


def divide(x1: Any, x2: Any) -> Tensor:
    """Divide x1 by x2; integers give floats.

    >>> print(divide([1, 3], 2))
    Tensor(shape=(2,), dtype=float32, [0.5 1.5])
    """
    return apply("divide", (x1, x2))


def divide_no_nan(x1: Any, x2: Any) -> Tensor:
    """Divide x1 by x2; what is divided by 0 gives 0, and so do its gradients.

    >>> print(divide_no_nan([1.0, 3.0], [2.0, 0.0]))
    Tensor(shape=(2,), dtype=float32, [0.5 0. ])
    """
    x1, x2 = as_floats(x1, x2)
    is_zero = x2 == 0
    return where(is_zero, 0.0, divide(x1, where(is_zero, 1, x2)))


def true_divide(x1: Any, x2: Any) -> Tensor:
    """Divide x1 by x2: another name of `divide`."""
    return divide(x1, x2)


def floor_divide(x1: Any, x2: Any) -> Tensor:
    """Divide and round down: floor(x1 / x2).

    >>> print(floor_divide([7, -7], 2))
    Tensor(shape=(2,), dtype=int32, [ 3 -4])
    """
    return apply("floor_divide", (x1, x2))


def lerp(start: Any, end: Any, weight: Any) -> Tensor:
    """Go a share of the way from one to the other: start + weight (end - start).

    >>> print(lerp([0.0, 10.0], [10.0, 20.0], 0.25))
    Tensor(shape=(2,), dtype=float32, [ 2.5 12.5])
    """
    return apply("lerp", (start, end, weight))


def logaddexp(x1: Any, x2: Any) -> Tensor:
    """Compute log(exp(x1) + exp(x2)), also for large numbers.

    >>> logaddexp([0.0, 1000.0], [0.0, 1000.0]).numpy().round(2).tolist()
    [0.6899999976158142, 1000.6900024414062]
    """
    return apply("logaddexp", (x1, x2))


def mod(x1: Any, x2: Any) -> Tensor:
    """Compute the remainder x1 - x2 floor(x1 / x2), which has the sign of x2.

    >>> print(mod([7, -7], 3))
    Tensor(shape=(2,), dtype=int32, [1 2])
    """
    return apply("mod", (x1, x2))


def power(x1: Any, x2: Any) -> Tensor:
    """Raise x1 to the power x2.

    >>> print(power([1.0, 2.0, 3.0], 2))
    Tensor(shape=(3,), dtype=float32, [1. 4. 9.])
    """
    return apply("power", (x1, x2))


def maximum(x1: Any, x2: Any) -> Tensor:
    """Take the larger element; NaN where either is NaN. Equal elements share the gradient.

    >>> print(maximum([1.0, 5.0], 3.0))
    Tensor(shape=(2,), dtype=float32, [3. 5.])
    """
    return apply("maximum", (x1, x2))


def minimum(x1: Any, x2: Any) -> Tensor:
    """Take the smaller element; NaN where either is NaN. Equal elements share the gradient.

    >>> print(minimum([1.0, 5.0], 3.0))
    Tensor(shape=(2,), dtype=float32, [1. 3.])
    """
    return apply("minimum", (x1, x2))
