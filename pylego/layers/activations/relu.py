"""The layer of rectified linear units, with all their knobs."""

from __future__ import annotations

from typing import Any

from pylego import activations, checks
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class ReLU(Layer):
    """Compute x above the threshold, at most max_value, and negative_slope * (x - threshold) below.

    With the defaults that is max(x, 0).

    Args:
        max_value: upper bound; None for no bound.
        negative_slope: of the part below the threshold.
        threshold: up to which the output is small.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a negative number.

    >>> ReLU(max_value=6.0)([[-1.0, 2.0, 10.0]]).numpy().tolist()
    [[0.0, 2.0, 6.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if max_value is not None:
            checks.real_number("max_value", max_value, least=0, owner="ReLU")
        checks.real_number("negative_slope", negative_slope, least=0, owner="ReLU")
        checks.real_number("threshold", threshold, least=0, owner="ReLU")
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }
