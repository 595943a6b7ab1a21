"""The layer that makes all brightnesses of an image equally frequent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.layers.augmentation.random_color_layer import BYTES, color_range, spread
from pylego.layers.preprocessing.image_layer import ImageLayer


class Equalization(ImageLayer):
    """Spread the numbers of each channel so that all are about equally frequent, while training.

    A number becomes the share of the pixels of its image that are not larger, spread over the range
    of a byte and rounded. Each image is counted by itself; Keras counts a batch as one image.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        bins: into how many steps the range is divided for the count.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a value_range that is not a range, bins below 1, and anything but an image.

    >>> Equalization()([[[10.0], [11.0], [12.0]]]).numpy().ravel().tolist()
    [0.0, 128.0, 255.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        bins: int = 256,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format=data_format, **kwargs)
        self.value_range = color_range("Equalization", value_range)
        self.bins = checks.whole_number("bins", bins, 1, "Equalization")

    def transform_images(
        self, images: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Equalize images while training; the second argument is that of layers that draw."""
        floats = self._to_floats(convert_to_tensor(images))
        return self._over_batch(self._equalized, floats) if training else self._to_own_dtype(floats)

    def _equalized(self, images: Tensor) -> Tensor:
        """Count and look up in rows, one for each channel of each image: (rows, pixels)."""
        _, height, width, channels = images.shape
        rows = ops.reshape(ops.transpose(images, (0, 3, 1, 2)), (-1, height * width))
        pixels = spread(rows, self.value_range, BYTES)
        steps = ops.clip(pixels / BYTES[1] * (self.bins - 1), 0, self.bins - 1)
        levels = _look_up(cast(steps, "int32"), pixels, self.bins)
        found = ops.reshape(spread(levels, BYTES, self.value_range), (-1, channels, height, width))
        return ops.transpose(found, (0, 2, 3, 1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range, "bins": self.bins}


def _look_up(steps: Tensor, pixels: Tensor, bins: int) -> Tensor:
    """Return what each pixel of rows becomes; rows of a single step stay as they are."""
    rows = len(steps)
    flat = ops.reshape(steps + ops.reshape(ops.arange(rows), (-1, 1)) * bins, (-1,))
    ones = ops.ones(flat.shape, pixels.dtype)
    counts = ops.reshape(ops.segment_sum(ones, flat, rows * bins), (rows, bins))
    below = ops.cumsum(counts, axis=1)
    first = ops.min(ops.where(below > 0, below, below[:, -1:]), axis=1, keepdims=True)
    others = below[:, -1:] - first
    table = ops.round((below - first) * BYTES[1] / ops.where(others == 0, 1.0, others))
    found = ops.take_along_axis(ops.clip(table, *BYTES), steps, axis=1)
    return ops.where(others == 0, pixels, found)
