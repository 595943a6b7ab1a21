"""The layer that erases a rectangle of images at random while training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.augmentation.boxes import box_masks
from pylego.layers.augmentation.random_color_layer import RandomlyAppliedLayer
from pylego.layers.augmentation.random_image_layer import between, share_range

_OF_A_BOX = 6  # numbers: two decide, two are its sides, two its place


class RandomErasing(RandomlyAppliedLayer):
    """Fill a rectangle of some images with one color, or with noise, while training.

    Source: Zhong and others, Random Erasing Data Augmentation (arXiv:1708.04896).

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: two shares between which the probability of an image is drawn; a number f stands for
            0 to f.
        scale: two shares; the sides of the rectangle are those of the image times the square root
            of numbers between them.
        fill_value: a number, or one for each of three channels; None fills with noise: normal
            numbers times the largest of value_range, cut off at its ends.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors and scales outside 0 to 1, and anything but an image.

    >>> layer = RandomErasing((1, 1), scale=(1, 1), fill_value=7)
    >>> layer([[[1.0], [2.0]]]).numpy().ravel().tolist()
    [7.0, 7.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = share_range("RandomErasing", "factor", factor)
        self.scale = share_range("RandomErasing", "scale", scale)
        self.fill_value = _checked_fill(fill_value)

    def _draws_of(self, shape: Sequence[int]) -> int:
        noise = math.prod(shape[-3:]) if self.fill_value is None else 0
        return _OF_A_BOX + noise + noise % 2

    def changed(self, images: Tensor, numbers: Tensor) -> Tensor:
        sides = ops.sqrt(between(self.scale, numbers[:, :2]))
        masks = box_masks(images.shape[1:3], sides, numbers[:, 2:4])
        return ops.where(masks, self._filling(images, numbers[:, 4:]), images)

    def _filling(self, images: Tensor, numbers: Tensor) -> Tensor:
        if self.fill_value is None:
            noise = _normal(numbers)[:, : math.prod(images.shape[1:])]
            filling = cast(noise, images.dtype).reshape(images.shape) * self.value_range[1]
        else:
            color = ops.convert_to_tensor(self.fill_value, images.dtype)
            filling = ops.broadcast_to(color, images.shape)
        return self._within_range(filling)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale, "fill_value": self.fill_value}


def _normal(numbers: Tensor) -> Tensor:
    """Make normal numbers of as many uniform ones, an even number of columns.

    sqrt(-2 ln(1 - u)) times the cosine and the sine of 2 pi v (Box and Muller, 1958).
    """
    half = numbers.shape[1] // 2
    distance = ops.sqrt(-2.0 * ops.log(1.0 - numbers[:, :half]))
    angle = 2 * math.pi * numbers[:, half:]
    return ops.concatenate((distance * ops.cos(angle), distance * ops.sin(angle)), axis=1)


def _checked_fill(fill_value: Any) -> Any:
    if fill_value is None or isinstance(fill_value, (int, float)):
        return fill_value
    if not isinstance(fill_value, (list, tuple)) or len(fill_value) != 3:
        raise ValueError(
            "RandomErasing: fill_value is a number, three, or None for noise. Received: "
            f"fill_value={fill_value!r}"
        )
    return tuple(checks.real_number("fill_value", x, owner="RandomErasing") for x in fill_value)
