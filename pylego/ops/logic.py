"""Comparisons and logic, element by element: the results are bool and have no gradient."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply, compare

__all__ = [
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]


def equal(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 = x2. NaN is equal to nothing.

    >>> print(equal([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [False  True False])
    """
    return compare("equal", (x1, x2))


def not_equal(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 and x2 differ.

    >>> print(not_equal([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [ True False  True])
    """
    return compare("not_equal", (x1, x2))


def greater(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 > x2.

    >>> print(greater([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [False False  True])
    """
    return compare("greater", (x1, x2))


def greater_equal(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 >= x2.

    >>> print(greater_equal([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [False  True  True])
    """
    return compare("greater_equal", (x1, x2))


def less(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 < x2.

    >>> print(less([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [ True False False])
    """
    return compare("less", (x1, x2))


def less_equal(x1: Any, x2: Any) -> Tensor:
    """Tell where x1 <= x2.

    >>> print(less_equal([1, 2, 3], 2))
    Tensor(shape=(3,), dtype=bool, [ True  True False])
    """
    return compare("less_equal", (x1, x2))


def logical_and(x1: Any, x2: Any) -> Tensor:
    """Tell where both are true; any number but 0 is.

    >>> print(logical_and([True, True], [True, False]))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    return apply("logical_and", (x1, x2))


def logical_or(x1: Any, x2: Any) -> Tensor:
    """Tell where at least one is true; any number but 0 is.

    >>> print(logical_or([True, False], [False, False]))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    return apply("logical_or", (x1, x2))


def logical_xor(x1: Any, x2: Any) -> Tensor:
    """Tell where exactly one is true; any number but 0 is.

    >>> print(logical_xor([True, True], [True, False]))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return apply("logical_xor", (x1, x2))


def logical_not(x: Any) -> Tensor:
    """Tell where x is false.

    >>> print(logical_not([True, False]))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return apply("logical_not", (x,))


def isnan(x: Any) -> Tensor:
    """Tell where x is not a number.

    >>> print(isnan([1.0, float("nan")]))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return apply("isnan", (x,))


def isinf(x: Any) -> Tensor:
    """Tell where x is infinite.

    >>> print(isinf([1.0, float("-inf")]))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return apply("isinf", (x,))


def isfinite(x: Any) -> Tensor:
    """Tell where x is neither infinite nor NaN.

    >>> print(isfinite([1.0, float("inf"), float("nan")]))
    Tensor(shape=(3,), dtype=bool, [ True False False])
    """
    return apply("isfinite", (x,))
