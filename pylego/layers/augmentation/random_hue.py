"""The layer that shifts the hue of images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomColorLayer, of_each, spread
from pylego.layers.augmentation.random_image_layer import between, share_range


class RandomHue(RandomColorLayer):
    """Turn the hue of each image by a way of its own, half a circle at most, while training.

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        factor: the longest way, as a share of half a circle, either way around: a number f stands
            for 0 to f; or two numbers.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, and anything but an image of 3 channels.

    >>> RandomHue((1.0, 1.0), value_range=(0, 1))([[[1.0, 0.0, 0.0]]]).numpy().ravel().tolist()
    [0.0, 1.0, 1.0]
    """

    draws = 2

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        self.factor = share_range("RandomHue", "factor", factor)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        side = ops.where(numbers[:, 0] > 0.5, -1.0, 1.0)
        way = of_each(images, 0.5 * side * between(self.factor, numbers[:, 1]))
        colors = spread(images, self.value_range, (0.0, 1.0))
        colors = ops.image.rgb_to_hsv(colors, data_format="channels_last")
        hue = colors[..., :1] + way
        hue = hue - ops.floor(hue)
        turned = ops.concatenate((hue, colors[..., 1:]), axis=-1)
        colors = ops.clip(ops.image.hsv_to_rgb(turned, data_format="channels_last"), 0.0, 1.0)
        return spread(colors, (0.0, 1.0), self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
