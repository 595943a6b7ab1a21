"""The layer that does nothing."""

from __future__ import annotations

from typing import Any

from pylego.layers.layer import Layer


class Identity(Layer):
    """Return the inputs as they are: stands where another layer may come.

    >>> Identity()([[1.0, 2.0]]).numpy().tolist()
    [[1.0, 2.0]]
    """

    _is_built_when_made = True
    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape
