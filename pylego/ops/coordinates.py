"""Numbers between the numbers of a tensor: sampled at any places, pictures in perspective."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import names
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.creation import arange, ones_like, zeros_like
from pylego.ops.elementwise import absolute, clip, floor, round
from pylego.ops.indexing import take
from pylego.ops.shapes import broadcast_to, concatenate, expand_dims, moveaxis, stack
from pylego.ops.systems import solve
from pylego.ops.windows import is_channels_first

__all__ = ["map_coordinates", "perspective_transform"]


def _mirrored(i: Tensor, n: int) -> Tensor:
    """a b c d seen as a b c d c b a ..."""
    last = max(n - 1, 1)
    return absolute((i + last) % (2 * last) - last)


# What lies beyond the last number d of a b c d: place i of n as a place that is there.
_PLACES: dict[str, Callable[[Tensor, int], Tensor]] = {
    "constant": lambda i, n: clip(i, 0, n - 1),
    "nearest": lambda i, n: clip(i, 0, n - 1),
    "wrap": lambda i, n: i % n,
    "mirror": lambda i, n: _mirrored(i, n) if n > 1 else i * 0,
    "reflect": lambda i, n: (_mirrored(2 * i + 1, 2 * n + 1) - 1) // 2,
}


def map_coordinates(
    inputs: Any, coordinates: Any, order: int, fill_mode: str = "constant", fill_value: float = 0
) -> Tensor:
    """Sample a tensor at places between its elements. Gradients flow to the places as well.

    Args:
        inputs: the tensor, of n axes.
        coordinates: for each axis the places along it, (n, ...).
        order: 0 takes the nearest element, 1 weighs the neighbours by how near they are.
        fill_mode: what is seen beyond the last element of a b c d: 'nearest' d d d, 'reflect'
            d c b, 'mirror' c b a, 'wrap' a b c, 'constant' the fill_value.
        fill_value: for 'constant'.

    Returns the numbers, of the shape of the coordinates without their first axis.

    Raises:
        ValueError: for other shapes, orders and modes.

    >>> map_coordinates([10.0, 20.0, 30.0], [[0.5, 2.0]], order=1).numpy().tolist()
    [15.0, 30.0]
    """
    x, places = convert_to_tensor(inputs), convert_to_tensor(coordinates)
    if places.ndim < 2 or places.shape[0] != x.ndim:
        raise ValueError(
            "map_coordinates: places along each axis, (axes, ...), are wanted. Received: inputs "
            f"{x.shape}, coordinates {places.shape}"
        )
    if order not in (0, 1):
        raise ValueError(f"map_coordinates: order is 0 or 1. Received: order={order}")
    if fill_mode not in _PLACES:
        raise names.unknown("fill_mode", fill_mode, _PLACES)
    places = places if dtypes.is_float(places.dtype) else cast(places, None)
    return _sampled(x, places, order, fill_mode, fill_value)


def _sampled(x: Tensor, places: Tensor, order: int, fill_mode: str, fill_value: float) -> Tensor:
    corners = [_neighbours(places[axis], order) for axis in range(x.ndim)]
    strides = [math.prod(x.shape[axis + 1 :]) for axis in range(x.ndim)]
    flat, total = x.reshape(-1), None
    is_mixed = not dtypes.is_float(x.dtype)
    wide = places.dtype if is_mixed else dtypes.common(x.dtype, places.dtype)
    for corner in itertools.product(*corners):
        index: Any = 0
        share: Any = 1.0
        is_inside: Any = True
        for (i, weight), n, stride in zip(corner, x.shape, strides):
            index = index + _PLACES[fill_mode](i, n) * stride
            is_inside = (i >= 0) & (i < n) & is_inside
            share = share * weight
        number = take(flat, index)
        number = where(is_inside, number, fill_value) if fill_mode == "constant" else number
        term = cast(number, wide) * share if is_mixed or order else number
        total = term if total is None else total + term
    assert total is not None
    return cast(round(total), x.dtype) if is_mixed else cast(total, x.dtype)


def _neighbours(places: Tensor, order: int) -> list[tuple[Tensor, Any]]:
    """The places along one axis that count, int64, and how much each of them does."""
    if order == 0:
        return [(cast(round(places), "int64"), 1.0)]
    low = floor(places)
    share = places - low
    first = cast(low, "int64")
    return [(first, 1.0 - share), (first + 1, share)]


# ---- perspective ----------------------------------------------------------------------------


def perspective_transform(
    images: Any,
    start_points: Any,
    end_points: Any,
    interpolation: str = "bilinear",
    fill_value: float = 0,
    data_format: str | None = None,
) -> Tensor:
    """Show pictures as they look from aside: four points come to lie at four others.

    The map is found by NumPy's LAPACK, which looks at the points: inside of a recorded step they
    must be known beforehand.

    Args:
        images: one picture, or a batch.
        start_points: four points (column, row), (4, 2), or four for each picture, (batch, 4, 2).
        end_points: where they lie in the result, of the same shape.
        interpolation: 'bilinear' or 'nearest'.
        fill_value: what is seen outside the pictures.
        data_format: 'channels_last' or 'channels_first'; by default
            `config.image_data_format()`.

    Raises:
        ValueError: for other shapes and interpolations.

    >>> corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    >>> turned = [corners[i] for i in (1, 0, 3, 2)]
    >>> picture = [[[1.0], [2.0]], [[3.0], [4.0]]]
    >>> perspective_transform(picture, corners, turned).numpy().round(3).ravel().tolist()
    [2.0, 1.0, 4.0, 3.0]
    """
    orders = {"nearest": 0, "bilinear": 1}
    if interpolation not in orders:
        raise names.unknown("interpolation", interpolation, orders)
    x = convert_to_tensor(images)
    start, end = (
        convert_to_tensor(start_points, "float32"),
        convert_to_tensor(end_points, "float32"),
    )
    fits = start.shape == end.shape and start.shape[-2:] == (4, 2) and start.ndim in (2, 3)
    if x.ndim not in (3, 4) or not fits:
        raise ValueError(
            "perspective_transform: pictures of 3 axes, or 4 for many, and points (4, 2) or "
            f"(batch, 4, 2) are wanted. Received: images {x.shape}, start_points {start.shape}, "
            f"end_points {end.shape}"
        )
    is_first = is_channels_first(data_format)
    batch = moveaxis(x, -3, -1) if is_first else x
    batch = batch if x.ndim == 4 else batch[None]
    maps = _homographies(start.reshape((-1, 4, 2)), end.reshape((-1, 4, 2)))
    maps = broadcast_to(maps, (batch.shape[0], 8))
    y = in_perspective(batch, maps, orders[interpolation], fill_value)
    y = y if x.ndim == 4 else y[0]
    return moveaxis(y, -1, -3) if is_first else y


def _homographies(start: Tensor, end: Tensor) -> Tensor:
    """The 8 numbers h of each map (x', y') = (h0 x + h1 y + h2, h3 x + h4 y + h5) / (h6 x + h7 y +
    1) that brings the end points back to the start points: 8 equations."""
    x, y = end[..., 0], end[..., 1]
    one, none = ones_like(x), zeros_like(x)
    rows = []
    for to, place in ((start[..., 0], 0), (start[..., 1], 3)):
        columns = [none] * 6
        columns[place : place + 3] = [x, y, one]
        rows.append(stack([*columns, -to * x, -to * y], axis=-1))
    targets = concatenate([start[..., 0], start[..., 1]], axis=-1)
    return solve(concatenate(rows, axis=1), targets)


def in_perspective(images: Tensor, maps: Tensor, order: int, fill_value: float) -> Tensor:
    """Sample each image at (h0 x + h1 y + h2, h3 x + h4 y + h5) / (h6 x + h7 y + 1).

    Args:
        images: of shape (images, height, width, channels).
        maps: h for each image, (images, 8).
        order: 0 takes the nearest pixel, 1 weighs the neighbours.
        fill_value: what is seen outside the images.
    """
    _, height, width, _ = images.shape
    column = arange(width, dtype="float32").reshape(1, -1)
    row = arange(height, dtype="float32").reshape(-1, 1)
    h = [expand_dims(maps[:, i], (1, 2)) for i in range(8)]
    depth = h[6] * column + h[7] * row + 1.0
    columns = (h[0] * column + h[1] * row + h[2]) / depth
    rows = (h[3] * column + h[4] * row + h[5]) / depth
    return at_places(images, rows, columns, order, "constant", fill_value)


def at_places(
    images: Tensor, rows: Tensor, columns: Tensor, order: int, fill_mode: str, fill_value: float
) -> Tensor:
    """Sample each image at places of its own: (images, height, width) of rows, and of columns.

    The other arguments are those of `map_coordinates`.
    """
    batch, _, _, channels = images.shape
    shape = (*rows.shape, channels)
    numbers = np.arange(batch, dtype=np.float32)[:, None, None, None]
    layers = np.arange(channels, dtype=np.float32)
    places = [numbers, rows[..., None], columns[..., None], layers]
    every = [broadcast_to(convert_to_tensor(one), shape) for one in places]
    return map_coordinates(images, stack(every), order, fill_mode, fill_value)
