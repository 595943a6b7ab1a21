"""Elements by their indices: take them out, replace a block, turn labels into one-hot rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor
from pylego.engine import block_of, is_shape, is_symbolic
from pylego.ops.arguments import normalize_axis, shape_tuple
from pylego.ops.shapes import moveaxis

__all__ = [
    "multi_hot",
    "nonzero",
    "one_hot",
    "slice",
    "slice_update",
    "take",
    "take_along_axis",
    "unravel_index",
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
    number = dtypes.number_of(dtype)
    rows = apply("one_hot", (labels,), classes=num_classes, dtype=number)
    return rows if axis == -1 else moveaxis(rows, -1, axis)


def multi_hot(
    inputs: Any,
    num_classes: int | None = None,
    axis: int = -1,
    dtype: Any = None,
    sparse: bool = False,
    **kwargs: Any,
) -> Tensor:
    """Turn several labels into one row that is 1 at each of them and 0 elsewhere.

    Args:
        inputs: labels, (n,), or rows of them, (batch, n); those that are not classes count nothing.
        num_classes: how many classes.
        axis: where the classes stand before rows are joined along axis 1; the last by default.
        dtype: `config.floatx()` by default.
        sparse: only False: there are no sparse tensors.
        **kwargs: `num_tokens`, as older programs call `num_classes`.

    Raises:
        ValueError: without a number of classes.

    >>> print(multi_hot([0, 2], 4))
    Tensor(shape=(4,), dtype=float32, [1. 0. 1. 0.])
    """
    num_classes = kwargs.pop("num_tokens", None) if num_classes is None else num_classes
    if kwargs:
        raise TypeError(f"multi_hot got an unknown argument {next(iter(kwargs))!r}")
    if num_classes is None:
        raise ValueError("multi_hot needs num_classes: how many classes there are")
    labels = convert_to_tensor(inputs)
    rows = one_hot(labels, num_classes, axis, dtype, sparse)
    joined = 1 if labels.ndim > 1 else 0
    if not rows.shape[joined]:  # no labels at all
        rows = apply("sum", (rows,), axes=(joined,), keepdims=0)
        return cast(rows, dtypes.standardize_dtype(dtype))
    return apply("max", (rows,), axes=(joined,), keepdims=0)


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Turn places in a flattened tensor into places along its axes.

    Args:
        indices: whole numbers of any shape; negative ones count from the end. Those that lie
            outside become the first place, or the last.
        shape: of the tensor.

    Returns a tensor for each axis.

    >>> [places.numpy().tolist() for places in unravel_index([2, 5], (2, 3))]
    [[0, 1], [2, 2]]
    """
    lengths = shape_tuple(shape)
    rest = convert_to_tensor(indices)
    total = math.prod(lengths)
    rest = apply("where", (rest < 0, rest + total, rest))
    rest = apply("clip", (rest, 0, max(total - 1, 0)))
    places = []
    for length in reversed(lengths):
        places.append(apply("mod", (rest, max(length, 1))))
        rest = apply("floor_divide", (rest, max(length, 1)))
    return tuple(reversed(places))


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


def slice(inputs: Any, start_indices: Sequence[int], shape: Sequence[int]) -> Tensor:
    """Cut out the block of that shape which begins at start_indices; nothing is copied.

    A length of -1 reaches to the end of its axis. The indices may be tensors, also such as have no
    numbers while a program or the body of a loop is recorded; then the block is copied.

    Raises:
        ValueError: when the block does not lie inside; IndexError where that is seen as it runs.

    >>> print(slice([[1, 2, 3], [4, 5, 6]], (0, 1), (2, -1)))
    Tensor(shape=(2, 2), dtype=int32,
    [[2 3]
     [5 6]])
    """
    block = block_of(inputs, start_indices, shape)
    if block is not None:  # the usual case, on the fast path
        return block
    x = convert_to_tensor(inputs)
    if _has_symbolic(start_indices):
        return _symbolic_slice(x, _starts("slice", start_indices, x), shape_tuple(shape))
    begin, wanted = shape_tuple(start_indices), shape_tuple(shape)
    if len(begin) == len(wanted) == x.ndim:
        wanted = tuple(
            whole - first if length == -1 else length
            for whole, first, length in zip(x.shape, begin, wanted)
        )
    return apply("slice", (x,), begin=begin, shape=wanted, step=(1,) * x.ndim)


def slice_update(inputs: Any, start_indices: Sequence[int], updates: Any) -> Tensor:
    """Return inputs with the block that begins at start_indices replaced by updates.

    The indices may be tensors, also such as have no numbers yet.

    Raises:
        ValueError: when the block does not lie inside; IndexError where that is seen as it runs.

    >>> print(slice_update([1, 2, 3, 4], (1,), [20, 30]))
    Tensor(shape=(4,), dtype=int32, [ 1 20 30  4])
    """
    x = convert_to_tensor(inputs)
    updates = cast(updates, x.dtype)
    if _has_symbolic(start_indices):
        return _symbolic_update(x, _starts("slice_update", start_indices, x), updates)
    return apply("slice_update", (x, updates), begin=shape_tuple(start_indices))


# ---- blocks whose place is a number to come -------------------------------------------------


def _has_symbolic(indices: Any) -> bool:
    """Whether there are no numbers yet for one of the indices."""
    if is_shape(indices):
        return False  # the usual case, on the fast path
    parts = indices if isinstance(indices, (list, tuple)) else [indices]
    return any(isinstance(x, Tensor) and is_symbolic(x._handle) for x in parts)


def _starts(name: str, indices: Any, x: Tensor) -> list[Tensor]:
    """One whole number for each axis of x."""
    parts = [indices[k] for k in range(indices.size)] if isinstance(indices, Tensor) else indices
    if len(parts) != x.ndim:
        raise ValueError(
            f"{name}: a tensor of {x.ndim} axes needs as many start_indices, got {len(parts)}"
        )
    return [cast(part, "int32") for part in parts]


def _symbolic_slice(x: Tensor, starts: list[Tensor], wanted: tuple[int, ...]) -> Tensor:
    """Take rows along one axis after another. A block that is not inside asks for rows that are
    not there, so that it is refused."""
    if len(wanted) != x.ndim or -1 in wanted:
        raise ValueError(
            f"slice: where start_indices have no numbers yet, shape has a length for each of "
            f"{x.ndim} axes. Received: shape={wanted}"
        )
    for axis, (start, whole, length) in enumerate(zip(starts, x.shape, wanted)):
        places = start + np.arange(length, dtype="int32")
        x = take(x, apply("where", (start < 0, whole, places)), axis)
    return x


def _symbolic_update(x: Tensor, starts: list[Tensor], updates: Tensor) -> Tensor:
    """Spread the updates over all places of x, and choose those that lie in the block."""
    if updates.ndim != x.ndim:
        raise ValueError(f"slice_update: updates {updates.shape} do not fit into {x.shape}")
    is_inside = convert_to_tensor(True)
    for axis, (start, whole, length) in enumerate(zip(starts, x.shape, updates.shape)):
        places = np.arange(whole, dtype="int32") - start
        is_refused = apply("logical_or", (start < 0, start > whole - length))
        nearest = apply("minimum", (apply("maximum", (places, 0)), length - 1))
        updates = take(updates, apply("where", (is_refused, length, nearest)), axis)
        along = apply("logical_and", (places >= 0, places < length))
        shape = [whole if axis == k else 1 for k in range(x.ndim)]
        is_inside = apply("logical_and", (is_inside, along.reshape(shape)))
    return apply("where", (is_inside, updates, x))
