"""The layer that blurs or sharpens images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import RandomColorLayer, of_each
from pylego.layers.augmentation.random_image_layer import between, share_range

# What smooths: the pixel itself counts five times as much as each of its neighbors.
_SMOOTHING = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13


class RandomSharpness(RandomColorLayer):
    """Mix each image with a smoothed one by a share of its own while training.

    y = x + (1 - 2 factor) (smoothed - x), kept within value_range. Outside the image lies 0.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: 0 blurs, 0.5 changes nothing, 1 sharpens: a number f stands for 0 to f; or two
            numbers.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, and anything but an image.

    >>> RandomSharpness((0.0, 0.0))([[[13.0]]]).numpy().ravel().tolist()
    [5.0]
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
        self.factor = share_range("RandomSharpness", "factor", factor)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        channels = images.shape[-1]
        repeated = np.repeat(_SMOOTHING[:, :, None, None], channels, axis=2)
        kernel = ops.convert_to_tensor(repeated, images.dtype)
        smoothed = ops.depthwise_conv(images, kernel, padding="same", data_format="channels_last")
        share = of_each(images, 1.0 - 2.0 * between(self.factor, numbers[:, 0]))
        return self._within_range(images + share * (smoothed - images))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
