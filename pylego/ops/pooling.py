"""Pooling: each window of sequences, pictures or volumes becomes one number per channel."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply_all
from pylego.ops import windows
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import moveaxis
from pylego.ops.windows import Lengths

__all__ = ["average_pool", "max_pool"]


def max_pool(
    inputs: Any,
    pool_size: Lengths,
    strides: Lengths | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Take the largest number of each window; NaN where there is one.

    The gradient goes to the first of the largest.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...) with
            'channels_first'; one to three lengths.
        pool_size: how long windows are, one number or one for each axis of space.
        strides: how far they are apart; by default pool_size: they do not overlap.
        padding: 'valid': windows lie inside of the inputs; 'same': there are length / strides of
            them, rounded up, and what lies outside does not count.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: when the shapes do not fit, or a window is longer than the inputs.

    >>> print(max_pool([[[1.0], [3.0], [2.0], [0.0]]], 2).reshape(2))
    Tensor(shape=(2,), dtype=float32, [3. 2.])
    """
    return _pool("max_pool", 2, inputs, pool_size, strides, padding, data_format)


def average_pool(
    inputs: Any,
    pool_size: Lengths,
    strides: Lengths | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """Take the mean of each window, of as many numbers as lie inside of the inputs.

    Args:
        inputs: (batch, lengths..., channels), or (batch, channels, lengths...) with
            'channels_first'; one to three lengths.
        pool_size: how long windows are, one number or one for each axis of space.
        strides: how far they are apart; by default pool_size: they do not overlap.
        padding: 'valid' or 'same': see `max_pool`.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: when the shapes do not fit, or a window is longer than the inputs.

    >>> print(average_pool([[[1.0], [3.0], [2.0]]], 2, padding="same").reshape(2))
    Tensor(shape=(2,), dtype=float32, [2. 2.])
    """
    return _pool("average_pool", 1, inputs, pool_size, strides, padding, data_format)


def _pool(
    name: str,
    outputs: int,
    inputs: Any,
    pool_size: Lengths,
    strides: Lengths | None,
    padding: str,
    data_format: str | None,
) -> Tensor:
    """Apply a brick; where the largest lie is its second output, which the gradient needs."""
    x = convert_to_tensor(inputs)
    if not 3 <= x.ndim <= 5:
        raise ValueError(
            f"{name}: inputs have one to three axes of space and two more, so 3, 4 or 5 axes. "
            f"Received: shape {x.shape}"
        )
    if windows.is_channels_first(data_format):
        y = _pool(name, outputs, moveaxis(x, 1, -1), pool_size, strides, padding, "channels_last")
        return moveaxis(y, -1, 1)
    window = _window(name, x.shape[1:-1], pool_size, strides, padding)
    return apply_all(name, (x,), outputs, **window)[0]


@windows.remembered
def _window(
    name: str, shape: tuple, pool_size: Lengths, strides: Lengths | None, padding: str
) -> dict[str, Any]:
    """The attributes of the bricks."""
    size = windows.lengths(name, "pool_size", pool_size, len(shape))
    steps = size if strides is None else windows.lengths(name, "strides", strides, len(shape))
    windows.padding_word(padding)
    before, after = zip(*windows.paddings(name, padding, shape, size, steps))
    return {"size": size, "strides": steps, "before": before, "after": after}
