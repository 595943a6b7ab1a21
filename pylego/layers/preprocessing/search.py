"""Where numbers stand in a sorted table: a binary search made of bricks, so it can be recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor


def count_up_to(table: np.ndarray, x: Any) -> Tensor:
    """Return, for each number of x, how many numbers of a sorted table are not above it.

    NaN is above all. The search halves the table about log2(len(table)) times.

    >>> count_up_to(np.array([10, 20, 30]), [5, 20, 99]).numpy().tolist()
    [0, 2, 3]
    """
    x = ops.convert_to_tensor(x)
    found = ops.zeros(x.shape, "int64")
    if not len(table):
        return found
    numbers = ops.convert_to_tensor(table)
    for step in (1 << i for i in reversed(range(len(table).bit_length()))):
        last = found + (step - 1)  # the last number of the table that would be counted as well
        fits = last < len(table)
        is_above = ops.take(numbers, ops.where(fits, last, 0), axis=0) > x
        found = ops.where(fits & ops.logical_not(is_above), found + step, found)
    return found
