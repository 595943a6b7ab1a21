"""Indexing by arrays: what x[...] means where its key holds more than integers and slices.

A key of integers, slices, `...` and None gives a view of x (csrc/keys.c). Here the other items are
understood first: NumPy's integers become plain ones, masks become the places where they are true.
Then `x[key]` with a whole slice in place of each array is such a view, and the brick `take` reads
it at the arrays.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np


def read(apply: Callable, x: Any, key: Any) -> Any:
    """Return x[key] for a key of any kind."""
    items = _expand(key if isinstance(key, tuple) else (key,), x.ndim)
    _check_masks(items, x.shape)
    view = x[tuple(item if _is_plain(item) else slice(None) for item in items)]
    kept = [item for item in items if not isinstance(item, int)]  # an axis of the view for each
    arrays = [(axis, _array_of(item)) for axis, item in enumerate(kept) if not _is_plain(item)]
    return _take(apply, view, arrays) if arrays else view


def _is_array(item: Any) -> bool:
    return isinstance(item, (list, np.ndarray)) or hasattr(item, "__array__")


_PLAIN = frozenset({int, slice, type(None)})


def _is_plain(item: Any) -> bool:
    return type(item) in _PLAIN


def _plain(item: Any) -> Any:
    """NumPy numbers and tensors without axes are integers; lists are arrays; masks are places."""
    if type(item) in _PLAIN or item is Ellipsis:
        return item
    if isinstance(item, (bool, np.bool_)):
        raise TypeError(f"{item} is not an index: 1 and 0 are, and x[None] inserts an axis")
    if isinstance(item, int):  # of a class below it
        return operator.index(item)
    if not _is_array(item):
        raise TypeError(f"Tensors are indexed by integers, slices, ..., None and arrays: {item!r}")
    array = np.asarray(item)
    if array.dtype == bool:
        return array
    if array.size == 0 and isinstance(item, list):
        return array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise TypeError(f"Tensors are indexed by integers, not by {array.dtype}: {item!r}")
    if array.ndim == 0:
        return int(array)
    return item if hasattr(item, "_handle") else array


def _axes_of(item: Any) -> int:
    """How many axes of x an item other than `...` speaks of."""
    if item is None:
        return 0
    return item.ndim if isinstance(item, np.ndarray) and item.dtype == bool else 1


def _expand(key: tuple, rank: int) -> list:
    """Spell out `...` and the axes that the key leaves unsaid, so that each axis has an item."""
    items: list = []
    place = None  # of the ellipsis
    named = 0  # how many axes the others name
    for item in key:
        item = _plain(item)
        if item is Ellipsis:
            if place is not None:
                raise IndexError("an index can hold only one '...'")
            place = len(items)
            continue
        items.append(item)
        named += _axes_of(item)
    missing = rank - named
    if missing < 0:
        raise IndexError(f"{named} indices for a tensor of {rank} axes")
    place = len(items) if place is None else place
    items[place:place] = [slice(None)] * missing
    return [places for item in items for places in _mask_to_places(item)]


def _mask_to_places(item: Any) -> list:
    if isinstance(item, np.ndarray) and item.dtype == bool:
        return [_Masked(array, item.shape[axis]) for axis, array in enumerate(np.nonzero(item))]
    return [item]


class _Masked:
    """The places along one axis where a mask is true, and the length that the mask expects."""

    def __init__(self, places: np.ndarray, size: int):
        self.places = places
        self.size = size


def _check_masks(items: list, shape: tuple[int, ...]) -> None:
    named = [item for item in items if item is not None]
    for axis, (item, size) in enumerate(zip(named, shape)):
        if isinstance(item, _Masked) and item.size != size:
            raise IndexError(f"the mask has {item.size} values for axis {axis} with size {size}")


def _array_of(item: Any) -> Any:
    return item.places if isinstance(item, _Masked) else item


def _take(apply: Callable, x: Any, arrays: list) -> Any:
    """Take rows by one array, or single elements by several arrays for neighbouring axes."""
    first = arrays[0][0]
    if [axis for axis, _ in arrays] != list(range(first, first + len(arrays))):
        raise IndexError("arrays of indices must stand side by side: use ops.take for the others")
    lengths = x.shape[first : first + len(arrays)]
    flat = _whole(arrays[0][1], lengths[0])
    for (_, array), length in zip(arrays[1:], lengths[1:]):
        flat = flat * length + _whole(array, length)
    if len(arrays) > 1:
        merged = int(np.prod(lengths))
        shape = (*x.shape[:first], merged, *x.shape[first + len(arrays) :])
        x = apply("reshape", (x,), shape=shape)
    return apply("take", (x, flat), axis=first)


def _whole(array: Any, length: int) -> Any:
    """The array with negative indices counted from the end, refused where they do not fit."""
    numbers = np.asarray(array).astype(np.int64)
    bad = numbers[(numbers < -length) | (numbers >= length)]
    if bad.size:
        raise IndexError(f"index {bad.flat[0]} is out of bounds for an axis of size {length}")
    return np.where(numbers < 0, numbers + length, numbers)
