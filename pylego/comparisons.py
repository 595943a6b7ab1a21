"""Comparisons of tensors with Python numbers that their dtype does not hold.

A tensor of uint8 is nowhere -1, and below 2.5 where it is at most 2. So each such comparison is one
with a number that the dtype does hold; where all elements give the same answer, with its end.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

PYTHON: dict[str, Callable[[float, float], bool]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
MIRRORED = {
    "equal": "equal",
    "not_equal": "not_equal",
    "less": "greater",
    "less_equal": "greater_equal",
    "greater": "less",
    "greater_equal": "less_equal",
}
_ENDS = {
    "bool": (0, 1),
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32)},
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
}


def within(brick: str, value: bool | int | float, dtype: str) -> tuple[str, bool | int | float]:
    """Return a comparison, and a number that the dtype holds, which say the same as these.

    >>> within("equal", -1, "uint8"), within("less", 2.5, "int32"), within("less", 3, "int32")
    (('less', 0), ('less_equal', 2), ('less', 3))
    """
    if dtype not in _ENDS:
        return _within_floats(brick, value)
    low, high = _ENDS[dtype]
    if value != value:
        is_true = brick == "not_equal"
    elif value < low:
        is_true = brick in ("greater", "greater_equal", "not_equal")
    elif value > high:
        is_true = brick in ("less", "less_equal", "not_equal")
    else:
        return _between(brick, value, dtype)
    return ("greater_equal" if is_true else "less"), _as_number(low, dtype)


def _between(brick: str, value: float, dtype: str) -> tuple[str, bool | int]:
    whole = math.floor(value)
    if whole == value:
        return brick, _as_number(whole, dtype)
    if brick in ("equal", "not_equal"):  # nowhere, and everywhere
        return ("less" if brick == "equal" else "greater_equal"), _as_number(_ENDS[dtype][0], dtype)
    return ("less_equal" if brick.startswith("less") else "greater"), _as_number(whole, dtype)


def _as_number(whole: int, dtype: str) -> bool | int:
    return bool(whole) if dtype == "bool" else whole


def _within_floats(brick: str, value: float) -> tuple[str, float]:
    """Whole numbers that no float holds lie between the largest of these and infinity."""
    try:
        float(value)
        return brick, value
    except OverflowError:
        end = math.inf if value > 0 else -math.inf
    if brick in ("equal", "not_equal"):
        return brick, math.nan
    is_low = brick.startswith("less")
    if (value > 0) == is_low:
        return ("less" if is_low else "greater"), end
    return ("less_equal" if is_low else "greater_equal"), end
