"""The layer that lets pass what is large enough."""

from __future__ import annotations

from typing import Any

from pylego import checks, ops
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class ThresholdedReLU(Layer):
    """Compute x where x > theta, and 0 elsewhere.

    Args:
        theta: the threshold, from 0 on.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a threshold below 0.

    Source: Konda et al., Zero-bias autoencoders (arXiv:1402.3337); a layer of Keras 1 and 2.

    >>> ThresholdedReLU(1.0)([[0.5, 1.0, 1.5]]).numpy().tolist()
    [[0.0, 0.0, 1.5]]
    """

    def __init__(self, theta: float = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.theta = float(checks.real_number("theta", theta, 0, owner="ThresholdedReLU"))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.where(inputs > self.theta, inputs, ops.zeros_like(inputs))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)
