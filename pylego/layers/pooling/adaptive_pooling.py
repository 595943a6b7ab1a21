"""Adaptive pooling: as many windows as are wanted, whatever the lengths of the input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer
from pylego.ops.windows import lengths as lengths_of


class _AdaptivePooling(SpaceLayer):
    """The base of all: one says what is made of a window, `pool`, and its `rank`."""

    pool: Callable[..., Tensor]

    def __init__(
        self, output_size: int | Sequence[int], data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(data_format, **kwargs)
        kind = type(self).__name__
        self.output_size = tuple(lengths_of(kind, "output_size", output_size, self.rank))

    def call(self, inputs: Tensor) -> Tensor:
        return self.pool(inputs, self.output_size, self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_size": self.output_size}

    def _lengths_out(self, lengths: Shape) -> Shape:
        windows.check_not_empty(self.name, lengths)
        return self.output_size


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """Take means of windows of sequences, as many as are wanted: they may overlap by one.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps), gives
    (batch, output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveAveragePooling1D(2)([[[1.0], [3.0], [5.0]]]).numpy().tolist()
    [[[2.0], [4.0]]]
    """

    rank = 1
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """Take means of windows of pictures, as many as are wanted: they may overlap by one.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width), gives (batch, *output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are along each axis: a number for all, or 2.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveAveragePooling2D(1)([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[[[1.5]]]]
    """

    rank = 2
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """Take means of windows of volumes, as many as are wanted: they may overlap by one.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels,
    depth, height, width), gives (batch, *output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are along each axis: a number for all, or 3.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveAveragePooling3D(1)([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[[[[1.5]]]]]
    """

    rank = 3
    pool = staticmethod(ops.adaptive_average_pool)


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """Take the largest numbers of windows of sequences, as many as are wanted.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps), gives
    (batch, output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveMaxPooling1D(2)([[[1.0], [3.0], [5.0]]]).numpy().tolist()
    [[[3.0], [5.0]]]
    """

    rank = 1
    pool = staticmethod(ops.adaptive_max_pool)


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """Take the largest numbers of windows of pictures, as many as are wanted.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width), gives (batch, *output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are along each axis: a number for all, or 2.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveMaxPooling2D(1)([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[[[3.0]]]]
    """

    rank = 2
    pool = staticmethod(ops.adaptive_max_pool)


class AdaptiveMaxPooling3D(_AdaptivePooling):
    """Take the largest numbers of windows of volumes, as many as are wanted.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels,
    depth, height, width), gives (batch, *output_size, channels), or its channels_first.

    Args:
        output_size: how many windows there are along each axis: a number for all, or 3.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format or output_size, or inputs of another rank.

    >>> AdaptiveMaxPooling3D(1)([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[[[[3.0]]]]]
    """

    rank = 3
    pool = staticmethod(ops.adaptive_max_pool)
