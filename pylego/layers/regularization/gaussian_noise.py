"""The layer that adds noise while training."""

from __future__ import annotations

from typing import Any

from pylego import checks, random
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class GaussianNoise(Layer):
    """Add normal noise of mean 0 while training; at inference the inputs come out as they are.

    Args:
        stddev: standard deviation of the noise, from 0 to 1.
        seed: an integer, for the same noise in every run.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when stddev is not a number.
        ValueError: when it lies outside 0 to 1.

    >>> layer = GaussianNoise(0.1, seed=1)
    >>> layer([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    >>> bool((layer([[1.0, 2.0]], training=True).numpy() == [[1.0, 2.0]]).any())
    False
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.stddev = checks.real_number("stddev", stddev, 0, 1, owner="GaussianNoise")
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training or self.stddev == 0:
            return inputs
        noise = random.normal(
            inputs.shape, 0.0, self.stddev, self.compute_dtype, self.seed_generator
        )
        return inputs + noise

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}
