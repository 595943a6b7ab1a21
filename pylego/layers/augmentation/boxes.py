"""Rectangles at random places of images."""

from __future__ import annotations

from collections.abc import Sequence

from pylego import ops
from pylego.core.tensor import Tensor


def box_masks(size: Sequence[int], sides: Tensor, places: Tensor) -> Tensor:
    """Return which pixels lie in the rectangle of each image: bool, (images, height, width, 1).

    Args:
        size: (height, width) of the images.
        sides: of shape (images, 2): the sides of the rectangle, as shares of height and width.
        places: of shape (images, 2), from 0, at the top and the left, to 1.

    >>> one = ops.convert_to_tensor([[0.5, 1.0]])
    >>> box_masks((2, 2), one, one * 0.0).numpy().ravel().tolist()
    [True, True, False, False]
    """
    is_row, is_column = (
        _within(length, sides[:, k], places[:, k]) for k, length in enumerate(size)
    )
    rows = ops.reshape(is_row, (-1, size[0], 1, 1))
    return ops.logical_and(rows, ops.reshape(is_column, (-1, 1, size[1], 1)))


def _within(length: int, share: Tensor, place: Tensor) -> Tensor:
    """Which of the pixels of an axis lie in a stretch of it: (images, length)."""
    inside = share * float(length)
    start = ops.reshape(place * (length - inside), (-1, 1))
    pixels = ops.arange(length, dtype=share.dtype)
    return ops.logical_and(pixels >= start, pixels < start + ops.reshape(inside, (-1, 1)))
