"""Questions about dtypes, as Keras 3 has them in its backend."""

from __future__ import annotations

from typing import Any

from pylego.core import dtypes
from pylego.core.dtypes import result_type, standardize_dtype

__all__ = ["is_float_dtype", "is_int_dtype", "result_type", "standardize_dtype"]


def is_float_dtype(dtype: Any) -> bool:
    """Return whether a dtype holds fractions.

    >>> is_float_dtype("bfloat16"), is_float_dtype("int32")
    (True, False)
    """
    return dtypes.is_float(standardize_dtype(dtype))


def is_int_dtype(dtype: Any) -> bool:
    """Return whether a dtype holds whole numbers; bool holds none.

    >>> is_int_dtype("uint8"), is_int_dtype("bool")
    (True, False)
    """
    name = standardize_dtype(dtype)
    return name != "bool" and not dtypes.is_float(name)
