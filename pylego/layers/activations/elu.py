"""The layer of exponential linear units."""

from __future__ import annotations

from typing import Any

from pylego import activations
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class ELU(Layer):
    """Compute x above 0 and alpha * (exp(x) - 1) below (Clevert et al., arXiv 1511.07289).

    Args:
        alpha: how far it goes below 0.
        **kwargs: see `Layer`.

    >>> ELU(alpha=2.0)([[-1000.0, 3.0]]).numpy().tolist()
    [[-2.0, 3.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, alpha: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, inputs: Tensor) -> Tensor:
        return activations.elu(inputs, self.alpha)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
