"""Set the learning rate at the beginning of each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from pylego import checks
from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.learning_rate import log_learning_rates, optimizers_of, rate_in_words
from pylego.console import tell


class LearningRateScheduler(Callback):
    """Ask a function for the learning rate before each epoch.

    The logs of each epoch say it as 'learning_rate'.

    Args:
        schedule: a function of the epoch, which counts from 0, and of the learning rate so far; it
            returns the new one. One of the epoch alone, as Keras 1 had it, is fine, too.
        verbose: 1 prints each new learning rate; 0 by default.

    Raises:
        TypeError: for a schedule that cannot be called.
        ValueError: in training, when the schedule returns no number.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> model = Sequential([Input((1,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> halve = LearningRateScheduler(lambda epoch, lr: lr / 2 if epoch else lr)
    >>> seen = model.fit([[1.0]], [[2.0]], epochs=3, callbacks=[halve], verbose=0)
    >>> [round(rate, 4) for rate in seen.history["learning_rate"]]
    [0.01, 0.005, 0.0025]
    """

    def __init__(self, schedule: Callable, verbose: int = 0):
        if not callable(schedule):
            raise TypeError(
                "LearningRateScheduler: schedule is a function of the epoch and the learning rate. "
                f"Received: schedule={schedule!r}"
            )
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        for optimizer in optimizers_of(self.model):
            rate = self._scheduled(epoch, float(optimizer.learning_rate))
            optimizer.learning_rate = rate
            if self.verbose > 0:
                what = rate_in_words(self.model, optimizer)
                tell(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {what} to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        log_learning_rates(self.model, logs)

    def _scheduled(self, epoch: int, rate: float) -> float:
        answer = self.schedule(epoch, rate) if self._takes_rate() else self.schedule(epoch)
        try:
            number: Any = float(answer)
        except (TypeError, ValueError):
            number = answer
        return checks.real_number(
            "what the schedule returns", number, 0, owner="LearningRateScheduler"
        )

    def _takes_rate(self) -> bool:
        """Whether two arguments fit. Functions that cannot be inspected are taken to be so."""
        try:
            inspect.signature(self.schedule).bind(0, 0.1)
        except TypeError:
            return False
        except ValueError:
            return True
        return True
