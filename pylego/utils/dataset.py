"""Datasets: elements that can be gone through again and again, and what is made of them.

The methods mean what those of tf.data mean. Nothing is read before somebody goes through a dataset,
and a pass reads no more than it hands on.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from pylego import checks
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.text_array import holds_texts
from pylego.core.tree import map_leaves
from pylego.utils import cardinalities, padded_batches, passes, specs
from pylego.utils.cardinalities import INFINITE, UNKNOWN, of_first, of_some, same
from pylego.utils.interleaving import interleaved
from pylego.utils.shuffling import Shuffled


class Dataset:
    """Elements, such as batches, that can be passed through again and again, and given to `fit`.

    A family defines `__iter__`, which begins a pass, and `__len__`, the number of elements of a
    pass.

    >>> numbers = MappedDataset([1, 2, 3, 4, 5], lambda x: x * 10)
    >>> list(numbers.skip(1).take(2).repeat(2))
    [20, 30, 20, 30]
    """

    _batch_size: int | None = None  # of elements that are batches, where that is known

    def __len__(self) -> int:
        """Return how many elements a pass has; each kind of dataset knows it."""
        raise NotImplementedError(f"{type(self).__name__} must define __len__")

    def __iter__(self) -> Iterator[Any]:
        """Begin a pass; each kind of dataset defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define __iter__")

    def __bool__(self) -> bool:
        return True

    def cardinality(self) -> Tensor:
        """Return the number of elements of a pass; -1 without end, -2 where it is not known."""
        return convert_to_tensor(np.int64(_count(self)))

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of each part of the first element, as `tf.TensorSpec` has them."""
        return map_leaves(specs.of, next(iter(self)))

    def take(self, count: int) -> Dataset:
        """Return the dataset of the first elements of each pass; all of them for -1."""
        count = checks.whole_number("count", count, -1, "take")
        return _Derived(
            self,
            functools.partial(_first, most=count),
            functools.partial(of_first, most=count),
        )

    def skip(self, count: int) -> Dataset:
        """Return the dataset without the first elements of each pass; an empty one for -1."""
        count = checks.whole_number("count", count, -1, "skip")
        return _Derived(
            self,
            functools.partial(_behind, count=count),
            functools.partial(cardinalities.behind, skipped=count),
        )

    def map(
        self,
        function: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: Any = None,
    ) -> Dataset:
        """Return the dataset of what a function makes of each element, anew in each pass.

        Args:
            function: takes an element, or the parts of one that is a tuple: images, or images and
                labels. It returns what `fit` should get.
            num_parallel_calls: accepted for tf.data's sake.
            deterministic: the same.
        """
        return MappedDataset(self, function)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """Return the dataset of the elements for which a function gives truth."""
        return _Derived(self, functools.partial(_chosen, predicate=predicate), of_some)

    def take_while(self, predicate: Callable[..., Any]) -> Dataset:
        """Return the dataset of the elements before the first for which a function gives none."""
        passing = functools.partial(_until, predicate=predicate)
        return _Derived(self, passing, lambda count: UNKNOWN if count else 0)

    def shard(self, num_shards: int, index: int) -> Dataset:
        """Return the dataset of every so many-th element, from the one of that number on."""
        step = checks.whole_number("num_shards", num_shards, 1, "shard")
        first = checks.whole_number("index", index, 0, "shard")
        if first >= step:
            raise ValueError(f"shard: index must be below num_shards={step}. Received: {first}")
        return _Derived(
            self,
            lambda source: itertools.islice(source, first, None, step),
            lambda count: count if count < 0 else len(range(first, count, step)),
        )

    def scan(self, initial_state: Any, scan_func: Callable[[Any, Any], Any]) -> Dataset:
        """Return the dataset of what a function of a state and an element makes, behind the next
        state: `scan_func(state, element)` returns the two."""
        return _Derived(
            self, functools.partial(_scanned, state=initial_state, function=scan_func), same
        )

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any]) -> Any:
        """Return the last state of a pass: `reduce_func(state, element)` returns the next one."""
        found = functools.reduce(reduce_func, self, initial_state)
        return map_leaves(lambda x: x if holds_texts(x) else convert_to_tensor(x), found)

    def get_single_element(self) -> Any:
        """Return the one element.

        Raises:
            ValueError: where there are more, or none.
        """
        first = list(self.take(2))
        if len(first) != 1:
            found = "more" if first else "none"
            raise ValueError(f"get_single_element: one element is wanted, and there are {found}")
        return first[0]

    def batch(
        self,
        batch_size: int,
        drop_remainder: bool = False,
        num_parallel_calls: Any = None,
        deterministic: Any = None,
    ) -> Dataset:
        """Return the dataset of so many elements at a time, stacked along a new first axis.

        Args:
            batch_size: how many elements make a batch.
            drop_remainder: whether a last batch of fewer is left out.
            num_parallel_calls: accepted for tf.data's sake.
            deterministic: the same.
        """
        size = checks.whole_number("batch_size", batch_size, 1, "batch")
        is_whole = bool(drop_remainder)
        batched = _Derived(
            self,
            functools.partial(passes.batches_of, size=size, is_whole=is_whole),
            functools.partial(cardinalities.of_batches, size=size, is_whole=is_whole),
        )
        batched._batch_size = size
        return batched

    def padded_batch(
        self,
        batch_size: int,
        padded_shapes: Any = None,
        padding_values: Any = None,
        drop_remainder: bool = False,
    ) -> Dataset:
        """Return the dataset of so many elements at a time, padded to the longest of each batch.

        Args:
            batch_size: how many elements make a batch.
            padded_shapes: of the structure of an element: shapes to pad to, whose lengths of None
                or -1 are those of the longest; by default all are.
            padding_values: what is put behind: 0, or an empty text, by default.
            drop_remainder: whether a last batch of fewer is left out.
        """
        size = checks.whole_number("batch_size", batch_size, 1, "padded_batch")
        is_whole = bool(drop_remainder)
        batched = _Derived(
            self,
            functools.partial(
                padded_batches.batches,
                size=size,
                shapes=padded_shapes,
                values=padding_values,
                is_whole=is_whole,
            ),
            functools.partial(cardinalities.of_batches, size=size, is_whole=is_whole),
        )
        batched._batch_size = size
        return batched

    def window(
        self, size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False
    ) -> Dataset:
        """Return the dataset of windows, each of which is a dataset of so many elements.

        Args:
            size: how many elements a window has.
            shift: from the start of one window to the next; `size` by default.
            stride: from one element of a window to the next.
            drop_remainder: whether windows of fewer elements, at the end, are left out.
        """
        passing = functools.partial(
            _windows,
            size=checks.whole_number("size", size, 1, "window"),
            shift=checks.whole_number("shift", size if shift is None else shift, 1, "window"),
            stride=checks.whole_number("stride", stride, 1, "window"),
            is_whole=bool(drop_remainder),
        )
        return _Derived(self, passing, of_some)

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """Return the dataset of the elements of datasets, which a function makes of each element.

        Args:
            map_func: takes an element, or the parts of one that is a tuple; returns a dataset.
        """
        return _Derived(self, functools.partial(_flat, function=map_func), of_some)

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: int | None = None,
        block_length: int = 1,
        **options: Any,
    ) -> Dataset:
        """Return the elements of the datasets that a function makes of elements, in turn.

        Args:
            map_func: of an element, returns a dataset.
            cycle_length: from how many they come in turn; 16 by default.
            block_length: how many elements come from one of them, before the next one's turn.
            **options: how fast TensorFlow reads, which says nothing here.
        """
        cycle = checks.whole_number("cycle_length", cycle_length or 16, 1, owner="interleave")
        block = checks.whole_number("block_length", block_length, 1, owner="interleave")
        made = functools.partial(_call, map_func)
        return _Derived(self, lambda source: interleaved(source, made, cycle, block), of_some)

    def rebatch(self, batch_size: int, drop_remainder: bool = False) -> Dataset:
        """Return the dataset of batches of another size."""
        return self.unbatch().batch(batch_size, drop_remainder)

    def unbatch(self) -> Dataset:
        """Return the dataset of the rows of the elements, one by one."""
        return _Derived(self, passes.rows_of, of_some)

    def shuffle(
        self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True
    ) -> Dataset:
        """Return the dataset in random order.

        Each element is drawn from a buffer of the next ones, so the order is wholly random where
        the buffer holds all.

        Args:
            buffer_size: how many elements the buffer holds.
            seed: two datasets with the same seed come in the same orders; by default they follow
                from `utils.set_random_seed`.
            reshuffle_each_iteration: whether each pass has an order of its own.
        """
        size = checks.whole_number("buffer_size", buffer_size, 1, "shuffle")
        return _Derived(self, Shuffled(size, seed, bool(reshuffle_each_iteration)), same)

    def repeat(self, count: int | None = None) -> Dataset:
        """Return the dataset of so many passes, one after the other; None and -1: without end."""
        count = -1 if count is None else checks.whole_number("count", count, -1, "repeat")
        return _Derived(
            self,
            functools.partial(_again, count=count),
            functools.partial(cardinalities.of_repeated, times=count),
        )

    def concatenate(self, dataset: Any) -> Dataset:
        """Return the dataset of these elements and then those of another."""
        return _Derived(
            self,
            functools.partial(_both, second=dataset),
            functools.partial(_count_both, second=dataset),
        )

    def enumerate(self, start: int = 0) -> Dataset:
        """Return the dataset of pairs (number, element)."""
        start = checks.whole_number("start", start, owner="enumerate")
        return _Derived(self, functools.partial(_numbered, start=start), same)

    def cache(self, filename: str | None = None) -> Dataset:
        """Return the dataset that keeps its elements in memory, once a pass went to the end.

        Raises:
            NotImplementedError: for a file to keep them in.
        """
        if filename:
            raise NotImplementedError("cache keeps elements in memory, not in files: cache()")
        return _Derived(self, passes.Kept(), same)

    def prefetch(self, buffer_size: Any = None) -> Dataset:
        """Return the same elements, made by a thread while those before them are used.

        Files are read ahead without it; it hides what `map` does to them behind training. What a
        mapped function draws needs a seed of its own, as layers have: draws from pylego's global
        seed would come in between those of training.

        Args:
            buffer_size: how many elements are made ahead at most; 2 for None and for -1, which
                stands for tf.data's AUTOTUNE; 0 makes none.
        """
        size = -1 if buffer_size is None else checks.whole_number("buffer_size", buffer_size, -1)
        return _Derived(
            self, functools.partial(passes.made_ahead, most=2 if size < 0 else size), same
        )

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Go through the elements as NumPy arrays."""
        return _NumpyIterator(self)


class _NumpyIterator(Iterator):
    """A pass whose elements are NumPy arrays; `next()` gives one, as tf.data's does."""

    def __init__(self, elements: Iterable):
        self._elements = iter(elements)

    def __next__(self) -> Any:
        return map_leaves(lambda x: np.asarray(x)[()], next(self._elements))

    next = __next__


class _Derived(Dataset):
    """What is made of the passes through another dataset.

    Args:
        source: the other one.
        passing: makes a pass of the source.
        counting: makes its number of elements of that of the source.
    """

    def __init__(
        self, source: Any, passing: Callable[[Any], Iterator], counting: Callable[[int], int]
    ):
        self._source = source
        self._passing = passing
        if hasattr(source, "class_names"):  # labels mean what they meant
            self.class_names: list[str] = source.class_names
        self._counting = counting

    def __iter__(self) -> Iterator[Any]:
        return self._passing(self._source)

    def __len__(self) -> int:
        count = self._counting(_count(self._source))
        if count < 0:
            why = "goes on without end" if count == INFINITE else "is not known before a pass"
            raise TypeError(f"This dataset has no length: it {why}")
        return count

    def cardinality(self) -> Tensor:
        return convert_to_tensor(np.int64(self._counting(_count(self._source))))

    def get_training_state(self) -> list[Any]:
        """Return what later orders depend on, for a training that goes on elsewhere."""
        states = []
        for part in (self._source, self._passing):
            ask = getattr(part, "get_training_state", None)
            states.append(ask() if callable(ask) else None)
        return states

    def set_training_state(self, state: list[Any]) -> None:
        """Go on from what `get_training_state` returned."""
        for part, of_part in zip((self._source, self._passing), state):
            if of_part is not None:
                part.set_training_state(of_part)


class MappedDataset(_Derived):
    """What a function makes of the elements of another dataset.

    >>> from pylego.layers import RandomFlip
    >>> flip = RandomFlip("horizontal", seed=1)
    >>> images = MappedDataset([(np.ones((2, 4, 4, 3)), np.arange(2))], lambda x, y: (flip(x), y))
    >>> len(images), next(iter(images))[0].shape
    (1, (2, 4, 4, 3))
    """

    def __init__(self, batches: Any, function: Callable[..., Any]):
        if not callable(function):
            raise TypeError(f"map takes a function of an element. Received: {function!r}")
        super().__init__(batches, functools.partial(_mapped, function=function), same)


# ---- passes ---------------------------------------------------------------------------------


def _call(function: Callable[..., Any], element: Any) -> Any:
    return function(*element) if isinstance(element, tuple) else function(element)


def _mapped(source: Iterable, function: Callable[..., Any]) -> Iterator[Any]:
    for element in source:
        yield _call(function, element)


def _windows(source: Iterable, size: int, shift: int, stride: int, is_whole: bool) -> Iterator[Any]:
    elements = iter(source)
    ahead: list[Any] = []
    length = (size - 1) * stride + 1
    while True:
        ahead += itertools.islice(elements, length - len(ahead))
        if not ahead or (is_whole and len(ahead) < length):
            return
        yield _Derived(ahead[::stride], iter, same)
        missing = shift - len(ahead)
        ahead = ahead[shift:]
        if missing > 0 and len(list(itertools.islice(elements, missing))) < missing:
            return


def _flat(source: Iterable, function: Callable[..., Any]) -> Iterator[Any]:
    for element in source:
        yield from _call(function, element)


def _chosen(source: Iterable, predicate: Callable[..., Any]) -> Iterator[Any]:
    for element in source:
        if np.asarray(_call(predicate, element)).item():
            yield element


def _until(source: Iterable, predicate: Callable[..., Any]) -> Iterator[Any]:
    return itertools.takewhile(lambda x: np.asarray(_call(predicate, x)).item(), source)


def _scanned(source: Iterable, state: Any, function: Callable[[Any, Any], Any]) -> Iterator[Any]:
    for element in source:
        state, made = function(state, element)
        yield made


def _first(source: Iterable, most: int) -> Iterator[Any]:
    return itertools.islice(source, None if most < 0 else most)


def _behind(source: Iterable, count: int) -> Iterator[Any]:
    return iter(()) if count < 0 else itertools.islice(source, count, None)


def _again(source: Iterable, count: int) -> Iterator[Any]:
    for _ in itertools.count() if count < 0 else range(count):
        is_empty = True
        for element in source:
            is_empty = False
            yield element
        if is_empty:
            return


def _both(source: Iterable, second: Iterable) -> Iterator[Any]:
    return itertools.chain(source, second)


def _numbered(source: Iterable, start: int) -> Iterator[Any]:
    return enumerate(source, start)


# ---- numbers of elements --------------------------------------------------------------------


def _count(source: Any) -> int:
    if isinstance(source, _Derived):
        return source._counting(_count(source._source))
    try:
        return len(source)
    except TypeError:
        return UNKNOWN


def _count_both(count: int, second: Any) -> int:
    other = _count(second)
    if INFINITE in (count, other):
        return INFINITE
    return UNKNOWN if UNKNOWN in (count, other) else count + other
