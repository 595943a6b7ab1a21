"""Max pooling: the largest number of each window."""

from __future__ import annotations

from typing import Any

from pylego.layers.pooling.base_pooling import BasePooling


class _MaxPooling(BasePooling):
    operation = "max_pool"


class MaxPooling1D(_MaxPooling):
    """Take the largest number of each window of sequences.

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

    >>> MaxPooling1D(2)([[[1.0], [3.0], [2.0], [0.0]]]).numpy().tolist()
    [[[3.0], [2.0]]]
    """

    rank = 1

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            pool_size=pool_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            name=name,
            **kwargs,
        )


class MaxPooling2D(_MaxPooling):
    """Take the largest number of each window of pictures.

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

    >>> MaxPooling2D(2)([[[[1.0], [3.0]], [[2.0], [0.0]]]]).numpy().tolist()
    [[[[3.0]]]]
    """

    rank = 2

    def __init__(
        self,
        pool_size: Any = (2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            pool_size=pool_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            name=name,
            **kwargs,
        )


class MaxPooling3D(_MaxPooling):
    """Take the largest number of each window of volumes.

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

    >>> MaxPooling3D((1, 2, 2))([[[[[1.0], [3.0]], [[2.0], [0.0]]]]]).numpy().tolist()
    [[[[[3.0]]]]]
    """

    rank = 3

    def __init__(
        self,
        pool_size: Any = (2, 2, 2),
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(
            pool_size=pool_size,
            strides=strides,
            padding=padding,
            data_format=data_format,
            name=name,
            **kwargs,
        )


MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
MaxPool3D = MaxPooling3D
