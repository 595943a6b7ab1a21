"""The fully connected layer."""

from __future__ import annotations

from typing import Any

from pylego import activations, checks, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.adapters import ADAPTED_WEIGHT, LowRankLayer, refuse_few_bits
from pylego.layers.input_spec import InputSpec


class Dense(LowRankLayer):
    """Connect every input with every unit: activation(inputs @ kernel + bias).

    Shapes: (batch, ..., n) gives (batch, ..., units); the kernel is (n, units), the bias (units,).

    Args:
        units: how many outputs.
        activation: name or function; None for none.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        kernel_constraint: applied to the kernel after each step.
        bias_constraint: applied to the bias after each step.
        lora_rank: calls `enable_lora` with that rank, once the layer is built; None does not.
        lora_alpha: see `enable_lora`.
        quantization_config: only None.
        **kwargs: see `Layer`.

    Raises:
        NotImplementedError: for weights of few bits.
        TypeError: when units is not a whole number.
        ValueError: when units is less than 1, or the inputs have fewer than two axes.

    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer([[1.0, 2.0, 3.0]]).numpy().tolist()
    [[6.0, 6.0]]
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        refuse_few_bits("Dense", quantization_config=quantization_config)
        self._begin_low_rank(lora_rank, lora_alpha)
        self.units = checks.whole_number("units", units, least=1, owner="Dense")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        features = input_shape[-1]
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})
        self._end_low_rank()

    kernel = ADAPTED_WEIGHT

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            x = x + self.bias
        activation = self.activation or activations.linear  # None may be set once it is built
        return activation(x)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "quantization_config": None,
        }
