"""Patches: the windows of pictures, each as a row of numbers."""

from __future__ import annotations

import math
from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops import windows
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import moveaxis, pad, reshape, stack, transpose
from pylego.ops.windows import Lengths

__all__ = ["extract_patches"]


def extract_patches(
    images: Any,
    size: Lengths,
    strides: Lengths | None = None,
    dilation_rate: Lengths = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Cut windows out of pictures and lay the numbers of each in a row.

    Args:
        images: one picture or a batch.
        size: height and width of the windows.
        strides: by how much windows move on; by default they lie side by side.
        dilation_rate: how far apart the rows and columns of a window are.
        padding: 'valid': only windows that fit; 'same': zeros around, ceil(length / stride)
            windows along each axis.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Returns (batch, rows, columns, height * width * channels), with channels_first that axis second.

    Raises:
        ValueError: for anything but a picture, and windows that do not fit.

    >>> picture = [[[1.0], [2.0]], [[3.0], [4.0]]]
    >>> print(extract_patches(picture, 2).reshape(4))
    Tensor(shape=(4,), dtype=float32, [1. 2. 3. 4.])
    """
    x = convert_to_tensor(images)
    if x.ndim not in (3, 4):
        raise ValueError(
            f"extract_patches: one picture has 3 axes, a batch of them 4. Received: shape {x.shape}"
        )
    name = "extract_patches"
    sizes = windows.lengths(name, "size", size, 2)
    steps = sizes if strides is None else windows.lengths(name, "strides", strides, 2)
    rates = windows.lengths(name, "dilation_rate", dilation_rate, 2)
    is_first = windows.is_channels_first(data_format)
    x = moveaxis(x, -3, -1) if is_first else x
    patches = _patches(x if x.ndim == 4 else x[None], sizes, steps, rates, padding)
    patches = patches if x.ndim == 4 else patches[0]
    return moveaxis(patches, -1, -3) if is_first else patches


def _patches(x: Tensor, sizes: tuple, steps: tuple, rates: tuple, padding: str) -> Tensor:
    """Cut windows along the height, then along the width.

    (batch, rows, height, columns, width, channels) becomes (batch, rows, columns, all of these).
    """
    extents = [(size - 1) * rate + 1 for size, rate in zip(sizes, rates)]
    edges = windows.paddings("extract_patches", padding, x.shape[1:3], extents, steps)
    x = pad(x, [(0, 0), *edges, (0, 0)])
    for axis, size, step, rate, extent in zip((1, 3), sizes, steps, rates, extents):
        x = _windows_along(x, axis, size, step, rate, extent)
    x = transpose(x, (0, 1, 3, 2, 4, 5))
    return reshape(x, (*x.shape[:3], math.prod(x.shape[3:])))


def _windows_along(x: Tensor, axis: int, size: int, step: int, rate: int, extent: int) -> Tensor:
    """Put an axis of what each window holds behind one of the windows."""
    length = x.shape[axis]
    if length < extent:
        raise ValueError(
            f"extract_patches: a window of {extent} does not fit into a length of {length}"
        )
    places = (slice(None),) * axis
    end = (length - extent) // step * step + 1
    parts = [x[(*places, slice(k * rate, k * rate + end, step))] for k in range(size)]
    return stack(parts, axis + 1)
