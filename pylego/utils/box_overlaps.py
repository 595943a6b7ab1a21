"""How much bounding boxes overlap: the measures of detectors, and a loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import config, ops
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.utils.box_formats import boxes_of, checked_format, columns_of, convert_format


def compute_iou(
    boxes1: Any,
    boxes2: Any,
    bounding_box_format: str,
    use_masking: bool = False,
    mask_val: float = -1,
    image_shape: Sequence[int] | None = None,
) -> Tensor:
    """Return the overlap of each box with each other one: intersection over union.

    Args:
        boxes1: of shape (m, 4), or (images, m, 4).
        boxes2: of shape (n, 4), or (images, n, 4).
        bounding_box_format: of both.
        use_masking: whether boxes whose numbers are all below 0 get `mask_val`.
        mask_val: what they get.
        image_shape: (height, width, channels), where the format is relative.

    Returns:
        The overlaps, (m, n), or (images, m, n) where one of both is a batch.

    Raises:
        ValueError: for other shapes, unknown formats, and relative ones without an image_shape.

    >>> overlaps = compute_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [0, 1, 2, 2]], "xyxy")
    >>> overlaps.numpy().round(3).tolist()
    [[1.0, 0.5]]
    """
    for argument, boxes in (("boxes1", boxes1), ("boxes2", boxes2)):
        rank = len(boxes_of(boxes).shape)
        if rank not in (2, 3):
            raise ValueError(
                f"compute_iou: {argument} has the shape (boxes, 4) or (images, boxes, 4). "
                f"Received: {rank} axes"
            )
    height, width = size_of_image("compute_iou", bounding_box_format, image_shape)
    first, second = (
        convert_format(boxes, bounding_box_format, "xyxy", height, width)
        for boxes in (boxes1, boxes2)
    )
    columns1 = columns_of(first)
    columns2 = [ops.swapaxes(n, -1, -2) for n in columns_of(second)]
    shared = _overlap(columns1, columns2)
    union = _area(columns1) + _area(columns2) - shared
    overlaps = shared / (union + config.epsilon())
    if not use_masking:
        return overlaps
    is_none1 = ops.max(first, axis=-1, keepdims=True) < 0
    is_none2 = ops.swapaxes(ops.max(second, axis=-1, keepdims=True) < 0, -1, -2)
    masked = cast(convert_to_tensor(mask_val), overlaps.dtype)
    return ops.where(ops.logical_or(is_none1, is_none2), masked, overlaps)


def _overlap(first: Sequence[Any], second: Sequence[Any]) -> Any:
    """The area that boxes share, of their corners."""
    sides = [
        ops.maximum(ops.minimum(first[k + 2], second[k + 2]) - ops.maximum(first[k], second[k]), 0)
        for k in (1, 0)
    ]
    return sides[0] * sides[1]


def _area(corners: Sequence[Any]) -> Any:
    x, y, right, bottom = corners
    return (bottom - y) * (right - x)


def size_of_image(function: str, name: str, image_shape: Any) -> tuple[Any, Any]:
    """Return the height and width of an image; they are None where nobody needs them."""
    if image_shape is not None:
        return image_shape[0], image_shape[1]
    if checked_format("bounding_box_format", name).startswith("rel_"):
        raise ValueError(
            f"{function}: a relative format needs image_shape=(height, width, channels). "
            f"Received: bounding_box_format={name!r}"
        )
    return None, None


def compute_ciou(
    boxes1: Any, boxes2: Any, bounding_box_format: str, image_shape: Sequence[int] | None = None
) -> Tensor:
    """Return the complete overlap of pairs of boxes: 1 - it is a loss.

    CIoU = IoU - d^2 / c^2 - a v, where d is the distance of the centers, c the diagonal of the box
    around both, v = 4 / pi^2 (atan(w2 / h2) - atan(w1 / h1))^2 and a = v / (1 - IoU + v).

    Source: Zheng and others, Distance-IoU Loss (arXiv:1911.08287).

    Args:
        boxes1: of shape (..., 4).
        boxes2: of shape (..., 4).
        bounding_box_format: of both.
        image_shape: (height, width, channels), where the format is relative.

    Raises:
        ValueError: for unknown formats, and relative ones without an image_shape.

    >>> round(float(compute_ciou([0, 0, 2, 2], [1, 0, 3, 2], "xyxy")), 4)
    0.2564
    """
    height, width = size_of_image("compute_ciou", bounding_box_format, image_shape)
    tiny = config.epsilon()
    first, second = (
        columns_of(convert_format(boxes, bounding_box_format, "xyxy", height, width))
        for boxes in (boxes1, boxes2)
    )
    (w1, h1), (w2, h2) = ((n[2] - n[0], n[3] - n[1] + tiny) for n in (first, second))
    shared = _overlap(first, second)
    overlap = shared / (w1 * h1 + w2 * h2 - shared + 2 * tiny)
    diagonal, distance = tiny, 0.0
    for k in range(2):
        ends = ops.minimum(first[k], second[k]), ops.maximum(first[k + 2], second[k + 2])
        diagonal = diagonal + ops.square(ends[1] - ends[0])
        apart = (first[k] + first[k + 2]) / 2 - (second[k] + second[k + 2]) / 2
        distance = distance + ops.square(apart)
    v = (4 / math.pi**2) * ops.square(ops.arctan(w2 / h2) - ops.arctan(w1 / h1))
    weight = v / (v - overlap + (1 + tiny))
    return ops.squeeze(overlap - (distance / diagonal + v * weight), -1)
