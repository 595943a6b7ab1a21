"""Joining and splitting by the names of directions: down, along, deep; and turning around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.checks import whole_number
from pylego.core.tensor import Tensor
from pylego.ops.arguments import normalize_axes, normalize_axis
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import concatenate, flip, reshape, split, swapaxes

__all__ = [
    "append",
    "array_split",
    "dsplit",
    "dstack",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "rot90",
    "vsplit",
    "vstack",
]


_MOST_PARTS = 2**20


def append(x1: Any, x2: Any, axis: int | None = None) -> Tensor:
    """Join two tensors along an axis; None flattens both.

    >>> print(append([1, 2], [[3], [4]]))
    Tensor(shape=(4,), dtype=int32, [1 2 3 4])
    """
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if axis is None:
        return concatenate([x1.reshape(-1), x2.reshape(-1)])
    return concatenate([x1, x2], axis=normalize_axis(axis, x1.ndim))


def vstack(xs: Sequence[Any]) -> Tensor:
    """Join along the first axis; tensors of one axis are rows.

    >>> vstack([[1, 2], [3, 4]]).shape
    (2, 2)
    """
    return concatenate([_at_least(x, 2) for x in _all(xs)])


def hstack(xs: Sequence[Any]) -> Tensor:
    """Join along the second axis, tensors of one axis along that.

    >>> hstack([[1, 2], [3, 4]]).shape
    (4,)
    """
    tensors = [_at_least(x, 1) for x in _all(xs)]
    return concatenate(tensors, axis=0 if tensors and tensors[0].ndim == 1 else 1)


def dstack(xs: Sequence[Any]) -> Tensor:
    """Join along the third axis; tensors of one axis are rows.

    >>> dstack([[1, 2], [3, 4]]).shape
    (1, 2, 2)
    """
    return concatenate([_at_least(x, 3) for x in _all(xs)], axis=2)


def _all(xs: Sequence[Any]) -> list[Tensor]:
    return [convert_to_tensor(x) for x in xs]


def _at_least(x: Tensor, rank: int) -> Tensor:
    """x with axes of length 1 where it has fewer: (n,) becomes (1, n), (1, n, 1)."""
    shape = x.shape if x.ndim else (1,)
    shape = (1, *shape) if len(shape) == 1 and rank > 1 else shape
    return reshape(x, shape + (1,) * (rank - len(shape)))


def array_split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Cut into parts along an axis, of which the first ones may be longer by one.

    Args:
        x: the tensor.
        indices_or_sections: into how many parts, or before which indices it is cut.
        axis: along which; the first by default.

    >>> [part.shape for part in array_split([1, 2, 3, 4, 5], 3)]
    [(2,), (2,), (1,)]
    """
    x = convert_to_tensor(x)
    axis = normalize_axis(axis, x.ndim)
    if not hasattr(indices_or_sections, "__index__"):
        return split(x, indices_or_sections, axis)
    sections = whole_number("indices_or_sections", indices_or_sections, 1)
    if sections > _MOST_PARTS:
        raise ValueError(f"array_split: {sections} parts are too many")
    length, longer = divmod(x.shape[axis], sections)
    cuts = [part * length + min(part, longer) for part in range(1, sections)]
    return split(x, cuts, axis)


def vsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cut into parts along the first axis; see `split`.

    >>> [part.shape for part in vsplit([[1, 2], [3, 4]], 2)]
    [(1, 2), (1, 2)]
    """
    return split(_of_rank("vsplit", x, 2), indices_or_sections, axis=0)


def hsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cut into parts along the second axis, a tensor of one axis along that; see `split`.

    >>> [part.shape for part in hsplit([[1, 2], [3, 4]], 2)]
    [(2, 1), (2, 1)]
    """
    x = _of_rank("hsplit", x, 1)
    return split(x, indices_or_sections, axis=min(x.ndim - 1, 1))


def dsplit(x: Any, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """Cut into parts along the third axis; see `split`.

    >>> [part.shape for part in dsplit([[[1, 2], [3, 4]]], 2)]
    [(1, 2, 1), (1, 2, 1)]
    """
    return split(_of_rank("dsplit", x, 3), indices_or_sections, axis=2)


def _of_rank(name: str, x: Any, least: int) -> Tensor:
    x = convert_to_tensor(x)
    if x.ndim < least:
        raise ValueError(f"{name} cuts tensors of {least} axes or more. Received: shape {x.shape}")
    return x


def flipud(x: Any) -> Tensor:
    """Reverse the order along the first axis.

    >>> print(flipud([1, 2, 3]))
    Tensor(shape=(3,), dtype=int32, [3 2 1])
    """
    return flip(_of_rank("flipud", x, 1), axis=0)


def fliplr(x: Any) -> Tensor:
    """Reverse the order along the second axis.

    >>> print(fliplr([[1, 2, 3]]))
    Tensor(shape=(1, 3), dtype=int32, [[3 2 1]])
    """
    return flip(_of_rank("fliplr", x, 2), axis=1)


def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Tensor:
    """Turn by 90 degrees, from the first of two axes towards the second.

    Args:
        array: a tensor of two axes or more.
        k: how many times.
        axes: between which axes.

    Raises:
        ValueError: unless two axes are named.

    >>> print(rot90([[1, 2], [3, 4]]))
    Tensor(shape=(2, 2), dtype=int32,
    [[2 4]
     [1 3]])
    """
    x = _of_rank("rot90", array, 2)
    pair = normalize_axes(tuple(axes), x.ndim)
    if len(pair) != 2:
        raise ValueError(f"rot90 turns between two axes. Received: axes={axes}")
    first, second = pair
    turns = whole_number("rot90: k", k) % 4
    if turns == 2:
        return flip(x, axis=(first, second))
    if turns == 1:
        return swapaxes(flip(x, axis=second), first, second)
    return flip(swapaxes(x, first, second), axis=second) if turns else x
