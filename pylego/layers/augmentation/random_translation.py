"""The layer that shifts images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomAffineLayer, between, factor_range
from pylego.ops import affine


class RandomTranslation(RandomAffineLayer):
    """Shift each image by a way of its own while training.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        height_factor: the longest way up or down, as a share of the height; or the least and the
            largest way. Positive is down.
        width_factor: the same to the left or right. Positive is right.
        fill_mode: see `RandomAffineLayer`.
        interpolation: see `RandomAffineLayer`.
        seed: an integer, for the same choices in every run.
        fill_value: see `RandomAffineLayer`.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside -1 to 1, unknown modes, and anything but an image.

    >>> layer = RandomTranslation(0, (0.5, 0.5), fill_mode="constant")
    >>> layer([[[1.0], [2.0]]]).numpy().ravel().tolist()
    [0.0, 1.0]
    """

    draws = 2

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format=data_format, **kwargs
        )
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._down = factor_range("RandomTranslation", "height_factor", height_factor, -1.0)
        self._right = factor_range("RandomTranslation", "width_factor", width_factor, -1.0)

    def matrices(self, numbers: Tensor, size: Sequence[int]) -> Tensor:
        down = between(self._down, numbers[:, 0]) * size[0]
        right = between(self._right, numbers[:, 1]) * size[1]
        return affine.matrices_of(len(numbers), ((1.0, 0.0, -down), (0.0, 1.0, -right)))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }
