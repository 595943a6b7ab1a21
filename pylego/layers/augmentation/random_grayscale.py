"""The layer that makes images gray at random while training."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomImageLayer


class RandomGrayscale(RandomImageLayer):
    """Make some images gray while training; they keep their three channels, all the same.

    Shapes: (images, height, width, 3), or one image, stays as it is.

    Args:
        factor: how likely an image becomes gray, from 0 to 1.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a factor outside 0 to 1, and anything but an image of 1 or 3 channels.

    >>> RandomGrayscale(1.0)([[[1.0, 0.0, 0.0]]]).numpy().round(4).ravel().tolist()
    [0.2989000082015991, 0.2989000082015991, 0.2989000082015991]
    """

    def __init__(
        self,
        factor: float = 0.5,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = checks.real_number("factor", factor, 0, 1, "RandomGrayscale")

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        gray = ops.image.rgb_to_grayscale(images, data_format="channels_last")
        return ops.where(ops.reshape(numbers < self.factor, (-1, 1, 1, 1)), gray, images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
