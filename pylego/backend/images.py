"""Convolutions, pooling, padding and sizes of images, in the words of Keras 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, ops

__all__ = [
    "bias_add", "conv1d", "conv2d", "conv2d_transpose", "conv3d", "depthwise_conv2d", "pool2d",
    "pool3d", "resize_images", "resize_volumes", "separable_conv2d", "spatial_2d_padding",
    "spatial_3d_padding", "temporal_padding",
]  # fmt: skip


def _conv(
    x: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Any:
    """Convolve x of shape (batch, ..., channels) with a kernel (..., channels, filters)."""
    layout = config.standardize_data_format(data_format)
    return ops.conv(x, kernel, strides, padding, layout, dilation_rate)


conv1d = conv2d = conv3d = _conv


def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any = None,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Go back from the shape of a convolution's outputs to that of its inputs."""
    layout = config.standardize_data_format(data_format)
    return ops.conv_transpose(
        x, kernel, strides, padding, data_format=layout, dilation_rate=dilation_rate
    )


def depthwise_conv2d(
    x: Any,
    depthwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolve each channel by itself."""
    layout = config.standardize_data_format(data_format)
    return ops.depthwise_conv(x, depthwise_kernel, strides, padding, layout, dilation_rate)


def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    """Convolve each channel by itself, and mix them then."""
    layout = config.standardize_data_format(data_format)
    kernels = depthwise_kernel, pointwise_kernel
    return ops.separable_conv(x, *kernels, strides, padding, layout, dilation_rate)


def _pool(
    x: Any,
    pool_size: Any,
    strides: Any = None,
    padding: str = "valid",
    data_format: str | None = None,
    pool_mode: str = "max",
) -> Any:
    """Take the largest number, or for pool_mode='avg' the mean, of each window."""
    layout = config.standardize_data_format(data_format)
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides or 1, padding, layout)


pool2d = pool3d = _pool


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    """Add a bias to the channels."""
    is_first = config.standardize_data_format(data_format) == "channels_first" and x.ndim > 2
    return x + (ops.reshape(bias, (1, -1) + (1,) * (x.ndim - 2)) if is_first else bias)


def resize_images(
    x: Any,
    height_factor: int,
    width_factor: int,
    data_format: str | None = None,
    interpolation: str = "nearest",
) -> Any:
    """Make images larger by whole factors."""
    layout = config.standardize_data_format(data_format)
    axes = (2, 3) if layout == "channels_first" else (1, 2)
    if interpolation == "nearest":
        return _repeated(x, axes, (height_factor, width_factor))
    size = tuple(x.shape[a] * n for a, n in zip(axes, (height_factor, width_factor)))
    return ops.image.resize(x, size, interpolation, data_format=layout)


def resize_volumes(
    x: Any,
    depth_factor: int,
    height_factor: int,
    width_factor: int,
    data_format: str | None = None,
) -> Any:
    """Make volumes larger by whole factors."""
    is_first = config.standardize_data_format(data_format) == "channels_first"
    factors = depth_factor, height_factor, width_factor
    return _repeated(x, (2, 3, 4) if is_first else (1, 2, 3), factors)


def _repeated(x: Any, axes: Sequence[int], factors: Sequence[int]) -> Any:
    for axis, factor in zip(axes, factors):
        x = ops.repeat(x, factor, axis)
    return x


def temporal_padding(x: Any, padding: Sequence[int] = (1, 1)) -> Any:
    """Put zeros before and behind the steps."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Put zeros around images."""
    return _padded(x, padding, data_format)


def spatial_3d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None
) -> Any:
    """Put zeros around volumes."""
    return _padded(x, padding, data_format)


def _padded(x: Any, padding: Any, data_format: str | None) -> Any:
    is_first = config.standardize_data_format(data_format) == "channels_first"
    none, sides = (0, 0), tuple(map(tuple, padding))
    return ops.pad(x, (none, none, *sides) if is_first else (none, *sides, none))
