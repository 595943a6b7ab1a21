"""The layer that pastes a rectangle of another image into each one of a batch while training."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.boxes import box_masks
from pylego.layers.augmentation.mixing import MixingLayer, partners, symmetric_beta
from pylego.layers.augmentation.random_image_layer import between, share_range


class CutMix(MixingLayer):
    """Paste a rectangle of another image of the batch into each one, and mix labels by its area.

    An image keeps the share w of its area, of the distribution Beta(alpha, alpha) with an alpha
    drawn from factor; the sides of the rectangle are sqrt(1 - w) times those of the image. Labels
    are mixed when a dictionary of 'images' and 'labels' comes in. A single image stays as it is.

    Source: Yun and others, CutMix: Regularization Strategy to Train Strong Classifiers
    (arXiv:1905.04899).

    Shapes: (images, height, width, channels) and labels (images, classes) stay as they are.

    Args:
        factor: from 0 to 1: a number f stands for 0 to f; or two numbers.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 0 to 1, labels that are not floats, and anything but images.

    >>> layer = CutMix(seed=1)
    >>> images = [[[[0.0], [0.0]]], [[[1.0], [1.0]]]]
    >>> sorted(set(layer(images).numpy().ravel().tolist()))
    [0.0, 1.0]
    """

    draws = 6

    def __init__(
        self,
        factor: Any = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = share_range("CutMix", "factor", factor)

    def weight_of_own(self, numbers: Tensor) -> Tensor:
        alpha = between(self.factor, numbers[:, 1]) + 1e-6  # above 0
        return symmetric_beta(alpha, numbers[:, 2], numbers[:, 3])

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        side = ops.reshape(ops.sqrt(1.0 - self.weight_of_own(numbers)), (-1, 1))
        sides = ops.concatenate((side, side), axis=1)
        masks = box_masks(images.shape[1:3], sides, numbers[:, 4:])
        return ops.where(masks, partners(images, numbers), images)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Paste rectangles of masks as those of the images."""
        return self.transform_images(segmentation_masks, transformation, training)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
