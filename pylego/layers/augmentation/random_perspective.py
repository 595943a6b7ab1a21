"""The layer that shows images as if seen from aside, at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.augmentation.random_image_layer import RandomMovingLayer, between, share_range
from pylego.ops import affine, coordinates


class RandomPerspective(RandomMovingLayer):
    """Move three corners of some images while training, and the picture between them.

    The corner at column x and row y comes to lie at (x + a x, y + b y), a and b drawn for each
    corner from -scale / 2 to scale / 2: the first corner, (0, 0), stays.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: two shares between which the probability of an image is drawn; a number f stands for
            0 to f.
        scale: from 0 to 1, how far corners move at most.
        interpolation: 'bilinear' or 'nearest'.
        fill_value: what is seen outside the image.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for shares outside 0 to 1, other interpolations, and anything but an image.

    >>> RandomPerspective(scale=0.0)([[[1.0], [2.0]], [[3.0], [4.0]]]).numpy()[..., 0].tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    draws = 10

    def __init__(
        self,
        factor: Any = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(interpolation, seed, fill_value, data_format=data_format, **kwargs)
        self.factor = share_range("RandomPerspective", "factor", factor)
        self.scale = checks.real_number("scale", scale, 0, 1, "RandomPerspective")

    def _sampled(self, images: Tensor, numbers: Tensor, interpolation: str) -> Tensor:
        is_moved = numbers[:, 1] < between(self.factor, numbers[:, 0])
        shares = between((-0.5 * self.scale, 0.5 * self.scale), numbers[:, 2:])
        maps = cast(_maps_back(shares, images.shape[1:3]), "float32")
        order = affine.INTERPOLATIONS.index(interpolation)
        seen = coordinates.in_perspective(images, maps, order, self.fill_value)
        return ops.where(ops.reshape(is_moved, (-1, 1, 1, 1)), seen, images)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "scale": self.scale}


def _maps_back(shares: Tensor, size: Sequence[int]) -> Tensor:
    """Return the 8 numbers of the map from moved pixels back to where they are taken from.

    Let w be the last column and h the last row. The corners (w, 0), (0, h) and (w, h) move to
    (x1, 0), (0, y2) and (x3, y3). So the pixel at shares (u, v) of w and h moves to (A u, E v) / (g
    u + k v + 1), and the corners say, with p = x3 / x1, q = y3 / y2 and D = 1 / (p + q - 1), that
    g = p D - 1, k = q D - 1, A = x3 D and E = y3 D. Solved for u and v: (w / A x, h / E y) / (1 -
    g / A x - k / E y).

    Args:
        shares: of each corner (0, 0), (w, 0), (0, h), (w, h), by which its x and y grow: (images,
            8).
        size: (height, width).
    """
    h, w = (float(max(1, length - 1)) for length in size)  # a single pixel stays where it is
    grown = 1.0 + shares
    p, q = grown[:, 6] / grown[:, 2], grown[:, 7] / grown[:, 5]
    d = 1.0 / (p + q - 1.0)
    across, down = w * grown[:, 6] * d, h * grown[:, 7] * d  # A and E
    none = p * 0.0
    of_x, of_y = (1.0 - p * d) / across, (1.0 - q * d) / down
    return ops.stack([w / across, none, none, none, h / down, none, of_x, of_y], axis=1)
