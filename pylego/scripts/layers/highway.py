"""A dense layer with a gate that lets its input pass by."""

from __future__ import annotations

from typing import Any

from pylego import activations, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class Highway(Layer):
    """Compute t * activation(x @ W + b) + (1 - t) * x, with the gate t = sigmoid(x @ W_t + b_t).

    Shapes: (batch, n) gives (batch, n); W and W_t are (n, n), b and b_t are (n,).

    Args:
        kernel_initializer: how W and W_t start.
        activation: name or function; None for none.
        kernel_regularizer: penalty on W.
        bias_regularizer: penalty on b.
        kernel_constraint: applied to W after each step.
        bias_constraint: applied to b after each step.
        use_bias: whether b and b_t are added; b_t starts at 1.
        **kwargs: see `Layer`.

    Source: Srivastava et al., Highway Networks (arXiv:1505.00387); a layer of Keras 1.

    >>> Highway(activation="tanh")([[1.0, 2.0]]).shape
    (1, 2)
    """

    def __init__(
        self,
        kernel_initializer: Any = "glorot_uniform",
        activation: Any = None,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_bias: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self._of_kernel = {
            "regularizer": regularizers.get(kernel_regularizer),
            "constraint": constraints.get(kernel_constraint),
        }
        self._of_bias = {
            "regularizer": regularizers.get(bias_regularizer),
            "constraint": constraints.get(bias_constraint),
        }

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        n = input_shape[-1]
        start = self.kernel_initializer
        self.kernel = self.add_weight((n, n), start, name="kernel", **self._of_kernel)
        self.gate_kernel = self.add_weight((n, n), start, name="gate_kernel")
        self.bias = self.gate_bias = None
        if self.use_bias:
            self.bias = self.add_weight((n,), "zeros", name="bias", **self._of_bias)
            self.gate_bias = self.add_weight((n,), "ones", name="gate_bias")

    def call(self, inputs: Tensor) -> Tensor:
        x, gate = ops.matmul(inputs, self.kernel), ops.matmul(inputs, self.gate_kernel)
        if self.use_bias:
            x, gate = x + self.bias, gate + self.gate_bias
        gate = ops.sigmoid(gate)
        x = x if self.activation is None else self.activation(x)
        return gate * x + (1.0 - gate) * inputs

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return tuple(input_shape)
