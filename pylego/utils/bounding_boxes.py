"""Bounding boxes: their formats, their overlaps, and the offsets that detectors learn.

The functions of `keras.utils.bounding_boxes`. `convert_format` lists the formats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import config, lazy, names, ops
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.utils.box_formats import boxes_of, columns_of, convert_format
from pylego.utils.box_overlaps import compute_ciou, compute_iou

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
__getattr__ = lazy.refuse_others(__name__)

_ENCODINGS = ("center_xywh", "center_yxhw")


# ---- boxes and images -----------------------------------------------------------------------


def clip_to_image_size(
    bounding_boxes: dict[str, Any],
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> dict[str, Any]:
    """Cut off what lies outside the image; boxes of which nothing is left get the label -1.

    Args:
        bounding_boxes: a dictionary with 'boxes', and with 'labels' where they have some.
        height: of the image; not needed for 'rel_xyxy'.
        width: of the image.
        bounding_box_format: 'xyxy' or 'rel_xyxy'.

    Raises:
        ValueError: for 'xyxy' without the size of the image.
        NotImplementedError: for other formats.

    >>> boxes = {"boxes": [[-10.0, 0.0, 5.0, 30.0], [40.0, 0.0, 50.0, 9.0]], "labels": [1, 2]}
    >>> clipped = clip_to_image_size(boxes, height=20, width=20)
    >>> clipped["boxes"].numpy().tolist(), clipped["labels"].numpy().tolist()
    ([[0.0, 0.0, 5.0, 20.0], [20.0, 0.0, 20.0, 9.0]], [1, -1])
    """
    _only("clip_to_image_size", bounding_box_format, ("xyxy", "rel_xyxy"))
    if bounding_box_format == "rel_xyxy":
        height = width = 1.0
    if height is None or width is None:
        raise ValueError(
            "clip_to_image_size needs height= and width= for boxes in pixels, 'xyxy'. "
            f"Received: height={height}, width={width}"
        )
    boxes = boxes_of(bounding_boxes["boxes"])
    boxes = _within(columns_of(boxes), height, width, boxes.dtype)
    result = {**bounding_boxes, "boxes": boxes}
    if bounding_boxes.get("labels") is not None:
        result["labels"] = without_empty(bounding_boxes["labels"], boxes)
    return result


def without_empty(labels: Any, boxes: Any) -> Any:
    """Return labels in which boxes without an area, 'xyxy', have -1."""
    labels = convert_to_tensor(labels) if not hasattr(labels, "shape") else labels
    x, y, right, bottom = (boxes[..., k] for k in range(4))
    is_seen = (right - x) * (bottom - y) > 0
    if len(labels.shape) > len(is_seen.shape):  # one-hot
        is_seen = ops.expand_dims(is_seen, -1)
    return ops.where(is_seen, labels, cast(convert_to_tensor(-1), labels.dtype))


def _within(columns: Sequence[Any], height: Any, width: Any, dtype: str) -> Any:
    """Cut the columns x, y, x, y of boxes off at 0 and at the size."""
    size = [cast(convert_to_tensor(n), dtype) for n in (width, height)]
    zero = cast(convert_to_tensor(0), dtype)
    return ops.concatenate(
        [ops.minimum(ops.maximum(n, zero), size[k % 2]) for k, n in enumerate(columns)], axis=-1
    )


def crop(
    boxes: Any, top: Any, left: Any, height: Any, width: Any, bounding_box_format: str = "xyxy"
) -> Tensor:
    """Move boxes to where they are once a window was cut out of the image, and cut them off there.

    Args:
        boxes: of shape (..., 4).
        top: of the window.
        left: of the window.
        height: of the window.
        width: of the window.
        bounding_box_format: only 'xyxy'.

    Raises:
        NotImplementedError: for other formats.

    >>> crop([[10.0, 20.0, 50.0, 60.0]], top=10, left=20, height=40, width=30).numpy().tolist()
    [[0.0, 10.0, 30.0, 40.0]]
    """
    _only("crop", bounding_box_format, ("xyxy",))
    boxes = boxes_of(boxes)
    x, y, right, bottom = columns_of(boxes)
    moved = [x - left, y - top, right - left, bottom - top]
    return _within(moved, height, width, moved[0].dtype)


def pad(
    boxes: Any,
    top: Any,
    left: Any,
    height: Any = None,
    width: Any = None,
    bounding_box_format: str = "xyxy",
) -> Tensor:
    """Move boxes to where they are once the image got borders.

    Args:
        boxes: of shape (..., 4).
        top: the height of the border above.
        left: the width of the border on the left.
        height: unused.
        width: unused.
        bounding_box_format: only 'xyxy'.

    Raises:
        NotImplementedError: for other formats.

    >>> pad([[1.0, 2.0, 3.0, 4.0]], top=10, left=20).numpy().tolist()
    [[21.0, 12.0, 23.0, 14.0]]
    """
    _only("pad", bounding_box_format, ("xyxy",))
    x, y, right, bottom = columns_of(boxes_of(boxes))
    return ops.concatenate([x + left, y + top, right + left, bottom + top], axis=-1)


def affine_transform(
    boxes: Any,
    angle: Any,
    translate_x: Any,
    translate_y: Any,
    scale: Any,
    shear_x: Any,
    shear_y: Any,
    height: Any,
    width: Any,
    center_x: float | None = None,
    center_y: float | None = None,
    bounding_box_format: str = "xyxy",
) -> Tensor:
    """Turn, shift, scale and shear boxes: the upright boxes around what becomes of their corners.

    The center of the image stays where it is, but for the shift.

    Args:
        boxes: of shape (images, boxes, 4), or (boxes, 4).
        angle: in degrees, counter-clockwise, of each image: (images,).
        translate_x: the way to the left, as a share of the width - 1: (images,).
        translate_y: the way up, as a share of the height - 1: (images,).
        scale: (images,).
        shear_x: an angle in degrees: (images,).
        shear_y: an angle in degrees: (images,).
        height: of the image.
        width: of the image.
        center_x: of the turn, as a share of the width - 1; 0.5 by default.
        center_y: likewise.
        bounding_box_format: only 'xyxy'.

    Raises:
        NotImplementedError: for other formats.

    >>> one, none = ops.ones((1,)), ops.zeros((1,))
    >>> boxes = [[[0.0, 0.0, 2.0, 1.0]]]
    >>> turned = affine_transform(boxes, one * 90, none, none, one, none, none, 5, 5)
    >>> turned.numpy().round(4).tolist()
    [[[0.0, 2.0, 1.0, 4.0]]]
    """
    _only("affine_transform", bounding_box_format, ("xyxy",))
    angle, translate_x, translate_y, scale, shear_x, shear_y = (
        ops.reshape(convert_to_tensor(n, dtype="float32"), (-1, 1, 1))
        for n in (angle, translate_x, translate_y, scale, shear_x, shear_y)
    )
    rotation, sx, sy = (-n * (math.pi / 180.0) for n in (angle, shear_x, shear_y))
    across, down = float(width) - 1.0, float(height) - 1.0
    cx = (0.5 if center_x is None else center_x) * across
    cy = (0.5 if center_y is None else center_y) * down
    # [[d, -b], [-c, a]] is the inverse of the turned shear [[a, b], [c, d]], whose determinant is 1
    a = ops.cos(rotation - sy) / ops.cos(sy)
    b = a * ops.tan(sx) + ops.sin(rotation)
    c = -ops.sin(rotation - sy) / ops.cos(sy)
    d = ops.cos(rotation) - c * ops.tan(sx)
    from_x, from_y = cx - translate_x * across, cy - translate_y * down

    boxes = cast(boxes_of(boxes), "float32")
    is_one = len(boxes.shape) == 2
    x, y, right, bottom = columns_of(ops.expand_dims(boxes, 0) if is_one else boxes)
    xs, ys = [x, right, right, x], [y, y, bottom, bottom]
    corners = [(p - from_x, q - from_y) for p, q in zip(xs, ys)]
    moved = around(
        [scale * (d * p - b * q) + cx for p, q in corners],
        [scale * (a * q - c * p) + cy for p, q in corners],
    )
    return ops.squeeze(moved, 0) if is_one else moved


def around(xs: Sequence[Any], ys: Sequence[Any]) -> Any:
    """Return the upright boxes around four corners, of which each number has the shape (..., 1)."""
    x, y = ops.concatenate(xs, axis=-1), ops.concatenate(ys, axis=-1)
    ends = [ops.min(x, axis=-1), ops.min(y, axis=-1), ops.max(x, axis=-1), ops.max(y, axis=-1)]
    return ops.stack(ends, axis=-1)


def _only(function: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise NotImplementedError(
            f"{function} takes boxes in {' or '.join(known)}: "
            f"convert_format(boxes, source={name!r}, target='xyxy') writes them so"
        )


# ---- offsets from anchors -------------------------------------------------------------------


def encode_box_to_deltas(
    anchors: Any,
    boxes: Any,
    anchor_format: str,
    box_format: str,
    encoding_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Sequence[int] | None = None,
) -> Tensor:
    """Write boxes as offsets from anchors: ((center - center') / size', log(size / size')).

    Args:
        anchors: of shape (n, 4).
        boxes: of shape (n, 4), or (images, n, 4).
        anchor_format: of the anchors.
        box_format: of the boxes.
        encoding_format: 'center_yxhw' or 'center_xywh'.
        variance: four numbers by which the offsets are divided.
        image_shape: (height, width, channels), where a format is relative.

    Raises:
        ValueError: for other encodings, and a variance of other lengths.

    >>> encode_box_to_deltas([[0, 0, 2, 2]], [[1, 0, 3, 2]], "xyxy", "xyxy").numpy().tolist()
    [[0.0, 0.5, 0.0, 0.0]]
    """
    variance = _checked("encoding_format", encoding_format, variance)
    height, width = (None, None) if image_shape is None else image_shape[:2]
    own, its = (
        convert_format(x, source, encoding_format, height, width)
        for x, source in ((boxes, box_format), (anchors, anchor_format))
    )
    size = ops.maximum(its[..., 2:], config.epsilon())
    offsets = [
        (own[..., :2] - its[..., :2]) / size,
        ops.log(ops.maximum(own[..., 2:], config.epsilon()) / size),
    ]
    deltas = ops.concatenate(offsets, axis=-1)
    return deltas if variance is None else deltas / variance


def decode_deltas_to_boxes(
    anchors: Any,
    boxes_delta: Any,
    anchor_format: str,
    box_format: str,
    encoded_format: str = "center_yxhw",
    variance: Any = None,
    image_shape: Sequence[int] | None = None,
) -> Any:
    """Return the boxes whose offsets from anchors `encode_box_to_deltas` gave.

    Args:
        anchors: of shape (n, 4); or a dictionary of them, by level.
        boxes_delta: of shape (n, 4), or (images, n, 4); or a dictionary of the same levels.
        anchor_format: of the anchors.
        box_format: of what comes out.
        encoded_format: 'center_yxhw' or 'center_xywh'.
        variance: four numbers by which the offsets are multiplied.
        image_shape: (height, width, channels), where a format is relative.

    Raises:
        ValueError: for other encodings, and a variance of other lengths.

    >>> decode_deltas_to_boxes([[0, 0, 2, 2]], [[0, 0.5, 0, 0]], "xyxy", "xyxy").numpy().tolist()
    [[1.0, 0.0, 3.0, 2.0]]
    """
    if isinstance(anchors, dict) and isinstance(boxes_delta, dict):
        further = (anchor_format, box_format, encoded_format, variance, image_shape)
        return {
            level: decode_deltas_to_boxes(own, boxes_delta[level], *further)
            for level, own in anchors.items()
        }
    variance = _checked("encoded_format", encoded_format, variance)
    height, width = (None, None) if image_shape is None else image_shape[:2]
    its = convert_format(anchors, anchor_format, encoded_format, height, width)
    deltas = boxes_of(boxes_delta)
    deltas = deltas if variance is None else deltas * variance
    sizes = its[..., 2:]
    both = [deltas[..., :2] * sizes + its[..., :2], ops.exp(deltas[..., 2:]) * sizes]
    boxes = ops.concatenate(both, axis=-1)
    return convert_format(boxes, encoded_format, box_format, height, width)


def _checked(argument: str, encoding: str, variance: Any) -> Any:
    if encoding not in _ENCODINGS:
        raise names.unknown(argument, encoding, _ENCODINGS)
    if variance is None:
        return None
    variance = convert_to_tensor(variance, dtype="float32")
    if variance.shape[-1:] != (4,):
        raise ValueError(f"variance has four numbers. Received: shape {variance.shape}")
    return variance
