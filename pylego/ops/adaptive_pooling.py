"""Pooling to a wanted length: windows are as long as that takes.

Output i of m has the numbers from floor(i n / m) to before ceil((i + 1) n / m), so that all n count
and windows may overlap by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor, apply
from pylego.ops import windows
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.linear import matmul
from pylego.ops.reductions import max
from pylego.ops.shapes import moveaxis
from pylego.ops.windows import Lengths

__all__ = ["adaptive_average_pool", "adaptive_max_pool"]


def adaptive_average_pool(
    inputs: Any, output_size: Lengths, data_format: str | None = None
) -> Tensor:
    """Take means of windows, as many as are wanted.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...) with
            'channels_first'; one to three lengths.
        output_size: how many means along each length, or one number for all.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: when the shapes do not fit.

    >>> print(adaptive_average_pool([[[1.0], [3.0], [5.0]]], 2).reshape(2))
    Tensor(shape=(2,), dtype=float32, [2. 4.])
    """
    (x,) = as_floats(inputs)
    return _pool("adaptive_average_pool", _means, x, output_size, data_format)


def adaptive_max_pool(inputs: Any, output_size: Lengths, data_format: str | None = None) -> Tensor:
    """Take the largest numbers of windows, as many as are wanted.

    Arguments as for `adaptive_average_pool`.

    >>> print(adaptive_max_pool([[[1.0], [3.0], [5.0]]], 2).reshape(2))
    Tensor(shape=(2,), dtype=float32, [3. 5.])
    """
    return _pool("adaptive_max_pool", _largest, inputs, output_size, data_format)


def _pool(
    name: str, join: Callable, inputs: Any, output_size: Lengths, data_format: str | None
) -> Tensor:
    x = convert_to_tensor(inputs)
    if not 3 <= x.ndim <= 5:
        raise ValueError(
            f"{name}: inputs have one to three axes of space and two more. Received: {x.shape}"
        )
    x = windows.with_channels_last(x, data_format)
    for axis, size in enumerate(windows.lengths(name, "output_size", output_size, x.ndim - 2), 1):
        if not x.shape[axis]:
            raise ValueError(f"{name}: there is nothing along axis {axis} of {x.shape}")
        x = moveaxis(join(moveaxis(x, axis, -1), size), -1, axis)
    return windows.laid_out(x, data_format)


@lru_cache(maxsize=64)
def _ends(length: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where each window begins, and where it ends."""
    i = np.arange(size)
    return i * length // size, -(-(i + 1) * length // size)


def _means(x: Tensor, size: int) -> Tensor:
    """(..., n) gives (..., size): a product with a matrix of shares."""
    first, end = _ends(x.shape[-1], size)
    place = np.arange(x.shape[-1])[:, None]
    shares = ((place >= first) & (place < end)) / (end - first)
    return matmul(x, convert_to_tensor(shares, x.dtype))


def _largest(x: Tensor, size: int) -> Tensor:
    """(..., n) gives (..., size). Short windows repeat their last number."""
    first, end = _ends(x.shape[-1], size)
    longest = int((end - first).max())
    places = np.minimum(first[:, None] + np.arange(longest), end[:, None] - 1)
    return max(apply("take", (x, places), axis=x.ndim - 1), axis=-1)
