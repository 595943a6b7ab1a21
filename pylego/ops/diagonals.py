"""Diagonals of matrices: taken out, summed, or laid into zeros. Nothing is copied where they are
taken out: a diagonal of m columns is every (m + 1)th element of the matrix laid out as a row."""

from __future__ import annotations

from typing import Any

from pylego import checks
from pylego.core.tensor import Tensor
from pylego.ops.arguments import normalize_axes
from pylego.ops.core import convert_to_tensor
from pylego.ops.creation import zeros
from pylego.ops.reductions import sum
from pylego.ops.shapes import pad, reshape, transpose

__all__ = ["diag", "diagflat", "diagonal", "trace"]


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Take the diagonals of matrices.

    Args:
        x: a tensor of two axes or more.
        offset: how far the diagonal lies to the right of the main one.
        axis1: which axis counts the rows of the matrices.
        axis2: which counts their columns.

    Returns the tensor without the two axes, and with the diagonals as its last.

    Raises:
        ValueError: for a tensor of fewer axes, and where both are the same.

    >>> print(diagonal([[1, 2], [3, 4]]))
    Tensor(shape=(2,), dtype=int32, [1 4])
    """
    x = convert_to_tensor(x)
    if x.ndim < 2:
        raise ValueError(f"diagonal: a tensor of two axes or more is wanted. Received: {x.shape}")
    pair = normalize_axes((axis1, axis2), x.ndim)
    others = [axis for axis in range(x.ndim) if axis not in pair]
    x = transpose(x, (*others, *pair))
    rows, columns = x.shape[-2:]
    offset = checks.whole_number("diagonal: offset", offset)
    count = min(rows, columns - offset) if offset >= 0 else min(rows + offset, columns)
    if count <= 0:
        return x.reshape((*x.shape[:-2], rows * columns))[..., :0]
    first = offset if offset >= 0 else -offset * columns
    end = first + (count - 1) * (columns + 1) + 1
    return x.reshape((*x.shape[:-2], rows * columns))[..., first : end : columns + 1]


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Sum the diagonals of matrices; arguments as for `diagonal`.

    >>> print(trace([[1, 2], [3, 4]]))
    Tensor(shape=(), dtype=int32, 5)
    """
    return sum(diagonal(x, offset, axis1, axis2), axis=-1)


def diag(x: Any, k: int = 0) -> Tensor:
    """Lay numbers on the diagonal of a matrix of zeros; of a matrix take the diagonal.

    Args:
        x: a tensor of one axis, or of two.
        k: how far the diagonal lies to the right of the main one.

    Raises:
        ValueError: for any other number of axes.

    >>> print(diag([1, 2]))
    Tensor(shape=(2, 2), dtype=int32,
    [[1 0]
     [0 2]])
    >>> print(diag([[1, 2], [3, 4]], k=1))
    Tensor(shape=(1,), dtype=int32, [2])
    """
    x = convert_to_tensor(x)
    if x.ndim not in (1, 2):
        raise ValueError(f"diag: a tensor of one axis or two is wanted. Received: {x.shape}")
    if x.ndim == 2:
        return diagonal(x, k)
    k = checks.whole_number("diag: k", k)
    n = x.shape[0]
    # n rows of a number and n zeros, read as rows of n: the numbers lie on the diagonal.
    wide = pad(reshape(x, (n, 1)), ((0, 0), (0, n)))
    square = reshape(wide, (-1,))[: n * n].reshape((n, n)) if n else zeros((0, 0), x.dtype)
    return pad(square, ((max(-k, 0), max(k, 0)), (max(k, 0), max(-k, 0)))) if k else square


def diagflat(x: Any, k: int = 0) -> Tensor:
    """Lay all elements of a tensor on the diagonal of a matrix of zeros; see `diag`.

    >>> diagflat([[1, 2], [3, 4]]).shape
    (4, 4)
    """
    return diag(reshape(x, (-1,)), k)
