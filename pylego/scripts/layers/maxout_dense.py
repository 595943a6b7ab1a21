"""The largest of several dense layers, unit by unit."""

from __future__ import annotations

from typing import Any

from pylego import checks, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer


class MaxoutDense(Layer):
    """Compute max_k(inputs @ W_k + b_k): a piecewise linear function that is learned.

    Shapes: (batch, n) gives (batch, units); W is (nb_feature, n, units), b (nb_feature, units).

    Args:
        units: how many outputs.
        nb_feature: of how many dense layers the largest is taken.
        kernel_initializer: how W starts.
        use_bias: whether b is added.
        kernel_regularizer: penalty on W.
        bias_regularizer: penalty on b.
        kernel_constraint: applied to W after each step.
        bias_constraint: applied to b after each step.
        **kwargs: see `Layer`.

    Source: Goodfellow et al., Maxout Networks (arXiv:1302.4389); a layer of Keras 1.

    >>> MaxoutDense(3, nb_feature=2)([[1.0, 2.0]]).shape
    (1, 3)
    """

    def __init__(
        self,
        units: int,
        nb_feature: int = 4,
        kernel_initializer: Any = "glorot_uniform",
        use_bias: bool = True,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        self.units = checks.whole_number("units", units, 1, "MaxoutDense")
        self.nb_feature = checks.whole_number("nb_feature", nb_feature, 1, "MaxoutDense")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.use_bias = use_bias
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            (self.nb_feature, input_shape[-1], self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.nb_feature, self.units),
                "zeros",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.einsum("bn,knu->bku", inputs, self.kernel)
        return ops.max(x if self.bias is None else x + self.bias, axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.units)
