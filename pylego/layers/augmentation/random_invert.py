"""The layer that inverts the colors of images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomlyAppliedLayer
from pylego.layers.augmentation.random_image_layer import share_range


class RandomInvert(RandomlyAppliedLayer):
    """Invert the colors of some images while training: y = largest - x.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: two shares between which the probability of an image is drawn; a number f stands for
            0 to f.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, and anything but an image.

    >>> RandomInvert((1.0, 1.0))([[[55.0], [255.0]]]).numpy().ravel().tolist()
    [200.0, 0.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = share_range("RandomInvert", "factor", factor)

    def changed(self, images: Tensor, numbers: Tensor) -> Tensor:
        return self.value_range[1] - images
