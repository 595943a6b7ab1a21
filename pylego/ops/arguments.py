"""What axes and shapes may be written as, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pylego import checks
from pylego.engine import MAX_RANK, is_shape

Axes = int | Sequence[int] | None

_ALL_AXES = [tuple(range(rank)) for rank in range(MAX_RANK + 1)]  # by rank


def normalize_axis(axis: int, rank: int) -> int:
    """Return the axis counted from the front.

    Raises:
        TypeError: when it is not a whole number.
        ValueError: when a tensor of that rank has no such axis.

    >>> normalize_axis(-1, 3)
    2
    """
    if type(axis) is int and -rank <= axis < rank:  # the usual case, on the fast path
        return axis % rank
    place = checks.whole_number("axis", axis)
    if not -rank <= place < rank:
        raise ValueError(f"axis {axis} is out of bounds for a tensor of {rank} axes")
    return place % rank


def normalize_axes(axis: Axes, rank: int) -> tuple[int, ...]:
    """Return the axes counted from the front; None means all of them.

    Raises:
        ValueError: when there is no such axis, or one is named twice.

    >>> normalize_axes((0, -1), 3)
    (0, 2)
    """
    if axis is None:
        return _ALL_AXES[rank]
    if type(axis) is int:  # the usual case, on the fast path
        return (normalize_axis(axis, rank),)
    if not isinstance(axis, (list, tuple)):
        return (normalize_axis(axis, rank),)  # type: ignore[arg-type]
    axes = tuple([normalize_axis(one, rank) for one in axis])
    if len(set(axes)) < len(axes):
        raise ValueError(f"axis={axis} names an axis twice")
    return axes


def is_one_axis(axis: Axes) -> bool:
    """Return whether the axis is a number, and not None or several.

    >>> is_one_axis(-1), is_one_axis([0, 1]), is_one_axis(None)
    (True, False, False)
    """
    if type(axis) is int:  # the usual case, on the fast path
        return True
    return hasattr(axis, "__index__") and not getattr(axis, "shape", ())


def shape_tuple(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple; a single number is a shape of one axis.

    Raises:
        TypeError: for anything but whole numbers.

    >>> shape_tuple(3), shape_tuple([2, 3])
    ((3,), (2, 3))
    """
    if is_shape(shape):
        return shape  # the usual case, on the fast path; the engine refuses what is too large
    if type(shape) is int:
        return (checks.whole_number("a length of the shape", shape),)
    if hasattr(shape, "__index__") and not getattr(shape, "shape", ()):
        shape = (shape,)
    if isinstance(shape, str) or not isinstance(shape, Iterable):
        raise TypeError(f"a shape is a number or several, such as (2, 3). Received: {shape!r}")
    return tuple(checks.whole_number("a length of the shape", length) for length in shape)
