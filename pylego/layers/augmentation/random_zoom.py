"""The layer that scales images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomAffineLayer, between, factor_range
from pylego.ops import affine

_LEAST = -1 + 1e-6  # a factor of -1 would show one single point


class RandomZoom(RandomAffineLayer):
    """Scale what each image shows, about its center, by a factor of its own while training.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        height_factor: how much more is seen, as a share of the height, or how much less; or the
            least and the largest share: (0.2, 0.3) zooms out, (-0.3, -0.2) zooms in.
        width_factor: the same for the width; None keeps the proportions.
        fill_mode: see `RandomAffineLayer`.
        interpolation: see `RandomAffineLayer`.
        seed: an integer, for the same choices in every run.
        fill_value: see `RandomAffineLayer`.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside -1 to 1, unknown modes, and anything but an image.

    >>> layer = RandomZoom((-0.5, -0.5), interpolation="nearest")
    >>> layer([[[1.0], [2.0], [3.0], [4.0]]]).numpy().ravel().tolist()
    [2.0, 2.0, 3.0, 3.0]
    """

    draws = 2

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
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
        self._height = factor_range("RandomZoom", "height_factor", height_factor, _LEAST)
        self._width = None
        if width_factor is not None:
            self._width = factor_range("RandomZoom", "width_factor", width_factor, _LEAST)

    def matrices(self, numbers: Tensor, size: Sequence[int]) -> Tensor:
        down = 1.0 + between(self._height, numbers[:, 0])
        right = down if self._width is None else 1.0 + between(self._width, numbers[:, 1])
        return affine.about_center(len(numbers), ((down, 0.0), (0.0, right)), size)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "height_factor": self.height_factor,
            "width_factor": self.width_factor,
        }
