"""The loop over the batches of an epoch, with callbacks around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego.callbacks import CallbackList
from pylego.training.batch_function import BatchFunction
from pylego.training.epoch_iterator import EpochIterator
from pylego.training.keyboard_interrupt import KeyboardInterruptGuard
from pylego.training.outputs import OutputRows


def run_epoch(
    epochs: EpochIterator,
    function: BatchFunction,
    calls: CallbackList,
    what: str,
    steps_per_execution: int,
    steps: KeyboardInterruptGuard,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Any:
    """Run the function for each batch of an epoch of 'train' or 'test'.

    Callbacks that look at batches are called after each `steps_per_execution` of them. Without any,
    as many batches as take a moment are one call into the engine.

    Returns what the last batch gave, which holds averages over the epoch; None without batches.
    """
    begin, end = getattr(calls, f"on_{what}_batch_begin"), getattr(calls, f"on_{what}_batch_end")
    most = steps_per_execution if calls.wants_batches(what) else None
    done, logs = 0, None
    epochs.begin()
    while not is_stopped() and epochs.peek(most) is not None:
        begin(done)
        count, logs = _run_steps(epochs, function, most, steps)
        done += count
        end(done - 1, logs)
    epochs.end()
    return logs


def _run_steps(
    epochs: EpochIterator,
    function: BatchFunction,
    wanted: int | None,
    steps: KeyboardInterruptGuard,
) -> tuple[int, Any]:
    """Run that many steps, or fewer at the end of an epoch; None: as many as take a moment."""
    done, logs = 0, None
    while (batches := epochs.peek(None if wanted is None else wanted - done)) is not None:
        count, logs = steps.run(function.run_over, batches)
        epochs.advance(count)
        done += count
        if wanted is None or done == wanted:
            break
    return done, logs


def predict_epoch(
    epochs: EpochIterator, function: BatchFunction, calls: CallbackList, rows: OutputRows | None
) -> list:
    """Run the function for each batch; return all outputs that did not go into `rows`."""
    done, outputs = 0, []
    epochs.begin()
    while (batches := epochs.peek(1 if rows is None else None)) is not None:
        calls.on_predict_batch_begin(done)
        count, output = function.run_over(batches, rows)
        epochs.advance(count)
        done += count
        if output is not None:
            outputs.append(output)
        calls.on_predict_batch_end(done - 1, {"outputs": output})
    epochs.end()
    return outputs
