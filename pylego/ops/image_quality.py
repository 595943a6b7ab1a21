"""How far two signals or pictures are from each other, to the eye and to the meter."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.elementwise import log10, square
from pylego.ops.reductions import mean

__all__ = ["psnr"]


def psnr(x1: Any, x2: Any, max_val: float) -> Tensor:
    """Compute the peak signal-to-noise ratio, 20 log10(max_val) - 10 log10(error), in decibels.

    The error is the mean of (x1 - x2)^2.

    Args:
        x1: one signal.
        x2: another one, of the same shape.
        max_val: the largest number that a signal may have.

    Raises:
        ValueError: when the shapes differ.

    >>> psnr([0.0, 1.0], [0.0, 0.9], 1.0).numpy().round(2).item()
    23.010000228881836
    """
    x1, x2 = as_floats(x1, x2)
    if x1.shape != x2.shape:
        raise ValueError(f"psnr: signals of one shape are wanted: {x1.shape} and {x2.shape}")
    peak = convert_to_tensor(max_val, x1.dtype)
    return 20.0 * log10(peak) - 10.0 * log10(mean(square(x1 - x2)))
