"""Products of matrices and of tensors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego.core import dtypes, tensor as _tensor
from pylego.core.tensor import Tensor
from pylego.ops.arguments import normalize_axes
from pylego.ops.core import as_operands, cast, convert_to_tensor
from pylego.ops.shapes import transpose

__all__ = [
    "dot",
    "matmul",
    "outer",
    "tensordot",
]


def matmul(x1: Any, x2: Any) -> Tensor:
    """Multiply matrices, or stacks of them; a tensor of one axis is a row on the left, a column
    on the right.

    Shapes: (..., m, k) and (..., k, n) give (..., m, n).

    Raises:
        ValueError: when the inner lengths differ, or an operand has no axes.

    >>> print(matmul([[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0]))
    Tensor(shape=(2,), dtype=float32, [21. 43.])
    """
    return _tensor.matmul(x1, x2)


def dot(x1: Any, x2: Any) -> Tensor:
    """Sum products over the last axis of x1 and the last but one (or only) axis of x2.

    With a number on one side it is the ordinary product.

    >>> dot([1.0, 2.0], [3.0, 4.0]).item()
    11.0
    """
    x1, x2 = as_operands(x1, x2)
    if not x1.ndim or not x2.ndim:
        return x1 * x2
    return tensordot(x1, x2, axes=([x1.ndim - 1], [max(0, x2.ndim - 2)]))


def outer(x1: Any, x2: Any) -> Tensor:
    """Multiply each element of x1 with each of x2; both are flattened.

    >>> print(outer([1, 2], [10, 20]))
    Tensor(shape=(2, 2), dtype=int32,
    [[10 20]
     [20 40]])
    """
    x1, x2 = as_operands(x1, x2)
    return x1.reshape(-1, 1) * x2.reshape(1, -1)


def tensordot(x1: Any, x2: Any, axes: int | Sequence[Any] = 2) -> Tensor:
    """Sum products over several axes of both.

    Args:
        x1: its other axes come first in the result.
        x2: its other axes follow.
        axes: how many axes, the last of x1 and the first of x2; or a pair that lists those of x1
            and those of x2.

    Raises:
        ValueError: when the lengths that meet differ.

    >>> tensordot([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 1.0]]).item()
    5.0
    """
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    left, right = _meeting_axes(x1, x2, axes)
    met = [x1.shape[axis] for axis in left]
    if met != [x2.shape[axis] for axis in right]:
        raise ValueError(
            f"tensordot: shapes {x1.shape} and {x2.shape} do not fit along axes={axes}"
        )
    rows, row_shape = _others(x1, left)
    columns, column_shape = _others(x2, right)
    length = math.prod(met)
    a = transpose(x1, rows + left).reshape(math.prod(row_shape), length)
    b = transpose(x2, right + columns).reshape(length, math.prod(column_shape))
    common = dtypes.common(x1.dtype, x2.dtype)  # matmul makes int32 of int8
    return cast(matmul(a, b), common).reshape(row_shape + column_shape)


def _meeting_axes(
    x1: Tensor, x2: Tensor, axes: int | Sequence[Any]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(axes, int):
        if not 0 <= axes <= min(x1.ndim, x2.ndim):
            raise ValueError(
                f"tensordot: {x1.shape} and {x2.shape} have no {axes} axes to sum over"
            )
        last, first = tuple(range(-axes, 0)), tuple(range(axes))
        return normalize_axes(last, x1.ndim), normalize_axes(first, x2.ndim)
    left, right = axes
    return normalize_axes(left, x1.ndim), normalize_axes(right, x2.ndim)


def _others(x: Tensor, axes: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes that do not meet, and their lengths."""
    others = tuple(axis for axis in range(x.ndim) if axis not in axes)
    return others, tuple(x.shape[axis] for axis in others)
