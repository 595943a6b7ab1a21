"""Tensors stretched and moved by any amounts: each axis by a product with a matrix of weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import names
from pylego.core.tensor import Tensor
from pylego.ops.arguments import normalize_axis, shape_tuple
from pylego.ops.arithmetic import maximum
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.creation import arange
from pylego.ops.elementwise import absolute
from pylego.ops.linear import matmul
from pylego.ops.reductions import sum
from pylego.ops.shapes import moveaxis
from pylego.ops.trigonometric import sinc

__all__ = ["scale_and_translate"]


def _triangle(x: Tensor) -> Tensor:
    return maximum(1.0 - x, 0.0)


def _cubic(x: Tensor) -> Tensor:
    """Keys: "Cubic convolution interpolation for digital image processing", 1981, a = -1/2."""
    near = ((1.5 * x - 2.5) * x) * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return where(x < 1.0, near, where(x < 2.0, far, 0.0))


def _lanczos(radius: float) -> Callable[[Tensor], Tensor]:
    return lambda x: where(x < radius, sinc(x) * sinc(x / radius), 0.0)


_KERNELS: dict[str, Callable[[Tensor], Tensor]] = {
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), _triangle),
    **dict.fromkeys(("cubic", "bicubic", "tricubic"), _cubic),
    "lanczos3": _lanczos(3.0),
    "lanczos5": _lanczos(5.0),
}


def scale_and_translate(
    images: Any,
    output_shape: Sequence[int],
    scale: Any,
    translation: Any,
    spatial_dims: Sequence[int],
    method: str,
    antialias: bool = True,
) -> Tensor:
    """Stretch tensors and move them: what was at place x comes to x scale + translation.

    Element i covers the places from i to i + 1. What comes from outside is 0.

    Args:
        images: a tensor of floats.
        output_shape: of the result.
        scale: how many times larger, one number for each of `spatial_dims`.
        translation: how far it is moved then, one number for each.
        spatial_dims: which axes.
        method: 'linear' ('bilinear', 'trilinear', 'triangle'), 'cubic' ('bicubic', 'tricubic'),
            'lanczos3' or 'lanczos5'.
        antialias: whether elements of what shrinks are averaged over all that come together.

    Raises:
        ValueError: for another method, and shapes that do not fit.

    >>> scale_and_translate([1.0, 3.0], (4,), [2.0], [0.0], (0,), "linear").numpy().tolist()
    [1.0, 1.5, 2.5, 3.0]
    """
    if method not in _KERNELS:
        raise names.unknown("method", method, _KERNELS)
    (x,) = as_floats(images)
    shape = shape_tuple(output_shape)
    scales, moves = convert_to_tensor(scale, x.dtype), convert_to_tensor(translation, x.dtype)
    count = len(spatial_dims)
    if len(shape) != x.ndim or scales.shape != (count,) or moves.shape != (count,):
        raise ValueError(
            "scale_and_translate: a length for each axis, and a scale and a translation for each "
            f"of {count} axes are wanted. Received: images {x.shape}, output_shape {shape}, scale "
            f"{scales.shape}, translation {moves.shape}"
        )
    for i, axis in enumerate(spatial_dims):
        place = normalize_axis(axis, x.ndim)
        sizes = x.shape[place], shape[place]
        weights = _weights(*sizes, scales[i], moves[i], _KERNELS[method], antialias)
        x = moveaxis(matmul(moveaxis(x, place, -1), weights), -1, place)
    if x.shape != shape:
        raise ValueError(f"scale_and_translate: output_shape={shape} leaves the other axes alone")
    return x


def _weights(
    size: int, wanted: int, scale: Tensor, move: Tensor, kernel: Callable, antialias: bool
) -> Tensor:
    """How much of each element is in each of the result: (size, wanted)."""
    wide = maximum(1.0 / scale, 1.0) if antialias else 1.0
    place = (arange(wanted, dtype=scale.dtype) + 0.5 - move) / scale - 0.5
    apart = absolute(place - arange(size, dtype=scale.dtype).reshape(-1, 1)) / wide
    weights = kernel(apart)
    total = sum(weights, axis=0, keepdims=True)
    is_some = absolute(total) > 1000.0 * 2.0**-23
    shares = where(is_some, weights / where(is_some, total, 1.0), 0.0)
    is_inside = (place >= -0.5) & (place <= size - 0.5)
    return cast(where(is_inside, shares, 0.0), scale.dtype)
