"""Systems of equations, inverses, determinants.

Matrices are the last two axes, and may be stacked. The numbers are found by NumPy's LAPACK, which
looks at them: inside of a recorded step use `compile(run_eagerly=True)`. Gradients are built of
bricks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import eye
from pylego.ops.decompositions import cholesky, svd
from pylego.ops.diagonals import diagonal
from pylego.ops.elementwise import log
from pylego.ops.lapack import call, matrices, transposed
from pylego.ops.linear import matmul
from pylego.ops.reductions import count_nonzero, max, sum
from pylego.ops.shapes import broadcast_to
from pylego.ops.triangular import solve_triangular, with_right_side

__all__ = [
    "cholesky_inverse",
    "det",
    "inv",
    "logdet",
    "lstsq",
    "matrix_rank",
    "pinv",
    "slogdet",
    "solve",
]


# ---- systems of equations, inverses ----------------------------------------------------------


def solve(a: Any, b: Any) -> Tensor:
    """Solve a x = b.

    Args:
        a: square matrices, (..., n, n).
        b: (..., n), or several right sides, (..., n, k).

    Returns x, of the shape of b.

    Raises:
        ValueError: for singular matrices, and shapes that do not fit.
        TypeError: while a program is recorded.

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 2.0]).numpy().tolist()
    [1.0, 0.5]
    """
    return with_right_side("solve", a, b, _solved)


def _solved(a: Tensor, b: Tensor) -> Tensor:
    """db = a^-T dx, da = -db x^T."""

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        db = _solved(transposed(a), upstream[0])
        return [-matmul(db, transposed(_solved(a, b))), db]

    return call("solve", np.linalg.solve, (a, b), gradient)[0]


def inv(x: Any) -> Tensor:
    """Invert square matrices, (..., n, n).

    Raises:
        ValueError: for singular matrices.
        TypeError: while a program is recorded.

    >>> inv([[2.0, 0.0], [0.0, 4.0]]).numpy().tolist()
    [[0.5, 0.0], [0.0, 0.25]]
    """
    x = matrices("inv", x, is_square=True)

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        y = transposed(inv(x))
        return [-matmul(matmul(y, upstream[0]), y)]  # dx = -y^T dy y^T

    return call("inv", np.linalg.inv, (x,), gradient)[0]


def pinv(x: Any, rcond: float | None = None) -> Tensor:
    """Compute pseudo-inverses: the inverse where there is one (Moore, Penrose).

    Args:
        x: matrices, (..., m, n).
        rcond: singular values below rcond times the largest count as 0; 10 max(m, n) times the
            rounding of the dtype by default.

    Returns (..., n, m). The gradient (Golub, Pereyra 1973) holds while the rank stays the same.

    Raises:
        TypeError: while a program is recorded.

    >>> pinv([[2.0, 0.0], [0.0, 0.0]]).numpy().tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    x = matrices("pinv", x)
    smallest = 10 * np.max(x.shape[-2:]) * dtypes.spacing(x.dtype) if rcond is None else rcond

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        p, dp_t = pinv(x, rcond), transposed(upstream[0])
        p_t = transposed(p)
        dx = -matmul(p_t, matmul(upstream[0], p_t))
        left = matmul(dp_t, matmul(p, p_t))
        right = matmul(matmul(p_t, p), dp_t)
        return [dx + left - matmul(x, matmul(p, left)) + right - matmul(right, matmul(p, x))]

    return call("pinv", lambda numbers: np.linalg.pinv(numbers, smallest), (x,), gradient)[0]


def lstsq(a: Any, b: Any, rcond: float | None = None) -> Tensor:
    """Find the shortest x for which |a x - b| is smallest: the pseudo-inverse of a, times b.

    Args:
        a: a matrix, (m, n).
        b: (m,), or several right sides, (m, k).
        rcond: see `pinv`; max(m, n) times the rounding of the dtype by default.

    Raises:
        TypeError: while a program is recorded.

    >>> lstsq([[1.0], [1.0]], [1.0, 3.0]).numpy().round(4).tolist()
    [2.0]
    """
    a = matrices("lstsq", a)
    rcond = float(np.max(a.shape[-2:]) * dtypes.spacing(a.dtype)) if rcond is None else rcond
    return matmul(pinv(a, rcond), cast(convert_to_tensor(b), a.dtype))


def cholesky_inverse(x: Any, upper: bool = False) -> Tensor:
    """Invert a matrix of which the Cholesky factor is known.

    Args:
        x: the factor, (..., n, n).
        upper: whether it is the upper one, x^T x; by default the lower one, x x^T.

    Raises:
        TypeError: while a program is recorded.

    >>> cholesky_inverse([[2.0, 0.0], [0.0, 1.0]]).numpy().tolist()
    [[0.25, 0.0], [0.0, 1.0]]
    """
    x = matrices("cholesky_inverse", x, is_square=True)
    lower = transposed(x) if upper else x
    ones = broadcast_to(eye(x.shape[-1], dtype=x.dtype), x.shape)
    half = solve_triangular(lower, ones, lower=True)
    return matmul(transposed(half), half)


# ---- determinants ---------------------------------------------------------------------------


def det(x: Any) -> Tensor:
    """Compute determinants of square matrices: (..., n, n) gives (...).

    Raises:
        TypeError: while a program is recorded.

    >>> det([[1.0, 2.0], [3.0, 4.0]]).numpy().round(4).item()
    -2.0
    """
    x = matrices("det", x, is_square=True)

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        return [(upstream[0] * det(x))[..., None, None] * transposed(inv(x))]

    return call("det", np.linalg.det, (x,), gradient)[0]


def slogdet(x: Any) -> tuple[Tensor, Tensor]:
    """Compute the signs of determinants, and the logarithms of their sizes.

    Args:
        x: square matrices, (..., n, n).

    Returns two tensors (...): -1, 0 or 1, and log |det(x)|.

    Raises:
        TypeError: while a program is recorded.

    >>> [y.numpy().round(4).item() for y in slogdet([[0.0, 1.0], [1.0, 0.0]])]
    [-1.0, 0.0]
    """
    x = matrices("slogdet", x, is_square=True)

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        return [upstream[1][..., None, None] * transposed(inv(x))]

    sign, logarithm = call("slogdet", lambda a: tuple(np.linalg.slogdet(a)), (x,), gradient)
    return sign, logarithm


def logdet(x: Any) -> Tensor:
    """Compute log(det(x)) of positive definite matrices, by their Cholesky factors.

    Raises:
        ValueError: for other matrices.
        TypeError: while a program is recorded.

    >>> logdet([[1.0, 0.0], [0.0, 1.0]]).item()
    0.0
    """
    return 2.0 * sum(log(diagonal(cholesky(x), axis1=-2, axis2=-1)), axis=-1)


def matrix_rank(x: Any, tol: float | None = None) -> Tensor:
    """Count the singular values of matrices that are not 0: (..., m, n) gives int32 (...).

    Args:
        x: the matrices.
        tol: up to which a singular value counts as 0; by default the largest one times max(m, n)
            and the rounding of the dtype.

    Raises:
        TypeError: while a program is recorded.

    >>> matrix_rank([[1.0, 2.0], [2.0, 4.0]]).item()
    1
    """
    x = matrices("matrix_rank", x)
    values = svd(x, compute_uv=False)
    smallest: Any = tol
    if tol is None:
        rounding = float(np.max(x.shape[-2:]) * dtypes.spacing(x.dtype))
        smallest = max(values, axis=-1, keepdims=True) * rounding
    return count_nonzero(values > smallest, axis=-1)
