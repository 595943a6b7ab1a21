"""The layer that mirrors images at random while training."""

from __future__ import annotations

from typing import Any

from pylego import names, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomImageLayer
from pylego.ops import affine

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImageLayer):
    """Mirror each image with probability 1/2 while training; pixels only move.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        mode: 'horizontal' swaps left and right, 'vertical' top and bottom;
            'horizontal_and_vertical' (the default) decides on either by itself.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another mode, and anything but an image.

    >>> image = [[[1.0], [2.0]]]
    >>> layer = RandomFlip("horizontal", seed=1)
    >>> sorted({tuple(layer(image).numpy().ravel().tolist()) for _ in range(20)})
    [(1.0, 2.0), (2.0, 1.0)]
    """

    draws = 2

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        if mode not in _MODES:
            raise names.unknown("mode", mode, _MODES)
        self.mode = mode

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        down, right = (ops.where(numbers[:, k] < 0.5, -1.0, 1.0) for k in range(2))
        linear = (
            (1.0 if self.mode == "horizontal" else down, 0.0),
            (0.0, 1.0 if self.mode == "vertical" else right),
        )
        matrices = affine.about_center(len(images), linear, images.shape[1:3])
        return affine.sample(images, matrices, interpolation="nearest")

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Tensor:
        """Flip masks as the images were flipped."""
        return self.transform_images(segmentation_masks, transformation, training)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}
