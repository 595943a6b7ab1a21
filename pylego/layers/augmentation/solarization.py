"""The layer that inverts the bright pixels of images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import BYTES, RandomColorLayer, of_each, spread
from pylego.layers.augmentation.random_image_layer import between, share_range


class Solarization(RandomColorLayer):
    """Brighten each image by a number of its own, and invert what reaches a threshold.

    On the range of a byte: z = x + addition, cut off at 255; y = z below the threshold, else
    255 - z.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        addition_factor: the largest addition, as a share of the range: a number f stands for 0 to
            f; or two numbers.
        threshold_factor: the largest threshold, likewise.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for factors outside 0 to 1, and anything but an image.

    >>> Solarization()([[[59.0], [62.0]]]).numpy().ravel().tolist()
    [196.0, 193.0]
    """

    draws = 2

    def __init__(
        self,
        addition_factor: Any = 0.0,
        threshold_factor: Any = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, **kwargs)
        self.addition_factor = share_range("Solarization", "addition_factor", addition_factor)
        self.threshold_factor = share_range("Solarization", "threshold_factor", threshold_factor)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        addition = of_each(images, between(self.addition_factor, numbers[:, 0]) * BYTES[1])
        threshold = of_each(images, between(self.threshold_factor, numbers[:, 1]) * BYTES[1])
        brighter = ops.clip(spread(images, self.value_range, BYTES) + addition, *BYTES)
        inverted = ops.where(brighter < threshold, brighter, BYTES[1] - brighter)
        return spread(inverted, BYTES, self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "addition_factor": self.addition_factor,
            "threshold_factor": self.threshold_factor,
        }
