"""How far two signals or pictures are from each other, to the eye and to the meter."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops.convolution import depthwise_conv
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.elementwise import log10, square
from pylego.ops.filters import bell
from pylego.ops.reductions import mean
from pylego.ops.shapes import broadcast_to, moveaxis
from pylego.ops.windows import is_channels_first

__all__ = ["psnr", "ssim"]


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


def ssim(
    image1: Any,
    image2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Tensor:
    """Compute how alike two pictures are in structure, from -1 to 1 (Wang, Bovik, Sheikh,
    Simoncelli: "Image quality assessment: from error visibility to structural similarity", 2004).

    Means m, variances v and the covariance w are taken in a bell around each pixel. Then it is
    the mean of (2 m1 m2 + c1) (2 w + c2) / ((m1^2 + m2^2 + c1) (v1 + v2 + c2)).

    Args:
        image1: one picture, or a batch.
        image2: another one, of the same shape.
        max_val: the largest number that a pixel may have.
        filter_size: how many rows and columns the bell has.
        filter_sigma: its standard deviation.
        k1: c1 is (k1 max_val)^2.
        k2: c2 is (k2 max_val)^2.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Returns a number for each pair.

    Raises:
        ValueError: for anything but two pictures of one shape.

    >>> import numpy as np
    >>> picture = np.random.default_rng(0).random((16, 16, 3), np.float32)
    >>> ssim(picture, picture).numpy().round(3).item()
    1.0
    """
    a, b = as_floats(image1, image2)
    if a.ndim not in (3, 4) or a.shape != b.shape:
        raise ValueError(
            "ssim: two pictures of one shape, of 3 axes or with a batch of 4, are wanted. "
            f"Received: {a.shape} and {b.shape}"
        )
    if is_channels_first(data_format):
        a, b = moveaxis(a, -3, -1), moveaxis(b, -3, -1)
    weights = bell(filter_size, convert_to_tensor(filter_sigma, a.dtype))
    found = _structure(a, b, weights, (k1 * max_val) ** 2, (k2 * max_val) ** 2)
    return mean(found, axis=(1, 2, 3)) if a.ndim == 4 else mean(found)


def _structure(a: Tensor, b: Tensor, weights: Tensor, c1: float, c2: float) -> Tensor:
    """The similarity at each pixel whose bell lies inside."""
    a, b = (x if x.ndim == 4 else x[None] for x in (a, b))
    m1, m2 = _averaged(a, weights), _averaged(b, weights)
    v1 = _averaged(square(a), weights) - square(m1)
    v2 = _averaged(square(b), weights) - square(m2)
    w = _averaged(a * b, weights) - m1 * m2
    alike = (2.0 * m1 * m2 + c1) * (2.0 * w + c2)
    return alike / ((square(m1) + square(m2) + c1) * (v1 + v2 + c2))


def _averaged(x: Tensor, weights: Tensor) -> Tensor:
    kernel = (weights.reshape(-1, 1) * weights)[:, :, None, None]
    kernel = broadcast_to(kernel, (*kernel.shape[:2], x.shape[-1], 1))
    return depthwise_conv(x, kernel, data_format="channels_last")
