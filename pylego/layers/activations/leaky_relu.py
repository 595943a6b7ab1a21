"""The layer of rectified linear units that leak."""

from __future__ import annotations

from typing import Any

from pylego import activations, checks
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class LeakyReLU(Layer):
    """Compute x above 0 and negative_slope * x below (Maas et al., ICML 2013 workshop).

    Args:
        negative_slope: of the part below 0; `alpha` is its older name.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a negative slope.

    >>> LeakyReLU(0.5)([[-10.0, 5.0]]).numpy().tolist()
    [[-5.0, 5.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any):
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        checks.real_number("negative_slope", negative_slope, least=0, owner="LeakyReLU")
        self.negative_slope = negative_slope

    def call(self, inputs: Tensor) -> Tensor:
        return activations.leaky_relu(inputs, self.negative_slope)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}
