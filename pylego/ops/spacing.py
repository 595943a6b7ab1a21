"""Numbers at equal distances: of themselves, of their logarithms, on a grid."""

from __future__ import annotations

from typing import Any

from pylego import names
from pylego.checks import whole_number
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor
from pylego.ops.arguments import normalize_axis
from pylego.ops.arithmetic import power
from pylego.ops.core import where
from pylego.ops.creation import arange
from pylego.ops.elementwise import absolute, exp, log
from pylego.ops.shapes import broadcast_to

__all__ = ["geomspace", "linspace", "logspace", "meshgrid"]


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Lay num evenly spaced numbers from start to stop.

    Args:
        start: the first number, or a tensor of first numbers.
        stop: the last one.
        num: how many; 50 by default.
        endpoint: whether stop itself is among them (the default).
        retstep: whether the distance of neighbours is returned as well.
        dtype: that of start and stop, at least `config.floatx()`.
        axis: the new axis along which they are laid; the first by default.

    >>> print(linspace(0, 1, 5))
    Tensor(shape=(5,), dtype=float32, [0.   0.25 0.5  0.75 1.  ])
    """
    num = whole_number("num", num, 0)
    first = convert_to_tensor(start) * 1.0
    last = convert_to_tensor(stop) * 1.0
    gaps = max(1, num - 1 if endpoint else num)
    distance = last - first
    rank = distance.ndim + 1
    axis = normalize_axis(axis, rank)
    along = tuple(-1 if one == axis else 1 for one in range(rank))
    share = arange(num, dtype=distance.dtype).reshape(along) / gaps
    # Weighing both ends hits each of them exactly, which start + share * distance does not.
    numbers = _insert_axis(first, distance, axis) * (1 - share)
    numbers = numbers + _insert_axis(last, distance, axis) * share
    numbers = numbers if dtype is None else cast(numbers, dtype)
    return (numbers, distance / gaps) if retstep else numbers


def _insert_axis(x: Tensor, like: Tensor, axis: int) -> Tensor:
    whole = apply("broadcast_to", (x,), shape=like.shape)
    return whole.reshape((*like.shape[:axis], 1, *like.shape[axis:]))


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Lay num numbers from base^start to base^stop, whose logarithms are evenly spaced.

    Args:
        start: the logarithm of the first number, or a tensor of them.
        stop: of the last one.
        num: how many; 50 by default.
        endpoint: whether base^stop itself is among them (the default).
        base: of the logarithms.
        dtype: that of start and stop, at least `config.floatx()`.
        axis: the new axis along which they are laid; the first by default.

    >>> print(logspace(0, 2, 3))
    Tensor(shape=(3,), dtype=float32, [  1.  10. 100.])
    """
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    numbers = power(cast(convert_to_tensor(base), exponents.dtype), exponents)
    return numbers if dtype is None else cast(numbers, dtype)


def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Lay num numbers from start to stop, each of them the same multiple of the one before.

    Args:
        start: the first number, or a tensor of first numbers: not 0.
        stop: the last one, of the same sign.
        num: how many; 50 by default.
        endpoint: whether stop itself is among them (the default).
        dtype: that of start and stop, at least `config.floatx()`.
        axis: the new axis along which they are laid; the first by default.

    >>> print(geomspace(1.0, 8.0, 4))
    Tensor(shape=(4,), dtype=float32, [1. 2. 4. 8.])
    """
    first, last = convert_to_tensor(start) * 1.0, convert_to_tensor(stop) * 1.0
    distance = log(absolute(last)) - log(absolute(first))
    share = linspace(distance * 0.0, distance, num, endpoint, axis=axis)
    axis = normalize_axis(axis, share.ndim)
    first = _insert_axis(first, distance, axis)
    numbers = first * exp(share)
    if endpoint and num > 1:  # hit the end exactly
        is_end = arange(num) == num - 1
        is_end = is_end.reshape([-1 if one == axis else 1 for one in range(share.ndim)])
        numbers = where(is_end, _insert_axis(last, distance, axis), numbers)
    return numbers if dtype is None else cast(numbers, dtype)


def meshgrid(*x: Any, indexing: str = "xy") -> list[Tensor]:
    """Make a grid of the coordinates along its axes.

    Args:
        *x: the coordinates along each axis, tensors of one axis or numbers.
        indexing: 'xy': the first runs along the columns, the second along the rows; 'ij': the first
            runs along the first axis, and so on.

    Returns a tensor for each of them, all of the shape of the grid.

    Raises:
        ValueError: for another indexing, and coordinates of several axes.

    >>> columns, rows = meshgrid([1, 2, 3], [10, 20])
    >>> columns.numpy().tolist(), rows.numpy().tolist()
    ([[1, 2, 3], [1, 2, 3]], [[10, 10, 10], [20, 20, 20]])
    """
    if indexing not in ("xy", "ij"):
        raise names.unknown("indexing", indexing, ("xy", "ij"))
    tensors = [convert_to_tensor(one) for one in x]
    if any(one.ndim > 1 for one in tensors):
        shapes = ", ".join(str(one.shape) for one in tensors)
        raise ValueError(f"meshgrid: coordinates have one axis. Received: {shapes}")
    axes = list(range(len(tensors)))
    if indexing == "xy":
        axes[:2] = axes[:2][::-1]
    shape = [1] * len(tensors)
    for axis, one in zip(axes, tensors):
        shape[axis] = one.size
    grids = []
    for axis, one in zip(axes, tensors):
        along = [-1 if place == axis else 1 for place in range(len(shape))]
        grids.append(broadcast_to(one.reshape(along), shape))
    return grids
