"""The layer that bends images at random while training, as if they were of rubber."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import names, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import color_range
from pylego.layers.augmentation.random_gaussian_blur import bells, smoothed
from pylego.layers.augmentation.random_image_layer import (
    FILL_MODES,
    RandomMovingLayer,
    between,
    share_range,
)
from pylego.ops import affine, coordinates

_LEAST = 1e-6  # of a standard deviation, by which is divided


class RandomElasticTransform(RandomMovingLayer):
    """Take each pixel of some images from a place nearby while training.

    The distances along rows and columns are normal numbers times s, which are averaged by a bell of
    width s and multiplied by l: s = 0.05 f min(height, width), l = 0.1 f max(height, width), with a
    strength f drawn for each image.

    Source: Simard, Steinkraus, Platt, Best Practices for Convolutional Neural Networks Applied to
    Visual Document Analysis (2003).

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: two shares between which the probability of an image is drawn; a number f stands for
            0 to f.
        scale: from 0 to 1, the strength: a number f stands for 0 to f; or two numbers.
        interpolation: 'bilinear' or 'nearest'.
        fill_mode: what is seen beyond the last pixel of a b c d: 'reflect' d c b, 'nearest' d d d,
            'wrap' a b c, 'constant' the fill_value.
        fill_value: for 'constant'.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        data_format: 'channels_last' or 'channels_first'.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for shares outside 0 to 1, unknown modes, and anything but an image.

    >>> RandomElasticTransform(scale=0.0)([[[1.0], [2.0]]]).numpy().ravel().tolist()
    [1.0, 2.0]
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(interpolation, seed, fill_value, data_format=data_format, **kwargs)
        if fill_mode not in FILL_MODES:
            raise names.unknown("fill_mode", fill_mode, FILL_MODES)
        self.fill_mode = fill_mode
        self.factor = share_range("RandomElasticTransform", "factor", factor)
        self.scale = share_range("RandomElasticTransform", "scale", scale)
        self.value_range = color_range("RandomElasticTransform", value_range)

    def _draws_of(self, shape: Sequence[int]) -> int:
        """Three for an image, and two for each pixel."""
        height, width = shape[-2:] if self.data_format == "channels_first" else shape[-3:-1]
        return 3 + 2 * height * width

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        return ops.clip(super().augment(images, numbers), *self.value_range)

    def _sampled(self, images: Tensor, numbers: Tensor, interpolation: str) -> Tensor:
        height, width = images.shape[1:3]
        is_bent = numbers[:, 1] < between(self.factor, numbers[:, 0])
        strength = between(self.scale, numbers[:, 2])
        down, right = self._distances(strength, numbers[:, 3:], (height, width))
        rows = down + ops.reshape(ops.arange(height, dtype=down.dtype), (-1, 1))
        columns = right + ops.arange(width, dtype=right.dtype)
        bent = coordinates.at_places(
            images,
            ops.cast(rows, "float32"),
            ops.cast(columns, "float32"),
            affine.INTERPOLATIONS.index(interpolation),
            self.fill_mode,
            self.fill_value,
        )
        return ops.where(ops.reshape(is_bent, (-1, 1, 1, 1)), bent, images)

    def _distances(
        self, strength: Tensor, numbers: Tensor, size: tuple[int, int]
    ) -> tuple[Tensor, Tensor]:
        """Return how far each pixel is moved down and to the right: two of (images, *size)."""
        widths = 0.05 * min(size) * strength + _LEAST
        weights = bells(int(6 * 0.05 * min(size) * self.scale[1]) | 1, widths)
        normal = _normal_pairs(ops.reshape(numbers, (-1, *size, 2)))
        smooth = smoothed(smoothed(normal, weights, axis=1), weights, axis=2)
        length = 0.1 * max(size) * strength * widths
        distances = smooth * ops.reshape(length, (-1, 1, 1, 1))
        return distances[..., 0], distances[..., 1]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "factor": self.factor,
            "scale": self.scale,
            "fill_mode": self.fill_mode,
            "value_range": self.value_range,
        }


def _normal_pairs(numbers: Tensor) -> Tensor:
    """Make two normal numbers of two uniform ones along the last axis (Box, Muller, 1958)."""
    radius = ops.sqrt(-2.0 * ops.log(1.0 - numbers[..., :1]))
    angle = 2.0 * math.pi * numbers[..., 1:]
    return radius * ops.concatenate([ops.cos(angle), ops.sin(angle)], axis=-1)
