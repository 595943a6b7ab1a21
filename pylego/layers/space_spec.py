"""What layers over sequences, pictures and volumes take, and what mends a shape that does not fit.

Most mistakes with pictures are mistakes with axes: the number of samples told as if it belonged to
one, grey pictures without an axis of channels, rows that were never made pictures.
"""

from __future__ import annotations

import math

from pylego import given
from pylego.layers.input_spec import InputSpec, Shape
from pylego.layers.windows import SAMPLES

_AXES = ("depth", "height", "width")
# A last axis of that length holds channels: grey, colours, colours and opacity.
_USUAL_CHANNELS = (1, 3, 4)


class SpaceSpec(InputSpec):
    """A batch with 1 to 3 axes of space, and one of channels.

    Args:
        rank: how many axes of space.
        data_format: 'channels_last' or 'channels_first'.
        channels: how many, or None for any.

    >>> SpaceSpec(2, "channels_last").check("conv2d", (None, 60000, 28, 28, 1))
    Traceback (most recent call last):
    ValueError: Layer 'conv2d' expects pictures, (batch, height, width, channels). Received: shape \
(None, 60000, 28, 28, 1). You gave 4 numbers, one sample has 3: 28, 28, 1. If 60000 counts the \
samples, leave it out: input_shape=(28, 28, 1)
    """

    def __init__(self, rank: int, data_format: str, channels: int | None = None):
        self.rank = rank
        self.is_first = data_format == "channels_first"
        self.channels = channels
        self.channel_axis = 1 if self.is_first else rank + 1
        super().__init__(ndim=rank + 2, axes={self.channel_axis: channels})

    def check(self, name: str, shape: Shape, dtype: str | None = None) -> None:
        if len(shape) != self.ndim:
            shape = given.shape(shape)
            raise ValueError(
                f"{self._exchange_advice()}Layer {name!r} expects {self._wanted()}. Received: "
                f"shape {shape}{self._rank_advice(shape)}"
            )
        found = shape[self.channel_axis]
        if found != self.channels and None not in (found, self.channels):
            shape = given.shape(shape)
            raise ValueError(
                f"Layer {name!r} was built for {_count(self.channels, 'channel')}. Received: shape "
                f"{shape}, {_count(found, 'channel')}{self._channels_advice(shape)}"
            )
        super().check(name, shape, dtype)

    def _wanted(self) -> str:
        """Say 'pictures, (batch, height, width, channels)'."""
        axes = ("steps",) if self.rank == 1 else _AXES[-self.rank :]
        return f"{SAMPLES[self.rank]}s, (batch, {', '.join(self._with_channels(axes, 'channels'))})"

    def _with_channels(self, axes: tuple, channels: object) -> tuple:
        return (channels, *axes) if self.is_first else (*axes, channels)

    # ---- advice ----

    def _rank_advice(self, shape: Shape) -> str:
        count = len(shape)
        if count == self.rank + 3 and shape[0] is None:
            return self._batch_advice(shape[1:])
        if count == self.rank + 1:
            is_single = self._looks_single(shape)
            return ". A single sample x goes in as x[None]" if is_single else self._add_one(shape)
        if count == 2 and self.rank > 1:
            return self._rows_advice(shape[1])
        return ""

    def _batch_advice(self, sample: Shape) -> str:
        rest = ", ".join(map(str, sample[1:]))
        return (
            f". You gave {len(sample)} numbers, one sample has {len(sample) - 1}: {rest}. If "
            f"{sample[0]} counts the samples, leave it out: input_shape=({rest})"
        )

    def _looks_single(self, shape: Shape) -> bool:
        """Return whether a shape without a batch axis has one of channels."""
        channels = shape[self.channel_axis - 1]
        return channels in (_USUAL_CHANNELS if self.channels is None else (self.channels,))

    def _add_one(self, shape: Shape) -> str:
        """Say how samples without channels get one."""
        sample = self._with_channels(tuple(shape[1:]), 1)
        samples = (-1 if shape[0] is None else shape[0], *sample)
        told = f"input_shape={sample}, and " if shape[0] is None else ""
        return f". One channel is an axis too: {told}x.reshape{samples}"

    def _rows_advice(self, numbers: int | None) -> str:
        """Say how rows become samples of space; a square is guessed where one fits."""
        axes: tuple = _AXES[-self.rank :]
        channels: object = "channels"
        side = math.isqrt(numbers or 0)
        if self.rank == 2 and side > 1 and side * side == numbers:
            axes, channels = (side, side), 1
        target = ", ".join(map(str, self._with_channels(axes, channels)))
        return f". Rows become {SAMPLES[self.rank]}s by Reshape(({target})) before it"

    def _channels_advice(self, shape: Shape) -> str:
        other = self.rank + 1 if self.is_first else 1
        if shape[other] == self.channels:
            layout = "channels_last" if self.is_first else "channels_first"
            return f". The channels seem to be axis {other}: data_format={layout!r} says so"
        if shape[self.channel_axis] == 1:
            axis = self.channel_axis
            return f". x.repeat({self.channels}, axis={axis}) makes {self.channels} channels of one"
        return ""


def _count(number: int | None, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
