"""The layer that blends each image of a batch with another one while training."""

from __future__ import annotations

from typing import Any

from pylego import rules
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.mixing import MixingLayer, partners, symmetric_beta
from pylego.layers.augmentation.random_color_layer import of_each


class MixUp(MixingLayer):
    """Blend each image of a batch, and its label, with another one while training.

    y = w x + (1 - w) x', where w has the distribution Beta(alpha, alpha). Labels are blended when a
    dictionary of 'images' and 'labels' comes in.

    Source: Zhang and others, mixup: Beyond Empirical Risk Minimization (arXiv:1710.09412).

    Shapes: (images, height, width, channels) and labels (images, classes) stay as they are.

    Args:
        alpha: larger than 0: small numbers leave most images nearly as they are.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for an alpha that is not positive, labels that are not floats, and anything but
            images.

    >>> layer = MixUp(seed=1)
    >>> both = layer({"images": [[[[0.0]]], [[[1.0]]]], "labels": [[1.0, 0.0], [0.0, 1.0]]})
    >>> bool((both["images"][:, 0, 0] == both["labels"][:, 1:]).numpy().all())
    True
    """

    draws = 3

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        rules.above(0)("alpha", alpha, "MixUp")
        self.alpha = alpha

    def weight_of_own(self, numbers: Tensor) -> Tensor:
        return symmetric_beta(self.alpha, numbers[:, 1], numbers[:, 2])

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        weight = of_each(images, self.weight_of_own(numbers))
        return weight * images + (1.0 - weight) * partners(images, numbers)

    def transform_segmentation_masks(
        self, segmentation_masks: Any, transformation: Tensor | None = None, training: bool = True
    ) -> Any:
        """Blend masks as the images were blended."""
        return self.transform_images(segmentation_masks, transformation, training)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
