"""How far training is: all that its rest depends on besides weights and optimizer.

Put back in another process, beside the same weights, it gives the bits of the unbroken run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import random
from pylego.callbacks import CallbackList
from pylego.callbacks.callback_list import as_numbers
from pylego.core.variable import Variable, restored_variables
from pylego.training.data import Batch
from pylego.training.epoch_iterator import EpochIterator
from pylego.training.nested_passes import SavedTotals


class Progress:
    """How far a running `fit` is.

    Args:
        model: it trains.
        calls: its callbacks.
        first: returns the first batch of the data.
        batches: of the epochs.
        validation_batches: of the validations, where there are some.

    Attributes:
        epoch: the one that runs or will begin next, counted from 0.
        is_in_epoch: whether it runs: between its first batch and `on_epoch_end`.
        logs: those of the last epoch or batch that is done.
    """

    def __init__(
        self,
        model: Any,
        calls: CallbackList,
        first: Callable[[], Batch],
        batches: EpochIterator,
        validation_batches: EpochIterator | None,
    ):
        self._model = model
        self._calls = calls
        self._first = first
        self._batches = batches
        self._validation_batches = validation_batches
        self._resumed: dict[str, Any] | None = None
        self.epoch = 0
        self.is_in_epoch = False
        self.logs: dict[str, float] = {}

    # ---- what `fit` says and asks ----

    def rest_of(self, plan: range) -> range:
        """Return the epochs that are not done yet."""
        if self._resumed is None:
            return plan
        is_over = self._model.stop_training and not self.is_in_epoch
        return range(0) if is_over else range(self.epoch, plan.stop)

    def begin_epoch(self, epoch: int) -> None:
        """Note that an epoch begins; put the totals back if it was begun by a former process."""
        self.epoch, self.is_in_epoch = epoch, True
        if self._resumed is not None and self._resumed["is_in_epoch"]:
            self._put_back_totals(self._resumed)
        self._resumed = None

    def end_epoch(self) -> None:
        """Note that an epoch ended; `on_epoch_end` comes next."""
        self.epoch, self.is_in_epoch = self.epoch + 1, False

    # ---- to another process ----

    def state(self, logs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the rest of training depends on: numbers, texts and arrays."""
        model, validation = self._model, self._validation_batches
        return {
            "epoch": self.epoch,
            "is_in_epoch": self.is_in_epoch,
            "stop_training": bool(model.stop_training),
            "logs": as_numbers(logs),
            "batches": self._batches.state(),
            "validation_batches": None if validation is None else validation.state(),
            "totals": [variable.numpy() for variable in self._totals()],
            "loss_watch": model._loss_watch.state(),
            "callbacks": self._calls.get_training_state(),
            "row_order": model._row_order.state(),
            "random": random.global_state(),
        }

    def rehearse(self) -> None:
        """Do a step that changes nothing, but makes what a `train_step` of the user's makes late:
        variables of its optimizers, and of layers that only it calls."""
        with restored_variables():
            self._model.train_step(self._first())

    def put_back(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned; called while `fit` begins.

        Raises:
            ValueError: when the data are not those of before.
        """
        model, validation = self._model, self._validation_batches
        model._row_order.put_back(state["row_order"])
        random.set_global_state(state["random"])
        self._batches.resume(state["batches"], state["is_in_epoch"])
        if validation is not None and state["validation_batches"] is not None:
            validation.resume(state["validation_batches"], is_in_epoch=False)
        model._loss_watch.put_back(state["loss_watch"])
        model.stop_training = state["stop_training"]
        self._calls.set_training_state(state["callbacks"])
        self.epoch, self.is_in_epoch = state["epoch"], state["is_in_epoch"]
        self.logs, self._resumed = dict(state["logs"]), state

    def _totals(self) -> list[Variable]:
        return SavedTotals(self._model.metrics).variables

    def _put_back_totals(self, state: dict[str, Any]) -> None:
        totals = self._totals()
        if [total.shape for total in totals] != [numbers.shape for numbers in state["totals"]]:
            raise ValueError(
                f"{self._model.name!r} has other metrics than when the epoch began that training "
                "should go on with: compile it as before"
            )
        for total, numbers in zip(totals, state["totals"]):
            total.assign(numbers)
        self._model._loss_watch.put_back(state["loss_watch"])
