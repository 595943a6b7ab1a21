"""The layer that makes images a little gray at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomColorLayer, of_each
from pylego.layers.augmentation.random_image_layer import between, share_range


class RandomColorDegeneration(RandomColorLayer):
    """Mix each image with its gray one by a share of its own: y = x + factor (gray - x).

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        factor: from 0, nothing changes, to 1, gray: a number f stands for 0 to f; or two numbers.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside -1 to 1, and anything but an image of 1 or 3 channels.

    >>> RandomColorDegeneration((1, 1))([[[100.0, 0.0, 0.0]]]).numpy().round(1).ravel().tolist()
    [29.899999618530273, 29.899999618530273, 29.899999618530273]
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
        # files of Keras say -f to f for a number f; below 0 colors become stronger
        self.factor = share_range("RandomColorDegeneration", "factor", factor, -1.0)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        factor = of_each(images, between(self.factor, numbers[:, 0]))
        gray = ops.image.rgb_to_grayscale(images, data_format="channels_last")
        return self._within_range(images + factor * (gray - images))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
