"""The dtypes of the engine: their names, their numbers, and the types of NumPy and C."""

from __future__ import annotations

import numpy as np

from pylego.engine.library import ffi, lib

__all__ = ["COMMON", "DTYPES", "DTYPE_NUMBERS", "FLOATS", "INTEGERS", "dtype_number"]

DTYPES: tuple[str, ...] = tuple(
    ffi.string(lib.lego_dtype_name(i)).decode() for i in range(lib.LEGO_DTYPE_COUNT)
)
_KINDS = {name: lib.lego_dtype_kind_of(i) for i, name in enumerate(DTYPES)}
FLOATS = frozenset(name for name, kind in _KINDS.items() if kind == lib.LEGO_KIND_FLOAT)
INTEGERS = frozenset(
    name for name, kind in _KINDS.items() if kind in (lib.LEGO_KIND_UNSIGNED, lib.LEGO_KIND_SIGNED)
)
# COMMON[a][b]: the number of the dtype that those of numbers a and b are promoted to.
COMMON = tuple(
    tuple(int(lib.lego_dtype_common(a, b)) for b in range(len(DTYPES))) for a in range(len(DTYPES))
)
NUMPY_DTYPES = tuple(np.dtype(name) for name in DTYPES)
DTYPE_NUMBERS = {name: number for number, name in enumerate(DTYPES)}
NUMBER_OF_NUMPY = {dtype: number for number, dtype in enumerate(NUMPY_DTYPES)}
C_NUMBERS = tuple(
    ffi.typeof(name)
    for name in ("bool *", "uint8_t *", "int32_t *", "int64_t *", "float *", "double *")
)


def dtype_number(name: str) -> int:
    """Return the engine's number of a dtype, as attributes of bricks hold it."""
    return DTYPE_NUMBERS[name]
