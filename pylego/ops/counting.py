"""Counting and looking up: how often numbers occur, which there are, where they would stand."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import engine, names
from pylego.checks import whole_number
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.arguments import normalize_axis
from pylego.ops.arithmetic import minimum
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.creation import ones, zeros
from pylego.ops.indexing import take
from pylego.ops.logic import isnan, less, less_equal
from pylego.ops.reductions import count_nonzero, max, min
from pylego.ops.shapes import concatenate
from pylego.ops.sorting import sort
from pylego.ops.spacing import linspace

__all__ = ["bincount", "digitize", "histogram", "isin", "searchsorted", "unique"]


def bincount(x: Any, weights: Any = None, minlength: int = 0, sparse: bool = False) -> Tensor:
    """Count how often each whole number from 0 on occurs.

    Args:
        x: whole numbers from 0 on, (n,), or rows of them, (batch, n).
        weights: what an occurrence counts, of the shape of x; 1 by default.
        minlength: how many numbers are counted at least. While a program is recorded, where the
            largest of x is not known, it is how many are counted: larger ones are left out.
        sparse: only False: there are no sparse tensors.

    Returns (length,) or (batch, length): int32, or the dtype of the weights.

    Raises:
        TypeError: for floats.
        ValueError: for other shapes, and numbers below 0.

    >>> print(bincount([0, 1, 1, 3]))
    Tensor(shape=(4,), dtype=int32, [1 2 0 1])
    """
    if sparse:
        raise ValueError("pylego has no sparse tensors: leave sparse out")
    x = convert_to_tensor(x)
    x = cast(x, "int32") if x.dtype == "bool" else x
    if not dtypes.is_integer(x.dtype):
        raise TypeError(f"bincount counts whole numbers. Received: {x.dtype}")
    weights = None if weights is None else convert_to_tensor(weights)
    if x.ndim not in (1, 2) or (weights is not None and weights.shape != x.shape):
        raise ValueError(
            "bincount: x of shape (n,) or (batch, n), and weights of the same shape are wanted. "
            f"Received: x {x.shape}" + ("" if weights is None else f", weights {weights.shape}")
        )
    shape = x.shape if x.ndim == 2 else (1, *x.shape)
    count = _numbers_counted(x, minlength)
    shares = ones(shape, "int32") if weights is None else weights.reshape(shape)
    counts = _summed(x.reshape(shape), shares, count)
    return counts if x.ndim == 2 else counts.reshape(count)


def _numbers_counted(x: Tensor, minlength: int) -> int:
    if engine.is_symbolic(x._handle) and minlength:
        return minlength
    numbers = x.numpy()
    if numbers.size and numbers.min() < 0:
        raise ValueError(f"bincount counts numbers from 0 on. Received: {numbers.min()}")
    return builtins.max(int(np.max(numbers, initial=0)) + 1 if numbers.size else 0, minlength)


def _summed(x: Tensor, shares: Tensor, count: int) -> Tensor:
    """The sums of shares by number, in each row: numbers beyond `count` go to a place behind."""
    batch = x.shape[0]
    x = where((x >= 0) & (x < count), cast(x, "int64"), count)
    places = x + np.arange(batch)[:, None] * (count + 1)
    flat = (places.reshape(-1), shares.reshape(-1))
    sums = apply("scatter_add", flat, axis=0, size=batch * (count + 1))
    return sums.reshape((batch, count + 1))[:, :count]


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Tensor:
    """Find where values would stand among numbers in order, so that these stay in order.

    Args:
        sorted_sequence: the numbers, the smallest first, (n,).
        values: of any shape.
        side: 'left': before numbers that are equal; 'right': behind them.

    Returns int32 places from 0 to n, of the shape of values.

    Raises:
        ValueError: for numbers of several axes, and another side.

    >>> print(searchsorted([1, 3, 5], [0, 3, 9]))
    Tensor(shape=(3,), dtype=int32, [0 1 3])
    """
    if side not in ("left", "right"):
        raise names.unknown("side", side, ("left", "right"))
    numbers, x = convert_to_tensor(sorted_sequence), convert_to_tensor(values)
    if numbers.ndim != 1:
        raise ValueError(f"searchsorted: numbers of one axis are wanted. Received: {numbers.shape}")
    places = zeros(x.shape, "int32")
    if not numbers.size:
        return places
    is_behind = less if side == "left" else less_equal
    for bit in reversed(range(numbers.size.bit_length())):  # of the place, the highest one first
        number = take(numbers, minimum(places + ((1 << bit) - 1), numbers.size - 1))
        places = where(is_behind(number, x), places + (1 << bit), places)
    places = minimum(places, numbers.size)  # who stands behind the last number has all bits
    if not dtypes.is_float(x.dtype):
        return places
    last = numbers.size - (count_nonzero(isnan(numbers)) if side == "left" else 0)
    return where(isnan(x), last, places)  # NaN is larger than all others


def digitize(x: Any, bins: Any) -> Tensor:
    """Find between which bounds numbers lie: i where bins[i - 1] <= x < bins[i].

    Args:
        x: the numbers.
        bins: the bounds, the smallest first, (n,).

    Returns int32 from 0 to n, of the shape of x.

    >>> print(digitize([0.5, 1.0, 9.0], [1.0, 2.0, 3.0]))
    Tensor(shape=(3,), dtype=int32, [0 1 3])
    """
    return searchsorted(bins, x, side="right")


def histogram(
    x: Any, bins: int | Sequence[float] = 10, range: tuple[float, float] | None = None
) -> tuple[Tensor, Tensor]:
    """Count how many numbers lie in each of several bins.

    Args:
        x: the numbers, of any shape.
        bins: how many bins of equal width; or their bounds, the smallest first.
        range: the lowest and the highest bound; by default the smallest and the largest number.
            What lies outside is not counted.

    Returns the counts, int32 (bins,), and the bounds, (bins + 1,). The last bin has both bounds.

    Raises:
        ValueError: for a range whose ends are in the wrong order.

    >>> counts, bounds = histogram([1.0, 2.0, 2.0, 4.0], bins=3)
    >>> counts.numpy().tolist(), bounds.numpy().tolist()
    ([1, 2, 1], [1.0, 2.0, 3.0, 4.0])
    """
    x = convert_to_tensor(x)
    x = (x if dtypes.is_float(x.dtype) else cast(x, None)).reshape(-1)
    if isinstance(bins, int):
        bounds = linspace(*_ends(x, range), bins + 1)
    else:
        bounds = convert_to_tensor(bins, x.dtype)
    count = bounds.size - 1
    is_last = x == bounds[-1]
    places = where(is_last, count - 1, digitize(x, bounds) - 1)
    is_counted = (x >= bounds[0]) & (x <= bounds[-1])
    places = where(is_counted, places, count)
    counts = apply("scatter_add", (places, ones(x.shape, "int32")), axis=0, size=count + 1)
    return counts[:count], bounds


def _ends(x: Tensor, ends: Any) -> tuple[Any, Any]:
    if ends is None and not x.size:
        ends = (0.0, 1.0)
    if ends is not None:
        low, high = ends
        if low > high:
            raise ValueError(f"histogram: the lower bound comes first. Received: range={ends}")
        apart = 0.5 if low == high else 0.0
        return convert_to_tensor(low - apart, x.dtype), convert_to_tensor(high + apart, x.dtype)
    least, most = min(x), max(x)
    gap = cast(where(least == most, 0.5, 0.0), x.dtype)
    return least - gap, most + gap


def isin(x1: Any, x2: Any, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Tell which elements of x1 are among those of x2. NaN is not.

    Args:
        x1: the elements.
        x2: those they are looked up among, of any shape.
        assume_unique: accepted for Keras's sake: elements may occur several times.
        invert: whether it is told which ones are not.

    >>> print(isin([1, 2, 3], [3, 1]))
    Tensor(shape=(3,), dtype=bool, [ True False  True])
    """
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    common = dtypes.common(x1.dtype, x2.dtype)
    x1, x2 = cast(x1, common), sort(cast(x2, common), axis=None)
    if not x2.size:
        return zeros(x1.shape, "bool") if not invert else ones(x1.shape, "bool")
    found = take(x2, minimum(searchsorted(x2, x1), x2.size - 1))
    return found != x1 if invert else found == x1


def unique(
    x: Any,
    sorted: bool = True,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    size: int | None = None,
    fill_value: Any = None,
) -> Any:
    """Find the elements that there are, each once, the smallest first.

    How many they are is known only from the numbers, so it cannot be recorded.

    Args:
        x: the elements.
        sorted: accepted for Keras's sake: they are in order in any case.
        return_index: whether the places where they occur first are returned.
        return_inverse: whether it is returned which of them each element of x is.
        return_counts: whether it is returned how often they occur.
        axis: along which slices are compared; None flattens x.
        size: how many are returned: further ones are cut off, missing ones filled up.
        fill_value: with what they are; by default with the smallest.

    Returns the elements, and what was asked for besides, as a tuple.

    Raises:
        TypeError: while a program is recorded.

    >>> values, counts = unique([3, 1, 3], return_counts=True)
    >>> values.numpy().tolist(), counts.numpy().tolist()
    ([1, 3], [1, 2])
    """
    x = convert_to_tensor(x)
    shape = x.shape
    x = x.reshape(-1) if axis is None else x
    place = normalize_axis(axis or 0, x.ndim)
    is_placed = return_index or engine.is_watched(x._handle)  # which takes NumPy far longer
    unique_of: Any = np.unique
    numbers, *found = unique_of(x.numpy(), is_placed, return_inverse, True, axis=axis)
    counts = found[-1]
    first = found[0] if is_placed else np.zeros_like(counts)
    if is_placed:
        values = take(x, first, axis=place)  # so that gradients flow
    else:
        values = convert_to_tensor(numbers, x.dtype)
    if size is not None:
        wanted = whole_number("unique: size", size, 0)
        values, first, counts = _resized(values, first, counts, wanted, place, fill_value)
    inverse = found[-2].reshape(shape if axis is None else shape[place]) if return_inverse else None
    asked = [(return_index, first), (return_inverse, inverse), (return_counts, counts)]
    others = [convert_to_tensor(array, "int32") for wish, array in asked if wish]
    return (values, *others) if others else values


def _resized(
    values: Tensor, first: np.ndarray, counts: np.ndarray, size: int, axis: int, fill_value: Any
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    missing = np.maximum(size - len(first), 0)
    kept = take(values, np.arange(len(first))[:size], axis=axis)
    shape = (*values.shape[:axis], missing, *values.shape[axis + 1 :])
    if fill_value is None and missing:
        filling = take(values, np.zeros(missing, int), axis=axis)
    else:
        filling = zeros(shape, values.dtype) + cast(fill_value or 0, values.dtype)
    counts = np.concatenate([counts[:size], np.zeros(missing, counts.dtype)])
    first = np.concatenate([first[:size], np.full(missing, first[:1].sum())])
    return concatenate([kept, filling], axis=axis), first, counts
