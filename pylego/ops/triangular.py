"""Systems of equations whose matrix is triangular."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import tril, triu
from pylego.ops.lapack import call, matrices, transposed
from pylego.ops.linear import matmul
from pylego.ops.shapes import broadcast_to

__all__ = ["solve_triangular"]


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Tensor:
    """Solve a x = b where a is triangular.

    Args:
        a: square matrices, (..., n, n). What lies on the other side of the diagonal is not read.
        b: (n,), which all matrices share; (..., n), one for each; or several right sides,
            (..., n, k).
        lower: whether a is lower triangular; by default it is upper triangular.

    Returns x, of the shape of b.

    Raises:
        ValueError: for singular matrices, and shapes that do not fit.
        TypeError: while a program is recorded.

    >>> solve_triangular([[2.0, 0.0], [1.0, 1.0]], [2.0, 2.0], lower=True).numpy().tolist()
    [1.0, 1.0]
    """
    triangle = tril if lower else triu

    def solved(a: Tensor, b: Tensor) -> Tensor:
        return _solved(triangle(a), b, bool(lower))

    return with_right_side("solve_triangular", a, b, solved)


def with_right_side(name: str, a: Any, b: Any, solved: Callable) -> Tensor:
    """Call solved(a, b) with matrices in stacks of one shape."""
    a = matrices(name, a, is_square=True)
    b = convert_to_tensor(b)
    common = dtypes.common(a.dtype, b.dtype)
    a, b = cast(a, common), cast(b, common)
    is_vector = b.ndim == 1 or (
        b.ndim == a.ndim - 1 and b.shape[-1] == a.shape[-1] and _stack(a, b.shape[:-1]) is not None
    )
    columns = b.reshape((*b.shape, 1)) if is_vector else b
    stack = _stack(a, columns.shape[:-2])
    if stack is None or columns.ndim < 2 or columns.shape[-2] != a.shape[-1]:
        raise ValueError(
            f"{name}: a of shape (..., n, n) and b of shape (..., n) or (..., n, k) are wanted. "
            f"Received: a {a.shape}, b {b.shape}"
        )
    a = broadcast_to(a, (*stack, *a.shape[-2:]))
    columns = broadcast_to(columns, (*stack, *columns.shape[-2:]))
    x = solved(a, columns)
    return x.reshape(x.shape[:-1]) if is_vector else x


def _stack(a: Tensor, other: tuple[int, ...]) -> tuple[int, ...] | None:
    """The axes before those of the matrices and of the right sides, broadcast; None if unlike."""
    try:
        return np.broadcast_shapes(a.shape[:-2], other)
    except ValueError:
        return None


def _solved(a: Tensor, b: Tensor, lower: bool) -> Tensor:
    """db = a^-T dx, da = -db x^T; a holds zeros beside its triangle, so `triangle` cuts da."""

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        db = _solved(transposed(a), upstream[0], not lower)
        return [-matmul(db, transposed(_solved(a, b, lower))), db]

    return call("solve_triangular", np.linalg.solve, (a, b), gradient)[0]
