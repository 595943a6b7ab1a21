"""Colors of pictures: grey, and hue, saturation and value, for red, green and blue."""

from __future__ import annotations

from typing import Any

from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops import windows
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.elementwise import floor
from pylego.ops.reductions import max as largest, min as least, sum as total
from pylego.ops.shapes import moveaxis, stack

__all__ = ["hsv_to_rgb", "rgb_to_grayscale", "rgb_to_hsv"]

_BRIGHTNESS = (0.2989, 0.587, 0.114)  # of red, green and blue to the eye: ITU-R BT.601


def rgb_to_grayscale(images: Any, data_format: str | None = None) -> Tensor:
    """Compute 0.2989 red + 0.587 green + 0.114 blue: one channel of three.

    Args:
        images: one picture or a batch. Integers stay integers, rounded down; grey stays grey.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture of 3 channels, or of 1.

    >>> print(rgb_to_grayscale([[[1.0, 0.0, 0.0]]]))
    Tensor(shape=(1, 1, 1), dtype=float32, [[[0.2989]]])
    """
    x = convert_to_tensor(images)
    axis = _channel_axis("rgb_to_grayscale", x, data_format, (1, 3))
    if x.shape[axis] == 1:
        return x
    last = moveaxis(x, axis, -1)
    floats = last if dtypes.is_float(x.dtype) else cast(last, "float32")
    grey = total(floats * convert_to_tensor(_BRIGHTNESS, floats.dtype), -1, keepdims=True)
    return moveaxis(cast(grey, x.dtype), -1, axis)


def rgb_to_hsv(images: Any, data_format: str | None = None) -> Tensor:
    """Compute hue, saturation and value of pictures of floats from 0 to 1.

    The value is the largest of the three colors, the saturation how far the least is from it, as a
    share; the hue goes from 0, red, over 1/3, green, and 2/3, blue, to 1, red again.

    Args:
        images: one picture or a batch, floats.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture of 3 channels, and for integers.

    >>> print(rgb_to_hsv([[[0.0, 0.5, 0.0]]]).reshape(3))
    Tensor(shape=(3,), dtype=float32, [0.33333334 1.         0.5       ])
    """
    x, axis = _floats("rgb_to_hsv", images, data_format)
    red, green, blue = _channels(x, axis)
    value = largest(x, axis)
    spread = value - least(x, axis)
    divisor = where(spread > 0, spread, 1.0) * 6
    of_blue = (red - green) / divisor + 2 / 3
    of_green = (blue - red) / divisor + 1 / 3
    hue = where(green == value, of_green, of_blue)
    hue = where(red == value, (green - blue) / divisor, hue)
    hue = where(spread > 0, where(hue < 0, hue + 1, hue), 0.0)
    saturation = where(value > 0, spread / where(value > 0, value, 1.0), 0.0)
    return stack([hue, saturation, value], axis)


def hsv_to_rgb(images: Any, data_format: str | None = None) -> Tensor:
    """Compute red, green and blue of hue, saturation and value: the inverse of `rgb_to_hsv`.

    Each color is v - v s max(0, min(k, 4 - k, 1)), where k = (n + 6 h) mod 6, with n = 5 for red,
    3 for green, 1 for blue.

    Args:
        images: one picture or a batch, floats.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture of 3 channels, and for integers.

    >>> print(hsv_to_rgb([[[1 / 3, 1.0, 0.5]]]).reshape(3))
    Tensor(shape=(3,), dtype=float32, [0.  0.5 0. ])
    """
    x, axis = _floats("hsv_to_rgb", images, data_format)
    hue, saturation, value = _channels(x, axis)
    colors = [value - value * saturation * _distance(hue * 6 + n) for n in (5, 3, 1)]
    return stack(colors, axis)


def _distance(k: Tensor) -> Tensor:
    """How far from a color the hue is, from 0 to 1; k counts sixths."""
    k = k - floor(k / 6) * 6
    nearer = where(k < 2, k, 4 - k)
    return where(nearer > 1, 1.0, where(nearer < 0, 0.0, nearer))


# ---- channels -------------------------------------------------------------------------------


def _floats(name: str, images: Any, data_format: str | None) -> tuple[Tensor, int]:
    x = convert_to_tensor(images)
    if not dtypes.is_float(x.dtype):
        raise ValueError(
            f"{name} takes floats, as colors from 0 to 1 are. Received: {x.dtype}. "
            "cast(images, 'float32') / 255 makes them of bytes"
        )
    return x, _channel_axis(name, x, data_format, (3,))


def _channel_axis(name: str, x: Tensor, data_format: str | None, known: tuple[int, ...]) -> int:
    axis = -3 if windows.is_channels_first(data_format) else -1
    if x.ndim not in (3, 4) or x.shape[axis] not in known:
        wanted = " or ".join(map(str, known))
        raise ValueError(
            f"{name} takes a picture, 3 axes, or a batch of them, 4, with {wanted} channels at "
            f"axis {axis}. Received: shape {x.shape}"
        )
    return axis


def _channels(x: Tensor, axis: int) -> list[Tensor]:
    last = moveaxis(x, axis, -1)
    return [last[..., k] for k in range(3)]
