"""Images under affine maps: turned, shifted, scaled, flipped, cut out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import names
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.arithmetic import multiply
from pylego.ops.coordinates import at_places
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.creation import arange
from pylego.ops.elementwise import clip, floor, round
from pylego.ops.gradients import is_watched, with_gradient
from pylego.ops.indexing import take
from pylego.ops.reductions import sum
from pylego.ops.shapes import broadcast_to, expand_dims, reshape, squeeze, stack
from pylego.ops.windows import laid_out, with_channels_last

__all__ = ["affine_transform"]

FILL_MODES = ("constant", "nearest", "reflect", "mirror", "wrap", "cut")  # as the engine has them
INTERPOLATIONS = ("nearest", "bilinear")
_ONE_PIXEL = 2.0**32  # the engine's places are whole numbers
_FARTHEST = 2.0**30
_ROWS_FIRST = convert_to_tensor([4, 3, 5, 1, 0, 2])  # b1, b0, b2, a1, a0, a2 of a transform

Number = Any  # one for all images, or a tensor with one for each


def affine_transform(
    images: Any,
    transform: Any,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Sample images at the places x' = a0 x + a1 y + a2, y' = b0 x + b1 y + b2.

    x counts columns, y rows. Places are rounded to 2^-32 pixels, so that whole pixels stay what
    they are. Of whole numbers come whole numbers. Gradients flow to the images, and to the
    transform as well, so a network can learn where to look (Jaderberg et al., "Spatial transformer
    networks", 2015); with 'nearest', which has steps and no slopes, it has none.

    Args:
        images: of shape (height, width, channels), or many: (images, height, width, channels).
        transform: [a0, a1, a2, b0, b1, b2, 0, 0] for each image, or for all.
        interpolation: 'bilinear' or 'nearest'.
        fill_mode: what is seen beyond the last pixel of a b c d: 'nearest' d d d, 'reflect' d c b,
            'mirror' c b a, 'wrap' a b c, 'constant' the fill_value, into which d passes over;
            'cut' the fill_value at once, of which d has no share.
        fill_value: for 'constant' and 'cut'.
        data_format: 'channels_first' for (..., channels, height, width).

    Raises:
        ValueError: for other shapes, modes and formats.

    >>> image = [[[1.0], [2.0], [3.0]]]
    >>> affine_transform(image, [1, 0, 1, 0, 1, 0, 0, 0], fill_value=9).numpy().ravel().tolist()
    [2.0, 3.0, 9.0]
    """
    images = convert_to_tensor(images)
    batch = with_channels_last(_four_axes(images), data_format)
    numbers = cast(convert_to_tensor(transform), "float64")
    if numbers.shape[-1:] != (8,) or numbers.ndim > 2:
        raise ValueError(f"A transform has 8 numbers. Received: shape {numbers.shape}")
    matrices = broadcast_to(_rows_first(numbers), (len(batch), 2, 3))
    y = sample(batch, matrices, None, interpolation, fill_mode, fill_value)
    y = y if dtypes.is_float(images.dtype) else cast(round(y), images.dtype)
    y = laid_out(y, data_format)
    return squeeze(y, 0) if images.ndim == 3 else y


def _rows_first(transforms: Tensor) -> Tensor:
    """Return [[b1, b0, b2], [a1, a0, a2]] of each transform, (transforms, 2, 3): y is the row."""
    return reshape(take(transforms, _ROWS_FIRST, axis=-1), (-1, 2, 3))


def _four_axes(images: Tensor) -> Tensor:
    if images.ndim not in (3, 4):
        raise ValueError(f"Images have 3 axes, or 4 for many. Received: shape {images.shape}")
    return expand_dims(images, 0) if images.ndim == 3 else images


def sample(
    images: Tensor,
    matrices: Tensor,
    size: Sequence[int] | None = None,
    interpolation: str = "bilinear",
    fill_mode: str = "constant",
    fill_value: float = 0.0,
) -> Tensor:
    """Sample each image by a matrix of its own.

    Args:
        images: of shape (images, height, width, channels).
        matrices: of shape (images, 2, 3): pixel (r, c) is taken from row m00 r + m01 c + m02 and
            column m10 r + m11 c + m12.
        size: (height, width) of what comes out; that of the images by default.
        interpolation: see `affine_transform`.
        fill_mode: see `affine_transform`.
        fill_value: see `affine_transform`.

    Raises:
        ValueError: for other shapes and modes.
    """
    if interpolation not in INTERPOLATIONS:
        raise names.unknown("interpolation", interpolation, INTERPOLATIONS)
    if fill_mode not in FILL_MODES:
        raise names.unknown("fill_mode", fill_mode, FILL_MODES)
    near = clip(matrices, -_FARTHEST, _FARTHEST)
    places = cast(round(multiply(near, _ONE_PIXEL)), "int64")
    attributes = {
        "is_bilinear": INTERPOLATIONS.index(interpolation),
        "fill_mode": FILL_MODES.index(fill_mode),
    }
    size = tuple(images.shape[1:3] if size is None else size)
    y = apply("affine", (images, places), size=size, **attributes, fill_value=fill_value)
    if interpolation == "nearest" or not is_watched(matrices):
        return y

    def gradient(upstream: list[Tensor]) -> list[Tensor]:
        back = apply("affine_adjoint", (upstream[0], places), size=images.shape[1:3], **attributes)
        return [back, _by_matrices(upstream[0], images, near, fill_mode, fill_value)]

    (y,) = with_gradient([y], [images, matrices], gradient)
    return y


def _by_matrices(
    upstream: Tensor, images: Tensor, matrices: Tensor, fill_mode: str, fill_value: float
) -> Tensor:
    """The gradient by the matrices: a place (p, q) has the slopes by p and q that its own square
    of four pixels has, and row i of a matrix moves it by (r, c, 1)."""
    _, height, width, _ = upstream.shape
    r = arange(height, dtype=matrices.dtype)[:, None]
    c = arange(width, dtype=matrices.dtype)
    m = [[expand_dims(matrices[:, i, j], (1, 2)) for j in range(3)] for i in range(2)]
    p, q = (own[0] * r + own[1] * c + own[2] for own in m)
    mode = "nearest" if fill_mode == "cut" else fill_mode

    def seen(rows: Tensor, columns: Tensor) -> Tensor:
        return at_places(images, rows, columns, 1, mode, fill_value)

    above, left = floor(p), floor(q)
    rows = []
    for slope in (seen(above + 1, q) - seen(above, q), seen(p, left + 1) - seen(p, left)):
        by_place = sum(cast(upstream * slope, matrices.dtype), axis=-1)
        if fill_mode == "cut":
            _, high, wide, _ = images.shape
            is_inside = (p >= 0) & (p <= high - 1) & (q >= 0) & (q <= wide - 1)
            by_place = where(is_inside, by_place, 0.0)
        rows.append(stack([sum(by_place * by, axis=(1, 2)) for by in (r, c, 1.0)], axis=-1))
    return stack(rows, axis=1)


# ---- matrices -------------------------------------------------------------------------------


def matrices_of(count: int, rows: Sequence[Sequence[Number]]) -> Tensor:
    """Return the matrices of so many images, (count, 2, 3), float64, from their six numbers."""
    numbers = [cast(convert_to_tensor(n, "float64"), "float64") for row in rows for n in row]
    columns = [broadcast_to(reshape(n, (-1,)), (count,)) for n in numbers]
    return reshape(stack(columns, axis=1), (count, 2, 3))


def about_center(
    count: int,
    linear: Sequence[Sequence[Number]],
    size: Sequence[int],
    shift: tuple[Number, Number] = (0.0, 0.0),
) -> Tensor:
    """Return matrices that leave the center of the image where it is, but for a shift.

    Args:
        count: how many images there are.
        linear: the four numbers by which (row, column), from the center, are multiplied.
        size: (height, width) of the images.
        shift: how many (rows, columns) further is sampled.
    """
    middle = [(n - 1) / 2 for n in size]

    def row(numbers: Sequence[Number], own: float, further: Number) -> tuple:
        a, b = numbers
        return a, b, own - a * middle[0] - b * middle[1] + further

    both = zip(linear, middle, shift)
    return matrices_of(count, [row(numbers, own, further) for numbers, own, further in both])
