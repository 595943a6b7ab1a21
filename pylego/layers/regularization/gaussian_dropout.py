"""The layer that multiplies by noise while training."""

from __future__ import annotations

import math
from typing import Any

from pylego import checks, random
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class GaussianDropout(Layer):
    """Multiply by normal noise of mean 1 and variance rate / (1 - rate) while training.

    That is the mean and the variance of what `Dropout(rate)` multiplies by (Srivastava et al., JMLR
    2014, section 10). At inference the inputs come out as they are.

    Args:
        rate: as for `Dropout`, from 0 to below 1.
        seed: an integer, for the same noise in every run.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when rate is not a number.
        ValueError: when it is below 0, or not below 1: the variance would be infinite.

    >>> GaussianDropout(0.5, seed=1)([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.rate = checks.share("rate", rate, owner="GaussianDropout")
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        stddev = math.sqrt(self.rate / (1 - self.rate))
        noise = random.normal(inputs.shape, 1.0, stddev, self.compute_dtype, self.seed_generator)
        return inputs * noise

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
