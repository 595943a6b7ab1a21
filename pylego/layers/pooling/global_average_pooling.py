"""Global average pooling: the mean of each channel (Lin et al., arXiv 1312.4400)."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.pooling.base_global_pooling import BaseGlobalPooling


class _GlobalAveragePooling(BaseGlobalPooling):
    def call(self, inputs: Tensor) -> Tensor:
        windows.check_not_empty(self.name, self._lengths_of(inputs))
        return ops.mean(inputs, self._space_axes, self.keepdims)


class GlobalAveragePooling1D(_GlobalAveragePooling):
    """Take the mean of each channel of sequences.

    Called with a `mask`, (batch, steps), it is the mean over the steps that the mask keeps; NaN
    where it keeps none.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps), gives
    (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalAveragePooling1D()([[[1.0], [3.0], [2.0], [0.0]]]).numpy().tolist()
    [[1.5]]
    """

    rank = 1

    def call(self, inputs: Tensor, mask: Any = None) -> Tensor:
        if mask is None:
            return super().call(inputs)
        windows.check_not_empty(self.name, self._lengths_of(inputs))
        weights = ops.cast(ops.convert_to_tensor(mask), inputs.dtype)
        weights = ops.expand_dims(weights, 1 if self.data_format == "channels_first" else 2)
        total = ops.sum(inputs * weights, self._space_axes, self.keepdims)
        return total / ops.sum(weights, self._space_axes, self.keepdims)

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> None:
        """Return None: no steps are left."""


class GlobalAveragePooling2D(_GlobalAveragePooling):
    """Take the mean of each channel of pictures.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width), gives (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalAveragePooling2D()([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[1.5]]
    """

    rank = 2


class GlobalAveragePooling3D(_GlobalAveragePooling):
    """Take the mean of each channel of volumes.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels,
    depth, height, width), gives (batch, channels).

    Args:
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        keepdims: whether the axes of space stay, with a length of 1.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for another data_format, or inputs of another rank.

    >>> GlobalAveragePooling3D()([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[1.5]]
    """

    rank = 3


GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
