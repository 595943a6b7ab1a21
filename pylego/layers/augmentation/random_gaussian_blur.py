"""The layer that blurs images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomlyAppliedLayer, of_each
from pylego.layers.augmentation.random_image_layer import between, share_range
from pylego.ops.filters import bell

_LEAST = 1e-6  # of a standard deviation, by which is divided


class RandomGaussianBlur(RandomlyAppliedLayer):
    """Average each pixel of some images with those around, by a bell of weights, while training.

    Outside the image lies 0. Each image draws its own width of the bell along the columns and along
    the rows; in Keras a whole batch has the same.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: two shares between which the probability of an image is drawn; a number f stands for
            0 to f.
        kernel_size: how many columns and rows count, odd: a number for both, or two.
        sigma: the standard deviation of the bell, from 0 to 1: a number f stands for 0 to f; or
            two numbers.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, sizes that are not odd, and anything but an image.

    >>> RandomGaussianBlur((1.0, 1.0), sigma=(1.0, 1.0))([[[100.0]]]).numpy().round(1).ravel()
    array([20.4], dtype=float32)
    """

    draws = 4

    def __init__(
        self,
        factor: Any = 1.0,
        kernel_size: int | Sequence[int] = 3,
        sigma: Any = 1.0,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = share_range("RandomGaussianBlur", "factor", factor)
        self.kernel_size = _odd_sizes(kernel_size)
        self.sigma = share_range("RandomGaussianBlur", "sigma", sigma)

    def changed(self, images: Tensor, numbers: Tensor) -> Tensor:
        widths = between(self.sigma, numbers) + _LEAST
        columns, rows = self.kernel_size
        blurred = smoothed(images, bells(columns, widths[:, 0]), axis=2)
        return self._within_range(smoothed(blurred, bells(rows, widths[:, 1]), axis=1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kernel_size": self.kernel_size, "sigma": self.sigma}


def _odd_sizes(kernel_size: Any) -> tuple[int, int]:
    sizes = tuple(kernel_size) if isinstance(kernel_size, (list, tuple)) else (kernel_size,) * 2
    for size in sizes:
        checks.whole_number("kernel_size", size, 1, "RandomGaussianBlur")
    if len(sizes) != 2 or not all(size % 2 for size in sizes):
        raise ValueError(
            "RandomGaussianBlur: kernel_size is an odd number, or two. Received: "
            f"kernel_size={kernel_size!r}"
        )
    return sizes


def bells(size: int, widths: Tensor) -> Tensor:
    """Return the weights of a bell for each image, (images, size); each sums to 1.

    Args:
        size: how many weights there are.
        widths: the standard deviation for each image.
    """
    return bell(size, ops.reshape(widths, (-1, 1)))


def smoothed(images: Tensor, weights: Tensor, axis: int) -> Tensor:
    """Average pixels along an axis by the weights of their image; outside lies 0.

    Args:
        images: of shape (images, height, width, channels).
        weights: of shape (images, odd size).
        axis: 1 or 2.
    """
    size, length = weights.shape[1], images.shape[axis]
    border = [(0, 0)] * 4
    border[axis] = (size // 2, size // 2)
    padded = ops.pad(images, border)
    total: Any = 0.0
    for k in range(size):
        part = padded[(slice(None),) * axis + (slice(k, k + length),)]
        total = total + part * of_each(images, weights[:, k])
    return total
