"""Normalization: means and variances in one pass, and what is shifted and scaled by them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pylego import config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.ops.arguments import Axes, normalize_axes, normalize_axis
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.creation import zeros_like
from pylego.ops.elementwise import clip, rsqrt
from pylego.ops.reductions import mean
from pylego.ops.shapes import broadcast_to

__all__ = [
    "batch_normalization",
    "layer_normalization",
    "moments",
    "rms_normalization",
]


def _as_float(x: Any) -> Tensor:
    x = convert_to_tensor(x)
    return x if dtypes.is_float(x.dtype) else cast(x, None)


def moments(
    x: Any, axes: Axes, keepdims: bool = False, synchronized: bool = False
) -> tuple[Tensor, Tensor]:
    """Compute mean and variance over the axes, in one pass over x.

    Args:
        x: the numbers.
        axes: over which axes.
        keepdims: whether reduced axes stay with length 1.
        synchronized: accepted for Keras's sake: there is one machine.

    What is too large for float16 is its largest number there, not infinity.

    >>> mean, variance = moments([[1.0, 2.0], [3.0, 4.0]], axes=[0])
    >>> print(mean, variance)
    Tensor(shape=(2,), dtype=float32, [2. 3.]) Tensor(shape=(2,), dtype=float32, [1. 1.])
    """
    x = _as_float(x)
    if x.dtype == "float16":
        found = moments(cast(x, "float32"), axes, keepdims)
        mean, variance = (clip(one, -_MOST_OF_FLOAT16, _MOST_OF_FLOAT16) for one in found)
        return cast(mean, x.dtype), cast(variance, x.dtype)
    summed = normalize_axes(axes, x.ndim)
    mean, variance = apply_all("moments", (x,), 2, axes=summed)
    if keepdims:
        return mean, variance
    if len(summed) == x.ndim - 1:  # one axis is left, whichever
        return mean.reshape(-1), variance.reshape(-1)
    shape = tuple(length for axis, length in enumerate(x.shape) if axis not in summed)
    return mean.reshape(shape), variance.reshape(shape)


def _normalize(
    x: Tensor, mean: Tensor, variance: Tensor, offset: Any, scale: Any, epsilon: float
) -> Tensor:
    """Compute (x - mean) * scale / sqrt(variance + epsilon) + offset, all of them of x's rank."""
    factor = rsqrt(variance + epsilon)
    if scale is not None:
        factor = factor * scale
    return apply("normalize", (x, mean, factor, zeros_like(mean) if offset is None else offset))


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    axis: int,
    offset: Any = None,
    scale: Any = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Compute (x - mean) * scale / sqrt(variance + epsilon) + offset along an axis.

    Args:
        x: the numbers.
        mean: a number for each place along the axis; so are the following three.
        variance: as the mean.
        axis: which one has places with numbers of their own.
        offset: added at the end; None for 0.
        scale: multiplied with; None for 1.
        epsilon: keeps away from dividing by 0.

    Raises:
        ValueError: when mean, variance, scale or offset have another length than the axis.

    >>> print(batch_normalization([[1.0], [3.0]], mean=[2.0], variance=[1.0], axis=-1, epsilon=0.0))
    Tensor(shape=(2, 1), dtype=float32, [[-1.]
     [ 1.]])
    """
    x = _as_float(x)
    places = x.shape[normalize_axis(axis, x.ndim)]
    shape = [1] * x.ndim
    shape[axis] = places

    def along_axis(name: str, numbers: Any) -> Tensor:
        numbers = convert_to_tensor(numbers)
        if numbers.shape != (places,):
            raise ValueError(
                f"batch_normalization: {name} needs the shape ({places},), for x of shape "
                f"{x.shape} and axis {axis}. Received: shape {numbers.shape}"
            )
        return numbers.reshape(shape)

    return _normalize(
        x,
        along_axis("mean", mean),
        along_axis("variance", variance),
        None if offset is None else along_axis("offset", offset),
        None if scale is None else along_axis("scale", scale),
        epsilon,
    )


_MOST_OF_FLOAT16 = 65504.0
_LONG_LINE = 65536  # is shared among threads, by bricks that take several passes


def _normalize_lines(
    x: Tensor, axes: tuple[int, ...], gamma: Any, beta: Any, epsilon: float | None, center: bool
) -> Tensor | None:
    """Normalize over the last axes in one pass; None where these are others, or a line is long."""
    shape = x.shape
    first = len(shape) - len(axes)
    lengths = shape[first:]
    if not axes or min(axes) < first or not 0 < math.prod(lengths) < _LONG_LINE:
        return None

    def place_in_line(numbers: Any, default: float) -> Tensor:
        if numbers is None:
            return convert_to_tensor(default, x.dtype)
        numbers = convert_to_tensor(numbers)
        return numbers if numbers.shape == lengths else numbers.reshape(lengths)

    inputs = x, place_in_line(gamma, 1.0), place_in_line(beta, 0.0)
    epsilon = config.epsilon() if epsilon is None else epsilon
    return apply_all(
        "normalize_lines", inputs, 3, axis=first, is_centered=int(center), epsilon=float(epsilon)
    )[0]


def layer_normalization(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    axis: int | Sequence[int] = -1,
    epsilon: float | None = None,
    rms_scaling: bool = False,
) -> Tensor:
    """Bring each sample to mean 0 and variance 1 over the axes, then multiply by gamma, add beta.

    Args:
        x: the numbers.
        gamma: of the lengths of the axes; None for 1.
        beta: of the lengths of the axes; None for 0.
        axis: over which axes mean and variance are taken; the last by default.
        epsilon: is added to the variance; `config.epsilon()` by default.
        rms_scaling: an old mode of Keras: the mean and beta are left out. See `rms_normalization`.

    Returns numbers of the dtype of x, whatever gamma and beta have.

    >>> print(layer_normalization([[1.0, 3.0]], epsilon=0.0))
    Tensor(shape=(1, 2), dtype=float32, [[-1.  1.]])
    """
    x = _as_float(x)
    axes = normalize_axes(axis, x.ndim)
    lines = None if rms_scaling else _normalize_lines(x, axes, gamma, beta, epsilon, True)
    if lines is not None:
        return cast(lines, x.dtype)
    shape = [length if place in axes else 1 for place, length in enumerate(x.shape)]
    mean, variance = moments(x, axes, keepdims=True)
    if rms_scaling:
        mean, beta = zeros_like(mean), None
    y = _normalize(x, mean, variance, None, None, config.epsilon() if epsilon is None else epsilon)
    if gamma is not None:
        y = y * convert_to_tensor(gamma).reshape(shape)
    return cast(y if beta is None else y + convert_to_tensor(beta).reshape(shape), x.dtype)


def group_normalization(
    x: Tensor, groups: int, axis: int, gamma: Any, beta: Any, epsilon: float
) -> Tensor:
    """Bring each group of channels of each sample to mean 0 and variance 1.

    x is read once for the moments of each channel; those of a group are made of them: with c for
    the channels of a group, m = mean of m_c and v = mean of (v_c + (m_c - m)^2). So only loops over
    whole rows of channels touch x, also in the gradient.

    Args:
        x: numbers; the first axis is that of samples.
        groups: how many groups there are.
        axis: where the channels lie; not 0.
        gamma: of the length of the axis, multiplied with; None for 1.
        beta: of the length of the axis, added; None for 0.
        epsilon: is added to the variance.
    """
    of_channels = moments(x, [i for i in range(x.ndim) if i not in (0, axis)], keepdims=True)
    in_groups = (x.shape[0], groups, x.shape[axis] // groups)
    means, variances = (one.reshape(in_groups) for one in of_channels)
    center = mean(means, -1, keepdims=True)
    away = means - center
    factor = rsqrt(mean(variances + away * away, -1, keepdims=True) + epsilon)
    scale = factor if gamma is None else factor * gamma.reshape(in_groups[1:])
    offset = convert_to_tensor(0.0, x.dtype) if beta is None else beta.reshape(in_groups[1:])

    def for_each_channel(numbers: Tensor) -> Tensor:
        return broadcast_to(numbers, in_groups).reshape(of_channels[0].shape)

    return apply("normalize", (x, *map(for_each_channel, (center, scale, offset))))


def rms_normalization(
    x: Any, scale: Any = None, axis: int | Sequence[int] = -1, epsilon: float | None = None
) -> Tensor:
    """Divide each sample by the root of its mean square over the axes, then multiply by scale.

    Args:
        x: the numbers.
        scale: of the lengths of the axes, or one number; None for 1.
        axis: over which axes the mean is taken; the last by default.
        epsilon: is added to the mean square; `config.epsilon()` by default.

    Returns numbers of the dtype of x, whatever scale has.

    >>> print(rms_normalization([[1.0, -1.0, 7.0, 7.0]], epsilon=0.0))
    Tensor(shape=(1, 4), dtype=float32, [[ 0.2 -0.2  1.4  1.4]])
    """
    x = _as_float(x)
    axes = normalize_axes(axis, x.ndim)
    if scale is not None:
        scale = convert_to_tensor(scale)
        if not scale.ndim:
            scale = broadcast_to(scale, [x.shape[place] for place in sorted(axes)])
    lines = _normalize_lines(x, axes, scale, None, epsilon, False)
    if lines is not None:
        return cast(lines, x.dtype)
    shape = [length if place in axes else 1 for place, length in enumerate(x.shape)]
    square = mean(x * x, axes, keepdims=True)
    y = x * rsqrt(square + (config.epsilon() if epsilon is None else epsilon))
    return y if scale is None else cast(y * scale.reshape(shape), x.dtype)
