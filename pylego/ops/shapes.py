"""The same elements in other shapes: reshaped, joined, split, repeated, padded, turned around."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego.checks import whole_number
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, apply_all, convert_to_tensor
from pylego.engine import is_shape
from pylego.ops.arguments import Axes, normalize_axes, normalize_axis, shape_tuple

__all__ = [
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "flip",
    "moveaxis",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
]


def reshape(x: Any, newshape: Any) -> Tensor:
    """Return the same elements, in row-major order, in another shape.

    Args:
        x: the tensor.
        newshape: the lengths of the axes; one may be -1 and is worked out.

    Raises:
        ValueError: when the shapes hold different numbers of elements.

    >>> reshape([1, 2, 3, 4, 5, 6], (3, -1)).shape
    (3, 2)
    """
    shape = newshape if is_shape(newshape) else shape_tuple(newshape)
    return apply("reshape", (x,), shape=shape)


def ravel(x: Any) -> Tensor:
    """Flatten to one axis.

    >>> print(ravel([[1, 2], [3, 4]]))
    Tensor(shape=(4,), dtype=int32, [1 2 3 4])
    """
    return reshape(x, -1)


def expand_dims(x: Any, axis: int | Sequence[int]) -> Tensor:
    """Insert axes of length 1.

    Args:
        x: the tensor.
        axis: where they stand in the result, one number or several.

    >>> expand_dims([[1, 2, 3]], axis=0).shape, expand_dims([[1, 2, 3]], axis=-1).shape
    ((1, 1, 3), (1, 3, 1))
    """
    x = convert_to_tensor(x)
    count = len(axis) if isinstance(axis, (list, tuple)) else 1
    shape = list(x.shape)
    for one in sorted(normalize_axes(axis, len(shape) + count)):
        shape.insert(one, 1)
    return apply("reshape", (x,), shape=shape)


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """Remove axes of length 1.

    Args:
        x: the tensor.
        axis: which ones; all of length 1 by default.

    Raises:
        ValueError: when an axis named is longer.

    >>> squeeze([[[1], [2]]]).shape, squeeze([[[1], [2]]], axis=-1).shape
    ((2,), (1, 2))
    """
    x = convert_to_tensor(x)
    shape = x.shape
    if axis is None:
        return apply("reshape", (x,), shape=[length for length in shape if length != 1])
    kept = list(shape)
    for one in sorted(normalize_axes(axis, len(shape)), reverse=True):
        if kept.pop(one) != 1:
            raise ValueError(f"squeeze: shape {shape} is not 1 along axis={axis}")
    return apply("reshape", (x,), shape=kept)


def transpose(x: Any, axes: Sequence[int] | None = None) -> Tensor:
    """Put the axes into another order; nothing is copied.

    Args:
        x: the tensor.
        axes: which axis of x stands at each place; reversed by default.

    >>> transpose([[1, 2, 3]]).shape
    (3, 1)
    """
    if axes is None:
        return convert_to_tensor(x).T
    return apply("transpose", (x,), axes=axes if is_shape(axes) else shape_tuple(axes))


def swapaxes(x: Any, axis1: int, axis2: int) -> Tensor:
    """Exchange two axes.

    >>> swapaxes([[[1, 2, 3]]], 0, 2).shape
    (3, 1, 1)
    """
    x = convert_to_tensor(x)
    first, second = normalize_axis(axis1, x.ndim), normalize_axis(axis2, x.ndim)
    order = list(range(x.ndim))
    order[first], order[second] = second, first
    return apply("transpose", (x,), axes=order)


def along_one_axis(function: Callable, x: Tensor, axis: Axes) -> Tensor:
    """Apply function(x, axis), which keeps shapes, to several axes laid out as one."""
    axes = sorted(normalize_axes(axis, x.ndim))
    order = [one for one in range(x.ndim) if one not in axes] + axes
    x = transpose(x, order)
    rows = (*x.shape[: x.ndim - len(axes)], math.prod(x.shape[x.ndim - len(axes) :]))
    y = function(x.reshape(rows), -1).reshape(x.shape)
    return transpose(y, sorted(range(x.ndim), key=order.__getitem__))


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Move axes to other places; the others keep their order.

    >>> moveaxis([[[1, 2, 3]]], -1, 0).shape
    (3, 1, 1)
    """
    x = convert_to_tensor(x)
    origins = normalize_axes(source, x.ndim)
    places = normalize_axes(destination, x.ndim)
    if len(origins) != len(places):
        raise ValueError(
            f"moveaxis: source={source} and destination={destination} differ in length"
        )
    order = [axis for axis in range(x.ndim) if axis not in origins]
    for place, origin in sorted(zip(places, origins)):
        order.insert(place, origin)
    return apply("transpose", (x,), axes=order)


def broadcast_to(x: Any, shape: Any) -> Tensor:
    """Repeat axes of length 1, and new ones in front, to reach the shape; nothing is copied.

    Raises:
        ValueError: when the shapes do not fit.

    >>> print(broadcast_to([1, 2], (2, 2)))
    Tensor(shape=(2, 2), dtype=int32,
    [[1 2]
     [1 2]])
    """
    return apply("broadcast_to", (x,), shape=shape_tuple(shape))


def concatenate(xs: Sequence[Any], axis: int | None = 0) -> Tensor:
    """Join tensors along an axis that they have.

    Args:
        xs: tensors whose other axes are equal.
        axis: along which they are joined; the first by default. None: all are flattened.

    Raises:
        ValueError: when there are none, or their shapes do not fit.

    >>> print(concatenate([[1, 2], [3]]))
    Tensor(shape=(3,), dtype=int32, [1 2 3])
    """
    tensors = [x if type(x) is Tensor else convert_to_tensor(x) for x in xs]
    if not tensors:
        raise ValueError("concatenate needs at least one tensor")
    if axis is None:
        return concatenate([x.reshape(-1) for x in tensors])
    return apply("concatenate", tensors, axis=axis)


def stack(x: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors of one shape along a new axis.

    Args:
        x: the tensors.
        axis: where the new axis stands in the result; in front by default.

    Raises:
        ValueError: when there are none, or their shapes differ.

    >>> print(stack([[1, 2], [3, 4]], axis=1))
    Tensor(shape=(2, 2), dtype=int32,
    [[1 3]
     [2 4]])
    """
    tensors = [one if type(one) is Tensor else convert_to_tensor(one) for one in x]
    if not tensors:
        raise ValueError("stack needs at least one tensor")
    return apply("stack", tensors, axis=axis)


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cut into parts along an axis.

    Args:
        x: the tensor.
        indices_or_sections: into how many equal parts, or before which indices it is cut.
        axis: along which; the first by default.

    Raises:
        ValueError: when the axis does not divide into that many equal parts.

    >>> [part.shape for part in split([1, 2, 3, 4, 5, 6], 3)]
    [(2,), (2,), (2,)]
    >>> [part.shape for part in split([1, 2, 3, 4, 5, 6], [1, 3])]
    [(1,), (2,), (3,)]
    """
    x = convert_to_tensor(x)
    axis = normalize_axis(axis, x.ndim)
    if hasattr(indices_or_sections, "__index__"):
        sections = whole_number("indices_or_sections", indices_or_sections, 1)
        if x.shape[axis] % sections:
            raise ValueError(
                f"split: axis {axis} of length {x.shape[axis]} does not divide into {sections} "
                "equal parts"
            )
        return apply_all("split", (x,), sections, sections=sections, axis=axis)
    cuts = [0, *shape_tuple(indices_or_sections), x.shape[axis]]
    before = (np.s_[:],) * axis
    return [x[(*before, np.s_[begin:end])] for begin, end in itertools.pairwise(cuts)]


def flip(x: Any, axis: int | Sequence[int] | None = None) -> Tensor:
    """Reverse the order along the axes, all of them by default; nothing is copied.

    >>> print(flip([1, 2, 3]))
    Tensor(shape=(3,), dtype=int32, [3 2 1])
    """
    x = convert_to_tensor(x)
    shape = x.shape
    begin, step = [0] * len(shape), [1] * len(shape)
    for one in normalize_axes(axis, len(shape)):
        begin[one], step[one] = max(shape[one] - 1, 0), -1
    return apply("slice", (x,), begin=begin, shape=shape, step=step)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Tensor:
    """Lay a border around.

    Args:
        x: the tensor.
        pad_width: how wide: a pair (before, after) for each axis, one pair for all of them, or
            one number.
        mode: 'constant', 'reflect' (the border mirrors what follows the edge), 'symmetric' (it
            mirrors the edge as well), or another of `np.pad` that repeats elements.
        constant_values: with mode 'constant' what the border holds; 0 by default.

    Raises:
        ValueError: for negative widths, for constant_values in another mode, and for some that the
            dtype of x does not hold.

    >>> print(pad([1, 2, 3], 2))
    Tensor(shape=(7,), dtype=int32, [0 0 1 2 3 0 0])
    >>> print(pad([1, 2, 3], 2, mode="reflect"))
    Tensor(shape=(7,), dtype=int32, [3 2 1 2 3 2 1])
    """
    x = convert_to_tensor(x)
    widths = _pairs(pad_width, x.ndim)
    if mode == "constant":
        before, after = zip(*widths) if widths else ((), ())
        value = constant_values or 0
        if value and not dtypes.holds(x.dtype, value):
            raise ValueError(f"pad: {x.dtype} cannot hold constant_values={constant_values}")
        return apply("pad", (x,), before=before, after=after, value=value)
    if mode not in ("reflect", "symmetric", "edge", "wrap"):
        raise ValueError(f"pad: mode {mode!r} is none of constant, reflect, symmetric, edge, wrap")
    if constant_values is not None:
        raise ValueError(f"pad: constant_values go with mode='constant', not with {mode!r}")
    for axis, width in enumerate(widths):
        if any(width):
            x = apply("take", (x, _bordered(x.shape[axis], *width, mode)), axis=axis)
    return x


@functools.lru_cache(maxsize=64)
def _bordered(length: int, before: int, after: int, mode: Any) -> np.ndarray:
    """Which elements an axis has with its border; kept, as np.pad takes longer than `take`."""
    places = np.pad(np.arange(length), (before, after), mode=mode)
    places.flags.writeable = False
    return places


def _pairs(pad_width: Any, rank: int) -> Sequence[Sequence[int]]:
    if type(pad_width) is int:
        return [(pad_width, pad_width)] * rank
    if _is_pair_each(pad_width, rank):
        return pad_width
    try:
        widths = np.asarray(pad_width)
        if widths.dtype.kind not in "iu":
            raise ValueError("no whole numbers")
        return np.broadcast_to(widths, (rank, 2)).tolist()
    except ValueError as error:
        raise ValueError(
            f"pad: pad_width={pad_width} is neither a number, nor a pair (before, after), nor a "
            f"pair for each of {rank} axes"
        ) from error


def _is_pair_each(pad_width: Any, rank: int) -> bool:
    """Whether it is written as a pair of ints for each axis, as it mostly is."""
    return (
        isinstance(pad_width, (list, tuple))
        and len(pad_width) == rank
        and all(type(pair) is tuple and [*map(type, pair)] == [int, int] for pair in pad_width)
    )


def _pick(x: Tensor, axis: int, indices: np.ndarray) -> Tensor:
    """Take along the axis what a table of indices says; a table depends on lengths only."""
    whole = len(indices) == x.shape[axis] and bool((indices == np.arange(len(indices))).all())
    return x if whole else apply("take", (x, indices), axis=axis)


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """Repeat each element.

    Args:
        x: the tensor.
        repeats: how often, one number or one for each element along the axis.
        axis: along which; None flattens x.

    >>> print(repeat([1, 2], [2, 3]))
    Tensor(shape=(5,), dtype=int32, [1 1 2 2 2])
    """
    x = convert_to_tensor(x)
    x = ravel(x) if axis is None else x
    axis = normalize_axis(axis or 0, x.ndim)
    counts = shape_tuple(repeats)
    if len(counts) == 1 and counts[0] >= 0:
        return apply("repeat", (x,), repeats=counts[0], axis=axis)
    if len(counts) != x.shape[axis] or min(counts, default=0) < 0:
        raise ValueError(
            f"repeat: repeats must be one count, or one for each of the {x.shape[axis]} elements "
            f"along axis {axis}, from 0 on. Received: repeats={repeats}"
        )
    return _pick(x, axis, np.repeat(np.arange(x.shape[axis]), counts))


def tile(x: Any, repeats: int | Sequence[int]) -> Tensor:
    """Lay copies side by side.

    Args:
        x: the tensor.
        repeats: how many along each axis, counted from the last; more of them than axes insert
            axes in front.

    >>> print(tile([[1, 2]], (2, 2)))
    Tensor(shape=(2, 4), dtype=int32,
    [[1 2 1 2]
     [1 2 1 2]])
    """
    x = convert_to_tensor(x)
    counts = shape_tuple(repeats)
    rank = max(x.ndim, len(counts))
    if x.ndim < rank:
        x = reshape(x, (1,) * (rank - x.ndim) + x.shape)
    return apply("tile", (x,), repeats=(1,) * (rank - len(counts)) + counts)


def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """Shift elements along axes; those that fall out at the end come in at the front.

    Args:
        x: the tensor.
        shift: how far, one number or one for each axis.
        axis: along which; None: in the flattened tensor, whose shape is then restored.

    >>> print(roll([1, 2, 3, 4], 1))
    Tensor(shape=(4,), dtype=int32, [4 1 2 3])
    """
    x = convert_to_tensor(x)
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), x.shape)
    rank = x.ndim
    axes = normalize_axes(axis, rank)
    shifts = shape_tuple(shift)
    if len(shifts) not in (1, len(axes)):
        raise ValueError(f"roll: {len(shifts)} shifts came for {len(axes)} axes")
    along = [0] * rank
    for one, far in zip(axes, shifts if len(shifts) == len(axes) else shifts * len(axes)):
        along[one] = far
    return apply("roll", (x,), shifts=along)
