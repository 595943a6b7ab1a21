"""Activations with corners: clipped, shrunk towards 0, and softmax's sparse kin."""

from __future__ import annotations

import math
from typing import Any

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.activations import tanh
from pylego.ops.arguments import normalize_axis
from pylego.ops.arithmetic import maximum, minimum
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.creation import arange
from pylego.ops.elementwise import abs, clip, sqrt, square
from pylego.ops.reductions import cumsum, sum
from pylego.ops.shapes import flip
from pylego.ops.sorting import sort

__all__ = [
    "hard_shrink",
    "hard_tanh",
    "soft_shrink",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh_shrink",
]


def hard_tanh(x: Any) -> Tensor:
    """Compute x between -1 and 1, and those beyond.

    >>> hard_tanh([-3.0, 0.5, 3.0]).numpy().tolist()
    [-1.0, 0.5, 1.0]
    """
    x = convert_to_tensor(x)
    is_unsigned = x.dtype == "bool" or x.dtype.startswith("uint")
    return clip(x, 0 if is_unsigned else -1, 1)


def tanh_shrink(x: Any) -> Tensor:
    """Compute x - tanh(x).

    >>> tanh_shrink([0.0, 100.0]).numpy().tolist()
    [0.0, 99.0]
    """
    x = convert_to_tensor(x)
    return x - tanh(x)


def soft_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Compute x moved toward 0 by the threshold, and 0 where it would pass 0.

    >>> soft_shrink([-2.0, 0.25, 2.0]).numpy().tolist()
    [-1.5, 0.0, 1.5]
    """
    x = convert_to_tensor(x)
    return x - clip(x, -threshold, threshold)


def hard_shrink(x: Any, threshold: float = 0.5) -> Tensor:
    """Compute x, and 0 where its size is at most the threshold.

    >>> hard_shrink([-2.0, 0.25, 2.0]).numpy().tolist()
    [-2.0, 0.0, 2.0]
    """
    x = convert_to_tensor(x)
    return where(abs(x) <= threshold, 0.0, x)


def sparse_plus(x: Any) -> Tensor:
    """Compute 0 up to -1, x from 1 on, and (x + 1)^2 / 4 between: a softplus with ends.

    >>> sparse_plus([-2.0, 0.0, 2.0]).numpy().tolist()
    [0.0, 0.25, 2.0]
    """
    x = convert_to_tensor(x)
    return where(x >= 1.0, x, 0.25 * square(clip(x, -1.0, 1.0) + 1.0))


def sparse_sigmoid(x: Any) -> Tensor:
    """Compute (x + 1) / 2 kept between 0 and 1.

    >>> sparse_sigmoid([-2.0, 0.0, 2.0]).numpy().tolist()
    [0.0, 0.5, 1.0]
    """
    return clip(0.5 * convert_to_tensor(x) + 0.5, 0.0, 1.0)


def squareplus(x: Any, b: float = 4.0) -> Tensor:
    """Compute (x + sqrt(x^2 + b)) / 2 (Barron, arXiv 2112.11687).

    >>> squareplus([0.0, 1.5]).numpy().tolist()
    [1.0, 2.0]
    """
    (x,) = as_floats(x)
    size = where(x < 0, -x, x)  # not abs, whose slope at 0 is 0
    large = 0.5 * math.sqrt(dtypes.limits(x.dtype)[1])  # the square of more may be infinite
    root = sqrt(square(minimum(size, large)) + b)
    y = where(size < large, 0.5 * (size + root), size)
    return where(x < 0, 0.25 * b / y, y)  # the sum with a negative x would cancel


def sparsemax(x: Any, axis: int = -1) -> Tensor:
    """Compute max(x - t, 0), with t such that the sum is 1: like softmax, with zeros for what lies
    far below (Martins, Astudillo, arXiv 1602.02068).

    Args:
        x: the numbers.
        axis: along which the sum is 1; the last by default.

    >>> sparsemax([1.0, 0.5, -2.0]).numpy().tolist()
    [0.75, 0.25, 0.0]
    """
    (x,) = as_floats(x)
    place = normalize_axis(axis, x.ndim)
    largest_first = flip(sort(x, axis=place), axis=place)
    sums = cumsum(largest_first, axis=place)
    counts = arange(1, x.shape[place] + 1, dtype=x.dtype)
    counts = counts.reshape([-1 if one == place else 1 for one in range(x.ndim)])
    is_positive = largest_first * counts > sums - 1.0  # so many stay above 0
    count = sum(cast(is_positive, x.dtype), axis=place, keepdims=True)
    total = sum(where(is_positive, largest_first, 0.0), axis=place, keepdims=True)
    return maximum(x - (total - 1.0) / count, 0.0)
