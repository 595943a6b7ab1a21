"""Batches by number that several workers may load at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from pylego import checks
from pylego.construction import Constructed


class PyDataset(Constructed):
    """Batches by number: subclass it, and define `__len__` and `__getitem__`.

    `fit`, `evaluate` and `predict` take it. `__getitem__(number)` returns a whole batch: x, (x, y)
    or (x, y, sample_weight). `fit` asks for the batches in random order, unless it is called with
    `shuffle=False`, and each is used once an epoch. Data without end define `num_batches` to return
    None instead of `__len__`; then `steps_per_epoch` says how long an epoch is.

    With workers, batches are loaded ahead while the model trains, and come in the order in which
    they were asked for. Threads wait for files and networks well, and NumPy and Pillow compute in
    several at once; what is computed in Python itself needs processes. A process has a copy of the
    data set: what it changes in it is lost.

    Args:
        workers: how many batches are loaded at once; 1 by default, which loads each when it is
            needed, unless `use_multiprocessing` is set.
        use_multiprocessing: whether workers are processes, not threads; then the data set must be
            picklable.
        max_queue_size: how many batches are loaded ahead at most; 10 by default.

    Raises:
        ValueError: for negative numbers.
        TypeError: for an unknown argument, with the nearest ones.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, number):
    ...         return number * number
    >>> list(Squares(workers=2))
    [0, 1, 4]
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ):
        name = type(self).__name__
        self._workers = checks.whole_number("workers", workers, 0, name)
        self._use_multiprocessing = bool(use_multiprocessing)
        self._max_queue_size = checks.whole_number("max_queue_size", max_queue_size, 0, name)

    # A subclass may forget to call `__init__`: then it has no workers.

    @property
    def workers(self) -> int:
        """How many batches are loaded at once."""
        return getattr(self, "_workers", 1)

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = checks.whole_number("workers", value, 0, type(self).__name__)

    @property
    def use_multiprocessing(self) -> bool:
        """Whether workers are processes."""
        return getattr(self, "_use_multiprocessing", False)

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = bool(value)

    @property
    def max_queue_size(self) -> int:
        """How many batches are loaded ahead at most."""
        return getattr(self, "_max_queue_size", 10)

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        owner = type(self).__name__
        self._max_queue_size = checks.whole_number("max_queue_size", value, 0, owner)

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None for no end."""
        if "num_batches" in vars(self):  # a program of Keras 2 may call what is its own so
            return vars(self)["num_batches"]
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} must define __len__, which returns the number of batches, or "
            "the property num_batches, which may return None"
        )

    @num_batches.setter
    def num_batches(self, count: int | None) -> None:
        vars(self)["num_batches"] = count

    def __getitem__(self, index: int) -> Any:
        """Return the batch of that number; each data set defines it."""
        raise NotImplementedError(
            f"{type(self).__name__} must define __getitem__(self, index), which returns a batch"
        )

    def __iter__(self) -> Iterator[Any]:
        """Go through the batches in order, without workers and, if they are not counted, without
        end."""
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        numbers = itertools.count() if count is None else range(count)
        return (self[number] for number in numbers)

    def on_epoch_begin(self) -> None:
        """Called when an epoch begins: override it where something is to be done then."""

    def on_epoch_end(self) -> None:
        """Called when an epoch ends: override it, to change the order of the rows for instance."""


Sequence = PyDataset  # its name in Keras 2
