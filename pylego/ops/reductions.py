"""Reductions: sums, means, products, extremes and where they are, running sums.

`axis` is a number, a tuple of them, or None for all axes; `keepdims` keeps reduced axes with
length 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.arguments import Axes, normalize_axes, normalize_axis
from pylego.ops.arithmetic import maximum, minimum
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import full, zeros

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "max",
    "mean",
    "min",
    "prod",
    "ptp",
    "sum",
]


def _reduce(brick: str, x: Any, axis: Axes, keepdims: bool) -> Tensor:
    x = convert_to_tensor(x)
    axes = normalize_axes(axis, x.ndim)
    return apply(brick, (x,), axes=axes, keepdims=bool(keepdims))


def _reduce_numbers(brick: str, x: Any, axis: Axes, keepdims: bool) -> Tensor:
    """The same, where one number alone stays what it is: then only the shape changes."""
    x = convert_to_tensor(x)
    shape = x.shape
    axes = normalize_axes(axis, len(shape))
    for place in axes:
        if shape[place] != 1:
            break
    else:
        if axes and dtypes.is_float(x.dtype):
            kept = [length for place, length in enumerate(shape) if keepdims or place not in axes]
            return x.reshape(kept)
    return apply(brick, (x,), axes=axes, keepdims=bool(keepdims))


def _extreme(
    brick: str, x: Any, axis: Axes, keepdims: bool, initial: Any, farther: Callable
) -> Tensor:
    """The largest or the smallest; `initial` alone is left where an axis is empty."""
    if initial is None:
        return _reduce_numbers(brick, x, axis, keepdims)
    x = convert_to_tensor(x)
    if 0 not in x.shape:
        return farther(_reduce_numbers(brick, x, axis, keepdims), initial)
    shape = sum(x, axis, keepdims).shape
    return full(shape, initial, farther(zeros((), x.dtype), initial).dtype)


def sum(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Add up; 0 over an empty axis. Booleans and uint8 give int32.

    >>> print(sum([[1, 2], [3, 4]], axis=0))
    Tensor(shape=(2,), dtype=int32, [4 6])
    """
    return _reduce_numbers("sum", x, axis, keepdims)


def mean(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Average; integers give floats, an empty axis gives NaN.

    >>> print(mean([[1, 2], [3, 4]], axis=0))
    Tensor(shape=(2,), dtype=float32, [2. 3.])
    """
    return _reduce_numbers("mean", x, axis, keepdims)


def prod(x: Any, axis: Axes = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """Multiply together; 1 over an empty axis. `dtype`: to which x is converted before.

    >>> print(prod([[1, 2], [3, 4]], axis=0))
    Tensor(shape=(2,), dtype=int32, [3 8])
    """
    return _reduce_numbers("prod", x if dtype is None else cast(x, dtype), axis, keepdims)


def max(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Find the largest; NaN where one is NaN. Equal largest ones share the gradient.

    Args:
        x: the numbers.
        axis: over which axes; all by default.
        keepdims: whether reduced axes stay with length 1.
        initial: a number that takes part; over an empty axis it is the result.

    Raises:
        ValueError: over an empty axis without `initial`.

    >>> print(max([[1, 5], [3, 4]], axis=1))
    Tensor(shape=(2,), dtype=int32, [5 4])
    """
    return _extreme("max", x, axis, keepdims, initial, maximum)


def min(x: Any, axis: Axes = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Find the smallest; arguments and ties as for `max`.

    >>> print(min([[1, 5], [3, 4]], axis=1))
    Tensor(shape=(2,), dtype=int32, [1 3])
    """
    return _extreme("min", x, axis, keepdims, initial, minimum)


def amax(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the largest: another name of `max`."""
    return max(x, axis, keepdims)


def amin(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Find the smallest: another name of `min`."""
    return min(x, axis, keepdims)


def ptp(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the range, max - min.

    >>> print(ptp([[1, 5], [3, 4]], axis=1))
    Tensor(shape=(2,), dtype=int32, [4 1])
    """
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def any(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Tell whether at least one is true; False over an empty axis.

    >>> print(any([[True, False], [False, False]], axis=1))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    return _reduce("any", x, axis, keepdims)


def all(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Tell whether all are true; True over an empty axis.

    >>> print(all([[True, False], [True, True]], axis=1))
    Tensor(shape=(2,), dtype=bool, [False  True])
    """
    return _reduce("all", x, axis, keepdims)


def count_nonzero(x: Any, axis: Axes = None) -> Tensor:
    """Count the elements that are not 0.

    >>> print(count_nonzero([[1, 0], [3, 4]], axis=1))
    Tensor(shape=(2,), dtype=int32, [1 2])
    """
    return _reduce("count_nonzero", x, axis, False)


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Find where the largest is, the first of equal ones.

    Args:
        x: the numbers.
        axis: along which axis; None: the place in the flattened tensor.
        keepdims: whether the axis stays with length 1.

    Raises:
        ValueError: along an empty axis.

    >>> print(argmax([[1, 5], [3, 4]], axis=1))
    Tensor(shape=(2,), dtype=int32, [1 1])
    """
    return _find("argmax", x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Find where the smallest is, the first of equal ones; arguments as for `argmax`.

    >>> print(argmin([[1, 5], [3, 4]]))
    Tensor(shape=(), dtype=int32, 0)
    """
    return _find("argmin", x, axis, keepdims)


def _find(brick: str, x: Any, axis: int | None, keepdims: bool) -> Tensor:
    x = convert_to_tensor(x)
    if axis is not None:
        axis = normalize_axis(axis, x.ndim)
        return apply(brick, (x,), axis=axis, keepdims=bool(keepdims))
    flat = x if x.ndim == 1 else x.reshape(-1)
    place = apply(brick, (flat,), axis=0, keepdims=0)
    return place.reshape((1,) * x.ndim) if keepdims else place


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Compute running sums: y[i] = x[0] + ... + x[i].

    Args:
        x: the numbers.
        axis: along which axis; None flattens x.
        dtype: to which x is converted before.

    >>> print(cumsum([1, 2, 3]))
    Tensor(shape=(3,), dtype=int32, [1 3 6])
    """
    x = convert_to_tensor(x, dtype)
    x = x.reshape(-1) if axis is None else x
    return apply("cumsum", (x,), axis=normalize_axis(axis or 0, x.ndim), reverse=0)


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Compute running products: y[i] = x[0] x[1] ... x[i]; arguments as for `cumsum`.

    >>> print(cumprod([1, 2, 3, 4]))
    Tensor(shape=(4,), dtype=int32, [ 1  2  6 24])
    """
    x = convert_to_tensor(x, dtype)
    x = cast(x, "int32") if x.dtype == "bool" else x
    x = x.reshape(-1) if axis is None else x
    place = normalize_axis(axis or 0, x.ndim)
    before = (slice(None),) * place
    distance = 1
    while distance < x.shape[place]:  # after the round an element has 2 distance factors
        far = x[(*before, slice(distance, None))] * x[(*before, slice(None, -distance))]
        x = apply("concatenate", (x[(*before, slice(None, distance))], far), axis=place)
        distance *= 2
    return x
