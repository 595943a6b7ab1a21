"""Matrices as products: Cholesky, QR, eigenvalues, singular values, LU."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import names
from pylego.core.tensor import Tensor
from pylego.ops.core import convert_to_tensor, where
from pylego.ops.creation import eye, tril
from pylego.ops.lapack import call, matrices, numbers_of, symmetric, transposed
from pylego.ops.linear import matmul
from pylego.ops.triangular import solve_triangular

__all__ = ["cholesky", "eigh", "lu_factor", "qr", "svd"]


def cholesky(x: Any, upper: bool = False) -> Tensor:
    """Write symmetric positive definite matrices as l l^T, with l lower triangular.

    Of a matrix that is not symmetric the mean with its transpose is taken.

    Args:
        x: the matrices, (..., n, n).
        upper: whether u = l^T is returned, x = u^T u.

    Raises:
        ValueError: for matrices that are not positive definite.
        TypeError: while a program is recorded.

    >>> cholesky([[4.0, 2.0], [2.0, 2.0]]).numpy().tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    """
    x = symmetric(matrices("cholesky", x, is_square=True))
    lower = _cholesky(x)
    return transposed(lower) if upper else lower


def _cholesky(x: Tensor) -> Tensor:
    """dx = l^-T phi(l^T dl) l^-1, where phi takes the lower triangle and half of the diagonal
    (Murray, arXiv 1602.07527)."""

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        lower = _cholesky(x)
        upper = transposed(lower)
        inner = tril(matmul(upper, tril(upstream[0])))
        inner = inner - inner * eye(x.shape[-1], dtype=x.dtype) * 0.5
        left = solve_triangular(upper, inner)
        return [symmetric(transposed(solve_triangular(upper, transposed(left))))]

    return call("cholesky", np.linalg.cholesky, (x,), gradient)[0]


def qr(x: Any, mode: str = "reduced") -> tuple[Tensor, Tensor]:
    """Write matrices as q r: q has orthogonal columns of length 1, r is upper triangular.

    Args:
        x: matrices, (..., m, n).
        mode: 'reduced': q (..., m, k) and r (..., k, n), k = min(m, n); 'complete': q (..., m, m)
            and r (..., m, n).

    The gradient is that of matrices with m >= n, in mode 'reduced' or square.

    Raises:
        ValueError: for another mode.
        TypeError: while a program is recorded.

    >>> q, r = qr([[3.0, 1.0], [4.0, 1.0]])
    >>> (q @ r).numpy().round(3).tolist()
    [[3.0, 1.0], [4.0, 1.0]]
    """
    if mode not in ("reduced", "complete"):
        raise names.unknown("mode", mode, ("reduced", "complete"))
    x = matrices("qr", x)
    rows, columns = x.shape[-2:]

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        if rows < columns or (mode == "complete" and rows > columns):
            raise ValueError(
                f"qr: the gradient of mode={mode!r} is not known for matrices of {x.shape[-2:]}"
            )
        return [_qr_gradient(*qr(x), *upstream)]

    q, r = call("qr", lambda numbers: tuple(np.linalg.qr(numbers, mode)), (x,), gradient)  # type: ignore[call-overload]
    return q, r


def _qr_gradient(q: Tensor, r: Tensor, dq: Tensor, dr: Tensor) -> Tensor:
    """dx = (dq + q s) r^-T, with s the symmetric matrix that has the lower triangle of
    r dr^T - dq^T q (Walter, Lehmann, arXiv 1001.1654)."""
    inner = matmul(r, transposed(dr)) - matmul(transposed(dq), q)
    inner = tril(inner) + transposed(tril(inner, -1))
    return transposed(solve_triangular(r, transposed(dq + matmul(q, inner))))


def eigh(x: Any) -> tuple[Tensor, Tensor]:
    """Find the eigenvalues and eigenvectors of symmetric matrices.

    The gradient through the vectors needs eigenvalues of which no two are equal.

    Args:
        x: the matrices, (..., n, n); of one that is not symmetric the mean with its transpose is
            taken.

    Returns the eigenvalues, the smallest first, (..., n), and the vectors as columns, (..., n, n).

    Raises:
        TypeError: while a program is recorded.

    >>> eigh([[2.0, 0.0], [0.0, 1.0]])[0].numpy().tolist()
    [1.0, 2.0]
    """
    x = symmetric(matrices("eigh", x, is_square=True))
    values, vectors = _eigh(x)
    return values, vectors


def _eigh(x: Tensor) -> list[Tensor]:
    """dx = v (diag(dw) + f * (v^T dv)) v^T, f_ij = 1 / (w_j - w_i) beside the diagonal."""

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        values, v = _eigh(x)
        inner = matmul(transposed(v), upstream[1]) * _one_over_gaps(values)
        inner = inner + upstream[0][..., None, :] * eye(x.shape[-1], dtype=x.dtype)
        return [symmetric(matmul(matmul(v, inner), transposed(v)))]

    return call("eigh", lambda numbers: tuple(np.linalg.eigh(numbers)), (x,), gradient)


def _one_over_gaps(values: Tensor) -> Tensor:
    """1 / (w_j - w_i), and 0 on the diagonal: (..., n) gives (..., n, n)."""
    gaps = values[..., None, :] - values[..., :, None]
    is_diagonal = eye(values.shape[-1], dtype="bool")
    return where(is_diagonal, 0.0, 1.0 / where(is_diagonal, 1.0, gaps))


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """Write matrices as u diag(s) v, u and v orthogonal and s from the largest down.

    The gradient through u and v needs singular values of which none is 0 and no two are equal, and
    `full_matrices=False` unless the matrix is square.

    Args:
        x: matrices, (..., m, n); k = min(m, n).
        full_matrices: whether u is (..., m, m) and v (..., n, n), or (..., m, k) and (..., k, n).
        compute_uv: whether u and v are returned at all.

    Returns u, s (..., k), v; or s alone.

    Raises:
        TypeError: while a program is recorded.

    >>> svd([[0.0, 2.0], [1.0, 0.0]], compute_uv=False).numpy().tolist()
    [2.0, 1.0]
    """
    x = matrices("svd", x)
    if not compute_uv:
        return _singular_values(x)
    is_full = bool(full_matrices) and x.shape[-1] != x.shape[-2]

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        if is_full:
            raise ValueError("svd: there is no gradient for full_matrices=True: write False")
        return [_svd_gradient(svd(x, full_matrices=False), upstream)]

    def decomposed(numbers: np.ndarray) -> tuple:
        return tuple(np.linalg.svd(numbers, full_matrices=is_full))

    return tuple(call("svd", decomposed, (x,), gradient))


def _singular_values(x: Tensor) -> Tensor:
    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        u, _, v = svd(x, full_matrices=False)
        return [matmul(u * upstream[0][..., None, :], v)]

    return call("svd", lambda a: np.linalg.svd(a, compute_uv=False), (x,), gradient)[0]


def _svd_gradient(factors: tuple[Tensor, ...], upstream: list[Tensor]) -> Tensor:
    """dx = u (a s + s b + diag(ds)) v + (1 - u u^T) du s^-1 v + u s^-1 dv (1 - v^T v), with
    a = f * (u^T du - du^T u), b = f * (v dv^T - dv v^T), f_ij = 1 / (s_j^2 - s_i^2)
    (Townsend: "Differentiating the singular value decomposition", 2016)."""
    u, s, v = factors
    du, ds, dv = upstream
    u_t, v_t = transposed(u), transposed(v)
    gaps = _one_over_gaps(s * s)
    row, column = s[..., None, :], s[..., :, None]
    a, b = matmul(u_t, du), matmul(v, transposed(dv))
    inner = (a - transposed(a)) * gaps * row + column * (b - transposed(b)) * gaps
    inner = inner + ds[..., None, :] * eye(s.shape[-1], dtype=s.dtype)
    left = (du - matmul(u, a)) / row
    right = (dv - matmul(matmul(dv, v_t), v)) / column
    return matmul(matmul(u, inner) + left, v) + matmul(u, right)


def lu_factor(x: Any) -> tuple[Tensor, Tensor]:
    """Write matrices as p l u: l lower triangular with ones on the diagonal, u upper triangular.

    Rows are exchanged so that each pivot is the largest of its column. It has no gradient.

    Args:
        x: matrices, (..., m, n).

    Returns l and u in one matrix, (..., m, n), and with which row each row was exchanged, one
    after another: int32 (..., min(m, n)).

    Raises:
        TypeError: while a program is recorded.

    >>> lu, rows = lu_factor([[1.0, 2.0], [2.0, 2.0]])
    >>> lu.numpy().tolist(), rows.numpy().tolist()
    ([[2.0, 2.0], [0.5, 1.0]], [1, 1])
    """
    x = matrices("lu_factor", x)
    rows, columns = x.shape[-2:]
    stack = np.array(numbers_of(x)).reshape((-1, rows, columns))
    pivots = np.zeros((len(stack), min(rows, columns)), np.int32)
    for matrix, exchanged in zip(stack, pivots):
        _eliminate(matrix, exchanged)
    shape = x.shape[:-2]
    factors = convert_to_tensor(stack.reshape(x.shape), x.dtype)
    return factors, convert_to_tensor(pivots.reshape((*shape, pivots.shape[1])))


def _eliminate(matrix: np.ndarray, exchanged: np.ndarray) -> None:
    """Gauss's elimination, in place: a column after another, by its largest number."""
    for i in range(len(exchanged)):
        pivot = i + int(np.argmax(np.abs(matrix[i:, i])))
        exchanged[i] = pivot
        matrix[[i, pivot]] = matrix[[pivot, i]]
        if matrix[i, i]:
            matrix[i + 1 :, i] /= matrix[i, i]
        matrix[i + 1 :, i + 1 :] -= np.outer(matrix[i + 1 :, i], matrix[i, i + 1 :])
