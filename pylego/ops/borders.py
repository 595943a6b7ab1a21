"""Borders of pictures: laid around them, or cut off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import checks
from pylego.core.tensor import Tensor
from pylego.ops import windows
from pylego.ops.core import convert_to_tensor
from pylego.ops.shapes import pad

__all__ = ["crop_images", "pad_images"]


def crop_images(
    images: Any,
    top_cropping: int | None = None,
    left_cropping: int | None = None,
    bottom_cropping: int | None = None,
    right_cropping: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Cut edges off pictures. Of top, bottom and height two are given; so of left, right, width.

    Args:
        images: one picture or a batch.
        top_cropping: how many rows go above.
        left_cropping: how many columns go on the left.
        bottom_cropping: how many rows go below.
        right_cropping: how many columns go on the right.
        target_height: how many rows stay.
        target_width: how many columns stay.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture, unless two of three are given, when nothing would
            be left.

    >>> image = [[[1.0], [2.0], [3.0], [4.0]]]
    >>> y = crop_images(image, 0, 1, target_height=1, target_width=2)
    >>> print(y.reshape(2))
    Tensor(shape=(2,), dtype=float32, [2. 3.])
    """
    x, first = _picture("crop_images", images, data_format)
    rows, columns = x.shape[first : first + 2]
    cuts = [
        _borders(
            "crop_images",
            {"top_cropping": top_cropping, "bottom_cropping": bottom_cropping},
            {"target_height": target_height},
            lambda kept: rows - kept,
        ),
        _borders(
            "crop_images",
            {"left_cropping": left_cropping, "right_cropping": right_cropping},
            {"target_width": target_width},
            lambda kept: columns - kept,
        ),
    ]
    if any(sum(cut) >= length for cut, length in zip(cuts, (rows, columns))):
        raise ValueError(
            f"crop_images: cutting (top, bottom), (left, right) = {cuts[0]}, {cuts[1]} leaves "
            f"nothing of pictures of {rows} x {columns}"
        )
    places = [slice(None)] * x.ndim
    for axis, (before, after) in enumerate(cuts, first):
        places[axis] = slice(before, x.shape[axis] - after)
    return x[tuple(places)]


def pad_images(
    images: Any,
    top_padding: int | None = None,
    left_padding: int | None = None,
    bottom_padding: int | None = None,
    right_padding: int | None = None,
    target_height: int | None = None,
    target_width: int | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Lay zeros around pictures. Of top, bottom and height two are given; so of left, right, width.

    Args:
        images: one picture or a batch.
        top_padding: how many rows come above.
        left_padding: how many columns come on the left.
        bottom_padding: how many rows come below.
        right_padding: how many columns come on the right.
        target_height: how many rows there are then.
        target_width: how many columns there are then.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for anything but a picture, unless two of three are given, and for targets that
            are too small.

    >>> y = pad_images([[[5.0]]], 0, 1, target_height=1, target_width=3)
    >>> print(y.reshape(3))
    Tensor(shape=(3,), dtype=float32, [0. 5. 0.])
    """
    x, first = _picture("pad_images", images, data_format)
    rows, columns = x.shape[first : first + 2]
    edges = [(0, 0)] * x.ndim
    edges[first] = _borders(
        "pad_images",
        {"top_padding": top_padding, "bottom_padding": bottom_padding},
        {"target_height": target_height},
        lambda wanted: wanted - rows,
    )
    edges[first + 1] = _borders(
        "pad_images",
        {"left_padding": left_padding, "right_padding": right_padding},
        {"target_width": target_width},
        lambda wanted: wanted - columns,
    )
    return pad(x, edges)


def _picture(name: str, images: Any, data_format: str | None) -> tuple[Tensor, int]:
    """The pictures, and which axis is the height."""
    x = convert_to_tensor(images)
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{name}: one picture has 3 axes, a batch of them 4. Received: shape {x.shape}"
        )
    return x, x.ndim - (2 if windows.is_channels_first(data_format) else 3)


def _borders(
    name: str, sides: dict[str, Any], target: dict[str, Any], both_of: Callable[[int], int]
) -> tuple[int, int]:
    """Find the width of the borders on both sides of an axis, when two of three are given.

    Args:
        name: of the function.
        sides: what was said of the one and the other side, by argument.
        target: which length should come out, by argument.
        both_of: how wide both are together for such a length.
    """
    given = {key: value for key, value in (sides | target).items() if value is not None}
    if len(given) != 2:
        *most, last = sides | target
        raise ValueError(
            f"{name} takes two of {', '.join(most)} and {last}. Received: {given or 'none'}"
        )
    for key, value in given.items():
        checks.whole_number(f"{name}: {key}", value, 0)
    before, after = sides.values()
    (length,) = target.values()
    both = 0 if length is None else both_of(length)
    before = both - after if before is None else before
    after = both - before if after is None else after
    if min(before, after) < 0:
        raise ValueError(f"{name}: {given} do not fit: a border would be {min(before, after)} wide")
    return before, after
