"""What tables call to read and write at places of tensors, and to leave them for Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.text_array import Text, TextArray, holds_texts, text_array

__all__ = [
    "TensorArray", "accumulated", "at_places", "clipped_together", "diagonal_set", "divided",
    "gathered", "in_python", "length_of_all", "matched", "mean_of_segments", "numbered",
    "on_diagonals", "scattered", "sorted_out", "unequal",
]  # fmt: skip


def gathered(params: Any, indices: Any, axis: Any, batch_dims: int) -> Any:
    """Take rows; with `batch_dims`, of each row of a batch its own."""
    if holds_texts(params):
        return text_array(np.take(text_array(params), np.asarray(indices), axis or 0))
    if not batch_dims:
        return ops.take(params, indices, axis or 0)
    if batch_dims != 1 or axis not in (None, 1):
        raise ValueError(
            "tf.gather has a batch axis here where batch_dims=1 and axis=1. "
            f"Received: batch_dims={batch_dims}, axis={axis}"
        )
    indices = ops.convert_to_tensor(indices, "int32")
    rows, length = ops.shape(params)[:2]
    first = ops.reshape(ops.arange(rows, dtype="int32") * length, (-1,) + (1,) * (indices.ndim - 1))
    flat = ops.reshape(params, (rows * length, *ops.shape(params)[2:]))
    return ops.take(flat, indices + first, 0)


def at_places(params: Any, indices: Any) -> Any:
    """Take what stands at places: the last axis of `indices` has one number for each axis."""
    indices = ops.convert_to_tensor(indices)
    lengths = ops.shape(params)
    depth = indices.shape[-1]
    flat = ops.reshape(params, (-1, *lengths[depth:]))
    steps = np.cumprod([1, *lengths[depth - 1 : 0 : -1]])[::-1].astype(indices.dtype).copy()
    return ops.take(flat, ops.sum(indices * steps, -1), 0)


def scattered(x: Any, indices: Any, updates: Any, reduction: str | None) -> Any:
    """Put numbers at places of a tensor, or add them to what stands there."""
    return ops.scatter_update(x, indices, updates, reduction)


def diagonal_set(x: Any, diagonal: Any) -> Any:
    """Put other numbers onto the diagonal of matrices."""
    x = ops.convert_to_tensor(x)
    is_on = np.eye(*x.shape[-2:]) > 0
    rows = ops.expand_dims(ops.broadcast_to(diagonal, ops.shape(x)[:-1]), -1)
    return ops.where(np.broadcast_to(is_on, x.shape), rows, x)


def on_diagonals(x: Any) -> Any:
    """Return matrices with these diagonals."""
    x = ops.convert_to_tensor(x)
    return ops.expand_dims(x, -1) * ops.eye(ops.shape(x)[-1], dtype=x.dtype)


def mean_of_segments(x: Any, numbers: Any, count: int | None) -> Any:
    """Return the mean of the rows of each number; 0 where there is none."""
    x = ops.convert_to_tensor(x)
    ones = ops.ones(ops.shape(x)[:1] + (1,) * (ops.ndim(x) - 1), x.dtype)
    totals, counts = (ops.segment_sum(rows, numbers, count) for rows in (x, ones))
    return totals / ops.maximum(counts, 1)


def length_of_all(tensors: Any) -> Any:
    """Return the length of all tensors as one vector; None among them counts nothing."""
    squares = [ops.sum(ops.square(x)) for x in tensors if x is not None]
    return ops.sqrt(sum(squares[1:], squares[0]))


def clipped_together(tensors: Any, most: Any, length: Any = None) -> tuple[list[Any], Any]:
    """Scale tensors down together, where they are longer than that; and return their length."""
    length = length_of_all(tensors) if length is None else length
    factor = most / ops.maximum(length, most)
    return [None if x is None else x * factor for x in tensors], length


def divided(x: Any, axis: Any) -> tuple[Any, Any]:
    """Return vectors of length one, and the lengths that they had."""
    length = ops.norm(x, axis=axis, keepdims=True)
    return x / length, length


def accumulated(x: Any, axis: int, is_exclusive: bool, is_reversed: bool) -> Any:
    """Add up along an axis, from its end where that is asked; without each number itself."""
    x = ops.moveaxis(ops.convert_to_tensor(x), axis, 0)
    x = ops.flip(x, 0) if is_reversed else x
    totals = ops.cumsum(x, 0)
    if is_exclusive:  # to subtract x again would not give what was there before it
        totals = ops.concatenate([ops.zeros_like(x[:1]), totals[:-1]])
    return ops.moveaxis(ops.flip(totals, 0) if is_reversed else totals, 0, axis)


def sorted_out(x: Any, numbers: Any, count: int) -> list[Any]:
    """Return the rows of each number from 0 on."""
    numbers = np.asarray(numbers)
    return [ops.take(x, np.flatnonzero(numbers == number), 0) for number in range(count)]


class Unique(NamedTuple):
    """Each number once, and which of them each is."""

    y: Any
    idx: Any


def unequal(x: Any) -> Any:
    """Return each number once, as they come, and which of them each is."""
    numbers, first, inverse = np.unique(np.asarray(x), return_index=True, return_inverse=True)
    order = np.argsort(first)
    places = np.argsort(order)[inverse.reshape(-1)].astype("int32")
    values = numbers[order]
    found = text_array(values) if holds_texts(values) else ops.convert_to_tensor(values)
    return Unique(found, ops.convert_to_tensor(places))


def matched(x: Any, y: Any) -> Any:
    """Compare, also texts."""
    if holds_texts(x) or holds_texts(y):
        equal = np.asarray(x, dtype=object) == np.asarray(y, dtype=object)
        return ops.convert_to_tensor(np.asarray(equal, bool))
    return ops.equal(x, y)


def numbered(is_true: Any) -> Any:
    """Return the places where a condition holds, one a row."""
    return ops.cast(ops.transpose(ops.stack(ops.nonzero(is_true))), "int64")


def in_python(func: Callable, inp: Sequence[Any], dtypes: Any, as_arrays: bool) -> Any:
    """Call a function of Python with arrays, or tensors; what it returns become tensors.

    Raises:
        TypeError: while a step is recorded, whose tensors have no numbers yet.
    """
    given = [_for_python(x) for x in inp] if as_arrays else list(inp)
    made = func(*given)
    if dtypes is None or (isinstance(dtypes, (list, tuple)) and not dtypes):
        return made
    if isinstance(dtypes, (list, tuple)):
        return [_from_python(x, dtype) for x, dtype in zip(made, dtypes)]
    return _from_python(made[0] if isinstance(made, (list, tuple)) else made, dtypes)


def _for_python(x: Any) -> Any:
    if isinstance(x, (Text, TextArray)):
        return x.numpy()
    return ops.convert_to_numpy(x).copy() if isinstance(x, Tensor) else x


def _from_python(x: Any, dtype: Any) -> Any:
    if dtype == "string":
        return text_array(x) if np.ndim(x) else Text(x.decode() if isinstance(x, bytes) else x)
    return ops.convert_to_tensor(x, dtype)


class TensorArray:
    """`tf.TensorArray`: tensors by number, which are stacked at the end.

    >>> made = TensorArray("float32", size=2).write(0, 1.0).write(1, 2.0)
    >>> made.stack().numpy().tolist()
    [1.0, 2.0]
    """

    def __init__(self, dtype: Any, size: Any = 0, dynamic_size: Any = None, **options: Any):
        self._dtype = dtype
        self._tensors: list[Any] = [None] * int(size)

    def write(self, index: Any, value: Any, name: Any = None) -> TensorArray:
        """Put a tensor at a place."""
        made = TensorArray(self._dtype)
        made._tensors = [*self._tensors, *[None] * (int(index) + 1 - len(self._tensors))]
        made._tensors[int(index)] = ops.convert_to_tensor(value, self._dtype)
        return made

    def read(self, index: Any, name: Any = None) -> Any:
        """Return the tensor at a place."""
        return self._tensors[int(index)]

    def unstack(self, value: Any, name: Any = None) -> TensorArray:
        """Put the rows of a tensor at the places."""
        made = TensorArray(self._dtype)
        made._tensors = ops.unstack(value)
        return made

    def size(self) -> int:
        """Return how many places there are."""
        return len(self._tensors)

    def _written(self) -> list[Any]:
        like = next((x for x in self._tensors if x is not None), None)
        if like is None:
            raise ValueError("This TensorArray is empty: write a tensor first")
        return [ops.zeros_like(like) if x is None else x for x in self._tensors]

    def stack(self, name: Any = None) -> Any:
        """Return all tensors, along a new first axis."""
        return ops.stack(self._written())

    def concat(self, name: Any = None) -> Any:
        """Concatenate all tensors along their first axis."""
        return ops.concatenate(self._written(), 0)
