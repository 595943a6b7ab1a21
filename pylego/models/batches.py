"""Batches, one epoch after another: rows in a seeded random order, or what a generator yields."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import Any

import numpy as np

from pylego import random
from pylego.checks import whole_number
from pylego.models.data import DEFAULT_BATCH_SIZE, Batch, Rows, read_rows, to_batch
from pylego.models.passage import Columns, GivenPassage, RowPassage
from pylego.random import SeedGenerator
from pylego.utils.packing import unpack_x_y_sample_weight


class RandomOrder:
    """Another order of the rows at each call; which ones follows from pylego's global seed."""

    def __init__(self) -> None:
        self._seed: SeedGenerator | _FirstSeed = _FirstSeed()

    def __call__(self, count: int) -> np.ndarray:
        """Return the numbers 0 ... count - 1 in the next order."""
        if isinstance(self._seed, _FirstSeed):  # only now: a seed set before training counts
            self._seed = SeedGenerator(self._seed.known())
        return random.permutation(count, self._seed)


class _FirstSeed:
    """The seed that a `RandomOrder` will begin with: the global seed says it then.

    A copy begins with what the original would have begun with when it was copied, so that both
    train alike; unless the global seed is set once more.
    """

    def __init__(self, seed: int | None = None):
        self._seed = seed
        self._times_seeded = random.times_seeded()

    def known(self) -> int | None:
        """Return the seed; None where the global seed decides."""
        return self._seed if self._times_seeded == random.times_seeded() else None

    def __reduce__(self) -> tuple:
        seed = self.known()
        return _FirstSeed, (random.next_default_seed() if seed is None else seed,)


class RowBatches:
    """Batches of rows: the last one may be smaller.

    Args:
        rows: inputs, targets, weights.
        batch_size: how many rows make a batch.
        order: gives the order of the rows for each pass; None leaves them as they are.
    """

    def __init__(self, rows: Rows, batch_size: int, order: Callable | None = None):
        self.rows = rows
        self._columns = Columns(rows)
        self._batch_size = batch_size
        self._order = order
        # No rows are a batch, too: what comes out of a model for them has a shape.
        self.count: int | None = max(1, -(-len(rows) // batch_size))

    @property
    def batch_size(self) -> int:
        """How many rows make a batch."""
        return self._batch_size

    def first(self) -> Batch:
        """Return the first rows as a batch."""
        return to_batch(self.rows.take(slice(self._batch_size)))

    def passage(self) -> RowPassage:
        """Begin a pass through all rows."""
        order = self._order(len(self.rows)) if self._order else None
        return RowPassage(self._columns, self._batch_size, order)


class GivenBatches:
    """Batches that a generator or another iterable yields: x, (x, y) or (x, y, sample_weight).

    Args:
        iterable: passed through once per epoch; a generator only once in all.
        class_weight: weights of classes, see `fit`.
    """

    def __init__(self, iterable: Iterable, class_weight: Any = None):
        self._iterable = iterable
        self._class_weight = class_weight
        self.count: int | None = len(iterable) if isinstance(iterable, Sized) else None

    def first(self) -> Batch:
        """Return the first batch; that of a generator is kept for later."""
        iterator = iter(self._iterable)
        try:
            batch = next(iterator)
        except StopIteration:
            raise ValueError("There is no data: x yields no batches") from None
        if iterator is self._iterable:
            self._iterable = itertools.chain([batch], iterator)
        return self._read(batch)

    def passage(self) -> GivenPassage:
        """Begin a pass through what the iterable yields."""
        return GivenPassage(map(self._read, self._iterable))

    def _read(self, batch: Any) -> Batch:
        return to_batch(read_rows(*unpack_x_y_sample_weight(batch), self._class_weight))


class NumberedBatches:
    """Batches that are asked for by number, as those of a `PyDataset` are.

    Args:
        batches: with a length and with `[number]`; `on_epoch_end()`, where it is there, is called
            after each pass.
        is_endless: whether another pass follows the last batch, where steps make an epoch.
    """

    def __init__(self, batches: Any, is_endless: bool):
        self._batches = batches
        self._is_endless = is_endless

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        while len(self):
            for number in range(len(self)):
                yield self._batches[number]
            getattr(self._batches, "on_epoch_end", lambda: None)()
            if not self._is_endless:
                return


def source_of(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    steps: int | None = None,
    class_weight: Any = None,
    order: Callable | None = None,
) -> RowBatches | GivenBatches:
    """Return the batches of whatever the user trains on.

    Without a batch size, 32 rows make a batch, or as many as are needed for `steps` batches.

    Raises:
        ValueError: for data that do not fit together, no rows, a batch size below 1, or arguments
            that a generator cannot take.
        TypeError: for what holds no numbers.
    """
    if yields_batches(x):
        _refuse("x yields whole batches, so it", y=y, sample_weight=sample_weight)
        _refuse("x yields whole batches, so it", batch_size=batch_size)
        batches = NumberedBatches(x, steps is not None) if _is_numbered(x) else x
        return GivenBatches(batches, class_weight)
    rows = read_rows(x, y, sample_weight, class_weight)
    if batch_size is None:
        size = -(-len(rows) // whole_number("steps", steps, 1)) if steps else DEFAULT_BATCH_SIZE
    else:
        size = whole_number("batch_size", batch_size, 1)
    return RowBatches(rows, max(size, 1), order)


def yields_batches(x: Any) -> bool:
    """Return whether x is a generator, a `PyDataset`, or another iterable that is no table."""
    is_table = isinstance(x, (str, bytes, dict, list, tuple)) or hasattr(x, "__array__")
    return not is_table and (isinstance(x, Iterable) or _is_numbered(x))


def _is_numbered(x: Any) -> bool:
    return hasattr(x, "__getitem__") and hasattr(x, "__len__")


def _refuse(owner: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(f"{owner} cannot go with the argument {name}")
