"""Whole numbers bit by bit, and what two have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.core import as_operands, cast, convert_to_tensor

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
    "left_shift",
    "right_shift",
]


def bitwise_and(x: Any, y: Any) -> Tensor:
    """Tell bit by bit where both are 1.

    Raises:
        TypeError: for floats.

    >>> print(bitwise_and([12, 10], 6))
    Tensor(shape=(2,), dtype=int32, [4 2])
    """
    return apply("bitwise_and", (x, y))


def bitwise_or(x: Any, y: Any) -> Tensor:
    """Tell bit by bit where at least one is 1.

    Raises:
        TypeError: for floats.

    >>> print(bitwise_or([12, 10], 6))
    Tensor(shape=(2,), dtype=int32, [14 14])
    """
    return apply("bitwise_or", (x, y))


def bitwise_xor(x: Any, y: Any) -> Tensor:
    """Tell bit by bit where exactly one is 1.

    Raises:
        TypeError: for floats.

    >>> print(bitwise_xor([12, 10], 6))
    Tensor(shape=(2,), dtype=int32, [10 12])
    """
    return apply("bitwise_xor", (x, y))


def bitwise_not(x: Any) -> Tensor:
    """Turn each bit over; a bool becomes the other one.

    Raises:
        TypeError: for floats.

    >>> print(bitwise_not([0, 5]))
    Tensor(shape=(2,), dtype=int32, [-1 -6])
    """
    x = convert_to_tensor(x)
    return apply("bitwise_xor", (x, dtypes.all_ones(x.dtype)))


def bitwise_invert(x: Any) -> Tensor:
    """Turn each bit over: another name of `bitwise_not`."""
    return bitwise_not(x)


def left_shift(x: Any, y: Any) -> Tensor:
    """Shift the bits of x to the left by y: x 2^y. Bits that fall out are lost.

    Raises:
        TypeError: for floats and bools.

    >>> print(left_shift([1, 3], 2))
    Tensor(shape=(2,), dtype=int32, [ 4 12])
    """
    return apply("left_shift", (x, y))


def right_shift(x: Any, y: Any) -> Tensor:
    """Shift the bits of x to the right by y: x / 2^y, rounded down.

    Raises:
        TypeError: for floats and bools.

    >>> print(right_shift([16, -3], 1))
    Tensor(shape=(2,), dtype=int32, [ 8 -2])
    """
    return apply("right_shift", (x, y))


def bitwise_left_shift(x: Any, y: Any) -> Tensor:
    """Shift the bits of x to the left by y: another name of `left_shift`."""
    return left_shift(x, y)


def bitwise_right_shift(x: Any, y: Any) -> Tensor:
    """Shift the bits of x to the right by y: another name of `right_shift`."""
    return right_shift(x, y)


def gcd(x1: Any, x2: Any) -> Tensor:
    """Find the greatest common divisor, element by element; gcd(0, x) = |x|.

    How long that takes depends on the numbers, so it cannot be recorded.

    Raises:
        TypeError: for floats, and while a program is recorded.

    >>> print(gcd([12, 7], 18))
    Tensor(shape=(2,), dtype=int32, [6 1])
    """
    return _of_whole_numbers("gcd", np.gcd, x1, x2)


def lcm(x1: Any, x2: Any) -> Tensor:
    """Find the least common multiple, element by element; lcm(0, x) = 0. As `gcd` otherwise.

    >>> print(lcm([4, 7], 6))
    Tensor(shape=(2,), dtype=int32, [12 42])
    """
    return _of_whole_numbers("lcm", np.lcm, x1, x2)


def _of_whole_numbers(name: str, function: np.ufunc, x1: Any, x2: Any) -> Tensor:
    x1, x2 = as_operands(x1, x2)
    common = dtypes.common(x1.dtype, x2.dtype)
    if not dtypes.is_integer(common):
        raise TypeError(f"{name} takes whole numbers. Received: {x1.dtype} and {x2.dtype}")
    return convert_to_tensor(function(cast(x1, common).numpy(), cast(x2, common).numpy()))
