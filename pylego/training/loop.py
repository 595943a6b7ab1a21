"""The loop over the batches of an epoch, with callbacks around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego.callbacks import CallbackList
from pylego.training.batch_function import BatchFunction, OutputRows, joined
from pylego.training.epoch_iterator import EpochIterator
from pylego.training.interrupts import KeyboardInterruptGuard


class EpochLoop:
    """Run a function for each batch of an epoch of 'train' or 'test'; prepared for many epochs.

    Callbacks that look at batches are called after each `steps_per_execution` of them. Without any,
    as many batches as take a moment are one call into the engine.

    Args:
        what: 'train' or 'test'.
        batches: of the epochs.
        function: run for each batch.
        calls: the callbacks.
        steps_per_execution: see `compile`.
        is_stopped: whether the epoch ends early.
    """

    def __init__(
        self,
        what: str,
        batches: EpochIterator,
        function: BatchFunction,
        calls: CallbackList,
        steps_per_execution: int,
        is_stopped: Callable[[], bool] = lambda: False,
    ):
        self._batches = batches
        self._function = function
        self._most = steps_per_execution if calls.wants_batches(what) else None
        self._on_begin = calls.hook(f"on_{what}_batch_begin")
        self._on_end = calls.hook(f"on_{what}_batch_end")
        self._is_stopped = is_stopped

    def run(self, interrupts: KeyboardInterruptGuard) -> Any:
        """Run an epoch, or what is left of it.

        Returns what the last batch gave, which holds averages over the epoch; None without batches.
        """
        batches, most = self._batches, self._most
        batches.begin()
        done, logs = batches.done, None
        while not self._is_stopped() and (upcoming := batches.peek(most)) is not None:
            if self._on_begin:
                self._on_begin(done)
            end = None if most is None else done + most
            while upcoming is not None:
                count, logs = interrupts.run(self._function.run_over, upcoming)
                batches.advance(count)
                done += count
                if end is None or done == end:
                    break
                upcoming = batches.peek(end - done)
            if self._on_end:
                self._on_end(done - 1, logs)
        batches.end()
        return logs


def predict_epoch(
    batches: EpochIterator,
    function: BatchFunction,
    calls: CallbackList,
    rows: OutputRows | None,
    steps_per_execution: int,
    is_stopped: Callable[[], bool],
) -> list:
    """Run the function for each batch; return all outputs that did not go into `rows`."""
    done, outputs = 0, []
    batches.begin()
    while not is_stopped() and (upcoming := batches.peek(1 if rows is None else None)) is not None:
        calls.on_predict_batch_begin(done)
        end, found = done + steps_per_execution, []
        while upcoming is not None:
            count, output = function.run_over(upcoming, rows)
            batches.advance(count)
            done += count
            if output is not None:
                found.append(output)
            upcoming = batches.peek(1) if rows is None and done < end else None
        outputs += found
        calls.on_predict_batch_end(done - 1, {"outputs": _of_batches(found)})
    batches.end()
    return outputs


def _of_batches(outputs: list) -> Any:
    """What a callback is told of the outputs of some batches; None where they lie elsewhere."""
    return joined(outputs) if len(outputs) > 1 else next(iter(outputs), None)
