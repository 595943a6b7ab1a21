"""The layer that scales numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import config
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.layers.layer import Layer


class Rescaling(Layer):
    """Compute scale x + offset, also at inference: Rescaling(1 / 255) brings pixels to 0 to 1.

    Integers become floats. Shapes stay as they are.

    Args:
        scale: a number, or one for each channel.
        offset: is added afterwards; 0 by default.
        **kwargs: see `Layer`.

    >>> Rescaling(0.5, offset=-1)([0, 2, 4]).numpy().tolist()
    [-1.0, 0.0, 1.0]
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Tensor) -> Tensor:
        x = cast(inputs, self.compute_dtype)
        return x * self._of_channels(self.scale) + self._of_channels(self.offset)

    def _of_channels(self, numbers: Any) -> Tensor:
        """Several numbers are for the channels, wherever they lie."""
        tensor = convert_to_tensor(numbers, self.compute_dtype)
        is_first = config.image_data_format() == "channels_first" and tensor.ndim > 0
        return tensor.reshape((*tensor.shape, *(1,) * (3 - tensor.ndim))) if is_first else tensor

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": _plain(self.scale), "offset": _plain(self.offset)}


def _plain(numbers: Any) -> Any:
    return np.asarray(numbers).tolist() if hasattr(numbers, "__array__") else numbers
