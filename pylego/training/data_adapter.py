"""Data adapters: each kind of data that `fit` takes, as batches.

`make_adapter` chooses one: arrays, tables and sparse matrices are `RowAdapter`, a `PyDataset` is
`IndexedAdapter`, generators and other iterables are `IterableAdapter`. An `EpochIterator` asks an
adapter for one pass after another.
"""

from __future__ import annotations

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pylego.checks import whole_number
from pylego.training.class_weight import classes_of, warn_of_missing_classes
from pylego.training.data import (
    Batch,
    LazyRows,
    Single,
    is_column,
    is_sparse,
    read_rows,
    some_rows,
    to_batch,
)
from pylego.training.loading import load_batches
from pylego.training.row_adapter import RowAdapter
from pylego.training.row_order import RandomOrder
from pylego.utils.packing import unpack_x_y_sample_weight

DEFAULT_BATCH_SIZE = 32


class BatchPass:
    """One pass through batches that a Python iterator yields.

    Args:
        batches: the iterator.
        data_state: that of the data when the pass began.
        place: returns where the pass is, for `state`; by default the number of batches.
    """

    def __init__(
        self,
        batches: Iterator[Batch],
        data_state: Any = None,
        place: Callable[[], dict] | None = None,
    ):
        self._batches = batches
        self._data_state = data_state
        self._place = place
        self._done = 0
        self._next: Any = None

    def state(self) -> dict[str, Any]:
        """Return where the pass is, between two batches; its adapter resumes there."""
        if self._place is not None:
            return self._place()
        return {"batches": self._done, "data": self._data_state}

    def peek(self, most: int | None = None) -> Batch | None:
        """Return the next batch; None at the end."""
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next

    def advance(self, steps: int) -> None:
        """Move on to the next batch."""
        self._next = None
        self._done += steps


class IterableAdapter:
    """Batches that a generator or another iterable yields: x, (x, y) or (x, y, sample_weight).

    Args:
        iterable: passed through once per epoch; a generator only once in all.
        class_weight: weights of classes, see `fit`.
        is_single: whether the model has one input and one output; or their names.

    Attributes:
        needs_rows: whether a batch without rows is refused. A step on it would move weights by
            momentum and decay alone, and count as one.
        is_aligned: whether all parts of a batch have one row per sample; steps that a model
            writes itself may read what they like.
    """

    needs_rows = False
    is_aligned = True

    def __init__(
        self, iterable: Iterable, class_weight: Any = None, is_single: bool | Single = False
    ):
        self._iterable = iterable
        self._class_weight = class_weight
        self._is_single = is_single
        self._classes: set[int] | None = None if class_weight is None else set()
        self._last: Iterator | None = None  # that a pass goes through
        # Of a pass that was begun for its first batch: the state of the data before, and the batch.
        self._begun: tuple[Any, Any] | None = None

    @property
    def count(self) -> int | None:
        """How many batches a pass has; None where that is not known, or has no end."""
        try:
            return len(self._iterable)  # type: ignore[arg-type]
        except TypeError:
            return None

    @property
    def comes_once(self) -> bool:
        """Whether another pass would be empty."""
        if isinstance(self._iterable, Iterator):
            return True
        if self._last is None or hasattr(self._iterable, "get_training_state"):
            return False  # a pass more would draw an order
        return iter(self._iterable) is self._last

    def first(self) -> Batch:
        """Return the first batch; the first pass goes on behind it, so that it is loaded once."""
        if self._begun is None:
            state, self._last = self.state(), iter(self._iterable)
            try:
                self._begun = state, next(self._last)
            except StopIteration:
                raise ValueError(f"There is no data: {_no_batches_of(self._iterable)}") from None
        return self._read(self._begun[1])

    def begin_epoch(self) -> None:
        """Do nothing: an iterable has no hook for it."""

    def end_epoch(self) -> None:
        """Do nothing: an iterable has no hook for it."""

    def begin_pass(self) -> BatchPass:
        """Begin a pass through the iterable."""
        return self._pass_behind(0)

    def resume_pass(self, state: dict[str, Any]) -> BatchPass:
        """Begin a pass behind the batches that a former one has done.

        What can be gone through only once goes on with what it yields first: nobody knows where
        it is.
        """
        if self.comes_once:
            return self._pass_behind(0)
        self.put_back(state["data"])
        return self._pass_behind(state["batches"])

    def state(self) -> Any:
        """Return the state that the data have of themselves, between two passes."""
        ask = getattr(self._iterable, "get_training_state", None)
        return ask() if callable(ask) else None

    def put_back(self, state: Any) -> None:
        """Let the data take what `state` returned."""
        tell = getattr(self._iterable, "set_training_state", None)
        if callable(tell) and state is not None:
            self._begun = None  # it began in another state
            tell(state)

    def _pass_behind(self, done: int) -> BatchPass:
        data_state, batches = self._begin()
        unread = itertools.islice(self._to_the_end(batches), done, None)
        resumed = BatchPass(map(self._read, unread), data_state)
        resumed.advance(done)
        return resumed

    def _begin(self) -> tuple[Any, Iterator]:
        """Begin a pass, or take the one that was begun; with the state of the data before it."""
        if self._begun is not None and self._last is not None:
            (state, batch), self._begun = self._begun, None
            return state, itertools.chain([batch], self._last)
        state, self._last = self.state(), iter(self._iterable)
        return state, self._last

    def _read(self, batch: Any) -> Batch:
        parts = unpack_x_y_sample_weight(batch)
        rows = read_rows(*parts, self._class_weight, self._is_single, self.is_aligned)
        if self.needs_rows:
            some_rows(rows, "A batch that x yields")
        if self._classes is not None:
            self._classes |= classes_of(rows.y)
        return to_batch(rows)

    def _to_the_end(self, batches: Iterable) -> Iterator[Any]:
        yield from batches
        self._end_pass()

    def _end_pass(self) -> None:
        """Warn of missing classes: only a whole pass shows which there are."""
        if self._classes is not None:
            warn_of_missing_classes(self._class_weight, self._classes)
            self._classes = None


def _no_batches_of(iterable: Any) -> str:
    if isinstance(iterable, Iterator):
        return "x yields no batches; what was gone through once, such as a generator, is empty"
    return "x yields no batches"


class IndexedAdapter(IterableAdapter):
    """Batches by index, as those of a `PyDataset`.

    Args:
        batches: with a length and with `[number]`; or with `num_batches`, None for no end. Where
            they are there, `on_epoch_begin()` and `on_epoch_end()` are called for each epoch, and
            `workers` load ahead.
        is_endless: whether another pass follows the last batch, where steps make an epoch.
        class_weight: weights of classes, see `fit`.
        is_single: whether the model has one input and one output; or their names.
        order: gives the order of the batches for each pass; None leaves them as they are.
    """

    def __init__(
        self,
        batches: Any,
        is_endless: bool,
        class_weight: Any = None,
        is_single: bool | Single = False,
        order: RandomOrder | None = None,
    ):
        super().__init__(batches, class_weight, is_single)
        self._batches = batches
        self._is_endless = is_endless
        self._order = order
        self._is_in_epoch = False
        self._has_ended_pass = False
        # Which order the pass has, and how many batches of it were given.
        self._place: dict[str, Any] = {"order": None, "batches": 0}

    @property
    def count(self) -> int | None:
        """How many batches a pass has; None for no end."""
        return _number_of(self._batches)

    def first(self) -> Batch:
        """Return the first batch; the first epoch begins with that."""
        if self.count == 0:
            raise ValueError("There is no data: x has a length of 0 batches")
        self.begin_epoch()
        return self._read(self._batches[0])

    def begin_epoch(self) -> None:
        """Call `on_epoch_begin`, once per epoch."""
        if not self._is_in_epoch:
            self._call("on_epoch_begin")
        self._is_in_epoch = True

    def end_epoch(self) -> None:
        """Call `on_epoch_end`; an epoch also ends the pass."""
        self._call("on_epoch_end")
        self._is_in_epoch = self._has_ended_pass = False

    def begin_pass(self) -> BatchPass:
        """Begin a pass; an endless one repeats the batches."""
        return self._endless_pass(None)

    def resume_pass(self, state: dict[str, Any]) -> BatchPass:
        """Begin a pass behind the batches that a former one has done, in its order."""
        self._place = dict(state)
        self._has_ended_pass = state["batches"] == self.count
        return self._endless_pass(state)

    def _endless_pass(self, resumed: dict[str, Any] | None) -> BatchPass:
        return BatchPass(map(self._read, self._passes(resumed)), place=lambda: self._place)

    def _passes(self, resumed: dict[str, Any] | None) -> Iterator[Any]:
        if resumed is not None:
            yield from self._one_pass(resumed["order"], resumed["batches"])
        while resumed is None or (self._is_endless and self.count):
            resumed = {}
            if self._has_ended_pass:  # and the epoch goes on
                self._call("on_epoch_end")
                self._has_ended_pass = False
            yield from self._one_pass()

    def _one_pass(self, order_number: int | None = None, done: int = 0) -> Iterator[Any]:
        count = self.count
        numbers: Iterable[int] = itertools.count() if count is None else range(count)
        if count is not None and self._order is not None:
            if order_number is None:
                order_number = self._order.drawn
                numbers = map(int, self._order(count))
            else:
                numbers = map(int, self._order.numbered(order_number, count))
        unread = itertools.islice(numbers, done, None)
        for place, batch in enumerate(load_batches(self._batches, unread), start=done + 1):
            self._has_ended_pass = place == count
            self._place = {"order": order_number, "batches": place}
            yield batch
        self._end_pass()

    def _call(self, moment: str) -> None:
        getattr(self._batches, moment, lambda: None)()


Adapter = RowAdapter | IterableAdapter


def make_adapter(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    steps: int | None = None,
    class_weight: Any = None,
    is_single: bool | Single = False,
    order: RandomOrder | None = None,
) -> Adapter:
    """Return the adapter for the data that the user gave.

    Without a batch size, 32 rows make a batch, or as many as are needed for `steps` batches.

    Raises:
        ValueError: for data that do not fit together, no rows, a batch size below 1, or arguments
            that a generator cannot take.
        TypeError: for what holds no numbers; for a class or a function that was not called.
    """
    _refuse_uncalled(x)
    if yields_batches(x):
        _refuse("x yields whole batches, so it", y=y, sample_weight=sample_weight)
        if batch_size is not None:
            warnings.warn(
                f"x yields whole batches, so batch_size={batch_size} does not count", stacklevel=3
            )
        is_numbered = _is_numbered(x)
        if steps is None and (_number_of(x) is None if is_numbered else _is_endless(x)):
            raise ValueError(
                "The data go on without end, as repeat() makes them: say how many batches make an "
                "epoch, steps_per_epoch in fit, validation_steps, steps in evaluate and predict"
            )
        if is_numbered:
            return IndexedAdapter(x, steps is not None, class_weight, is_single, order)
        return IterableAdapter(x, class_weight, is_single)
    rows = read_rows(x, y, sample_weight, class_weight, is_single)
    if batch_size is None:
        size = -(-len(rows) // whole_number("steps", steps, 1)) if steps else DEFAULT_BATCH_SIZE
    else:
        size = whole_number("batch_size", batch_size, 1)
    return RowAdapter(rows, max(size, 1), order)


def yields_batches(x: Any) -> bool:
    """Return whether x is a generator, a `PyDataset`, or another iterable that is not a table."""
    is_table = (
        isinstance(x, (str, bytes, dict, list, tuple, LazyRows))
        or hasattr(x, "__array__")
        or is_sparse(x)
        or is_column(x)
    )
    return not is_table and (isinstance(x, Iterable) or _is_numbered(x))


def _is_numbered(x: Any) -> bool:
    return hasattr(x, "__getitem__") and (hasattr(x, "__len__") or hasattr(x, "num_batches"))


def _number_of(batches: Any) -> int | None:
    """How many there are; None for no end."""
    return batches.num_batches if hasattr(batches, "num_batches") else len(batches)


def _is_endless(x: Any) -> bool:
    """Return whether a dataset, ours or one of tf.data, says so."""
    cardinality = getattr(x, "cardinality", None)
    return callable(cardinality) and int(cardinality()) == -1


def _refuse_uncalled(x: Any) -> None:
    """Refuse a class, or a function that yields batches, in the place of what it makes."""
    if not callable(x):
        return
    if isinstance(x, type):
        raise TypeError(f"x is the class {x.__name__}; make an object: {x.__name__}(...)")
    if inspect.isroutine(x):
        raise TypeError(f"x is the function {x.__name__}; give what it returns: {x.__name__}(...)")


def _refuse(owner: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(f"{owner} cannot go with the argument {name}")
