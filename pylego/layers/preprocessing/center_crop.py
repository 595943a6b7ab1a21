"""The layer that cuts out the middle of images."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.layers.preprocessing.image_layer import ImageLayer


class CenterCrop(ImageLayer):
    """Cut out the middle of images.

    Images that are too small are brought to the size as a whole: of what has the right proportions
    as much as possible is cut out and resized.

    Shapes: (images, height, width, channels), or one image, to that height and width.

    Args:
        height: of what comes out.
        width: of what comes out.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for lengths below 1, and anything but an image.

    >>> CenterCrop(1, 2)([[[1.0], [2.0], [3.0], [4.0]]]).numpy().ravel().tolist()
    [2.0, 3.0]
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format=data_format, **kwargs)
        self.height = checks.whole_number("height", height, 1, "CenterCrop")
        self.width = checks.whole_number("width", width, 1, "CenterCrop")

    def transform_images(
        self, images: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Crop images; the other arguments are those of layers that draw."""
        size = (self.height, self.width)
        floats = self._to_floats(convert_to_tensor(images))
        return self._over_batch(lambda x: middle_or_resized(x, size), floats)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: None = None, training: bool = True
    ) -> Tensor:
        """Crop masks as images."""
        return self.transform_images(segmentation_masks)

    def _shape_of_images(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self._with_size(shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}


def middle_or_resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Cut that size out of the middle of images (images, height, width, channels); of those that
    are too small as much as has its proportions, which is then resized."""
    margins = [n - m for n, m in zip(images.shape[1:3], size)]
    if min(margins) < 0:
        return ops.image.resize(
            images, size, crop_to_aspect_ratio=True, data_format="channels_last"
        )
    top, left = (n // 2 for n in margins)
    return images[:, top : top + size[0], left : left + size[1]]
