"""Mathematics of one tensor, element by element; what needs fractions turns integers to floats."""

from __future__ import annotations

import builtins
from typing import Any

from pylego.checks import whole_number
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.arithmetic import maximum, minimum
from pylego.ops.core import cast, convert_to_tensor

__all__ = [
    "abs",
    "absolute",
    "ceil",
    "clip",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "log",
    "log1p",
    "log2",
    "log10",
    "negative",
    "normal_cdf",
    "reciprocal",
    "round",
    "rsqrt",
    "sign",
    "sqrt",
    "square",
    "tanh_normal_cdf",
]


def negative(x: Any) -> Tensor:
    """Compute -x.

    >>> print(negative([1, -2]))
    Tensor(shape=(2,), dtype=int32, [-1  2])
    """
    return apply("negative", (x,))


def absolute(x: Any) -> Tensor:
    """Compute |x|. The gradient at 0 is 0.

    >>> print(absolute([1, -2]))
    Tensor(shape=(2,), dtype=int32, [1 2])
    """
    return apply("absolute", (x,))


def abs(x: Any) -> Tensor:
    """Compute |x|: another name of `absolute`."""
    return absolute(x)


def sign(x: Any) -> Tensor:
    """Compute -1, 0 or 1, as x is below, at or above 0.

    >>> print(sign([-3.0, 0.0, 2.0]))
    Tensor(shape=(3,), dtype=float32, [-1.  0.  1.])
    """
    return apply("sign", (x,))


def sqrt(x: Any) -> Tensor:
    """Compute the square root; NaN below 0.

    >>> print(sqrt([4, 9]))
    Tensor(shape=(2,), dtype=float32, [2. 3.])
    """
    return apply("sqrt", (x,))


def rsqrt(x: Any) -> Tensor:
    """Compute 1 / sqrt(x).

    >>> print(rsqrt([4.0, 16.0]))
    Tensor(shape=(2,), dtype=float32, [0.5  0.25])
    """
    return apply("rsqrt", (x,))


def square(x: Any) -> Tensor:
    """Compute x * x.

    >>> print(square([2, -3]))
    Tensor(shape=(2,), dtype=int32, [4 9])
    """
    return apply("square", (x,))


def reciprocal(x: Any) -> Tensor:
    """Compute 1 / x.

    >>> print(reciprocal([2.0, 4.0]))
    Tensor(shape=(2,), dtype=float32, [0.5  0.25])
    """
    return apply("reciprocal", (x,))


def exp(x: Any) -> Tensor:
    """Compute e to the power x.

    >>> print(exp([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [1.        2.7182817])
    """
    return apply("exp", (x,))


def exp2(x: Any) -> Tensor:
    """Compute 2 to the power x.

    >>> print(exp2([0.0, 3.0]))
    Tensor(shape=(2,), dtype=float32, [1. 8.])
    """
    return apply("exp2", (x,))


def expm1(x: Any) -> Tensor:
    """Compute exp(x) - 1, exactly also where x is tiny.

    >>> print(expm1([0.0, 1e-6]))
    Tensor(shape=(2,), dtype=float32, [0.0000000e+00 1.0000005e-06])
    """
    return apply("expm1", (x,))


def log(x: Any) -> Tensor:
    """Compute the natural logarithm; -inf at 0, NaN below.

    >>> print(log([1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [0.        0.6931472])
    """
    return apply("log", (x,))


def log2(x: Any) -> Tensor:
    """Compute the logarithm to base 2; -inf at 0, NaN below.

    >>> print(log2([1.0, 8.0]))
    Tensor(shape=(2,), dtype=float32, [0. 3.])
    """
    return apply("log2", (x,))


def log10(x: Any) -> Tensor:
    """Compute the logarithm to base 10; -inf at 0, NaN below.

    >>> print(log10([1.0, 1000.0]))
    Tensor(shape=(2,), dtype=float32, [0. 3.])
    """
    return apply("log10", (x,))


def log1p(x: Any) -> Tensor:
    """Compute log(1 + x), exactly also where x is tiny.

    >>> print(log1p([0.0, 1e-6]))
    Tensor(shape=(2,), dtype=float32, [0.000000e+00 9.999995e-07])
    """
    return apply("log1p", (x,))


def erf(x: Any) -> Tensor:
    """Compute the error function, the integral of 2 / sqrt(pi) exp(-t^2) from 0 to x.

    >>> print(erf([0.0, 10.0]))
    Tensor(shape=(2,), dtype=float32, [0. 1.])
    """
    return apply("erf", (x,))


def normal_cdf(x: Any) -> Tensor:
    """Compute P(X <= x) for X that is normal with mean 0 and deviation 1.

    Far below 0 it keeps its digits, which (1 + erf(x / sqrt(2))) / 2 loses.

    >>> print(normal_cdf([-10.0, 0.0, 10.0]))
    Tensor(shape=(3,), dtype=float32, [7.619853e-24 5.000000e-01 1.000000e+00])
    """
    return apply("normal_cdf", (x,))


def tanh_normal_cdf(x: Any) -> Tensor:
    """Compute (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, which is near to `normal_cdf`.

    >>> print(tanh_normal_cdf([-20.0, 0.0, 20.0]))
    Tensor(shape=(3,), dtype=float32, [0.  0.5 1. ])
    """
    return apply("tanh_normal_cdf", (x,))


def floor(x: Any) -> Tensor:
    """Round down to a whole number; the gradient is 0.

    >>> print(floor([1.7, -1.2]))
    Tensor(shape=(2,), dtype=float32, [ 1. -2.])
    """
    return apply("floor", (x,))


def ceil(x: Any) -> Tensor:
    """Round up to a whole number; the gradient is 0.

    >>> print(ceil([1.2, -1.7]))
    Tensor(shape=(2,), dtype=float32, [ 2. -1.])
    """
    return apply("ceil", (x,))


def round(x: Any, decimals: int = 0) -> Tensor:
    """Round to the nearest number of that many decimals, halves to the even one; gradient 0.

    Args:
        x: the numbers.
        decimals: how many decimals stay; negative ones count in front of the point.

    >>> print(round([0.5, 1.5, 2.7]))
    Tensor(shape=(3,), dtype=float32, [0. 2. 3.])
    """
    if type(decimals) is int and decimals == 0:  # the usual case, on the fast path
        return apply("round", (x,))
    x = convert_to_tensor(x)
    decimals = max(-308, min(whole_number("decimals", decimals), 308))  # all that a float has
    if decimals == 0 or (decimals > 0 and not dtypes.is_float(x.dtype)):
        return apply("round", (x,))
    unit = 10.0 ** builtins.abs(decimals)
    if decimals > 0:
        return apply("round", (x * unit,)) / unit
    return cast(apply("round", (x / unit,)) * unit, x.dtype)


def clip(x: Any, x_min: Any, x_max: Any) -> Tensor:
    """Bring each element into the range from x_min to x_max. Gradients pass inside it only.

    Args:
        x: the numbers.
        x_min: the lowest allowed, a number or a tensor; None for no bound.
        x_max: the highest allowed; None for no bound.

    >>> print(clip([1, 5, 9], 2, 8))
    Tensor(shape=(3,), dtype=int32, [2 5 8])
    """
    if x_min is None and x_max is None:
        return convert_to_tensor(x)
    if x_max is None:
        return maximum(x, x_min)
    if x_min is None:
        return minimum(x, x_max)
    return apply("clip", (x, x_min, x_max))
