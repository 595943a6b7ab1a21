"""Reductions of the elements that are not NaN. `axis` and `keepdims` as for those of all elements.

What stands in for NaN changes nothing: 0 in sums, 1 in products, an infinity in extremes. No
gradient flows to elements that are NaN.
"""

from __future__ import annotations

import math
from typing import Any

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops import reductions, statistics
from pylego.ops.arguments import Axes
from pylego.ops.arithmetic import divide
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.elementwise import square
from pylego.ops.logic import isnan

__all__ = [
    "nanargmax",
    "nanargmin",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanprod",
    "nanstd",
    "nansum",
    "nanvar",
]


def _filled(x: Any, number: float) -> Tensor:
    """x with a number instead of NaN."""
    x = convert_to_tensor(x)
    return where(isnan(x), number, x) if dtypes.is_float(x.dtype) else x


def _count(x: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """How many elements are not NaN, as x has its dtype."""
    return reductions.sum(cast(~isnan(x), x.dtype), axis, keepdims)


def nansum(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Add up what is not NaN; 0 where all is NaN.

    >>> print(nansum([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=float32, 3.)
    """
    return reductions.sum(_filled(x, 0.0), axis, keepdims)


def nanprod(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Multiply what is not NaN; 1 where all is NaN.

    >>> print(nanprod([3.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=float32, 6.)
    """
    return reductions.prod(_filled(x, 1.0), axis, keepdims)


def nanmean(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Average what is not NaN; NaN where all is NaN.

    >>> print(nanmean([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=float32, 1.5)
    """
    (x,) = as_floats(x)
    return divide(nansum(x, axis, keepdims), _count(x, axis, keepdims))


def nanvar(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the variance of what is not NaN; NaN where all is NaN.

    >>> print(nanvar([1.0, float("nan"), 3.0]))
    Tensor(shape=(), dtype=float32, 1.)
    """
    (x,) = as_floats(x)
    apart = where(isnan(x), 0.0, x - nanmean(x, axis, keepdims=True))
    return divide(reductions.sum(square(apart), axis, keepdims), _count(x, axis, keepdims))


def nanstd(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the standard deviation of what is not NaN. The gradient where it is 0 is 0.

    >>> print(nanstd([1.0, float("nan"), 3.0]))
    Tensor(shape=(), dtype=float32, 1.)
    """
    return statistics.root(nanvar(x, axis, keepdims))


def nanmax(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the largest of what is not NaN; NaN where all is NaN.

    >>> print(nanmax([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=float32, 2.)
    """
    largest = reductions.max(_filled(x, -math.inf), axis, keepdims)
    return _nan_where_all_is(x, largest, axis, keepdims)


def nanmin(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the smallest of what is not NaN; NaN where all is NaN.

    >>> print(nanmin([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=float32, 1.)
    """
    smallest = reductions.min(_filled(x, math.inf), axis, keepdims)
    return _nan_where_all_is(x, smallest, axis, keepdims)


def _nan_where_all_is(x: Any, y: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    if not dtypes.is_float(y.dtype):
        return y
    return where(reductions.all(isnan(x), axis, keepdims), math.nan, y)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Find where the largest of what is not NaN is; -1 where all is NaN.

    >>> print(nanargmax([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=int32, 2)
    """
    place = reductions.argmax(_filled(x, -math.inf), axis, keepdims)
    return where(reductions.all(isnan(x), axis, keepdims), -1, place)


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Find where the smallest of what is not NaN is; -1 where all is NaN.

    >>> print(nanargmin([1.0, float("nan"), 2.0]))
    Tensor(shape=(), dtype=int32, 0)
    """
    place = reductions.argmin(_filled(x, math.inf), axis, keepdims)
    return where(reductions.all(isnan(x), axis, keepdims), -1, place)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Compute running sums, in which NaN counts as 0; arguments as for `cumsum`.

    >>> print(nancumsum([1.0, float("nan"), 2.0]))
    Tensor(shape=(3,), dtype=float32, [1. 1. 3.])
    """
    return reductions.cumsum(_filled(x, 0.0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Compute running products, in which NaN counts as 1; arguments as for `cumsum`.

    >>> print(nancumprod([3.0, float("nan"), 2.0]))
    Tensor(shape=(3,), dtype=float32, [3. 3. 6.])
    """
    return reductions.cumprod(_filled(x, 1.0), axis, dtype)
