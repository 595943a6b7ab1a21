"""Functions of the normal distribution and of Bessel: integrals without a formula."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.elementwise import absolute, clip, erf, exp, log1p, normal_cdf, sign, sqrt
from pylego.ops.gradients import with_gradient
from pylego.ops.reductions import sum

__all__ = ["erfc", "erfinv", "i0"]


def erfc(x: Any) -> Tensor:
    """Compute 1 - erf(x), exactly where that is next to 0 as well.

    >>> print(erfc([0.0, 3.0]))
    Tensor(shape=(2,), dtype=float32, [1.0000000e+00 2.2090497e-05])
    """
    (x,) = as_floats(x)
    # In float64: next to 0 the rounding of sqrt(2) x counts 2 x^2 times.
    return cast(2.0 * normal_cdf(-math.sqrt(2) * cast(x, "float64")), x.dtype)


def erfinv(x: Any) -> Tensor:
    """Find the number whose erf is x; infinite at -1 and 1, NaN beyond.

    >>> print(erfinv([0.0, 0.5]))
    Tensor(shape=(2,), dtype=float32, [0.         0.47693628])
    """
    (x,) = as_floats(x)

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        y = erfinv(x)
        return [upstream[0] * (math.sqrt(math.pi) / 2) * exp(y * y)]

    (y,) = with_gradient([_erfinv(x.detach())], [x], gradient)
    return y


def _erfinv(x: Tensor) -> Tensor:
    """Winitzki's approximation ("A handy approximation for the error function and its inverse",
    2008), and steps of Halley's method towards the root of the difference, in float64.

    With e = erf(y) - |x| and u = e sqrt(pi) / 2 exp(y^2), the next y is y - u / (1 + u y). Next to
    1 the difference is that of erfc(y) and 1 - |x|, which do not cancel.
    """
    size = absolute(cast(x, "float64"))
    inside = clip(size, 0.0, 1.0 - 2.0**-53)
    rest = 1.0 - inside
    a = 0.147
    logarithm = log1p(-inside * inside)
    half = 2.0 / (math.pi * a) + logarithm * 0.5
    y = sqrt(sqrt(half * half - logarithm / a) - half)
    for _ in range(3):
        error = where(inside < 0.5, erf(y) - inside, rest - 2.0 * normal_cdf(-math.sqrt(2) * y))
        u = error * (math.sqrt(math.pi) / 2) * exp(y * y)
        y = y - u / (1.0 + u * y)
    y = where(size < 1.0, y, where(size == 1.0, math.inf, math.nan))
    return cast(sign(cast(x, "float64")) * where(size == 0, 0.0, y), x.dtype)


_ANGLES = 256  # enough for float64, whose exponents end at 709: exp(-256^2 / (2 709)) is nothing


def i0(x: Any) -> Tensor:
    """Compute the modified Bessel function of order 0: the mean of exp(x cos(a)) over all angles a.

    The mean of as few as 256 angles is exact to the last digits, because the function is periodic
    (Trefethen, Weideman: "The exponentially convergent trapezoidal rule", 2014).

    >>> print(i0([0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [1.        1.2660658])
    """
    (x,) = as_floats(x)
    cosines = np.cos(np.pi * np.arange(_ANGLES // 2 + 1) / (_ANGLES // 2))  # half of the circle
    weights = np.full(len(cosines), 2.0 / _ANGLES)
    weights[[0, -1]] = 1.0 / _ANGLES
    terms = exp(x[..., None] * convert_to_tensor(cosines, x.dtype))
    return sum(terms * convert_to_tensor(weights, x.dtype), axis=-1)
