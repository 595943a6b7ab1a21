"""Take smaller steps when a number has stopped getting better."""

from __future__ import annotations

import warnings
from typing import Any

from pylego import checks
from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.learning_rate import log_learning_rates, optimizers_of, rate_in_words
from pylego.callbacks.monitoring import check_mode, missing, monitored, should_fall
from pylego.console import tell
from pylego.names import unknown_argument

STATE = ("wait", "cooldown_counter", "best")


class ReduceLROnPlateau(Callback):
    """Multiply the learning rate by a factor when a number has not improved for a while.

    The logs of each epoch say it as 'learning_rate'.

    Args:
        monitor: its name in the logs; 'val_loss' by default.
        factor: what the learning rate is multiplied by; below 1.
        patience: how many epochs without improvement are borne; 10 by default.
        verbose: 1 prints when it is reduced; 0 by default.
        mode: 'min' or 'max' for numbers that should fall or rise; 'auto' knows it of 'loss' and of
            the model's metrics.
        min_delta: an improvement of less counts for none.
        cooldown: how many epochs after a reduction are not looked at.
        min_lr: the least learning rate.
        **kwargs: `epsilon`, which older programs say for `min_delta`.

    Raises:
        ValueError: for a factor of 1 or more, an unknown mode, or in training when 'auto' cannot
            tell the direction.
        TypeError: for an unknown argument, with the nearest ones.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> model = Sequential([Input((1,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> stuck = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=100.0)
    >>> seen = model.fit([[1.0]], [[2.0]], epochs=5, callbacks=[stuck], verbose=0)
    >>> [round(rate, 4) for rate in seen.history["learning_rate"]]
    [0.01, 0.01, 0.01, 0.005, 0.005]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        **kwargs: Any,
    ):
        min_delta = kwargs.pop("epsilon", min_delta)
        for name in kwargs:
            raise unknown_argument("ReduceLROnPlateau", name, ARGUMENTS)
        check_mode("ReduceLROnPlateau", mode)
        if checks.real_number("factor", factor, 0, owner="ReduceLROnPlateau") >= 1.0:
            raise ValueError(
                f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}"
            )
        self.monitor = monitor
        self.factor = factor
        self.patience = checks.whole_number("patience", patience, 0, owner="ReduceLROnPlateau")
        self.verbose = verbose
        self.mode = mode
        self.min_delta = abs(checks.real_number("min_delta", min_delta, owner="ReduceLROnPlateau"))
        self.cooldown = checks.whole_number("cooldown", cooldown, 0, owner="ReduceLROnPlateau")
        self.min_lr = checks.real_number("min_lr", min_lr, 0, owner="ReduceLROnPlateau")
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.cooldown_counter = 0
        self.best: float | None = None
        self._has_warned = False

    def get_training_state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in STATE}

    def set_training_state(self, state: dict[str, Any]) -> None:
        for name in STATE:
            setattr(self, name, state[name])

    def in_cooldown(self) -> bool:
        """Return whether the last reduction is so recent that epochs are not looked at."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        log_learning_rates(self.model, logs)
        current = monitored("ReduceLROnPlateau", self.monitor, logs or {})
        if current is None:
            self._warn(logs or {})
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_better(current):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and self._reduce(epoch):
                self.cooldown_counter = self.cooldown
                self.wait = 0

    def _is_better(self, current: float) -> bool:
        falls = should_fall("ReduceLROnPlateau", self.monitor, self.mode, self.model)
        if self.best is None:
            return True
        gain = self.best - current if falls else current - self.best
        return gain > self.min_delta

    def _reduce(self, epoch: int) -> bool:
        """Whether a rate was above the least one, and is smaller now."""
        has_reduced = False
        for optimizer in optimizers_of(self.model):
            rate = float(optimizer.learning_rate)
            if rate <= self.min_lr:
                continue
            smaller = max(rate * self.factor, self.min_lr)
            optimizer.learning_rate = smaller
            has_reduced = True
            if self.verbose > 0:
                what = rate_in_words(self.model, optimizer)
                tell(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing {what} to {smaller}.")
        return has_reduced

    def _warn(self, logs: Logs) -> None:
        if self._has_warned or self.best is not None:  # what was there before is not forgotten
            return
        self._has_warned = True
        warnings.warn(
            f"ReduceLROnPlateau watches {self.monitor!r}, {missing(self.monitor, logs)}",
            stacklevel=2,
        )


ARGUMENTS = (
    "monitor",
    "factor",
    "patience",
    "verbose",
    "mode",
    "min_delta",
    "cooldown",
    "min_lr",
    "epsilon",
)
