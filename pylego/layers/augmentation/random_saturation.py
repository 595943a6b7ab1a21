"""The layer that makes the colors of images stronger or weaker at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomColorLayer, of_each, spread
from pylego.layers.augmentation.random_image_layer import between, share_range


class RandomSaturation(RandomColorLayer):
    """Multiply the saturation of each image by a number of its own while training.

    A factor f stands for f / (1 - f): 0 makes an image gray, 0.5 leaves it as it is, 1 gives full
    colors. Saturations stay within 0 to 1; in Keras those of images up to 255 pass it, and their
    colors fall below 0.

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        factor: from 0 to 1: a number f stands for 0 to f; or two numbers.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside -1 to 1, and anything but an image of 3 channels.

    >>> RandomSaturation((0, 0), value_range=(0, 1))([[[1.0, 0.5, 0.0]]]).numpy().ravel().tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        # files of Keras say -f to f for a number f: what is below 0 makes gray
        self.factor = share_range("RandomSaturation", "factor", factor, -1.0)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        share = between(self.factor, numbers[:, 0])
        factor = of_each(images, share / (1.0 - share + config.epsilon()))
        colors = spread(images, self.value_range, (0.0, 1.0))
        colors = ops.image.rgb_to_hsv(colors, data_format="channels_last")
        hue, saturation, value = (colors[..., k : k + 1] for k in range(3))
        colors = ops.concatenate((hue, ops.clip(saturation * factor, 0.0, 1.0), value), axis=-1)
        colors = ops.image.hsv_to_rgb(colors, data_format="channels_last")
        return spread(colors, (0.0, 1.0), self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
