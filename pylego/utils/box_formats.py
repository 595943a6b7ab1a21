"""The formats of bounding boxes, and how each is written as another.

A box is four numbers, whose meaning is the name of a format:

    xyxy          left, top, right, bottom                 yxyx   top, left, bottom, right
    xywh          left, top, width, height
    center_xywh   center, then width and height            center_yxhw   y before x

`rel_xyxy`, `rel_yxyx`, `rel_xywh` and `rel_center_xywh` count in shares of the image's width and
height. The boxes of an image have the shape (boxes, 4), those of a batch (images, boxes, 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import names, ops
from pylego.core.tensor import cast, convert_to_tensor

# Of each format what its first and its last two numbers are, and whether y comes before x.
_LAYOUTS = {
    "xyxy": ("corners", False),
    "yxyx": ("corners", True),
    "xywh": ("size", False),
    "center_xywh": ("center", False),
    "center_yxhw": ("center", True),
}
_RELATIVE = ("rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")
FORMATS = (*_LAYOUTS, *_RELATIVE)


def convert_format(
    boxes: Any,
    source: str,
    target: str,
    height: Any = None,
    width: Any = None,
    dtype: str = "float32",
) -> Any:
    """Write boxes in another format.

    Args:
        boxes: of shape (..., 4); or a dictionary that has them as 'boxes', and stays as it is.
        source: the format of what comes in, in any case.
        target: the format of what comes out.
        height: of the image, where one of the formats is relative: a number, or a tensor that can
            be broadcast with (..., 1).
        width: of the image, likewise.
        dtype: of what comes out.

    Raises:
        ValueError: for unknown formats, boxes without four numbers, and relative ones without the
            size of the image.

    >>> print(convert_format([10, 20, 30, 60], "xyxy", "center_xywh"))
    Tensor(shape=(4,), dtype=float32, [20. 40. 20. 40.])
    """
    if isinstance(boxes, dict):
        converted = convert_format(boxes["boxes"], source, target, height, width, dtype)
        return {**boxes, "boxes": converted}
    boxes = boxes_of(boxes)
    source, target = checked_format("source", source), checked_format("target", target)
    is_relative = [name.startswith("rel_") for name in (source, target)]
    if any(is_relative) and (height is None or width is None):
        raise ValueError(
            "convert_format: relative formats need the height and the width of the image. "
            f"Received: source={source!r}, target={target!r}, height={height}, width={width}"
        )
    boxes = cast(boxes, dtype)
    if source == target:
        return boxes
    corners = _corners(boxes, *_LAYOUTS[source.removeprefix("rel_")])
    if is_relative[0] != is_relative[1]:
        size = cast(convert_to_tensor(width), dtype), cast(convert_to_tensor(height), dtype)
        if is_relative[0]:
            corners = tuple(ops.multiply(n, size[k % 2]) for k, n in enumerate(corners))
    numbers = _numbers(corners, *_LAYOUTS[target.removeprefix("rel_")])
    if is_relative[1] and not is_relative[0]:
        first = int(_LAYOUTS[target.removeprefix("rel_")][1])
        numbers = [ops.divide(n, size[(k + first) % 2]) for k, n in enumerate(numbers)]
    return ops.concatenate(numbers, axis=-1)


def boxes_of(boxes: Any) -> Any:
    if not hasattr(boxes, "shape") or not hasattr(boxes, "dtype"):
        boxes = convert_to_tensor(boxes)
    if not boxes.shape or boxes.shape[-1] != 4:
        raise ValueError(f"Boxes have four numbers each, (..., 4). Received: shape {boxes.shape}")
    return boxes


def checked_format(argument: str, name: Any) -> str:
    lower = name.lower() if isinstance(name, str) else name
    if lower not in FORMATS:
        raise names.unknown(f"format: {argument}", name, FORMATS)
    return lower


def columns_of(boxes: Any) -> list[Any]:
    return [boxes[..., k : k + 1] for k in range(4)]


def _corners(boxes: Any, layout: str, is_yx: bool) -> tuple[Any, ...]:
    """The left, top, right and bottom of boxes, each of shape (..., 1)."""
    x, y, across, down = _swapped(columns_of(boxes), is_yx)
    if layout == "size":
        return x, y, x + across, y + down
    if layout == "center":
        half_across, half_down = across / 2.0, down / 2.0
        return x - half_across, y - half_down, x + half_across, y + half_down
    return x, y, across, down


def _numbers(corners: Sequence[Any], layout: str, is_yx: bool) -> list[Any]:
    """The four numbers that a format writes for such corners."""
    x, y, right, bottom = corners
    if layout == "corners":
        return _swapped([x, y, right, bottom], is_yx)
    across, down = right - x, bottom - y
    if layout == "center":
        x, y = x + across / 2.0, y + down / 2.0
    return _swapped([x, y, across, down], is_yx)


def _swapped(numbers: list[Any], is_yx: bool) -> list[Any]:
    a, b, c, d = numbers
    return [b, a, d, c] if is_yx else numbers
