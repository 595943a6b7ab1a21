"""Zero padding: zeros before and after each axis of space."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer


class _ZeroPadding(SpaceLayer):
    def __init__(self, padding: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self._borders = windows.borders("padding", padding, self.rank, type(self).__name__)
        self.padding: tuple = self._borders if self.rank > 1 else self._borders[0]

    def call(self, inputs: Tensor) -> Tensor:
        return ops.pad(inputs, self._along_space(inputs, (0, 0), self._borders))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}

    def _lengths_out(self, lengths: Shape) -> Shape:
        return tuple(
            None if length is None else length + sum(border)
            for length, border in zip(lengths, self._borders)
        )


class ZeroPadding1D(_ZeroPadding):
    """Lay zeros before and after sequences.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps); steps grow by
    the numbers of zeros.

    Args:
        padding: how many zeros, one number or (before, after).
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, another data_format, or inputs of another rank.

    >>> ZeroPadding1D((0, 2))([[[1.0], [2.0]]]).numpy().tolist()
    [[[1.0], [2.0], [0.0], [0.0]]]
    """

    rank = 1

    def __init__(self, padding: Any = 1, data_format: str | None = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


class ZeroPadding2D(_ZeroPadding):
    """Lay a border of zeros around pictures.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width); height and width grow by the numbers of zeros.

    Args:
        padding: how many zeros, one number, or one for each axis, or a pair (before, after) for
            each: ((top, bottom), (left, right)).
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, another data_format, or inputs of another rank.

    >>> ZeroPadding2D(((0, 1), (1, 0)))([[[[5.0]]]]).numpy()[0, ..., 0].tolist()
    [[0.0, 5.0], [0.0, 0.0]]
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


class ZeroPadding3D(_ZeroPadding):
    """Lay a border of zeros around volumes.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels, depth,
    height, width); the lengths grow by the numbers of zeros.

    Args:
        padding: how many zeros, one number, or one for each axis, or a pair (before, after) for
            each.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, another data_format, or inputs of another rank.

    >>> ZeroPadding3D((0, 1, 2))([[[[[5.0]]]]]).shape
    (1, 1, 3, 5, 1)
    """

    rank = 3

    def __init__(
        self,
        padding: Any = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(padding, data_format, **kwargs)
