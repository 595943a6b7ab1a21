"""Global max pooling: the largest number of each channel."""

from __future__ import annotations

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.pooling.base_global_pooling import BaseGlobalPooling


class _GlobalMaxPooling(BaseGlobalPooling):
    def call(self, inputs: Tensor) -> Tensor:
        windows.check_not_empty(self.name, self._lengths_of(inputs))
        return ops.max(inputs, self._space_axes, self.keepdims)


class GlobalMaxPooling1D(_GlobalMaxPooling):
    """Take the largest number of each channel of sequences.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps), gives
    (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalMaxPooling1D()([[[1.0], [3.0], [2.0], [0.0]]]).numpy().tolist()
    [[3.0]]
    """

    rank = 1


class GlobalMaxPooling2D(_GlobalMaxPooling):
    """Take the largest number of each channel of pictures.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width), gives (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalMaxPooling2D()([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[3.0]]
    """

    rank = 2


class GlobalMaxPooling3D(_GlobalMaxPooling):
    """Take the largest number of each channel of volumes.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels,
    depth, height, width), gives (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalMaxPooling3D()([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[3.0]]
    """

    rank = 3


GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalMaxPool3D = GlobalMaxPooling3D
