"""Pictures seen through small kernels: blurred, and their edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.convolution import depthwise_conv
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.creation import arange
from pylego.ops.elementwise import exp, square
from pylego.ops.reductions import sum
from pylego.ops.shapes import broadcast_to, stack
from pylego.ops.windows import is_channels_first

__all__ = ["gaussian_blur", "sobel_edges"]


def gaussian_blur(
    images: Any,
    kernel_size: Sequence[int] = (3, 3),
    sigma: Sequence[float] = (1.0, 1.0),
    data_format: str | None = None,
) -> Tensor:
    """Average each pixel with those around, by a bell of weights; outside pictures are 0.

    Args:
        images: one picture of floats, or a batch.
        kernel_size: how many columns, and how many rows, count.
        sigma: the standard deviation of the bell along rows, and along columns.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but pictures.

    >>> gaussian_blur([[[0.0], [1.0], [0.0]]], (3, 1)).numpy().round(3).ravel().tolist()
    [0.27399998903274536, 0.4519999921321869, 0.27399998903274536]
    """
    (x,) = as_floats(images)
    widths = convert_to_tensor(sigma, x.dtype)
    columns, rows = (bell(n, widths[i]) for i, n in enumerate(kernel_size))
    return _filtered("gaussian_blur", x, rows.reshape(-1, 1) * columns, data_format)


def bell(size: int, sigma: Any) -> Tensor:
    """Return weights exp(-(i - middle)^2 / (2 sigma^2)) whose sum is 1, of the dtype of sigma.

    Of sigma of shape (..., 1) they are (..., size).
    """
    sigma = convert_to_tensor(sigma)
    places = arange(size, dtype=sigma.dtype) - (size - 1) / 2
    weights = exp(-0.5 * square(places / sigma))
    return weights / sum(weights, axis=-1, keepdims=True)


def sobel_edges(images: Any, data_format: str | None = None) -> Tensor:
    """Find edges: how much brighter it gets downwards, and to the right (Sobel, Feldman 1968).

    Args:
        images: a batch of pictures.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Returns the pictures with a last axis of 2: the slopes downwards and to the right.

    Raises:
        ValueError: for anything but pictures.

    >>> sobel_edges([[[[0.0], [1.0], [0.0]]]]).shape
    (1, 1, 3, 1, 2)
    """
    x = convert_to_tensor(images)
    x = x if dtypes.is_float(x.dtype) else as_floats(x)[0]
    kernel = np.outer([1, 2, 1], [-1, 0, 1])
    kernels = [convert_to_tensor(one, x.dtype) for one in (kernel.T, kernel)]
    return stack([_filtered("sobel_edges", x, one, data_format) for one in kernels], axis=-1)


def _filtered(name: str, x: Tensor, kernel: Tensor, data_format: str | None) -> Tensor:
    """The same kernel for all channels."""
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{name}: one picture has 3 axes, a batch of them 4. Received: shape {x.shape}"
        )
    batch = x if x.ndim == 4 else x[None]
    channels = batch.shape[1 if is_channels_first(data_format) else -1]
    kernels = broadcast_to(kernel[:, :, None, None], (*kernel.shape, channels, 1))
    y = depthwise_conv(batch, kernels, padding="same", data_format=data_format)
    return y if x.ndim == 4 else y[0]
