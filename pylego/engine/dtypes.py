"""The dtypes of the engine: their names, their numbers, and the types of NumPy and C.

NumPy has all of them but bfloat16: memory that holds it is uint16 for NumPy, bits that stand for
themselves. Whoever makes a tensor over such memory says so.
"""

from __future__ import annotations

import numpy as np

from pylego.engine.library import ffi, lib

__all__ = [
    "COMMON",
    "DTYPES",
    "DTYPE_BYTES",
    "DTYPE_NUMBERS",
    "FLOATS",
    "INTEGERS",
    "MEMORY_DTYPES",
    "dtype_number",
]

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
DTYPE_BYTES = {name: int(lib.lego_dtype_size(i)) for i, name in enumerate(DTYPES)}
# What the memory of a tensor is for NumPy.
MEMORY_DTYPES = {name: np.dtype("uint16" if name == "bfloat16" else name) for name in DTYPES}
NUMPY_DTYPES = tuple(MEMORY_DTYPES.values())
DTYPE_NUMBERS = {name: number for number, name in enumerate(DTYPES)}
NUMBER_OF_NUMPY = {
    MEMORY_DTYPES[name]: number for name, number in DTYPE_NUMBERS.items() if name != "bfloat16"
}
_IN_C = {"float32": "float *", "float64": "double *", "bool": "bool *"}
HALVES = frozenset({"float16", "bfloat16"})
C_NUMBERS = tuple(
    ffi.typeof("uint16_t *" if name in HALVES else _IN_C.get(name, f"{name}_t *"))
    for name in DTYPES
)


def half_value(bits: int, dtype: str) -> float:
    """Return the number that 16 bits stand for in float16 or bfloat16."""
    if dtype == "float16":
        return float(np.uint16(bits).view(np.float16))
    return float(np.uint32(bits << 16).view(np.float32))


def dtype_number(name: str) -> int:
    """Return the engine's number of a dtype, as attributes of bricks hold it."""
    return DTYPE_NUMBERS[name]
