"""The layer that shears images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_image_layer import RandomAffineLayer, between, factor_range
from pylego.ops import affine


class RandomShear(RandomAffineLayer):
    """Shear each image by factors of its own while training.

    The pixel at (row, column) is taken from column + x row and row + y column.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        x_factor: the largest factor along the columns: a number f stands for -f to f; or two.
        y_factor: the same along the rows.
        interpolation: see `RandomAffineLayer`.
        fill_mode: see `RandomAffineLayer`.
        fill_value: see `RandomAffineLayer`.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside -1 to 1, unknown modes, and anything but an image.

    >>> image = [[[1.0], [2.0]], [[3.0], [4.0]]]
    >>> sheared = RandomShear((1.0, 1.0), interpolation="nearest", fill_mode="nearest", seed=3)
    >>> sheared(image).numpy()[..., 0].tolist()
    [[1.0, 2.0], [4.0, 4.0]]
    """

    draws = 3

    def __init__(
        self,
        x_factor: Any = 0.0,
        y_factor: Any = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            fill_mode, interpolation, seed, fill_value, data_format=data_format, **kwargs
        )
        self.x_factor = factor_range("RandomShear", "x_factor", x_factor, -1.0)
        self.y_factor = factor_range("RandomShear", "y_factor", y_factor, -1.0)

    def matrices(self, numbers: Tensor, size: Sequence[int]) -> Tensor:
        side = ops.where(numbers[:, 0] > 0.5, -1.0, 1.0)
        down = side * between(self.y_factor, numbers[:, 1])
        right = side * between(self.x_factor, numbers[:, 2])
        return affine.matrices_of(len(numbers), ((1.0, down, 0.0), (right, 1.0, 0.0)))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "x_factor": self.x_factor, "y_factor": self.y_factor}
