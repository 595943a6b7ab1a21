"""The layer that puts the axes of every sample into another order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import InputSpec
from pylego.layers.layer import Layer
from pylego.ops.arguments import shape_tuple

Shape = tuple[int | None, ...]


class Permute(Layer):
    """Put the axes of every sample into another order; nothing is copied.

    Shapes: (batch, a, b) gives (batch, b, a) for dims=(2, 1).

    Args:
        dims: which axis of a sample stands at each place, counted from 1: the batch axis stays.
        **kwargs: see `Layer`.

    Raises:
        ValueError: unless dims holds each of 1, 2, ..., n once, or for inputs of another rank.

    >>> Permute((2, 1))([[[1.0, 2.0], [3.0, 4.0]]]).numpy().tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """

    _keeps_dtype = True

    def __init__(self, dims: Sequence[int], **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = shape_tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Permute needs each axis of a sample once, counted from 1: (2, 1) exchanges two. "
                f"Received: dims={dims!r}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}
