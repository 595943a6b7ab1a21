"""The layer that makes images brighter or darker at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor, cast
from pylego.layers.augmentation.random_image_layer import RandomImageLayer, between, factor_range


class RandomBrightness(RandomImageLayer):
    """Add a number of its own to each image while training, and keep within value_range.

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: from -1 to 1, as a share of the value_range: a number f stands for -f to f; or two
            numbers (lower, upper). -1 makes all images black, 1 all white.
        value_range: the least and the largest number of the images; (0, 255) by default.
        seed: an integer, for the same choices in every run.
        **kwargs: see `ImageLayer`.

    Raises:
        ValueError: for factors outside -1 to 1, and anything but an image.

    >>> RandomBrightness((0.5, 0.5))([[[1.0], [200.0]]]).numpy().ravel().tolist()
    [128.5, 255.0]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(seed=seed, **kwargs)
        if len(value_range) != 2:
            raise ValueError(
                "RandomBrightness: value_range has two numbers. Received: "
                f"value_range={value_range!r}"
            )
        self.factor = factor_range("RandomBrightness", "factor", factor, -1.0)
        self.value_range = tuple(value_range)

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        low, high = self.value_range
        more = cast(between(self.factor, numbers) * (high - low), images.dtype)
        return ops.clip(images + ops.reshape(more, (-1, 1, 1, 1)), low, high)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor, "value_range": self.value_range}
