"""What all pooling has: a window that moves over the axes of space."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer


class BasePooling(SpaceLayer):
    """The base of pooling with windows. A family says `operation`, of `pylego.ops`."""

    _is_built_when_made = True
    operation = ""

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(data_format, name=name, **kwargs)
        owner = type(self).__name__
        self.pool_size = windows.sizes("pool_size", pool_size, self.rank, owner)
        self.strides = (
            self.pool_size
            if strides is None
            else windows.sizes("strides", strides, self.rank, owner)
        )
        self.padding = windows.padding(padding, ("valid", "same"))

    def call(self, inputs: Tensor) -> Tensor:
        self._lengths_out(self._lengths_of(inputs))  # speaks of the layer where nothing fits
        pool = getattr(ops, self.operation)
        return pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
        }

    def _lengths_out(self, lengths: Shape) -> Shape:
        paddings = [self.padding] * self.rank
        found = tuple(map(windows.places, lengths, self.pool_size, self.strides, paddings))
        if 0 in found:
            raise ValueError(
                f"Layer {self.name!r}: a window of {windows.written(self.pool_size)} does not fit "
                f"into {windows.SAMPLES[self.rank]}s of {windows.written(lengths)}. padding='same' "
                "or a smaller pool_size would do, and so would less pooling and smaller strides in "
                "the layers before"
            )
        return found
