"""The layer that leaves images few colors at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.augmentation.random_color_layer import BYTES, RandomColorLayer, of_each, spread

_BITS = 8


class RandomPosterization(RandomColorLayer):
    """Keep only the leading bits of each number of an image while training.

    With b bits kept, on the range of a byte: y = x rounded down to a multiple of 2^(8 - b).

    Shapes: (images, height, width, channels), or one image, stays as it is.

    Args:
        factor: how many bits are kept, from 1 to 8: a number f stands for 1 to f, two numbers for
            a range; the last is not drawn, unless both are the same.
        value_range: the least and the largest number of the images; (0, 255) by default.
        data_format: 'channels_last' or 'channels_first'.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for factors outside 1 to 8, and anything but an image.
        TypeError: for a factor that is not a whole number.

    >>> RandomPosterization((1, 1))([[[59.0], [130.0]]]).numpy().ravel().tolist()
    [0.0, 128.0]
    """

    def __init__(
        self,
        factor: Any,
        value_range: Sequence[float] = (0, 255),
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(value_range, seed, data_format=data_format, **kwargs)
        ends = factor if isinstance(factor, (list, tuple)) else (1, factor)
        bits = sorted(checks.whole_number("factor", n, 1, "RandomPosterization") for n in ends)
        if len(bits) != 2 or bits[1] > _BITS:
            raise ValueError(
                "RandomPosterization: factor is a number from 1 to 8, or two. Received: "
                f"factor={factor!r}"
            )
        self.factor = (bits[0], bits[1])

    def augment(self, images: Tensor, numbers: Tensor) -> Tensor:
        few, many = self.factor
        bits = ops.floor(numbers[:, 0] * float(many - few)) + float(few)
        step = of_each(images, ops.power(2.0, _BITS - bits))
        pixels = ops.clip(spread(images, self.value_range, BYTES), *BYTES)
        return spread(ops.floor(ops.floor(pixels) / step) * step, BYTES, self.value_range)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "factor": self.factor}
