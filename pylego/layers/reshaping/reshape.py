"""The layer that gives every sample another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.ops.arguments import shape_tuple

Shape = tuple[int | None, ...]


class Reshape(Layer):
    """Give every sample another shape: (batch, ...) gives (batch, *target_shape).

    Args:
        target_shape: of a sample, without the batch axis. One length may be -1: what is left.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for two lengths of -1, or when the elements of a sample do not fill the shape.

    >>> Reshape((2, -1))([[1.0, 2.0, 3.0, 4.0]]).numpy().tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]
    """

    _is_built_when_made = True
    _keeps_dtype = True

    def __init__(self, target_shape: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.target_shape = shape_tuple(target_shape)
        self.input_spec = InputSpec(min_ndim=1)
        if any(length < -1 for length in self.target_shape):
            raise ValueError(
                f"Layer {self.name!r}: the lengths of a shape are 0 or more, or -1 for what is "
                f"left. Received: target_shape={self.target_shape}"
            )
        if self.target_shape.count(-1) > 1:
            raise ValueError(
                "Reshape can find one length of -1 only. "
                f"Received: target_shape={self.target_shape}"
            )

    def call(self, inputs: Tensor) -> Tensor:
        return ops.reshape(inputs, (inputs.shape[0], *self._sample_shape(inputs.shape[1:])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *self._sample_shape(tuple(input_shape[1:])))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}

    def _sample_shape(self, sample: Shape) -> Shape:
        """Return the target shape with the length of -1 found; None where it is not known."""
        if None in sample:
            return tuple(None if length == -1 else length for length in self.target_shape)
        size = math.prod(sample)  # type: ignore[arg-type]
        rest = math.prod(length for length in self.target_shape if length != -1)
        if -1 in self.target_shape:
            found = size // rest if rest else 0
            shape = tuple(found if length == -1 else length for length in self.target_shape)
        else:
            shape = self.target_shape
        if math.prod(shape) != size:
            raise ValueError(
                f"Layer {self.name!r} cannot give samples of shape {sample}, {size} numbers, "
                f"the shape {self.target_shape}"
            )
        return shape
