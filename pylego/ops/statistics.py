"""Statistics and lengths: variances, weighted averages, logsumexp, norms, all built of bricks.

A length has no slope where it is 0: it grows in whichever direction one goes. The chain rule says
infinity times 0 there, which would make NaN of all weights, so the gradient is set to 0.
"""

from __future__ import annotations

import builtins
import math
from typing import Any

from pylego import config
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, apply_all
from pylego.ops.arguments import Axes, normalize_axes, normalize_axis
from pylego.ops.arithmetic import maximum, minimum
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.elementwise import absolute, rsqrt, sqrt, square
from pylego.ops.reductions import max, mean, min, sum

__all__ = [
    "average",
    "logsumexp",
    "norm",
    "normalize",
    "std",
    "var",
]


def _as_float(x: Any) -> Tensor:
    x = convert_to_tensor(x)
    return x if dtypes.is_float(x.dtype) else cast(x, None)


def average(x: Any, axis: Axes = None, weights: Any = None) -> Tensor:
    """Average with weights: sum(weights x) / sum(weights).

    Args:
        x: the numbers.
        axis: over which axes; all by default.
        weights: of the shape of x, or of the length of the one axis; equal ones by default.

    >>> print(average([1.0, 4.0], weights=[2.0, 1.0]))
    Tensor(shape=(), dtype=float32, 2.)
    """
    x = _as_float(x)
    if weights is None:
        return mean(x, axis)
    weights = convert_to_tensor(weights)
    weights = weights if dtypes.is_float(weights.dtype) else cast(weights, x.dtype)
    if weights.shape != x.shape and isinstance(axis, int):
        place = normalize_axis(axis, x.ndim)
        weights = weights.reshape([-1 if one == place else 1 for one in range(x.ndim)])
    weights = apply("broadcast_to", (weights,), shape=x.shape)
    return sum(x * weights, axis) / sum(weights, axis)


def var(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the variance, mean((x - mean(x))^2).

    >>> print(var([1.0, 2.0, 3.0, 4.0]))
    Tensor(shape=(), dtype=float32, 1.25)
    """
    x = _as_float(x)
    axes = normalize_axes(axis, x.ndim)
    _, variance = apply_all("moments", (x,), 2, axes=axes)
    return variance if keepdims else variance.reshape(_reduced_shape(x, axes))


def std(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the standard deviation, sqrt(var(x)). The gradient where it is 0 is 0.

    >>> print(std([1.0, 3.0]))
    Tensor(shape=(), dtype=float32, 1.)
    """
    return root(var(x, axis, keepdims))


def root(square: Tensor) -> Tensor:
    """The square root, whose gradient at 0 is infinite, with the gradient 0 there."""
    if not square.requires_grad:
        return sqrt(square)
    is_zero = square == 0
    return where(is_zero, 0.0, sqrt(where(is_zero, 1.0, square)))


def _raised(x: Tensor, exponent: float) -> Tensor:
    """x to a power, for x >= 0; the gradient at 0 is 0, also where it would be infinite."""
    is_zero = x == 0
    at_zero = 0.0 if exponent > 0 else math.inf
    return where(is_zero, at_zero, where(is_zero, 1.0, x) ** exponent)


def logsumexp(x: Any, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute log(sum(exp(x))) = m + log(sum(exp(x - m))), m = max(x), without overflow.

    Where all of x are -infinity, or there are none, so is the result, and the gradient is 0.

    >>> print(logsumexp([10000.0, 10000.0]))
    Tensor(shape=(), dtype=float32, 10000.693)
    """
    x = _as_float(x)
    axes = normalize_axes(axis, x.ndim)
    if not axes:
        return x
    if not math.prod(x.shape[place] for place in axes):
        return apply("log", (sum(x, axes, keepdims),))
    if len(axes) == 1:
        return apply("logsumexp", (x,), axis=axes[0], keepdims=bool(keepdims))
    kept = [place for place in range(x.ndim) if place not in axes]
    shape = [x.shape[place] for place in kept]
    count = math.prod(x.shape[place] for place in axes)
    lines = apply("transpose", (x,), axes=(*kept, *axes)).reshape((*shape, count))
    result = apply("logsumexp", (lines,), axis=len(kept), keepdims=0)
    whole = [1 if place in axes else length for place, length in enumerate(x.shape)]
    return result.reshape(whole) if keepdims else result


def _reduced_shape(x: Tensor, axis: Axes) -> tuple[int, ...]:
    axes = normalize_axes(axis, x.ndim)
    return tuple(length for one, length in enumerate(x.shape) if one not in axes)


def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """Compute the length of vectors, or a norm of matrices.

    Over one axis: (sum |x|^ord)^(1/ord), 2 by default; ord may be infinite or 0 (how many are not
    0). Over two axes: 'fro' (the default), 1 and inf (the largest sum of a column, of a row), -1
    and -inf (the smallest), 2, -2 and 'nuc' (the largest singular value, the smallest, their sum,
    which NumPy finds: not while a program is recorded). The gradient of a norm that is 0 is 0.

    Args:
        x: the numbers.
        ord: which norm.
        axis: over which axis or two axes; None: all, as one vector where `ord` is None.
        keepdims: whether reduced axes stay with length 1.

    Raises:
        ValueError: for an unknown norm, or a number of axes that it is not made for.

    >>> print(norm([3.0, 4.0]))
    Tensor(shape=(), dtype=float32, 5.)
    """
    x = _as_float(x)
    axes = normalize_axes(axis, x.ndim)
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return apply("norm", (x,), axes=axes, keepdims=bool(keepdims))
    if len(axes) == 1 and not isinstance(ord, str):
        return _vector_norm(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (1, -1, math.inf, -math.inf):
        return _matrix_norm(x, ord, axes, keepdims)
    if len(axes) == 2 and ord in (2, -2, "nuc"):
        return _spectral_norm(x, ord, axes, keepdims)
    raise ValueError(
        f"norm: ord={ord!r} over {len(axes)} axes. Over one axis ord is a number; over two it is "
        "'fro', 'nuc', 1, -1, 2, -2, inf or -inf"
    )


def _vector_norm(x: Tensor, ord: float, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    if ord == math.inf:
        return max(absolute(x), axes, keepdims)
    if ord == -math.inf:
        return min(absolute(x), axes, keepdims)
    if ord == 0:
        return sum(cast(x != 0, x.dtype), axes, keepdims)
    if ord == 1:
        return sum(absolute(x), axes, keepdims)
    return _raised(sum(_raised(absolute(x), ord), axes, keepdims), 1.0 / ord)


def _matrix_norm(x: Tensor, ord: float, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """Along a column runs the first of the axes, along a row the second."""
    summed, compared = axes if builtins.abs(ord) == 1 else (axes[1], axes[0])
    sums = sum(absolute(x), summed, keepdims=True)
    extreme = max(sums, compared, True) if ord > 0 else min(sums, compared, True)
    return extreme if keepdims else extreme.reshape(_reduced_shape(x, axes))


def _spectral_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Tensor:
    """Of the singular values: the largest, the smallest, or their sum."""
    from pylego.ops.decompositions import svd  # few norms need it

    kept = [place for place in range(x.ndim) if place not in axes]
    values = svd(apply("transpose", (x,), axes=(*kept, *axes)), compute_uv=False)
    found = {2: max, -2: min, "nuc": sum}[ord](values, -1)
    whole = [1 if place in axes else length for place, length in enumerate(x.shape)]
    return found.reshape(whole) if keepdims else found


def normalize(x: Any, axis: Axes = -1, order: int = 2, epsilon: float | None = None) -> Tensor:
    """Scale to length 1: x / max(norm(x), epsilon). What is all zeros stays so, with gradient 0.

    Args:
        x: the numbers.
        axis: over which axes the length is taken; the last by default.
        order: which norm, 1 or more; see `norm`.
        epsilon: the shortest length that is divided by; `config.epsilon()` by default.

    Raises:
        ValueError: for an order that is not a whole number from 1 on.

    >>> print(normalize([3.0, 4.0]))
    Tensor(shape=(2,), dtype=float32, [0.6 0.8])
    """
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"normalize: order must be 1, 2, 3, ... Received: order={order!r}")
    x = _as_float(x)
    x = x if x.ndim else x.reshape(1)
    shortest = config.epsilon() if epsilon is None else epsilon
    shortest = builtins.max(shortest, 1.0 / dtypes.limits(x.dtype)[1])  # 1 / shortest is finite
    if order == 2:
        return _scaled_to_length_1(x, sum(square(x), axis, keepdims=True), shortest)
    length = norm(x, order, axis, keepdims=True)
    return where(length == 0, x.detach(), x) / maximum(length, shortest)


def _scaled_to_length_1(x: Tensor, squares: Tensor, shortest: float) -> Tensor:
    """x / max(sqrt(squares), shortest), where no gradient passes through the root of a square that
    is next to nothing."""
    is_short = squares <= (shortest / 2) ** 2
    factor = minimum(rsqrt(where(is_short, 1.0, squares)), 1.0 / shortest)
    factor = where(is_short, 1.0 / shortest, factor)
    return where(squares == 0, x.detach(), x) * factor
