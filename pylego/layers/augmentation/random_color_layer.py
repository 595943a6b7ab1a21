"""The base of layers that change the colors of images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.augmentation.random_image_layer import RandomImageLayer, between

BYTES = (0.0, 255.0)


class RandomColorLayer(RandomImageLayer):
    """A layer that changes the colors of each image, within the range that they have.

    Args:
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for a value_range that is not a range.
    """

    def __init__(
        self, value_range: Sequence[float] = (0, 255), seed: int | None = None, **kwargs: Any
    ):
        super().__init__(seed=seed, **kwargs)
        self.value_range = color_range(type(self).__name__, value_range)

    def _within_range(self, images: Tensor) -> Tensor:
        return ops.clip(images, *self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "value_range": self.value_range}


class RandomlyAppliedLayer(RandomColorLayer):
    """A layer that changes some images, and leaves the others as they are.

    How likely an image is changed is drawn for it from a range; a second number decides.

    Args:
        factor: two shares from 0 to 1 between which the probability is drawn; a number f stands
            for 0 to f.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.
    """

    draws = 2
    factor: tuple[float, float]

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        is_changed = numbers[:, 1] < between(self.factor, numbers[:, 0])
        changed = self.changed(images, numbers[:, 2:])
        return ops.where(ops.reshape(is_changed, (-1, 1, 1, 1)), changed, images)

    def changed(self, images: Tensor, numbers: Tensor) -> Tensor:
        """Return all images changed; the numbers are those beyond the first two."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}


def color_range(owner: str, value_range: Any) -> tuple[float, float]:
    """Return the least and the largest number of images.

    Raises:
        ValueError: for anything but two numbers of which one is larger.

    >>> color_range("Solarization", [0, 1])
    (0, 1)
    """
    if isinstance(value_range, str) or not isinstance(value_range, Sequence):
        value_range = (value_range,)
    if len(value_range) != 2 or value_range[0] == value_range[1]:
        raise ValueError(
            f"{owner}: value_range has two numbers, the least and the largest of the images. "
            f"Received: value_range={value_range!r}"
        )
    low, high = (checks.real_number("value_range", x, owner=owner) for x in value_range)
    return min(low, high), max(low, high)


def spread(images: Tensor, old: Sequence[float], new: Sequence[float]) -> Tensor:
    """Map images of one range linearly onto another.

    >>> spread(ops.convert_to_tensor([0.0, 127.5]), BYTES, (0.0, 1.0)).numpy().tolist()
    [0.0, 0.5]
    """
    if tuple(old) == tuple(new):
        return images
    scale = (new[1] - new[0]) / (old[1] - old[0])
    return (images - old[0]) * scale + new[0]


def of_each(images: Tensor, numbers: Tensor) -> Tensor:
    """Return one number for each image, in its shape (images, 1, 1, 1) and dtype."""
    return ops.reshape(cast(numbers, images.dtype), (-1, 1, 1, 1))
