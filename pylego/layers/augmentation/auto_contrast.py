"""The layer that stretches the colors of images over their whole range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.layers.augmentation.random_color_layer import color_range
from pylego.layers.preprocessing.image_layer import ImageLayer


class AutoContrast(ImageLayer):
    """Stretch each channel of each image, so that its numbers reach both ends of value_range.

    y = (x - least) / (largest - least), spread over value_range. A channel of one color stays as it
    is. This happens at inference, too.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for a value_range that is not a range, and anything but an image.

    >>> AutoContrast()([[[10.0], [20.0], [15.0]]]).numpy().ravel().tolist()
    [0.0, 255.0, 127.5]
    """

    def __init__(self, value_range: Sequence[float] = (0, 255), **kwargs: Any):
        super().__init__(**kwargs)
        self.value_range = color_range("AutoContrast", value_range)

    def transform_images(
        self, images: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Stretch images; the other arguments are those of layers that draw."""
        return self._over_batch(self._stretched, self._to_floats(convert_to_tensor(images)))

    def _stretched(self, images: Tensor) -> Tensor:
        low, high = self.value_range
        least = ops.min(images, axis=(1, 2), keepdims=True)
        distance = ops.max(images, axis=(1, 2), keepdims=True) - least
        is_plain = distance == 0
        share = (images - least) / ops.where(is_plain, 1.0, distance)
        return ops.where(is_plain, images, ops.clip(share * (high - low) + low, low, high))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}
