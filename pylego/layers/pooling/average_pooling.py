"""Average pooling: the mean of each window."""

from __future__ import annotations

from pylego.layers.pooling.base_pooling import BasePooling


class _AveragePooling(BasePooling):
    operation = "average_pool"


class AveragePooling1D(_AveragePooling):
    """Take the mean of each window of sequences.

    Shapes: (batch, steps, channels), or with channels_first (batch, channels, steps); a length
    n becomes (n - pool_size) // strides + 1, or with padding='same' n / strides, rounded up.

    Args:
        pool_size: how long windows are.
        strides: how far they are apart; by default pool_size: they do not overlap.
        padding: 'valid': windows lie inside of the inputs; 'same': they may begin before and end
            behind, and what lies outside does not count.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        name: of the layer.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a length is not a whole number.
        ValueError: for lengths below 1, another padding or data_format, inputs of another rank, or
            a window that does not fit.

    >>> AveragePooling1D(2)([[[1.0], [3.0], [2.0], [0.0]]]).numpy().tolist()
    [[[2.0], [1.0]]]
    """

    rank = 1


class AveragePooling2D(_AveragePooling):
    """Take the mean of each window of pictures.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width); a length n becomes (n - pool_size) // strides + 1, or with padding='same' n /
    strides, rounded up.

    Args:
        pool_size: how long windows are, one number or one for each axis.
        strides: how far they are apart; by default pool_size: they do not overlap.
        padding: 'valid': windows lie inside of the inputs; 'same': they may begin before and end
            behind, and what lies outside does not count.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        name: of the layer.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a length is not a whole number.
        ValueError: for lengths below 1, another padding or data_format, inputs of another rank, or
            a window that does not fit.

    >>> AveragePooling2D(2)([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[[[1.5]]]]
    """

    rank = 2


class AveragePooling3D(_AveragePooling):
    """Take the mean of each window of volumes.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels,
    depth, height, width); a length n becomes (n - pool_size) // strides + 1, or with
    padding='same' n / strides, rounded up.

    Args:
        pool_size: how long windows are, one number or one for each axis.
        strides: how far they are apart; by default pool_size: they do not overlap.
        padding: 'valid': windows lie inside of the inputs; 'same': they may begin before and end
            behind, and what lies outside does not count.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        name: of the layer.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when a length is not a whole number.
        ValueError: for lengths below 1, another padding or data_format, inputs of another rank, or
            a window that does not fit.

    >>> AveragePooling3D((1, 2, 2))([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[[[[1.5]]]]]
    """

    rank = 3


AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
AvgPool3D = AveragePooling3D
