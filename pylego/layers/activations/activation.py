"""The layer that applies an activation."""

from __future__ import annotations

from typing import Any

from pylego import activations
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class Activation(Layer):
    """Apply a function to every element: activation(inputs).

    Args:
        activation: name or function.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for an unknown name, with the nearest ones.

    >>> Activation("relu")([[-1.0, 2.0]]).numpy().tolist()
    [[0.0, 2.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
