"""The layer that drops elements at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import random
from pylego.core.tensor import Tensor
from pylego.layers import arguments
from pylego.layers.layer import Layer


class Dropout(Layer):
    """Set a share of the elements to 0 while training, and scale the others by 1 / (1 - rate).

    At inference the inputs come out as they are (Srivastava et al., JMLR 2014).

    Args:
        rate: the share that is dropped, from 0 to 1.
        noise_shape: shape of the choice, broadcast over the inputs: (None, 1, n) drops the same
            elements along axis 1; None stands for the inputs' length.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a rate outside 0 to 1.

    >>> layer = Dropout(0.5, seed=1)
    >>> layer([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    >>> sorted(set(layer([[1.0] * 100], training=True).numpy()[0].tolist()))
    [0.0, 2.0]
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
        if not isinstance(rate, (int, float, np.number)) or not 0 <= rate <= 1:
            owner = type(self).__name__
            raise ValueError(f"{owner} needs a rate from 0 to 1. Received: rate={rate!r}")
        self.rate: int | float = rate if isinstance(rate, (int, float)) else float(rate)
        self.noise_shape = None if noise_shape is None else arguments.batch_shape(noise_shape)
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.rate == 0:
            return inputs
        return random.dropout(inputs, self.rate, self.noise_shape, self.seed_generator)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rate": self.rate,
            "seed": self.seed,
            "noise_shape": self.noise_shape,
        }
