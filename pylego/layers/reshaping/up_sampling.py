"""Up-sampling: axes of space become so many times as long."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer


class _UpSampling(SpaceLayer):
    def __init__(self, size: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self._factors = windows.sizes("size", size, self.rank, type(self).__name__)
        self.size: Any = self._factors if self.rank > 1 else self._factors[0]

    def call(self, inputs: Tensor) -> Tensor:
        for axis, factor in zip(self._space_axes, self._factors):
            inputs = ops.repeat(inputs, factor, axis)
        return inputs

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}

    def _lengths_out(self, lengths: Shape) -> Shape:
        return tuple(
            None if length is None else length * factor
            for length, factor in zip(lengths, self._factors)
        )


class UpSampling1D(_UpSampling):
    """Repeat each step of sequences.

    Shapes: (batch, steps, channels) gives (batch, size * steps, channels).

    Args:
        size: how often.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when size is not a whole number.
        ValueError: when it is less than 1, or the inputs have another rank.

    >>> UpSampling1D(2)([[[1.0], [2.0]]]).numpy().tolist()
    [[[1.0], [1.0], [2.0], [2.0]]]
    """

    rank = 1
    has_layout = False

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__(size, "channels_last", **kwargs)


class UpSampling2D(_UpSampling):
    """Make pictures so many times as high and wide.

    Shapes: (batch, height, width, channels) gives (batch, size[0] * height, size[1] * width,
    channels); with channels_first the channels are axis 1.

    Args:
        size: how many times, one number or one for each axis.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        interpolation: 'nearest': pixels are repeated; 'bilinear': the mean of the four around, each
            by how near it is; 'bicubic', 'lanczos3' or 'lanczos5': see `ops.image.resize`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a size is not a whole number.
        ValueError: for sizes below 1, another data_format or interpolation, or inputs of another
            rank.

    >>> UpSampling2D((1, 2))([[[[1.0], [3.0]]]]).numpy()[0, ..., 0].tolist()
    [[1.0, 1.0, 3.0, 3.0]]
    >>> UpSampling2D((1, 2), interpolation="bilinear")([[[[1.0], [3.0]]]]).numpy()[0, ..., 0]
    array([[1. , 1.5, 2.5, 3. ]], dtype=float32)
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ):
        super().__init__(size, data_format, **kwargs)
        self.interpolation = ops.image.known_interpolation(interpolation)

    def call(self, inputs: Tensor) -> Tensor:
        if self.interpolation == "nearest":
            return super().call(inputs)
        lengths: Any = self._lengths_out(self._lengths_of(inputs))
        return ops.image.resize(inputs, lengths, self.interpolation, data_format=self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "interpolation": self.interpolation}


class UpSampling3D(_UpSampling):
    """Repeat each element of volumes along each axis.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels, depth,
    height, width); the lengths become size times as long.

    Args:
        size: how often, one number or one for each axis.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a size is not a whole number.
        ValueError: for sizes below 1, another data_format, or inputs of another rank.

    >>> UpSampling3D((1, 2, 3))([[[[[5.0]]]]]).shape
    (1, 1, 2, 3, 1)
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any):
        super().__init__(size, data_format, **kwargs)
