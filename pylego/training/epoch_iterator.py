"""The batches of one epoch after another.

An epoch is one pass through a data adapter, or a given number of steps, which may be part of a
pass or several passes. The iterator warns when the data end before the epoch does.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

from pylego import config
from pylego.checks import whole_number
from pylego.training.data_adapter import Adapter, BatchPass
from pylego.training.row_adapter import RowPass


class Arguments(NamedTuple):
    """The names of the arguments for the data and the number of steps, for messages."""

    data: str = "x"
    steps: str = "steps"


USUAL = Arguments()


class EpochIterator:
    """The batches of one epoch after another.

    Args:
        adapter: gives the batches.
        steps: of an epoch; by default an epoch is one pass through the data. The next epoch goes
            on where the last one ended.
        arguments: names for messages.
        begins_anew: whether each epoch begins with the first batch, also where steps make an epoch.

    Attributes:
        steps: how many batches an epoch has; None if that is not known.
        number: of the epoch, counted from 1, for messages; None where there is only one.
        done: how many batches of the epoch are done.
    """

    def __init__(
        self,
        adapter: Adapter,
        steps: int | None = None,
        arguments: Arguments = USUAL,
        begins_anew: bool = False,
    ):
        self._adapter = adapter
        self._pass: RowPass | BatchPass | None = None
        wanted = None if steps is None else whole_number("steps", steps, 1)
        self._wanted = _limited(wanted, adapter.count)
        # Each epoch, also where `config` cuts it short.
        self._begins_anew = begins_anew or steps is None
        self._arguments = arguments
        self.done = 0
        self._done_in_all = 0
        self._is_resumed = False  # in the middle of the epoch that begins next
        self._has_warned = False
        self.steps = self._wanted or adapter.count
        self.number: int | None = None

    def begin(self) -> None:
        """Begin the next epoch, or go on with the one that was resumed."""
        if not self._is_resumed:
            self.done = 0
            if self._begins_anew:
                self._pass = None
        self._is_resumed = False
        self._adapter.begin_epoch()

    def state(self) -> dict[str, Any]:
        """Return how far it is, between two batches or two epochs."""
        where = None if self._pass is None else self._pass.state()
        done = {"done": self.done, "done_in_all": self._done_in_all}
        return {**done, "pass": where, "data": self._adapter.state()}

    def resume(self, state: dict[str, Any], is_in_epoch: bool) -> None:
        """Go on from what `state` returned, in the middle of an epoch or at its end.

        Raises:
            ValueError: when the data are not those of before.
        """
        self.done, self._done_in_all = state["done"], state["done_in_all"]
        self._is_resumed = is_in_epoch
        goes_on = is_in_epoch or not self._begins_anew
        self._adapter.put_back(state["data"])
        if goes_on and state["pass"] is not None:
            self._pass = self._adapter.resume_pass(state["pass"])

    def end(self) -> None:
        """End the epoch."""
        self._adapter.end_epoch()

    def peek(self, most: int | None = None) -> Any:
        """Return the next batch, or a `BatchRange` of at most so many; None at the end."""
        if self._wanted is not None:
            left = self._wanted - self.done
            most = left if most is None else min(most, left)
        if most == 0:
            return None
        found = None if self._pass is None else self._pass.peek(most)
        if found is None and self.done == 0:
            self._pass = self._adapter.begin_pass()
            found = self._pass.peek(most)
        if found is None:
            self._warn_of_early_end()
        return found

    def advance(self, steps: int) -> None:
        """Move on by so many of the batches that `peek` returned."""
        assert self._pass is not None
        self._pass.advance(steps)
        self.done += steps
        self._done_in_all += steps

    def _warn_of_early_end(self) -> None:
        """Warn, once, when the data ended before the epoch did."""
        wanted = self._adapter.count if self._wanted is None else self._wanted
        is_early = self.done < (1 if wanted is None else wanted)
        is_used_up = self._done_in_all > 0 or self._wanted is not None
        if is_early and is_used_up and not self._has_warned:
            self._has_warned = True
            warnings.warn(self._early_end(wanted), stacklevel=2)

    def _early_end(self, wanted: int | None) -> str:
        data = self._arguments.data
        of_epoch = "" if self.number is None else f" of epoch {self.number}"
        came = f"{self.done} batches" if wanted is None else f"{self.done} of {wanted} steps"
        told = f"The data ended after {came}{of_epoch}: {data} gave {self._done_in_all} in all"
        return f"{told}. {self._mended(wanted)}"

    def _mended(self, wanted: int | None) -> str:
        data, steps = self._arguments
        if self._adapter.comes_once:
            return (
                f"It can be gone through only once, as any generator. Give {data} as data that "
                "begin again with each pass (arrays, a PyDataset, an object whose __iter__ makes a "
                f"new iterator), or let it go on without end (while True, repeat()) and say {steps}"
            )
        if self._wanted is not None:
            most = self._adapter.count or self.done or 1
            return f"Say {steps}={most}, or give data that go on (repeat())"
        return f"Its length says {wanted}: mend __len__, or what it yields"


def _limited(steps: int | None, count: int | None) -> int | None:
    """The steps of an epoch, or those that `config` allows at most."""
    most, planned = config.max_steps_per_epoch(), steps or count
    if most is None or (planned is not None and planned <= most):
        return steps
    warnings.warn(f"Limiting steps_per_epoch to {most}", stacklevel=4)
    return most
