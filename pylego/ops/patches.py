"""Patches: the windows of pictures and volumes, each as a row of numbers."""

from __future__ import annotations

import math
from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops import windows
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import moveaxis, pad, reshape, stack, transpose
from pylego.ops.windows import Lengths

__all__ = ["extract_patches", "extract_patches_3d"]


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
        size: height and width of the windows; three lengths cut volumes, as `extract_patches_3d`
            does.
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
    axes = 3 if isinstance(size, (list, tuple)) and len(size) == 3 else 2
    return _extracted("extract_patches", images, axes, size, strides, dilation_rate, padding,
                      data_format)  # fmt: skip


def extract_patches_3d(
    volumes: Any,
    size: Lengths,
    strides: Lengths | None = None,
    dilation_rate: Lengths = 1,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Cut windows out of volumes and lay the numbers of each in a row.

    Args:
        volumes: one volume, (depth, height, width, channels), or a batch.
        size: depth, height and width of the windows.
        strides: see `extract_patches`, as all that follow.
        dilation_rate: see `extract_patches`.
        padding: see `extract_patches`.
        data_format: see `extract_patches`.

    Returns (batch, depths, rows, columns, depth * height * width * channels), with channels_first
    that axis second.

    Raises:
        ValueError: for anything but a volume, and windows that do not fit.

    >>> extract_patches_3d([[[[1.0], [2.0]], [[3.0], [4.0]]]], (1, 2, 2)).shape
    (1, 1, 1, 4)
    """
    return _extracted("extract_patches_3d", volumes, 3, size, strides, dilation_rate, padding,
                      data_format)  # fmt: skip


def _extracted(
    name: str,
    images: Any,
    axes: int,
    size: Lengths,
    strides: Lengths | None,
    dilation_rate: Lengths,
    padding: str,
    data_format: str | None,
) -> Tensor:
    x = convert_to_tensor(images)
    if x.ndim not in (axes + 1, axes + 2):
        kind = "picture" if axes == 2 else "volume"
        raise ValueError(
            f"{name}: one {kind} has {axes + 1} axes, a batch of them {axes + 2}. Received: shape "
            f"{x.shape}"
        )
    sizes = windows.lengths(name, "size", size, axes)
    steps = sizes if strides is None else windows.lengths(name, "strides", strides, axes)
    rates = windows.lengths(name, "dilation_rate", dilation_rate, axes)
    is_first = windows.is_channels_first(data_format)
    x = moveaxis(x, -axes - 1, -1) if is_first else x
    is_batch = x.ndim == axes + 2
    patches = _patches(name, x if is_batch else x[None], sizes, steps, rates, padding)
    patches = patches if is_batch else patches[0]
    return moveaxis(patches, -1, -axes - 1) if is_first else patches


def _patches(
    name: str, x: Tensor, sizes: tuple, steps: tuple, rates: tuple, padding: str
) -> Tensor:
    """Cut windows along one axis after another.

    (batch, rows, height, columns, width, channels) becomes (batch, rows, columns, all of these).
    """
    axes = len(sizes)
    extents = [(size - 1) * rate + 1 for size, rate in zip(sizes, rates)]
    edges = windows.paddings(name, padding, x.shape[1:-1], extents, steps)
    x = pad(x, [(0, 0), *edges, (0, 0)])
    every_second = range(1, 2 * axes + 1, 2)
    for axis, size, step, rate, extent in zip(every_second, sizes, steps, rates, extents):
        x = _windows_along(name, x, axis, size, step, rate, extent)
    x = transpose(x, (0, *every_second, *range(2, 2 * axes + 1, 2), 2 * axes + 1))
    return reshape(x, (*x.shape[: axes + 1], math.prod(x.shape[axes + 1 :])))


def _windows_along(
    name: str, x: Tensor, axis: int, size: int, step: int, rate: int, extent: int
) -> Tensor:
    """Put an axis of what each window holds behind one of the windows."""
    length = x.shape[axis]
    if length < extent:
        raise ValueError(f"{name}: a window of {extent} does not fit into a length of {length}")
    places = (slice(None),) * axis
    end = (length - extent) // step * step + 1
    parts = [x[(*places, slice(k * rate, k * rate + end, step))] for k in range(size)]
    return stack(parts, axis + 1)
