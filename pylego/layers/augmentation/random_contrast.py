"""The layer that changes the contrast of images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.augmentation.random_image_layer import RandomImageLayer, between


class RandomContrast(RandomImageLayer):
    """Change the contrast of each image by a factor of its own while training.

    Each channel keeps its mean: y = (x - mean) factor + mean, kept within value_range.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: from 0 to 1, how far the factor is from 1 at most; or two numbers (lower, upper): it
            is drawn from 1 - lower to 1 + upper.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for factors outside 0 to 1, and anything but an image.

    >>> RandomContrast(0.0)([[[1.0], [2.0]]]).numpy().ravel().tolist()
    [1.0, 2.0]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, **kwargs)
        ends = factor if isinstance(factor, (list, tuple)) else (factor, factor)
        if len(ends) != 2 or len(value_range) != 2:
            raise ValueError(
                "RandomContrast: factor is a number or two, value_range has two. Received: "
                f"factor={factor!r}, value_range={value_range!r}"
            )
        lower, upper = (checks.real_number("factor", x, 0, 1, "RandomContrast") for x in ends)
        self.factor = (lower, upper)
        self.value_range = tuple(value_range)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        factor = between((1.0 - self.factor[0], 1.0 + self.factor[1]), numbers)
        return self.with_contrast(images, cast(factor, images.dtype))

    def with_contrast(self, images: Tensor, factor: Tensor) -> Tensor:
        """Return the images with these factors, of shape (images, 1)."""
        mean = ops.mean(images, axis=(1, 2), keepdims=True)
        stretched = (images - mean) * ops.reshape(factor, (-1, 1, 1, 1)) + mean
        return ops.clip(stretched, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
