"""Values put at places by their indices, where several may meet at one place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import names
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor
from pylego.ops.arguments import shape_tuple
from pylego.ops.arithmetic import maximum, minimum, multiply
from pylego.ops.core import where
from pylego.ops.creation import full
from pylego.ops.indexing import take
from pylego.ops.shapes import concatenate, transpose
from pylego.ops.sorting import argsort

__all__ = ["scatter", "scatter_update"]

REDUCTIONS: dict[str, Callable] = {"max": maximum, "min": minimum, "mul": multiply}


def scatter(indices: Any, values: Any, shape: Any) -> Tensor:
    """Put values at places of a tensor of zeros; those that meet at one place are added.

    Args:
        indices: integers of shape (..., k): places along the first k axes.
        values: of shape (..., and the axes of the result after the first k).
        shape: of the result.

    Raises:
        IndexError: for a place that does not exist.

    >>> print(scatter([[0], [2], [2]], [1.0, 2.0, 3.0], (4,)))
    Tensor(shape=(4,), dtype=float32, [1. 0. 5. 0.])
    """
    shape = shape_tuple(shape)
    return _put("scatter", *_as_rows("scatter", indices, convert_to_tensor(values), shape), shape)


def scatter_update(inputs: Any, indices: Any, updates: Any, reduction: str | None = None) -> Tensor:
    """Return inputs with the elements at the places replaced by updates, or joined with them.

    Args:
        inputs: the tensor.
        indices: integers of shape (..., k): places along the first k axes.
        updates: of shape (..., and the axes of inputs after the first k).
        reduction: None: updates replace what was there; of several at one place the last one
            counts. 'add', 'max', 'min' or 'mul': they are added to it, the largest or the smallest
            remains, or they are multiplied with it.

    Raises:
        IndexError: for a place that does not exist.
        ValueError: for an unknown reduction, and when the shapes do not fit.

    >>> print(scatter_update([1, 2, 3], [[0], [2]], [10, 30]))
    Tensor(shape=(3,), dtype=int32, [10  2 30])
    >>> print(scatter_update([1, 2, 3], [[0], [0], [2]], [10, 20, 1], reduction="max"))
    Tensor(shape=(3,), dtype=int32, [20  2  3])
    """
    x = convert_to_tensor(inputs)
    name = reduction.lower() if isinstance(reduction, str) else reduction
    if name not in (None, "add", *REDUCTIONS):
        raise names.unknown("reduction", reduction, ["add", *REDUCTIONS])
    places, rows = _as_rows("scatter_update", indices, cast(updates, x.dtype), x.shape)
    if name == "add":
        return x + _put("scatter_update", places, rows, x.shape)
    places, rows, is_last = last_of_each(places, rows, REDUCTIONS.get(name or ""))
    joined = _put("scatter_update", places, rows, x.shape)
    axes = x.shape[: x.ndim - rows.ndim + 1]
    is_updated = _put("scatter_update", places, cast(is_last, "int32"), axes) > 0
    updated = joined if name is None else REDUCTIONS[name](x, joined)
    return cast(where(beside(is_updated, rows), updated, x), x.dtype)


def last_of_each(
    places: Tensor, rows: Tensor, join: Callable | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Sort rows by their places, and keep one row of each place.

    Args:
        places: of the rows, (n,).
        rows: (n, ...).
        join: makes one row of two; None: the last one counts.

    Returns the places in order, the rows, which are 0 but for the last of each place, and where
    these are, (n,).
    """
    order = argsort(places)  # those of one place lie beside each other, in the order they came in
    places, rows = take(places, order), take(rows, order, axis=0)
    rows = rows if join is None else _join_neighbours(places, rows, join)
    end = full((min(places.size, 1),), True, "bool")
    is_last = concatenate([places[1:] != places[:-1], end])
    return places, where(beside(is_last, rows), rows, 0), is_last


def _join_neighbours(places: Tensor, rows: Tensor, join: Callable) -> Tensor:
    """Give the last row of each place what all rows of that place make together.

    After the round with `distance` a row stands for up to 2 distance rows before and with it.
    """
    count = places.size
    distance = 1
    while distance < count:
        is_same = beside(places[distance:] == places[:-distance], rows)
        later = where(is_same, join(rows[:-distance], rows[distance:]), rows[distance:])
        rows = concatenate([rows[:distance], later])
        distance *= 2
    return rows


def beside(flags: Tensor, rows: Tensor) -> Tensor:
    """Give flags (...) axes of length 1 for those of a row, rows (n, ...)."""
    return flags.reshape(flags.shape + (1,) * (rows.ndim - 1))


def _as_rows(
    name: str, indices: Any, values: Tensor, shape: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """Return the places along the first k axes, numbered (n,), and the values as rows (n, ...)."""
    indices = convert_to_tensor(indices)
    depth = indices.shape[-1] if indices.shape else 0
    if not 1 <= depth <= len(shape) or values.shape != indices.shape[:-1] + shape[depth:]:
        raise ValueError(
            f"{name}: indices of shape (..., k) and values of shape (..., and the shape of the "
            f"result after its first k axes) are wanted. Received: indices {indices.shape}, values "
            f"{values.shape}, result {shape}"
        )
    count = math.prod(shape[:depth])
    places = convert_to_tensor(0, "int64")
    for axis in range(depth):
        index = _checked(indices[..., axis], shape[axis], count)
        places = places + index * math.prod(shape[axis + 1 : depth])
    return places.reshape(-1), values.reshape((places.size, *shape[depth:]))


def _checked(indices: Tensor, length: int, outside: int) -> Tensor:
    """Send what does not fit far out, where take refuses it, not to a neighbouring row."""
    return where((indices >= 0) & (indices < length), cast(indices, "int64"), outside)


def _put(name: str, places: Tensor, rows: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Add rows (n, ...) up at places (n,) of zeros of that shape, whose first axes they number."""
    size = math.prod(shape[: len(shape) - rows.ndim + 1])
    try:
        return apply("scatter_add", (places, rows), axis=0, size=size).reshape(shape)
    except IndexError as error:
        raise IndexError(f"{name}: an index is outside of the shape {shape}") from error


def add_to_places(x: Tensor, places: np.ndarray, size: int) -> Tensor:
    """Add numbers up along the last axis: y[..., places[i]] += x[..., i], of a length of `size`.

    Args:
        x: the numbers, (..., n).
        places: known beforehand, (n,).
        size: of the last axis of the result.
    """
    rows = transpose(x.reshape((math.prod(x.shape[:-1]), x.shape[-1])))
    sums = apply("scatter_add", (places, rows), axis=0, size=size)
    return transpose(sums).reshape((*x.shape[:-1], size))
