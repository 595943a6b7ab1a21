"""Dropout for networks that normalize themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import checks, ops, random
from pylego.core.tensor import Tensor
from pylego.layers import arguments
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]

# What selu(x) falls to for very small x: dropped elements are set to it.
_LOWEST = -1.0507009873554805 * 1.6732632423543772


class AlphaDropout(Layer):
    """Set a share of the elements to selu's lowest value while training, keeping mean and variance.

    Inputs of mean 0 and variance 1, as selu gives them, keep both: y = a * (x or lowest) + b with
    a = ((1 - rate) (1 + rate lowest^2))^(-1/2) and b = -a rate lowest (Klambauer et al.,
    "Self-normalizing neural networks", NIPS 2017). At inference the inputs come out as they are.

    Args:
        rate: the share that is dropped, from 0 to below 1.
        noise_shape: shape of the choice, broadcast over the inputs; None stands for the inputs'
            length.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when rate is not a number.
        ValueError: when it is below 0, or not below 1: nothing would be left to keep.

    >>> AlphaDropout(0.5, seed=1)([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.rate = checks.share("rate", rate, owner="AlphaDropout")
        self.noise_shape = None if noise_shape is None else arguments.batch_shape(noise_shape)
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        draw = random.uniform(
            self._choice_shape(inputs.shape), dtype=inputs.dtype, seed=self.seed_generator
        )
        scale = 1 / math.sqrt((1 - self.rate) * (1 + self.rate * _LOWEST**2))
        kept = ops.where(draw >= self.rate, inputs, _LOWEST)
        return scale * kept - scale * self.rate * _LOWEST

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }

    def _choice_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the noise shape with the inputs' lengths for None."""
        wish = shape if self.noise_shape is None else self.noise_shape
        if len(wish) != len(shape):
            raise ValueError(
                f"Layer {self.name!r}: noise_shape={wish} has {len(wish)} axes, the inputs of "
                f"shape {shape} have {len(shape)}"
            )
        return tuple(own if given is None else given for given, own in zip(wish, shape))
