"""Epochs: how many batches there are until the next one begins."""

from __future__ import annotations

import warnings
from typing import Any, Protocol

from pylego.checks import whole_number
from pylego.models.passage import GivenPassage, RowPassage


class Source(Protocol):
    """Where batches come from."""

    count: int | None  # of batches in one pass; None if that is not known

    def passage(self) -> RowPassage | GivenPassage:
        """Begin a pass through the data."""


class Epochs:
    """The batches of one epoch after another.

    Args:
        source: where they come from.
        steps: of an epoch; by default an epoch is one pass through the source. The next epoch goes
            on where the last one ended.
    """

    def __init__(self, source: Source, steps: int | None = None):
        self._source = source
        self._passage: RowPassage | GivenPassage | None = None
        self._wanted = None if steps is None else whole_number("steps", steps, 1)
        self._done = 0
        self.steps = self._wanted or source.count

    def begin(self) -> None:
        """Begin the next epoch."""
        self._done = 0
        if self._wanted is None:
            self._passage = None

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
        if found is None and self._wanted is not None:
            self._warn_of_early_end()
        return found

    def advance(self, steps: int) -> None:
        """Go on by so many batches of the piece."""
        assert self._passage is not None
        self._passage.advance(steps)
        self._done += steps

    def _warn_of_early_end(self) -> None:
        warnings.warn(
            f"The data ended after {self._done} of {self._wanted} steps of the epoch: give more "
            "data, or fewer steps",
            stacklevel=2,
        )
