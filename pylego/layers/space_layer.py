"""The base of layers over sequences, pictures and volumes."""

from __future__ import annotations

from typing import Any

from pylego import config
from pylego.core.tensor import Tensor
from pylego.layers.input_spec import Shape
from pylego.layers.layer import Layer
from pylego.layers.space_spec import SpaceSpec


class SpaceLayer(Layer):
    """Change the lengths of the axes of space. A family defines `call` and `_lengths_out`."""

    rank = 0  # axes of space
    has_layout = True  # whether a user says where the channels are
    input_spec: SpaceSpec

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = SpaceSpec(self.rank, self.data_format)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = tuple(input_shape)
        self.input_spec.check(self.name, shape)
        axes = self._space_axes
        lengths = self._lengths_out(shape[axes[0] : axes[-1] + 1])
        return (*shape[: axes[0]], *lengths, *shape[axes[-1] + 1 :])

    def get_config(self) -> dict[str, Any]:
        layout = {"data_format": self.data_format} if self.has_layout else {}
        return {**super().get_config(), **layout}

    @property
    def _space_axes(self) -> tuple[int, ...]:
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + self.rank))

    def _lengths_of(self, x: Tensor) -> tuple[int, ...]:
        return tuple(x.shape[axis] for axis in self._space_axes)

    def _along_space(self, x: Tensor, others: Any, values: tuple) -> list:
        """Return a list for all axes of x: the values for those of space, `others` elsewhere."""
        every = [others] * x.ndim
        for axis, value in zip(self._space_axes, values):
            every[axis] = value
        return every

    def _lengths_out(self, lengths: Shape) -> Shape:
        """Return the lengths of the axes of space that come out."""
        raise NotImplementedError
