"""Rows that belong together: what all rows of a segment make together."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from pylego import engine
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.arithmetic import maximum, minimum, multiply
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.scattering import beside, last_of_each

__all__ = ["segment_max", "segment_min", "segment_prod", "segment_sum"]


def segment_sum(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Add up rows by the segment that each belongs to: y[s] = sum of data[i] where ids[i] = s.

    Args:
        data: rows, (N, ...).
        segment_ids: whole numbers of shape (N,), each from 0 to num_segments - 1; rows whose id is
            negative belong to no segment.
        num_segments: how many segments; by default the largest of the ids, plus 1.
        sorted: accepted for Keras's sake: the ids may have any order.

    Shapes: (N, ...) and (N,) give (num_segments, ...).

    Raises:
        IndexError: for an id that is not a segment.
        ValueError: when there are not as many ids as rows.

    >>> print(segment_sum([1.0, 2.0, 3.0], [2, 0, 2], 4))
    Tensor(shape=(4,), dtype=float32, [2. 0. 4. 0.])
    """
    ids, rows = _ids_and_rows("segment_sum", data, segment_ids)
    return _summed(ids, rows, _count(ids, num_segments))


def segment_max(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Find the largest row of each segment, element by element; arguments as for `segment_sum`.

    A segment without rows has the lowest number there is: -infinity for floats.

    >>> print(segment_max([1.0, 2.0, 3.0], [1, 0, 1], 2))
    Tensor(shape=(2,), dtype=float32, [2. 3.])
    """
    return _joined("segment_max", data, segment_ids, num_segments, maximum)


def segment_min(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Find the smallest row of each segment, element by element; arguments as for `segment_sum`.

    A segment without rows has the largest number there is: infinity for floats.

    >>> print(segment_min([1.0, 2.0, 3.0], [1, 0, 1], 2))
    Tensor(shape=(2,), dtype=float32, [2. 1.])
    """
    return _joined("segment_min", data, segment_ids, num_segments, minimum)


def segment_prod(
    data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False
) -> Tensor:
    """Multiply the rows of each segment; arguments as for `segment_sum`.

    A segment without rows has ones.

    >>> print(segment_prod([1.0, 2.0, 3.0], [1, 0, 1], 3))
    Tensor(shape=(3,), dtype=float32, [2. 3. 1.])
    """
    return _joined("segment_prod", data, segment_ids, num_segments, multiply)


def _ids_and_rows(name: str, data: Any, segment_ids: Any) -> tuple[Tensor, Tensor]:
    data, ids = convert_to_tensor(data), convert_to_tensor(segment_ids)
    if ids.ndim != 1 or data.shape[:1] != ids.shape:
        raise ValueError(
            f"{name}: data (N, ...) and segment_ids (N,) are wanted. Received: data {data.shape}, "
            f"segment_ids {ids.shape}"
        )
    return ids, data


def _summed(ids: Tensor, rows: Tensor, count: int) -> Tensor:
    """Sums of the rows of each segment. What belongs to none counts as zeros of the first."""
    if engine.is_recording() or (ids.size and ids.numpy().min() < 0):
        is_of_some = ids >= 0
        rows = where(beside(is_of_some, rows), rows, cast(0, rows.dtype))
        ids = where(is_of_some, ids, cast(0, ids.dtype))
    return apply("scatter_add", (ids, rows), axis=0, size=count)


def _count(ids: Tensor, num_segments: int | None) -> int:
    if num_segments is not None:
        return num_segments
    return int(cast(ids, "int64").numpy().max(initial=-1)) + 1


def _joined(
    name: str, data: Any, segment_ids: Any, num_segments: int | None, join: Callable
) -> Tensor:
    """Rows in the order of their segments are joined pairwise, again and again; the last row of
    each segment stands for all of it then."""
    ids, rows = _ids_and_rows(name, data, segment_ids)
    count = _count(ids, num_segments)
    ids, last, is_last = last_of_each(ids, rows, join)
    sums = _summed(ids, last, count)
    has_rows = _summed(ids, cast(is_last, "int32"), count) > 0
    found = where(beside(has_rows, sums), sums, cast(_of_none(rows.dtype, join), sums.dtype))
    return found if join is multiply else cast(found, rows.dtype)


def _of_none(dtype: str, join: Callable) -> Any:
    """What no rows make together: what changes nothing when it is joined."""
    if join is multiply:
        return 1
    if dtypes.is_float(dtype):
        return math.inf if join is minimum else -math.inf
    if dtype == "bool":
        return join is minimum
    least, most = dtypes.limits(dtype)
    return convert_to_tensor(most if join is minimum else least, dtype)
