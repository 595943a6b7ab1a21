"""Products of vectors, blocks and polynomials; distances between points."""

from __future__ import annotations

from typing import Any

from pylego.checks import whole_number
from pylego.core.tensor import Tensor
from pylego.ops.convolution import conv
from pylego.ops.core import as_floats, as_operands, convert_to_tensor
from pylego.ops.creation import ones_like, zeros_like
from pylego.ops.elementwise import square
from pylego.ops.linear import dot, tensordot
from pylego.ops.reductions import sum
from pylego.ops.shapes import flip, moveaxis, pad, reshape, stack
from pylego.ops.statistics import root

__all__ = ["cdist", "correlate", "cross", "inner", "kron", "vander", "vdot"]


def inner(x1: Any, x2: Any) -> Tensor:
    """Sum products over the last axes of both; with a number on one side the ordinary product.

    >>> print(inner([1, 2], [[3, 4], [5, 6]]))
    Tensor(shape=(2,), dtype=int32, [11 17])
    """
    x1, x2 = as_operands(x1, x2)
    if not x1.ndim or not x2.ndim:
        return x1 * x2
    return tensordot(x1, x2, axes=([-1], [-1]))


def vdot(x1: Any, x2: Any) -> Tensor:
    """Sum the products of all elements; both are flattened.

    >>> print(vdot([[1, 2], [3, 4]], [[5, 6], [7, 8]]))
    Tensor(shape=(), dtype=int32, 70)
    """
    return dot(reshape(x1, (-1,)), reshape(x2, (-1,)))


def kron(x1: Any, x2: Any) -> Tensor:
    """Lay blocks side by side: a copy of x2 for each element of x1, times that element.

    >>> print(kron([1, 10], [1, 2]))
    Tensor(shape=(4,), dtype=int32, [ 1  2 10 20])
    """
    x1, x2 = as_operands(x1, x2)
    rank = max(x1.ndim, x2.ndim)
    shapes = [(1,) * (rank - x.ndim) + x.shape for x in (x1, x2)]
    blocks = [length for n in shapes[0] for length in (n, 1)]
    inside = [length for n in shapes[1] for length in (1, n)]
    return _joined(x1, blocks, x2, inside).reshape([n * m for n, m in zip(*shapes)])


def _joined(x1: Tensor, blocks: list[int], x2: Tensor, inside: list[int]) -> Tensor:
    """The product of (n, 1, m, 1, ...) and (1, k, 1, l, ...), of which no axis is 1 for nothing: a
    tensor has at most 8."""
    kept = [i for i, pair in enumerate(zip(blocks, inside)) if pair != (1, 1)]
    return x1.reshape([blocks[i] for i in kept]) * x2.reshape([inside[i] for i in kept])


def cross(
    x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Tensor:
    """Compute the cross product of vectors of 3 numbers, or of 2, which lie in the plane.

    Args:
        x1: the vectors on the left.
        x2: those on the right.
        axisa: along which axis of x1 the vectors lie.
        axisb: along which of x2.
        axisc: along which they lie in the result.
        axis: all three.

    Returns vectors of 3; of two vectors of 2 numbers the third coordinate alone.

    Raises:
        ValueError: for vectors of other lengths.

    >>> print(cross([1, 0, 0], [0, 1, 0]))
    Tensor(shape=(3,), dtype=int32, [0 0 1])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    a = moveaxis(x1, axisa, -1)
    b = moveaxis(x2, axisb, -1)
    if a.shape[-1] not in (2, 3) or b.shape[-1] not in (2, 3):
        raise ValueError(
            "cross: vectors have 2 or 3 numbers. Received: "
            f"x1 {convert_to_tensor(x1).shape}, x2 {convert_to_tensor(x2).shape}"
        )
    is_plane = a.shape[-1] == b.shape[-1] == 2
    (a0, a1, a2), (b0, b1, b2) = _coordinates(a), _coordinates(b)
    z = a0 * b1 - a1 * b0
    if is_plane:
        return z
    return moveaxis(stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, z], axis=-1), -1, axisc)


def _coordinates(x: Tensor) -> list[Tensor]:
    third = x[..., 2] if x.shape[-1] == 3 else zeros_like(x[..., 0])
    return [x[..., 0], x[..., 1], third]


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Tensor:  # noqa: N803
    """Make a matrix whose columns are powers of x, as a polynomial has them.

    Args:
        x: the numbers, (n,).
        N: how many powers; n by default.
        increasing: whether the powers grow from left to right; by default they fall.

    Raises:
        ValueError: for numbers of several axes.

    >>> print(vander([1, 2, 3], 2))
    Tensor(shape=(3, 2), dtype=int32,
    [[1 1]
     [2 1]
     [3 1]])
    """
    x = convert_to_tensor(x)
    if x.ndim != 1:
        raise ValueError(f"vander: numbers of one axis are wanted. Received: {x.shape}")
    count = x.size if N is None else whole_number("vander: N", N, 0)
    powers = [ones_like(x)]
    for _ in range(count - 1):
        powers.append(powers[-1] * x)
    matrix = stack(powers, axis=1)[:, :count]
    return matrix if increasing else flip(matrix, axis=1)


def correlate(x1: Any, x2: Any, mode: str = "valid") -> Tensor:
    """Sum products of two sequences, of which the second is shifted along the first.

    Args:
        x1: a sequence, (n,).
        x2: another one, (m,).
        mode: 'valid': shifts where the shorter one lies within the other; 'full': all where they
            touch; 'same': the middle ones, as many as the longer one has.

    Raises:
        ValueError: for another mode, and sequences of several axes, or empty ones.

    >>> print(correlate([1.0, 2.0, 3.0], [0.0, 1.0]))
    Tensor(shape=(2,), dtype=float32, [2. 3.])
    """
    if mode not in ("valid", "same", "full"):
        raise ValueError(f"correlate: mode is 'valid', 'same' or 'full'. Received: mode={mode!r}")
    x1, x2 = as_floats(x1, x2)
    if x1.ndim != 1 or x2.ndim != 1 or not x1.size or not x2.size:
        raise ValueError(
            f"correlate: two sequences of one axis are wanted. Received: {x1.shape} and {x2.shape}"
        )
    if x1.size < x2.size:
        return flip(_correlated(x2, x1, mode))
    return _correlated(x1, x2, mode)


def _correlated(long: Tensor, short: Tensor, mode: str) -> Tensor:
    around = short.size - 1
    before = {"valid": 0, "full": around, "same": short.size // 2}[mode]
    after = {"valid": 0, "full": around, "same": around - before}[mode]
    padded = pad(long, ((before, after),)).reshape(1, -1, 1)
    return conv(padded, short.reshape(-1, 1, 1), data_format="channels_last").reshape(-1)


def cdist(x: Any, y: Any) -> Tensor:
    """Compute the distances between points: sqrt(sum((x_i - y_j)^2)).

    The gradient where a distance is 0 is 0.

    Args:
        x: points, (..., n, coordinates).
        y: points, (..., m, coordinates).

    Returns (..., n, m).

    Raises:
        ValueError: for points of unlike many coordinates.

    >>> print(cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]]))
    Tensor(shape=(1, 2), dtype=float32, [[5. 0.]])
    """
    x, y = as_floats(x, y)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(
            "cdist: points (..., n, coordinates) and (..., m, coordinates) are wanted. Received: "
            f"{x.shape} and {y.shape}"
        )
    return root(sum(square(x[..., :, None, :] - y[..., None, :, :]), axis=-1))
