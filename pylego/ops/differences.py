"""What lies between neighbours: differences, areas below curves; and how features go together."""

from __future__ import annotations

from typing import Any

from pylego.checks import whole_number
from pylego.core.tensor import Tensor
from pylego.ops.arguments import normalize_axis
from pylego.ops.core import as_floats, convert_to_tensor
from pylego.ops.diagonals import diagonal
from pylego.ops.elementwise import clip, sqrt
from pylego.ops.linear import matmul
from pylego.ops.logic import not_equal
from pylego.ops.reductions import mean, sum
from pylego.ops.shapes import transpose

__all__ = ["corrcoef", "diff", "trapezoid"]


def diff(a: Any, n: int = 1, axis: int = -1) -> Tensor:
    """Subtract from each element the one before it.

    Args:
        a: the numbers; of bools it is told where neighbours differ.
        n: how many times.
        axis: along which; the last by default.

    Raises:
        ValueError: for a tensor without axes, and a negative n.

    >>> print(diff([1, 4, 9, 16]))
    Tensor(shape=(3,), dtype=int32, [3 5 7])
    """
    x = convert_to_tensor(a)
    place = normalize_axis(axis, x.ndim)
    before = (slice(None),) * place
    for _ in range(min(whole_number("diff: n", n, 0), x.shape[place])):  # then nothing is left
        later, earlier = x[(*before, slice(1, None))], x[(*before, slice(None, -1))]
        x = not_equal(later, earlier) if x.dtype == "bool" else later - earlier
    return x


def trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """Compute the area below a curve of straight lines.

    Args:
        y: heights.
        x: at which places they are, of the length of the axis or of the shape of y.
        dx: how far apart they are, where x is None.
        axis: along which; the last by default.

    >>> trapezoid([1.0, 2.0, 3.0]).item()
    4.0
    """
    (y,) = as_floats(y)
    place = normalize_axis(axis, y.ndim)
    before = (slice(None),) * place
    widths: Any = dx
    if x is not None:
        (x,) = as_floats(x)
        widths = diff(x, axis=place if x.ndim > 1 else -1)
        if x.ndim == 1:
            widths = widths.reshape([-1 if one == place else 1 for one in range(y.ndim)])
    heights = y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]
    return sum(heights * widths, axis=place) / 2.0


def corrcoef(x: Any) -> Tensor:
    """Compute Pearson's correlation of variables: how far they go together, from -1 to 1.

    Args:
        x: a row for each variable, a column for each observation, (variables, observations); or
            one variable, (observations,).

    Returns (variables, variables), or one number.

    Raises:
        ValueError: for other shapes.

    >>> corrcoef([[1.0, 2.0, 3.0], [6.0, 4.0, 2.0]]).numpy().round(4).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    (x,) = as_floats(x)
    if x.ndim not in (1, 2):
        raise ValueError(f"corrcoef: (variables, observations) are wanted. Received: {x.shape}")
    rows = x.reshape((-1, x.shape[-1]))
    apart = rows - mean(rows, axis=1, keepdims=True)
    covariance = matmul(apart, transpose(apart))
    lengths = sqrt(diagonal(covariance))
    found = clip(covariance / lengths[:, None] / lengths[None, :], -1.0, 1.0)
    return found if x.ndim == 2 else found.reshape(())
