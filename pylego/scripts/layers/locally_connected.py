"""Convolutions whose weights are not shared: each place of the output has a kernel of its own."""

from __future__ import annotations

import math
from typing import Any

from pylego import activations, checks, config, constraints, initializers, ops, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer

Shape = tuple[int | None, ...]


class _LocallyConnected(Layer):
    axes = 0  # along which kernels move

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if padding != "valid":
            raise ValueError(
                f"{type(self).__name__} knows padding='valid' alone: put a ZeroPadding layer in "
                f"front of it. Received: padding={padding!r}"
            )
        self.filters = checks.whole_number("filters", filters, 1, type(self).__name__)
        self.kernel_size = self._lengths("kernel_size", kernel_size)
        self.strides = self._lengths("strides", strides)
        self.padding = padding
        self.data_format = config.standardize_data_format(data_format)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)

    def _lengths(self, argument: str, value: Any) -> tuple[int, ...]:
        given = tuple(value) if isinstance(value, (list, tuple)) else (value,) * self.axes
        if len(given) != self.axes:
            raise ValueError(
                f"{type(self).__name__}: {argument} has a number for each of {self.axes} axes. "
                f"Received: {argument}={value!r}"
            )
        return tuple(checks.whole_number(argument, x, 1, type(self).__name__) for x in given)

    @property
    def _is_first(self) -> bool:
        return self.data_format == "channels_first"

    def build(self, input_shape: Shape) -> None:
        shape = (
            (input_shape[0], *input_shape[2:], input_shape[1]) if self._is_first else input_shape
        )
        if None in shape[1:]:
            raise ValueError(
                f"Layer {self.name!r} has weights for each place: all lengths of its inputs but "
                f"the first must be known. Received: {input_shape}"
            )
        places = self._places(shape[1:-1])
        self.kernel = self.add_weight(
            (math.prod(places), math.prod(self.kernel_size) * (shape[-1] or 0), self.filters),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (*places, self.filters),
                self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _places(self, lengths: Any) -> tuple[int, ...]:
        sizes = zip(lengths, self.kernel_size, self.strides)
        return tuple((length - size) // step + 1 for length, size, step in sizes)

    def _patches(self, inputs: Tensor) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Tensor) -> Tensor:
        last = (0, *range(2, self.axes + 2), 1)
        x = self._patches(ops.transpose(inputs, last) if self._is_first else inputs)
        places = x.shape[1:-1]
        x = ops.reshape(x, (-1, math.prod(places), x.shape[-1]))
        y = ops.einsum("bpk,pkf->bpf", x, self.kernel)
        y = ops.reshape(y, (-1, *places, self.filters))
        y = y if self.bias is None else y + self.bias
        y = y if self.activation is None else self.activation(y)
        return ops.moveaxis(y, -1, 1) if self._is_first else y

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        lengths = input_shape[2:] if self._is_first else input_shape[1:-1]
        places = self._places(lengths)
        batch = input_shape[0]
        return (batch, self.filters, *places) if self._is_first else (batch, *places, self.filters)


class LocallyConnected1D(_LocallyConnected):
    """A Conv1D with a kernel of its own for each step of the output.

    Shapes: (batch, steps, channels) gives (batch, steps', filters).

    Args:
        filters: how many outputs each step has.
        kernel_size: how many steps a kernel sees.
        strides: from one place to the next.
        padding: only 'valid'.
        **kwargs: as those of `Conv1D`.

    >>> import numpy as np
    >>> LocallyConnected1D(4, 3)(np.ones((2, 10, 3))).shape
    (2, 8, 4)
    """

    axes = 1

    def _patches(self, inputs: Tensor) -> Tensor:
        patches = ops.image.extract_patches(
            ops.expand_dims(inputs, 2),
            (*self.kernel_size, 1),
            (*self.strides, 1),
            padding="valid",
            data_format="channels_last",
        )
        return ops.squeeze(patches, 2)


class LocallyConnected2D(_LocallyConnected):
    """A Conv2D with a kernel of its own for each place of the output.

    Shapes: (batch, height, width, channels) gives (batch, height', width', filters).

    Args:
        filters: how many outputs each place has.
        kernel_size: how many rows and columns a kernel sees.
        strides: from one place to the next.
        padding: only 'valid'.
        **kwargs: as those of `Conv2D`.

    >>> import numpy as np
    >>> LocallyConnected2D(4, (3, 3))(np.ones((2, 6, 6, 3))).shape
    (2, 4, 4, 4)
    """

    axes = 2

    def _patches(self, inputs: Tensor) -> Tensor:
        return ops.image.extract_patches(
            inputs, self.kernel_size, self.strides, padding="valid", data_format="channels_last"
        )
