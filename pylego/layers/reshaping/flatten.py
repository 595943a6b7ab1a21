"""The layer that makes one row of every sample."""

from __future__ import annotations

import math
from typing import Any

from pylego import config, ops
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer


class Flatten(Layer):
    """Make one row of every sample: (batch, a, b, c) gives (batch, a * b * c).

    Args:
        data_format: 'channels_last' or 'channels_first', where the inputs hold their channels; the
            outputs are in the order of channels last. By default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format.

    >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]]]).numpy().tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """

    _keeps_dtype = True

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Tensor) -> Tensor:
        if self.data_format == "channels_first" and inputs.ndim > 2:
            inputs = ops.moveaxis(inputs, 1, -1)
        return ops.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        sample = input_shape[1:]
        return (input_shape[0], None if None in sample else math.prod(sample))  # type: ignore[arg-type]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}
