"""What all global pooling has: one number of each channel, whatever the axes of space."""

from __future__ import annotations

from typing import Any

from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer


class BaseGlobalPooling(SpaceLayer):
    """The base of pooling over all of the space. A family defines `call`."""

    _is_built_when_made = True

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.keepdims = keepdims

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "keepdims": self.keepdims}

    def _lengths_out(self, lengths: Shape) -> Shape:
        windows.check_not_empty(self.name, lengths)
        return (1,) * self.rank if self.keepdims else ()
