"""Quantiles: below which number a share of the elements lies.

The elements are sorted, and q points at the place q (n - 1) among them. Between two elements
`method` decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pylego import names
from pylego.core.tensor import Tensor
from pylego.ops.arguments import Axes, normalize_axes
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.elementwise import ceil, clip, floor, round
from pylego.ops.indexing import take_along_axis
from pylego.ops.logic import isnan
from pylego.ops.reductions import sum
from pylego.ops.shapes import broadcast_to, moveaxis, transpose
from pylego.ops.sorting import sort

__all__ = [
    "median",
    "nanmedian",
    "nanpercentile",
    "nanquantile",
    "percentile",
    "quantile",
]

METHODS = ("linear", "lower", "higher", "midpoint", "nearest")


def quantile(
    x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Find quantiles.

    Args:
        x: the numbers.
        q: which ones, from 0 (the smallest) to 1 (the largest): a number, or several.
        axis: over which axes; all by default.
        method: between two elements: 'linear' goes a share of the way, 'lower', 'higher' and
            'nearest' take one of them, 'midpoint' their mean.
        keepdims: whether reduced axes stay with length 1.

    Returns floats, with the axes of q in front. NaN where an element is NaN.

    Raises:
        ValueError: for an unknown method, and over an empty axis.

    >>> print(quantile([1.0, 2.0, 3.0, 4.0], [0.0, 0.5]))
    Tensor(shape=(2,), dtype=float32, [1.  2.5])
    """
    return _of_sorted("quantile", x, q, axis, method, keepdims, _with_nan)


def percentile(
    x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Find percentiles: `quantile` with q from 0 to 100.

    >>> print(percentile([1.0, 2.0, 3.0, 4.0], 50))
    Tensor(shape=(), dtype=float32, 2.5)
    """
    x, q = _hundredth(x, q)
    return _of_sorted("percentile", x, q, axis, method, keepdims, _with_nan)


def median(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the middle: half of the elements are below, half above. See `quantile`.

    >>> print(median([3.0, 1.0, 2.0]))
    Tensor(shape=(), dtype=float32, 2.)
    """
    return _of_sorted("median", x, 0.5, axis, "linear", keepdims, _with_nan)


def nanquantile(
    x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Find quantiles of what is not NaN; NaN where all is NaN. See `quantile`.

    >>> print(nanquantile([1.0, float("nan"), 3.0], 0.5))
    Tensor(shape=(), dtype=float32, 2.)
    """
    return _of_sorted("nanquantile", x, q, axis, method, keepdims, _without_nan)


def nanpercentile(
    x: Any, q: Any, axis: Axes = None, method: str = "linear", keepdims: bool = False
) -> Tensor:
    """Find percentiles of what is not NaN: `nanquantile` with q from 0 to 100.

    >>> print(nanpercentile([1.0, float("nan"), 3.0], 50))
    Tensor(shape=(), dtype=float32, 2.)
    """
    x, q = _hundredth(x, q)
    return _of_sorted("nanpercentile", x, q, axis, method, keepdims, _without_nan)


def nanmedian(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the middle of what is not NaN; NaN where all is NaN. See `median`.

    >>> print(nanmedian([3.0, float("nan"), 1.0]))
    Tensor(shape=(), dtype=float32, 2.)
    """
    return _of_sorted("nanmedian", x, 0.5, axis, "linear", keepdims, _without_nan)


def _hundredth(x: Any, q: Any) -> tuple[Tensor, Tensor]:
    (x,) = as_floats(x)
    return x, convert_to_tensor(q, x.dtype) / 100.0


def _of_sorted(
    name: str, x: Any, q: Any, axis: Axes, method: str, keepdims: bool, count: Callable
) -> Tensor:
    if method not in METHODS:
        raise names.unknown("method", method, METHODS)
    (x,) = as_floats(x)
    axes = normalize_axes(axis, x.ndim)
    kept = [place for place in range(x.ndim) if place not in axes]
    shape = tuple(x.shape[place] for place in kept)
    length = math.prod(x.shape[place] for place in axes)
    if not length:
        raise ValueError(f"{name}: there are no elements over axis={axis} of shape {x.shape}")
    lines = sort(transpose(x, (*kept, *axes)).reshape((*shape, length)))
    q = convert_to_tensor(q, x.dtype)
    found = _at(lines, q.reshape(-1), method, *count(lines))
    found = moveaxis(found, -1, 0)
    rest = tuple(1 if i in axes else n for i, n in enumerate(x.shape)) if keepdims else shape
    return found.reshape((*q.shape, *rest))


def _with_nan(lines: Tensor) -> tuple[Any, Tensor]:
    """How many elements count, and which lines have no quantile: those with NaN, which is last."""
    return lines.shape[-1], isnan(lines[..., -1:])


def _without_nan(lines: Tensor) -> tuple[Any, Tensor]:
    is_nan = isnan(lines)
    count = sum(cast(~is_nan, lines.dtype), axis=-1, keepdims=True)
    return count, count == 0


def _at(lines: Tensor, q: Tensor, method: str, count: Any, has_none: Tensor) -> Tensor:
    """The quantiles (q,) of lines (..., n) that are sorted: (..., q)."""
    is_wrong = (q < 0.0) | (q > 1.0) | isnan(q)
    place = clip(where(is_wrong, 0.0, q) * (count - 1.0), 0.0, lines.shape[-1] - 1)
    low, high = floor(place), ceil(place)
    share = place - low
    if method == "nearest":
        low = high = round(place)
    below, above = _taken(lines, low), _taken(lines, high)
    if method in ("lower", "higher", "nearest"):
        found = above if method == "higher" else below
        return where(has_none | is_wrong, math.nan, found)
    share = share if method == "linear" else where(share == 0, 0.0, 0.5)
    between = below * (1.0 - share) + above * share
    is_one = (share == 0) | (below == above)  # a product with 0 would make NaN of infinity
    found = where(is_one, below, between)
    return where(has_none | is_wrong, math.nan, found)


def _taken(lines: Tensor, places: Tensor) -> Tensor:
    places = broadcast_to(cast(places, "int64"), (*lines.shape[:-1], places.shape[-1]))
    return take_along_axis(lines, places, axis=-1)
