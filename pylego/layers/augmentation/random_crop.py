"""The layer that cuts a window out of images, at random while training."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomImageLayer
from pylego.layers.preprocessing.center_crop import middle_or_resized
from pylego.ops import affine


class RandomCrop(RandomImageLayer):
    """Cut a window out of each image: at a place of its own while training, else in the middle.

    Images that are smaller than the window are cropped to its proportions and resized. In Keras a
    whole batch has one place, and nothing is cut at inference, although its pages say so.

    Shapes: (images, height, width, channels), or one image, to that height and width.

    Args:
        height: of the window.
        width: of the window.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        name: see `Layer`, as are all that follow.
        **kwargs: the others.

    Raises:
        ValueError: for lengths below 1, and anything but an image.

    >>> layer = RandomCrop(1, 2, seed=1)
    >>> sorted({int(layer([[[1.0], [2.0], [3.0]]])[0, 0, 0]) for _ in range(20)})
    [1, 2]
    """

    draws = 2

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, data_format=data_format, name=name, **kwargs)
        self.height = checks.whole_number("height", height, 1, "RandomCrop")
        self.width = checks.whole_number("width", width, 1, "RandomCrop")

    def _unchanged(self, images: Tensor) -> Tensor:
        size = (self.height, self.width)
        return self._over_batch(lambda x: middle_or_resized(x, size), images)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        size = (self.height, self.width)
        margins = [n - m + 1 for n, m in zip(images.shape[1:3], size)]
        if min(margins) < 1:
            return middle_or_resized(images, size)
        top, left = (ops.floor(numbers[:, k] * float(margins[k])) for k in range(2))
        matrices = affine.matrices_of(len(images), ((1.0, 0.0, top), (0.0, 1.0, left)))
        return affine.sample(images, matrices, size, "nearest")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Tensor:
        """Cut the same windows out of masks."""
        return self.transform_images(segmentation_masks, transformation, training)

    def _shape_of_images(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return self._with_size(shape, self.height, self.width)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "height": self.height, "width": self.width}
