"""The layer that changes each image in some ways drawn from a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.drawn_changes import DrawnChanges


class RandAugment(DrawnChanges):
    """Change each image in `num_ops` ways, one after another, drawn from eleven, while training.

    They are shear, translation, rotation, brightness, gray, contrast, sharpness, few bits,
    solarization, stretched contrast and equal frequencies. Each image draws its own; in Keras a
    whole batch has the same.

    Source: Cubuk and others, RandAugment: Practical Automated Data Augmentation (arXiv:1909.13719).

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        num_ops: how many ways an image draws.
        factor: from 0 to 1, how strong the changes are at most: a number f stands for 0 to f; or
            two numbers.
        interpolation: 'bilinear' or 'nearest'.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, num_ops below 0, and anything but an image of 3
            channels.

    >>> RandAugment(num_ops=0)([[[1.0, 2.0, 3.0]]]).numpy().ravel().tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            factor, value_range, interpolation, seed, data_format=data_format, **kwargs
        )
        self.num_ops = checks.whole_number("num_ops", num_ops, 0, "RandAugment")

    def _draws_of(self, shape: Sequence[int]) -> int:
        return self.num_ops * self._width()

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        return self._in_turn("transform_images", images, numbers, len(self._names))

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Move masks as the images were moved."""
        if not training or transformation is None:
            return segmentation_masks
        masks = self._to_floats(ops.convert_to_tensor(segmentation_masks))
        change, ways = "transform_segmentation_masks", len(self._names)
        return self._over_batch(lambda x: self._in_turn(change, x, transformation, ways), masks)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_ops": self.num_ops}
