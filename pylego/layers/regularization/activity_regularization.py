"""The layer that adds a penalty on what passes through it."""

from __future__ import annotations

from typing import Any

from pylego import regularizers
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class ActivityRegularization(Layer):
    """Let inputs through, and add l1 sum |x| + l2 sum x^2, divided by the number of samples, to
    the loss.

    Args:
        l1: factor of the sum of absolute values.
        l2: factor of the sum of squares.
        **kwargs: see `Layer`.

    >>> layer = ActivityRegularization(l1=0.5)
    >>> layer([[1.0, -3.0]]).shape, layer.losses[0].item()
    ((1, 2), 2.0)
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, inputs: Tensor) -> Tensor:
        return inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activity_regularizer", None)
        return {**config, "l1": self.l1, "l2": self.l2}
