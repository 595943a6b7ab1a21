"""Stop when a number has stopped getting better."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable
from typing import Any

from pylego import checks
from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.monitoring import check_mode, missing, monitored, should_fall
from pylego.console import tell

STATE = ("wait", "stopped_epoch", "best_epoch", "best", "best_weights")


class EarlyStopping(Callback):
    """Stop training when a monitored number has not improved for a while.

    Args:
        monitor: its name in the logs; 'val_loss' by default.
        min_delta: an improvement of less counts for none; 0 by default.
        patience: how many epochs without improvement are borne; 0 by default.
        verbose: 1 says when it stopped; 0 by default.
        mode: 'min' or 'max' for numbers that should fall or rise; 'auto' knows it of 'loss' and of
            the model's metrics.
        baseline: patience runs until this value is beaten, too; none by default.
        restore_best_weights: whether the model gets the weights of its best epoch back in the end.
        start_from_epoch: earlier epochs are not looked at; 0 by default.

    Raises:
        ValueError: for an unknown mode, or in training when 'auto' cannot tell the direction.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        check_mode("EarlyStopping", mode)
        self.monitor = monitor
        self.min_delta = abs(checks.real_number("min_delta", min_delta, owner="EarlyStopping"))
        self.patience = checks.whole_number("patience", patience, 0, owner="EarlyStopping")
        self.verbose = verbose
        self.mode = mode
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: Any = None
        self._is_better: Callable | None = None
        self._has_warned = False

    def get_training_state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in STATE}

    def set_training_state(self, state: dict[str, Any]) -> None:
        for name in STATE:
            setattr(self, name, state[name])

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        current = self.get_monitor_value(logs)
        if current is None:
            return
        if epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._remember(epoch)  # if nothing ever improves, the first epoch is the best
        self.wait += 1
        if self._improves(current, self.best):
            self.best = current
            self._remember(epoch)
            if self._improves(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.verbose and self.stopped_epoch:
            tell(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is None:
            return
        if self.verbose:
            tell(f"The weights are those of the best epoch again: {self.best_epoch + 1}")
        self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Logs | None) -> Any:
        """Return the monitored number of an epoch; None, with a warning, where there is none.

        Args:
            logs: of the epoch.
        """
        value = monitored("EarlyStopping", self.monitor, logs or {})
        if value is None:
            self._warn(logs or {})
        return value

    def _remember(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()

    def _improves(self, current: float, reference: float | None) -> bool:
        if reference is None:
            return True
        if self._is_better is None:
            falls = should_fall("EarlyStopping", self.monitor, self.mode, self.model)
            self._is_better = operator.lt if falls else operator.gt
        towards = self.min_delta if self._is_better is operator.lt else -self.min_delta
        return self._is_better(current + towards, reference)

    def _warn(self, logs: Logs) -> None:
        if self._has_warned or self.best is not None:  # what was there before is not forgotten
            return
        self._has_warned = True
        warnings.warn(
            f"EarlyStopping watches {self.monitor!r}, {missing(self.monitor, logs)}", stacklevel=2
        )
