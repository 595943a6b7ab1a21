"""Numbers as floats have them: roots, signs, whole parts, what is close and what is not finite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pylego import engine
from pylego.core import bfloat16, dtypes, recording
from pylego.core.tensor import Tensor
from pylego.ops.arithmetic import divide, logaddexp, maximum, minimum, mod
from pylego.ops.core import as_floats, as_operands, cast, convert_to_tensor, where
from pylego.ops.elementwise import absolute, ceil, clip, floor, sign, sqrt
from pylego.ops.logic import equal, isinf, isnan, less, logical_or
from pylego.ops.reductions import all

__all__ = [
    "allclose",
    "cbrt",
    "fabs",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "hypot",
    "isclose",
    "isneginf",
    "isposinf",
    "ldexp",
    "logaddexp2",
    "nan_to_num",
    "nextafter",
    "saturate_cast",
    "signbit",
    "trunc",
    "view",
]


# ---- parts of numbers -----------------------------------------------------------------------


def fabs(x: Any) -> Tensor:
    """Compute |x|; integers become floats.

    >>> print(fabs([1, -2]))
    Tensor(shape=(2,), dtype=float32, [1. 2.])
    """
    return absolute(*as_floats(x))


def trunc(x: Any) -> Tensor:
    """Round towards 0. Its gradient is 0.

    >>> print(trunc([1.7, -1.7]))
    Tensor(shape=(2,), dtype=float32, [ 1. -1.])
    """
    x = convert_to_tensor(x)
    return where(x < 0, ceil(x), floor(x)) if dtypes.is_float(x.dtype) else x


def fmod(x1: Any, x2: Any) -> Tensor:
    """Compute the remainder of a division that rounds towards 0: it has the sign of x1.

    >>> print(fmod([7, -7], 3))
    Tensor(shape=(2,), dtype=int32, [ 1 -1])
    """
    x1, x2 = as_operands(x1, x2)
    if dtypes.is_float(x1.dtype) or dtypes.is_float(x2.dtype):
        rest = mod(absolute(x1), absolute(x2))
        return where(signbit(x1), -rest, rest)
    rest = mod(x1, x2)  # of the sign of x2; the lowest number has no absolute one
    return where((rest != 0) & ((x1 < 0) != (x2 < 0)), rest - x2, rest)


def signbit(x: Any) -> Tensor:
    """Tell where the sign is minus, as that of -0.0 is.

    >>> print(signbit([1.0, -0.0, -2.0]))
    Tensor(shape=(3,), dtype=bool, [False  True  True])
    """
    x = convert_to_tensor(x)
    is_below = less(x, 0)
    return logical_or(is_below, (x == 0) & (1.0 / x < 0)) if dtypes.is_float(x.dtype) else is_below


def ldexp(x1: Any, x2: Any) -> Tensor:
    """Compute x1 2^x2.

    >>> print(ldexp([1.0, 3.0], [3, -1]))
    Tensor(shape=(2,), dtype=float32, [8.  1.5])
    """
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if not dtypes.is_integer(x2.dtype):
        raise TypeError(f"ldexp: x2 are whole numbers. Received: {x2.dtype}")
    x1 = as_floats(x1)[0]
    half = cast(x2 // 2, x1.dtype)  # 2^x2 alone may be too large or too small
    return x1 * 2.0**half * 2.0 ** (cast(x2, x1.dtype) - half)


def nextafter(x1: Any, x2: Any) -> Tensor:
    """Find the float that comes after x1 on the way to x2. It looks at numbers, so it cannot be
    recorded.

    Raises:
        TypeError: while a program is recorded.

    >>> nextafter(1.0, 2.0).item() - 1
    1.1920928955078125e-07
    """
    x1, x2 = as_floats(x1, x2)
    if x1.dtype == bfloat16.NAME:
        return _next_bfloat16(x1, x2)
    return convert_to_tensor(np.asarray(np.nextafter(x1.numpy(), x2.numpy())))


def _next_bfloat16(x1: Tensor, x2: Tensor) -> Tensor:
    """The bits of floats of one sign, as whole numbers, are in the order of their lengths."""
    start, end = (cast(x, "float32").numpy() for x in (x1, x2))
    start, end = np.broadcast_arrays(start, end)
    bits = start.view(np.uint32) >> 16
    step = np.where((end > start) == (start > 0), 1, -1)
    least = (np.signbit(end) << 15) + 1  # the one beside 0
    moved = np.where(start == 0, least, bits + step)
    found = np.where(start == end, end.view(np.uint32) >> 16, moved).astype(np.uint16)
    numbers = np.where(np.isnan(start + end), np.float32(np.nan), bfloat16.as_float32(found))
    return cast(convert_to_tensor(numbers), bfloat16.NAME)


def saturate_cast(x: Any, dtype: Any) -> Tensor:
    """Convert to another dtype; what it cannot hold becomes the nearest number that it holds.

    >>> print(saturate_cast([-5, 100, 300], "uint8"))
    Tensor(shape=(3,), dtype=uint8, [  0 100 255])
    """
    x, name = convert_to_tensor(x), dtypes.standardize_dtype(dtype)
    if name == "bool" or x.dtype == "bool":
        return cast(x, name)
    low, high = dtypes.limits(x.dtype)
    least, most = dtypes.limits(name)
    if least <= low and high <= most:
        return cast(x, name)
    ends = [_within(end, x.dtype) for end in (max(low, least), min(high, most))]
    return cast(clip(x, *ends), name)


def _within(limit: Any, dtype: str) -> Any:
    """The number of the dtype that is next to the limit, on the side of 0."""
    if not dtypes.is_float(dtype):
        return limit
    is_bfloat16 = dtype == bfloat16.NAME
    number = np.asarray(limit, "float32" if is_bfloat16 else dtype)
    if abs(int(number)) > abs(limit):
        number = np.nextafter(number, number.dtype.type(0))
    return float(bfloat16.towards_zero(number) if is_bfloat16 else number)


def view(x: Any, dtype: Any = None) -> Tensor:
    """Read the bytes of numbers as numbers of another dtype.

    It looks at numbers, so it cannot be recorded, and it has no gradient.

    Args:
        x: the numbers.
        dtype: of the result; that of x by default. Where its size is another one, the last axis
            becomes longer or shorter.

    Raises:
        ValueError: when the last axis does not hold a whole number of them.
        TypeError: while a program is recorded.

    >>> print(view([1.0, 2.0], "int32"))
    Tensor(shape=(2,), dtype=int32, [1065353216 1073741824])
    """
    x = convert_to_tensor(x)
    name = x.dtype if dtype is None else dtypes.standardize_dtype(dtype)
    if name == x.dtype:
        return x
    if engine.is_symbolic(x._handle):
        raise recording.refusal(f"a tensor of shape {x.shape}")
    memory = np.array(engine.array_over(x._handle), order="C").view(engine.MEMORY_DTYPES[name])
    if name == "bool":  # whose bytes are 0 and 1
        memory = memory.view(np.uint8) != 0
    return Tensor(engine.tensor_around(memory, name))


# ---- functions ------------------------------------------------------------------------------


def cbrt(x: Any) -> Tensor:
    """Compute the cube root.

    >>> print(cbrt([8.0, -27.0]))
    Tensor(shape=(2,), dtype=float32, [ 2. -3.])
    """
    (x,) = as_floats(x)
    is_plain = (x != 0) & ~isinf(x)
    size = where(is_plain, absolute(x), 1.0)
    root = size ** (1.0 / 3.0)
    root = root - (root - size / (root * root)) / 3.0  # Newton's step: exact where the root is
    return where(is_plain, sign(x) * root, x)


def hypot(x1: Any, x2: Any) -> Tensor:
    """Compute sqrt(x1^2 + x2^2), also where the squares would be infinite or 0.

    >>> print(hypot(3.0, 4.0))
    Tensor(shape=(), dtype=float32, 5.)
    """
    x1, x2 = as_floats(x1, x2)
    a, b = absolute(x1), absolute(x2)
    large, small = maximum(a, b), minimum(a, b)
    is_plain = (large != 0) & ~isinf(large)
    share = small / where(is_plain, large, 1.0)
    length = large * sqrt(1.0 + where(is_plain, share * share, 0.0))
    return where(isinf(x1) | isinf(x2), math.inf, length)


def logaddexp2(x1: Any, x2: Any) -> Tensor:
    """Compute log2(2^x1 + 2^x2), also for large numbers.

    >>> print(logaddexp2([0.0, 1000.0], [0.0, 1000.0]))
    Tensor(shape=(2,), dtype=float32, [1.000e+00 1.001e+03])
    """
    x1, x2 = as_floats(x1, x2)
    return divide(logaddexp(x1 * math.log(2), x2 * math.log(2)), math.log(2))


def heaviside(x1: Any, x2: Any) -> Tensor:
    """Compute the step from 0 to 1 at 0, where it is x2; NaN stays NaN.

    >>> print(heaviside([-1.5, 0.0, 2.0], 0.5))
    Tensor(shape=(3,), dtype=float32, [0.  0.5 1. ])
    """
    x1, x2 = as_floats(x1, x2)
    step = where(x1 == 0, x2, cast(x1 > 0, x1.dtype))
    return where(isnan(x1), x1, step)


def fmax(x1: Any, x2: Any) -> Tensor:
    """Take the larger element; where one is NaN, the other one.

    >>> print(fmax([1.0, float("nan")], [0.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [1. 2.])
    """
    x1, x2 = as_operands(x1, x2)
    return maximum(where(isnan(x1), x2, x1), where(isnan(x2), x1, x2))


def fmin(x1: Any, x2: Any) -> Tensor:
    """Take the smaller element; where one is NaN, the other one.

    >>> print(fmin([1.0, float("nan")], [0.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [0. 2.])
    """
    x1, x2 = as_operands(x1, x2)
    return minimum(where(isnan(x1), x2, x1), where(isnan(x2), x1, x2))


# ---- what is close, and what is not finite --------------------------------------------------


def isclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Tell where two are almost equal: |x1 - x2| <= atol + rtol |x2|. Infinities equal themselves.

    Args:
        x1: the numbers.
        x2: those they are compared with.
        rtol: a share of x2.
        atol: a distance.
        equal_nan: whether NaN equals NaN.

    >>> print(isclose([1.0, 2.0], [1.000001, 2.1]))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    x1, x2 = as_floats(x1, x2)
    is_infinite = isinf(x1) | isinf(x2)
    distance = absolute(where(is_infinite, 0.0, x1) - where(is_infinite, 0.0, x2))
    is_near = distance <= atol + rtol * absolute(x2)
    is_close = where(is_infinite, equal(x1, x2), is_near)
    return is_close | (isnan(x1) & isnan(x2)) if equal_nan else is_close


def allclose(
    x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Tensor:
    """Tell whether all elements of two are almost equal; arguments as for `isclose`.

    >>> print(allclose([1.0, 2.0], [1.000001, 2.0]))
    Tensor(shape=(), dtype=bool, True)
    """
    return all(isclose(x1, x2, rtol, atol, equal_nan))


def isposinf(x: Any) -> Tensor:
    """Tell where x is infinite and above 0.

    >>> print(isposinf([float("inf"), float("-inf")]))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    return equal(x, math.inf)


def isneginf(x: Any) -> Tensor:
    """Tell where x is infinite and below 0.

    >>> print(isneginf([float("inf"), float("-inf")]))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return equal(x, -math.inf)


def nan_to_num(
    x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Put numbers where there are none.

    Args:
        x: the numbers.
        nan: for NaN.
        posinf: for infinity; the largest number of the dtype by default.
        neginf: for -infinity; the lowest number of the dtype by default.

    >>> print(nan_to_num([1.0, float("nan"), float("inf")], posinf=9.0))
    Tensor(shape=(3,), dtype=float32, [1. 0. 9.])
    """
    x = convert_to_tensor(x)
    if not dtypes.is_float(x.dtype):
        return x
    low, high = dtypes.limits(x.dtype)
    finite = where(isposinf(x), high if posinf is None else posinf, x)
    finite = where(isneginf(x), low if neginf is None else neginf, finite)
    return where(isnan(x), nan, finite)
