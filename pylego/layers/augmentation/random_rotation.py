"""The layer that turns images at random while training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomAffineLayer, between, factor_range
from pylego.ops import affine


class RandomRotation(RandomAffineLayer):
    """Turn each image about its center by an angle of its own while training.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: the largest angle in turns of 360 degrees, either way: 0.1 is up to 36 degrees; or
            the least and the largest angle. Positive is counter-clockwise.
        fill_mode: see `RandomAffineLayer`.
        interpolation: see `RandomAffineLayer`.
        seed: an integer, for the same choices in every run.
        fill_value: see `RandomAffineLayer`.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a factor outside -1 to 1, unknown modes, and anything but an image.

    >>> RandomRotation((0.25, 0.25))([[[1.0], [2.0]], [[3.0], [4.0]]]).numpy()[..., 0].tolist()
    [[2.0, 4.0], [1.0, 3.0]]
    """

    def __init__(
        self,
        factor: Any,
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
        self.factor = factor_range("RandomRotation", "factor", factor, -1.0)

    def matrices(self, numbers: Tensor, size: Sequence[int]) -> Tensor:
        angle = 2 * math.pi * between(self.factor, numbers[:, 0])
        cos, sin = ops.cos(angle), ops.sin(angle)
        return affine.about_center(len(numbers), ((cos, sin), (-sin, cos)), size)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
