"""`keras.ops.linalg`: the functions of `pylego.ops` for matrices."""

from __future__ import annotations

from pylego import lazy

NAMES = """
    cholesky cholesky_inverse det eigh inv jvp lstsq lu_factor matrix_rank norm pinv qr solve
    solve_triangular svd
"""
_OFFERED = NAMES.split()

__all__ = _OFFERED
__getattr__ = lazy.names_of("pylego.ops", __name__, _OFFERED)


def __dir__() -> list[str]:
    return _OFFERED
