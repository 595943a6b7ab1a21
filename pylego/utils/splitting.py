"""Split a data set into two parts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from pylego.construction import explained
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.tree import leaves, map_leaves
from pylego.random import make_default_seed
from pylego.utils.dataset import Dataset


@explained
def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
    preferred_backend: str | None = None,
) -> tuple[Dataset, Dataset]:
    """Split data into a left and a right part, such as for training and for validation.

    Args:
        dataset: an array, or a list, tuple or dictionary of arrays of one length, whose rows are
            the elements; or a dataset, a generator, or another iterable of elements, which are read
            into memory. A dataset of batches is split row by row, and its parts have such batches
            again.
        left_size: the share of the elements that is left, between 0 and 1, or their number; by
            default the rest.
        right_size: the same for those that are right, which are the last ones.
        shuffle: whether the elements are shuffled first.
        seed: of that; one seed gives Keras's order. By default it follows from pylego's global
            seed.
        preferred_backend: accepted for Keras's sake: one kind of data set comes out.

    Returns two datasets of single elements: `left.batch(32)` is what `fit` takes.

    Raises:
        TypeError: for data that cannot be gone through, and sizes that are not numbers.
        ValueError: for no data, arrays of several lengths, and sizes that do not fit.

    >>> left, right = split_dataset((np.arange(5), np.arange(5) * 10), left_size=0.6)
    >>> [(int(x), int(y)) for x, y in right]
    [(3, 30), (4, 40)]
    """
    batch_size = getattr(dataset, "_batch_size", None)
    elements = _elements_of(dataset if batch_size is None else dataset.unbatch())
    count = len(elements)
    if not count:
        raise ValueError("There is no data to split: the data set is empty")
    first, last = _sizes(left_size, right_size, count)
    order = list(range(count))
    if shuffle:
        random.Random(make_default_seed() if seed is None else seed).shuffle(order)
    parts = [Elements(elements, part) for part in (order[:first], order[count - last :])]
    if hasattr(dataset, "class_names"):  # labels mean what they meant
        for part in parts:
            part.class_names = dataset.class_names
    left, right = (p if batch_size is None else p.batch(int(batch_size)) for p in parts)
    return left, right


class Rows(Sequence[Any]):
    """The rows of arrays as elements.

    Args:
        arrays: a structure of arrays of one length.
    """

    def __init__(self, arrays: Any):
        self._arrays = arrays

    def __len__(self) -> int:
        return len(leaves(self._arrays)[0])

    def __getitem__(self, place: Any) -> Any:
        return map_leaves(lambda array: array[place], self._arrays)


class Elements(Dataset):
    """Some of the elements of a sequence, as tensors.

    It has `class_names` where the data have them that it is a part of.

    Args:
        elements: all of them.
        places: of those that are meant, in their order.
    """

    class_names: list[str]

    def __init__(self, elements: Sequence[Any], places: Sequence[int]):
        self._elements = elements
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Any]:
        return (map_leaves(_as_tensor, self._elements[place]) for place in self._places)


def _as_tensor(part: Any) -> Any:
    array = part if isinstance(part, Tensor) else np.asarray(part)
    return array if array.dtype in (object, str) else convert_to_tensor(array)


def _elements_of(data: Any) -> Sequence[Any]:
    is_structure = isinstance(data, (list, tuple, Mapping))
    if is_structure or isinstance(data, (np.ndarray, Tensor)):
        return _rows_of(data)
    if isinstance(data, (str, bytes)) or not _is_gone_through(data):
        raise TypeError(
            "split_dataset takes arrays, a dataset, or another iterable of elements. Received: "
            f"{type(data).__name__}"
        )
    return list(data) if isinstance(data, Iterable) else [data[i] for i in range(len(data))]


def _is_gone_through(data: Any) -> bool:
    is_numbered = hasattr(data, "__getitem__") and hasattr(data, "__len__")
    return isinstance(data, Iterable) or is_numbered


def _rows_of(data: Any) -> Rows:
    arrays = leaves(data)
    if not arrays:
        raise ValueError(f"There is no data to split: an empty {type(data).__name__} came")
    for place, array in enumerate(arrays):
        if not getattr(array, "shape", ()):
            raise ValueError(
                f"A {type(data).__name__} holds arrays, whose rows are the elements. Received: "
                f"{type(array).__name__} at place {place}. Samples in a list are stacked by "
                "np.stack(samples)"
            )
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"The arrays have several lengths: {lengths}")
    return Rows(data)


# ---- sizes ----------------------------------------------------------------------------------


def _sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    """How many elements are left and right."""
    if left is None and right is None:
        raise ValueError("Give left_size, right_size, or both")
    first, last = _size("left_size", left, count), _size("right_size", right, count)
    first = count - last if first is None and last is not None else first
    last = count - first if last is None and first is not None else last
    assert first is not None
    assert last is not None
    both = f"left_size={left} and right_size={right} of {count} elements"
    if first + last > count:
        raise ValueError(f"{both} are more than there are: {first} + {last}")
    if not first or not last:
        raise ValueError(f"{both} leave one side without elements: {first} and {last}")
    return first, last


def _size(name: str, size: Any, count: int) -> int | None:
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, Real):
        raise TypeError(f"{name} is a share or a whole number. Received: {name}={size!r}")
    most = count if isinstance(size, Integral) else 1
    if not 0 < float(size) < most:
        raise ValueError(
            f"{name} is a share between 0 and 1, or a number of elements from 1 to {count - 1}. "
            f"Received: {name}={size!r}"
        )
    return int(size) if isinstance(size, Integral) else round(float(size) * count)
