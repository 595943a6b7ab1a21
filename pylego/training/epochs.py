"""Epochs: how many batches there are until the next one begins."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple, Protocol

from pylego.checks import whole_number
from pylego.training.passage import GivenPassage, RowPassage


class Source(Protocol):
    """Where batches come from."""

    @property
    def count(self) -> int | None:
        """How many batches a pass has; None if that is not known."""

    @property
    def comes_once(self) -> bool:
        """Whether the data can be gone through a single time, as a generator can."""

    def begin_epoch(self) -> None:
        """Do what the data want at the beginning of an epoch."""

    def end_epoch(self) -> None:
        """Do what the data want at the end of an epoch."""

    def passage(self) -> RowPassage | GivenPassage:
        """Begin a pass through the data."""


class Arguments(NamedTuple):
    """What the user calls the data, and the number of steps."""

    data: str = "x"
    steps: str = "steps"


USUAL = Arguments()


class Epochs:
    """The batches of one epoch after another.

    Args:
        source: where they come from.
        steps: of an epoch; by default an epoch is one pass through the source. The next epoch goes
            on where the last one ended.
        arguments: names for messages.

    Attributes:
        steps: how many batches an epoch has; None if that is not known.
        number: of the epoch, counted from 1, for messages; None where there is only one.
    """

    def __init__(self, source: Source, steps: int | None = None, arguments: Arguments = USUAL):
        self._source = source
        self._passage: RowPassage | GivenPassage | None = None
        self._wanted = None if steps is None else whole_number("steps", steps, 1)
        self._arguments = arguments
        self._done = 0
        self._done_in_all = 0
        self._has_warned = False
        self.steps = self._wanted or source.count
        self.number: int | None = None

    def begin(self) -> None:
        """Begin the next epoch."""
        self._done = 0
        if self._wanted is None:
            self._passage = None
        self._source.begin_epoch()

    def end(self) -> None:
        """End the epoch."""
        self._source.end_epoch()

    def piece(self, most: int | None = None) -> Any:
        """Look at what comes next: a batch, or a `Stretch` of at most so many; None at the end."""
        if self._wanted is not None:
            left = self._wanted - self._done
            most = left if most is None else min(most, left)
        if most == 0:
            return None
        found = None if self._passage is None else self._passage.piece(most)
        if found is None and self._done == 0:
            self._passage = self._source.passage()
            found = self._passage.piece(most)
        if found is None:
            self._look_for_early_end()
        return found

    def advance(self, steps: int) -> None:
        """Go on by so many batches of the piece."""
        assert self._passage is not None
        self._passage.advance(steps)
        self._done += steps
        self._done_in_all += steps

    def _look_for_early_end(self) -> None:
        """Warn, once, when the data ended before the epoch did."""
        wanted = self._source.count if self._wanted is None else self._wanted
        is_early = self._done < (1 if wanted is None else wanted)
        is_used_up = self._done_in_all > 0 or self._wanted is not None
        if is_early and is_used_up and not self._has_warned:
            self._has_warned = True
            warnings.warn(self._early_end(wanted), stacklevel=2)

    def _early_end(self, wanted: int | None) -> str:
        data = self._arguments.data
        of_epoch = "" if self.number is None else f" of epoch {self.number}"
        came = f"{self._done} batches" if wanted is None else f"{self._done} of {wanted} steps"
        told = f"The data ended after {came}{of_epoch}: {data} gave {self._done_in_all} in all"
        return f"{told}. {self._mended(wanted)}"

    def _mended(self, wanted: int | None) -> str:
        data, steps = self._arguments
        if self._source.comes_once:
            return (
                f"It can be gone through only once, as any generator. Give {data} as data that "
                "begin again with each pass (arrays, a PyDataset, an object whose __iter__ makes a "
                f"new iterator), or let it go on without end (while True, repeat()) and say {steps}"
            )
        if self._wanted is not None:
            most = self._source.count or self._done or 1
            return f"Say {steps}={most}, or give data that go on (repeat())"
        return f"Its length says {wanted}: mend __len__, or what it yields"
