"""Elements by their indices: take them out, put them in, turn labels into one-hot rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego import engine
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor
from pylego.engine import block_of
from pylego.ops.arguments import normalize_axis, shape_tuple
from pylego.ops.core import where
from pylego.ops.creation import ones
from pylego.ops.shapes import moveaxis

__all__ = [
    "nonzero",
    "one_hot",
    "scatter",
    "scatter_update",
    "segment_sum",
    "slice",
    "slice_update",
    "take",
    "take_along_axis",
]


def take(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """Take elements along an axis: y[..., i, ...] = x[..., indices[i], ...].

    Args:
        x: the tensor.
        indices: integers of any shape, which replaces the axis; negative ones count from the end.
        axis: along which; None flattens x.

    Raises:
        IndexError: for an index that does not fit.

    >>> print(take([10, 20, 30], [0, -1, 0]))
    Tensor(shape=(3,), dtype=int32, [10 30 10])
    """
    x, indices = convert_to_tensor(x), convert_to_tensor(indices)
    x = x.reshape(-1) if axis is None else x
    axis = normalize_axis(axis or 0, x.ndim)
    return apply("take", (x, indices), axis=axis)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Tensor:
    """Take one element for each index: y[i, j] = x[i, indices[i, j]] along the last of two axes.

    Args:
        x: the tensor.
        indices: integers with as many axes as x; the other axes are broadcast.
        axis: along which; None flattens x, and indices have one axis.

    Raises:
        ValueError: when the other axes do not fit.
        IndexError: for an index that does not fit.

    >>> print(take_along_axis([[1, 2], [3, 4]], [[1], [0]], axis=1))
    Tensor(shape=(2, 1), dtype=int32,
    [[2]
     [3]])
    """
    x, indices = convert_to_tensor(x), convert_to_tensor(indices)
    x = x.reshape(-1) if axis is None else x
    axis = normalize_axis(axis or 0, x.ndim)
    if indices.ndim != x.ndim:
        raise ValueError(
            f"take_along_axis: indices need as many axes as x: {indices.shape} and {x.shape}"
        )
    x, indices = _alike_but_for(axis, x, indices)
    return apply("take_along_axis", (x, indices), axis=axis)


def _alike_but_for(axis: int, x: Tensor, indices: Tensor) -> tuple[Tensor, Tensor]:
    """Broadcast all axes but one."""
    shape, places = list(x.shape), list(indices.shape)
    shape[axis] = places[axis] = 1
    if shape == places:
        return x, indices
    try:
        whole = list(np.broadcast_shapes(tuple(shape), tuple(places)))
    except ValueError as error:
        raise ValueError(
            f"take_along_axis: x {x.shape} and indices {indices.shape} do not fit: all axes but "
            f"axis={axis} must have one length or 1"
        ) from error
    both = []
    for one in (x, indices):
        whole[axis] = one.shape[axis]
        both.append(apply("broadcast_to", (one,), shape=tuple(whole)))
    return both[0], both[1]


def _checked(indices: Tensor, length: int, outside: int) -> Tensor:
    """Send what does not fit far out, where take refuses it, not to a neighbouring row."""
    return where((indices >= 0) & (indices < length), cast(indices, "int64"), outside)


def _refusing(name: str, shape: tuple[int, ...], compute: Callable[[], Tensor]) -> Tensor:
    """Say in terms of the caller's axes what scatter_add says of the flattened ones."""
    try:
        return compute()
    except IndexError as error:
        raise IndexError(f"{name}: an index is outside of the shape {shape}") from error


def one_hot(
    x: Any, num_classes: int, axis: int = -1, dtype: Any = None, sparse: bool = False
) -> Tensor:
    """Turn labels into rows that are 1 at the label and 0 elsewhere.

    Args:
        x: labels from 0 to num_classes - 1; any other gives a row of zeros.
        num_classes: how many classes.
        axis: where the new axis stands in the result; the last by default.
        dtype: `config.floatx()` by default.
        sparse: only False: there are no sparse tensors.

    >>> print(one_hot([0, 2], 3))
    Tensor(shape=(2, 3), dtype=float32,
    [[1. 0. 0.]
     [0. 0. 1.]])
    """
    if sparse:
        raise ValueError("pylego has no sparse tensors: leave sparse out")
    labels = convert_to_tensor(x)
    labels = cast(labels, "int64") if dtypes.is_float(labels.dtype) else labels
    number = engine.dtype_number(dtypes.standardize_dtype(dtype))
    rows = apply("one_hot", (labels,), classes=num_classes, dtype=number)
    return rows if axis == -1 else moveaxis(rows, -1, axis)


def nonzero(x: Any) -> tuple[Tensor, ...]:
    """Find the places of the elements that are not 0: for each axis their indices along it, int32.

    How many they are is known only from the numbers, so it cannot be recorded.

    Raises:
        TypeError: while a program is recorded.

    >>> [places.numpy().tolist() for places in nonzero([[0, 7], [8, 9]])]
    [[0, 1, 1], [1, 0, 1]]
    """
    numbers = convert_to_tensor(x).numpy()
    return tuple(convert_to_tensor(places, "int32") for places in np.nonzero(numbers))


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
    indices, values = convert_to_tensor(indices), convert_to_tensor(values)
    shape = shape_tuple(shape)
    depth = indices.shape[-1] if indices.shape else 0
    if not 1 <= depth <= len(shape) or values.shape != indices.shape[:-1] + shape[depth:]:
        raise ValueError(
            f"scatter: indices of shape (..., k) and values of shape (..., and the shape of the "
            f"result after its first k axes) are wanted. Received: indices {indices.shape}, values "
            f"{values.shape}, result {shape}"
        )
    count = math.prod(shape[:depth])
    places = convert_to_tensor(0, "int64")
    for axis in range(depth):
        index = _checked(indices[..., axis], shape[axis], count)
        places = places + index * math.prod(shape[axis + 1 : depth])
    rows = values.reshape((places.size, *shape[depth:]))
    both = (places.reshape(-1), rows)
    filled = _refusing("scatter", shape, lambda: apply("scatter_add", both, axis=0, size=count))
    return filled.reshape(shape)


def scatter_update(inputs: Any, indices: Any, updates: Any) -> Tensor:
    """Return inputs with the elements at the places replaced by updates.

    Args:
        inputs: the tensor.
        indices: integers of shape (..., k): places along the first k axes, each at most once.
        updates: of shape (..., and the axes of inputs after the first k).

    Raises:
        IndexError: for a place that does not exist.

    >>> print(scatter_update([1, 2, 3], [[0], [2]], [10, 30]))
    Tensor(shape=(3,), dtype=int32, [10  2 30])
    """
    x = convert_to_tensor(inputs)
    updates = cast(updates, x.dtype)
    is_replaced = scatter(indices, ones(updates.shape, "int32"), x.shape) > 0
    return where(is_replaced, scatter(indices, updates, x.shape), x)


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Add up rows by the segment that each belongs to: y[s] = sum of data[i] where ids[i] = s.

    Args:
        data: rows, (N, ...).
        segment_ids: whole numbers of shape (N,), each from 0 to num_segments - 1.
        num_segments: how many segments; by default the largest of the ids, plus 1.
        sorted: accepted for Keras's sake: the ids may have any order.

    Shapes: (N, ...) and (N,) give (num_segments, ...).

    Raises:
        IndexError: for an id that is no segment.
        ValueError: when there are not as many ids as rows.

    >>> print(segment_sum([1.0, 2.0, 3.0], [2, 0, 2], 4))
    Tensor(shape=(4,), dtype=float32, [2. 0. 4. 0.])
    """
    data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
    if ids.ndim != 1 or data.shape[:1] != ids.shape:
        raise ValueError(
            f"segment_sum: data (N, ...) and segment_ids (N,) are wanted. Received: data "
            f"{data.shape}, segment_ids {ids.shape}"
        )
    if num_segments is None:
        num_segments = int(ids.numpy().max(initial=-1)) + 1
    return apply("scatter_add", (ids, data), axis=0, size=num_segments)


def slice(inputs: Any, start_indices: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Cut out the block of that shape which begins at start_indices; nothing is copied.

    Raises:
        ValueError: when the block does not lie inside.

    >>> print(slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, 2)))
    Tensor(shape=(2, 2), dtype=int32,
    [[2 3]
     [5 6]])
    """
    block = block_of(inputs, start_indices, shape)
    if block is not None:  # the usual case, on the fast path
        return block
    x = convert_to_tensor(inputs)
    begin, lengths = shape_tuple(start_indices), shape_tuple(shape)
    return apply("slice", (x,), begin=begin, shape=lengths, step=(1,) * x.ndim)


def slice_update(inputs: Any, start_indices: Sequence[int], updates: Any) -> Tensor:
    """Return inputs with the block that begins at start_indices replaced by updates.

    Raises:
        ValueError: when the block does not lie inside.

    >>> print(slice_update([1, 2, 3, 4], (1,), [20, 30]))
    Tensor(shape=(4,), dtype=int32, [ 1 20 30  4])
    """
    x = convert_to_tensor(inputs)
    updates = cast(updates, x.dtype)
    return apply("slice_update", (x, updates), begin=shape_tuple(start_indices))
