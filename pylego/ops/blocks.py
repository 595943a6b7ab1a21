"""Blocks of pictures: cut out as columns and added back, moved between depth and space."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.checks import whole_number
from pylego.core.tensor import Tensor
from pylego.ops.core import convert_to_tensor
from pylego.ops.scattering import add_to_places
from pylego.ops.shapes import pad, reshape, transpose
from pylego.ops.windows import Lengths, is_channels_first, lengths

__all__ = ["depth_to_space", "fold", "space_to_depth", "unfold"]


# ---- windows as columns ---------------------------------------------------------------------


def unfold(
    x: Any,
    kernel_size: Lengths,
    dilation: Lengths = 1,
    padding: Lengths = 0,
    stride: Lengths = 1,
) -> Tensor:
    """Cut windows out of pictures and lay each in a column.

    Args:
        x: pictures, (batch, channels, height, width).
        kernel_size: height and width of a window, or one number for both.
        dilation: how far apart its rows and columns are.
        padding: how many zeros lie around the pictures on each side.
        stride: how far the next window is.

    Returns (batch, channels * height * width of a window, windows).

    Raises:
        ValueError: for anything but pictures, and windows that do not fit.

    >>> unfold([[[[1.0, 2.0], [3.0, 4.0]]]], 2).shape
    (1, 4, 1)
    """
    x = convert_to_tensor(x)
    if x.ndim != 4:
        raise ValueError(f"unfold: (batch, channels, height, width) is wanted: {x.shape}")
    window = _Columns("unfold", x.shape[2:], kernel_size, dilation, padding, stride)
    batch, channels = x.shape[:2]
    wide = pad(x, ((0, 0), (0, 0), *((n, n) for n in window.padding)))
    flat = wide.reshape((batch, channels, window.height * window.width))
    columns = flat[:, :, window.places()]
    return columns.reshape((batch, channels * columns.shape[2], columns.shape[3]))


def fold(
    x: Any,
    output_size: Lengths,
    kernel_size: Lengths,
    dilation: Lengths = 1,
    padding: Lengths = 0,
    stride: Lengths = 1,
) -> Tensor:
    """Put windows back that `unfold` has cut out; where they overlap they are added.

    Args:
        x: columns, (batch, channels * height * width of a window, windows).
        output_size: height and width of the pictures.
        kernel_size: see `unfold`.
        dilation: see `unfold`.
        padding: see `unfold`.
        stride: see `unfold`.

    Returns (batch, channels, height, width).

    Raises:
        ValueError: for columns that do not fit these windows.

    >>> print(fold([[[1.0, 2.0]]], (1, 2), 1).reshape(2))
    Tensor(shape=(2,), dtype=float32, [1. 2.])
    """
    x = convert_to_tensor(x)
    size = lengths("fold", "output_size", output_size, 2, 1)
    window = _Columns("fold", size, kernel_size, dilation, padding, stride)
    places = window.places()
    numbers, count = places.shape
    if x.ndim != 3 or x.shape[1] % numbers or x.shape[2] != count:
        raise ValueError(
            f"fold: columns (batch, channels * {numbers}, {count}) are wanted for pictures of "
            f"{size}. Received: {x.shape}"
        )
    batch, channels = x.shape[0], x.shape[1] // numbers
    flat = x.reshape((batch, channels, numbers * count))
    flat = add_to_places(flat, places.reshape(-1), window.height * window.width)
    wide = flat.reshape((batch, channels, window.height, window.width))
    (above, beside), (height, width) = window.padding, size
    return wide[:, :, above : above + height, beside : beside + width]


class _Columns:
    """Windows on a picture with a border."""

    def __init__(self, name: str, size: Any, kernel: Any, dilation: Any, padding: Any, stride: Any):
        self.kernel = lengths(name, "kernel_size", kernel, 2)
        self.dilation = lengths(name, "dilation", dilation, 2)
        self.padding = lengths(name, "padding", padding, 2, 0)
        self.stride = lengths(name, "stride", stride, 2)
        self.height, self.width = (n + 2 * around for n, around in zip(size, self.padding))
        extents = [(k - 1) * d + 1 for k, d in zip(self.kernel, self.dilation)]
        if extents[0] > self.height or extents[1] > self.width:
            raise ValueError(
                f"{name}: windows of {tuple(extents)} do not fit into ({self.height}, {self.width})"
            )
        self.counts = [
            (n - extent) // step + 1
            for n, extent, step in zip((self.height, self.width), extents, self.stride)
        ]

    def places(self) -> np.ndarray:
        """Where each number of each window lies in the flattened picture: (numbers, windows)."""
        rows, columns = (
            np.arange(k)[:, None] * d + np.arange(count) * step
            for k, d, count, step in zip(self.kernel, self.dilation, self.counts, self.stride)
        )
        places = rows[:, None, :, None] * self.width + columns[None, :, None, :]
        return places.reshape(self.kernel[0] * self.kernel[1], self.counts[0] * self.counts[1])


# ---- depth and space ------------------------------------------------------------------------


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Lay channels side by side as blocks of pixels (Shi et al., arXiv 1609.05158).

    Args:
        x: pictures, (batch, height, width, channels).
        block_size: height and width of a block.
        data_format: 'channels_first' for (batch, channels, height, width).

    Returns pictures block_size times as high and as wide, with channels / block_size^2.

    Raises:
        ValueError: for anything but pictures, and channels that do not divide.

    >>> print(depth_to_space([[[[1.0, 2.0, 3.0, 4.0]]]], 2).reshape((2, 2)))
    Tensor(shape=(2, 2), dtype=float32,
    [[1. 2.]
     [3. 4.]])
    """
    x, size, is_first = _pictures("depth_to_space", x, block_size, data_format)
    batch, height, width, channels = (x.shape[i] for i in ((0, 2, 3, 1) if is_first else range(4)))
    if channels % size**2:
        raise ValueError(
            f"depth_to_space: {channels} channels do not divide into blocks of {size} x {size}"
        )
    kept = channels // size**2
    if is_first:
        x = reshape(x, (batch, kept, size, size, height, width))
        return transpose(x, (0, 1, 4, 2, 5, 3)).reshape((batch, kept, height * size, width * size))
    x = reshape(x, (batch, height, width, size, size, kept))
    return transpose(x, (0, 1, 3, 2, 4, 5)).reshape((batch, height * size, width * size, kept))


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> Tensor:
    """Lay blocks of pixels one behind another, as channels: undo `depth_to_space`.

    Args:
        x: pictures, (batch, height, width, channels).
        block_size: height and width of a block.
        data_format: 'channels_first' for (batch, channels, height, width).

    Raises:
        ValueError: for anything but pictures, and lengths that do not divide.

    >>> space_to_depth([[[[1.0], [2.0]], [[3.0], [4.0]]]], 2).numpy().tolist()
    [[[[1.0, 2.0, 3.0, 4.0]]]]
    """
    x, size, is_first = _pictures("space_to_depth", x, block_size, data_format)
    batch, height, width, channels = (x.shape[i] for i in ((0, 2, 3, 1) if is_first else range(4)))
    if height % size or width % size:
        raise ValueError(
            f"space_to_depth: ({height}, {width}) does not divide into blocks of {size} x {size}"
        )
    rows, columns, depth = height // size, width // size, channels * size**2
    if is_first:
        x = reshape(x, (batch, channels, rows, size, columns, size))
        return transpose(x, (0, 1, 3, 5, 2, 4)).reshape((batch, depth, rows, columns))
    x = reshape(x, (batch, rows, size, columns, size, channels))
    return transpose(x, (0, 1, 3, 2, 4, 5)).reshape((batch, rows, columns, depth))


def _pictures(name: str, x: Any, block_size: Any, data_format: str) -> tuple[Tensor, int, bool]:
    x = convert_to_tensor(x)
    if x.ndim != 4:
        raise ValueError(f"{name}: pictures with a batch have 4 axes. Received: {x.shape}")
    return x, whole_number("block_size", block_size, 1, name), is_channels_first(data_format)
