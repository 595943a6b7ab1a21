"""Cropping: the ends of each axis of space are cut off."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego.core.tensor import Tensor
from pylego.layers import windows
from pylego.layers.input_spec import Shape
from pylego.layers.space_layer import SpaceLayer


class _Cropping(SpaceLayer):
    def __init__(self, cropping: Any, data_format: str | None = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self._borders = windows.borders("cropping", cropping, self.rank, type(self).__name__)
        self.cropping: tuple = self._borders if self.rank > 1 else self._borders[0]

    def call(self, inputs: Tensor) -> Tensor:
        lengths = self._lengths_out(self._lengths_of(inputs))
        kept = [np.s_[before : before + n] for (before, _), n in zip(self._borders, lengths)]
        return inputs[tuple(self._along_space(inputs, np.s_[:], tuple(kept)))]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping}

    def _lengths_out(self, lengths: Shape) -> tuple[Any, ...]:
        left = tuple(
            None if length is None else length - sum(border)
            for length, border in zip(lengths, self._borders)
        )
        if any(length is not None and length < 1 for length in left):
            raise ValueError(
                f"Layer {self.name!r}: cropping={self.cropping} leaves nothing of "
                f"{windows.SAMPLES[self.rank]}s of {windows.written(lengths)}. The two numbers of "
                "an axis must be less than its length"
            )
        return left


class Cropping1D(_Cropping):
    """Cut off the ends of sequences.

    Shapes: (batch, steps, channels); steps shrink by what is cut off.

    Args:
        cropping: how many steps, one number or (before, after).
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, inputs of another rank, or when nothing would be left.

    >>> Cropping1D((1, 0))([[[1.0], [2.0]]]).numpy().tolist()
    [[[2.0]]]
    """

    rank = 1
    has_layout = False

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any):
        super().__init__(cropping, "channels_last", **kwargs)


class Cropping2D(_Cropping):
    """Cut off the edges of pictures.

    Shapes: (batch, height, width, channels), or with channels_first (batch, channels, height,
    width); height and width shrink by what is cut off.

    Args:
        cropping: how many pixels, one number, or one for each axis, or a pair (before, after) for
            each: ((top, bottom), (left, right)).
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, another data_format, inputs of another rank, or when
            nothing would be left.

    >>> Cropping2D(((1, 0), (0, 1)))([[[[1.0], [2.0]], [[3.0], [4.0]]]]).numpy().tolist()
    [[[[3.0]]]]
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ):
        super().__init__(cropping, data_format, **kwargs)


class Cropping3D(_Cropping):
    """Cut off the edges of volumes.

    Shapes: (batch, depth, height, width, channels), or with channels_first (batch, channels, depth,
    height, width); the lengths shrink by what is cut off.

    Args:
        cropping: how much, one number, or one for each axis, or a pair (before, after) for each.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: for anything but a whole number.
        ValueError: for negative numbers, another data_format, inputs of another rank, or when
            nothing would be left.

    >>> Cropping3D((0, 1, (0, 2)))([[[[[5.0]] * 3] * 3]]).shape
    (1, 1, 1, 1, 1)
    """

    rank = 3

    def __init__(
        self,
        cropping: Any = ((1, 1), (1, 1), (1, 1)),
        data_format: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(cropping, data_format, **kwargs)
