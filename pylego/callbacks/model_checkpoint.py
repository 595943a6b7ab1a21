"""Save the model, or its weights, while it trains."""

from __future__ import annotations

import os
import string
import warnings
from typing import Any

from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.callback_list import as_numbers
from pylego.callbacks.figures import Figures
from pylego.callbacks.frequency import SaveFrequency
from pylego.callbacks.monitoring import check_mode, missing, monitored, should_fall
from pylego.console import tell
from pylego.keras_imports import is_as_keras
from pylego.names import unknown_argument

ARGUMENTS = (
    "filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode", "save_freq",
    "initial_value_threshold",
)  # fmt: skip
ENDINGS = (".keras", ".h5")
ENDING_OF_WEIGHTS = ".weights.h5"


class ModelCheckpoint(Callback):
    """Save the model, or its weights, after epochs or after some batches.

    A file is written whole or not at all: after a crash or on a full disk the old one is there. A
    model that `load_model` makes of it goes on with `fit(initial_epoch=...)` as this one would
    have. To go on in the middle of an epoch, use `BackupAndRestore`.

    Args:
        filepath: where to; a path that ends in '.keras' or '.h5', or in '.weights.h5' if only
            weights are saved. Fields are filled in: {epoch}, which counts from 1, {batch} where
            `save_freq` is a number, and what is in the logs: '{epoch:02d}-{val_loss:.2f}.keras'.
        monitor: the number in the logs that says which model is best; 'val_loss' by default.
        verbose: 1 says when files are written; 0 by default.
        save_best_only: whether only a model is saved that is better than all before.
        save_weights_only: whether only weights and the optimizer's state are saved.
        mode: 'min' or 'max' for numbers that should fall or rise; 'auto' knows it of 'loss' and of
            the model's metrics.
        save_freq: 'epoch', or a number of batches; they are counted over epochs.
        initial_value_threshold: only models that are better than this count as best.
        older: `period`, with which Keras 2 said after how many epochs files are written.

    Raises:
        ValueError: for an unknown mode or `save_freq`, and a path with another ending.
        KeyError: in training, for a field of the path that is not in the logs.
        OSError: in training, where the file cannot be written.
    """

    reads_tensors = True  # the numbers are read only when a file is due

    def __init__(
        self,
        filepath: str | os.PathLike,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        **older: Any,
    ):
        self._period = older.pop("period", 1)
        for name in older:
            raise unknown_argument("ModelCheckpoint", name, ARGUMENTS)
        check_mode("ModelCheckpoint", mode)
        self.filepath = _checked_path(filepath, save_weights_only)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.mode = mode
        self.save_freq = save_freq
        self.best = initial_value_threshold
        self._frequency = SaveFrequency("ModelCheckpoint", save_freq)
        self._epoch = 0
        if self._frequency.batches is not None:  # else no batch has to wait for a call
            self.on_train_batch_end = self._count  # type: ignore[method-assign]

    def get_training_state(self) -> dict[str, Any]:
        return {"best": self.best, "frequency": self._frequency.state()}

    def set_training_state(self, state: dict[str, Any]) -> None:
        self.best = state["best"]
        self._frequency.put_back(state["frequency"])

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def _count(self, batch: int, logs: Logs | None = None) -> None:
        if self._frequency.is_due(batch):
            self._save(self._epoch, {"batch": batch + 1, **as_numbers(logs)})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._frequency.batches is None and (epoch + 1) % self._period == 0:
            self._save(epoch, logs or {})

    def _save(self, epoch: int, logs: Logs) -> None:
        path = self._path(epoch, logs)
        if not self._should_save(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise IsADirectoryError(
                "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an "
                f"existing directory: {path}"
            )
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        write = self.model.save_weights if self.save_weights_only else self.model.save
        write(path, overwrite=True)
        self._say(epoch, f"finished saving model to {path}")

    def _path(self, epoch: int, logs: Logs) -> str:
        fields = Figures({"epoch": epoch + 1, **logs})
        try:
            return self.filepath.format_map(fields)
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            kind = KeyError if isinstance(error, KeyError) else ValueError
            raise kind(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}. '
                f"There are {', '.join(fields)}"
            ) from None

    def _should_save(self, epoch: int, logs: Logs, path: str) -> bool:
        if not self.save_best_only:
            self._say(epoch, f"saving model to {path}")
            return True
        current = monitored("ModelCheckpoint", self.monitor, logs)
        if current is None:
            self._warn(logs)
            return True
        best = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_better(current):
            self._say(epoch, f"{self.monitor} did not improve from {best}")
            return False
        improved = f"{self.monitor} improved from {best} to {current:.5f}"
        self._say(epoch, f"{improved}, saving model to {path}")
        self.best = current
        return True

    def _is_better(self, current: float) -> bool:
        falls = should_fall("ModelCheckpoint", self.monitor, self.mode, self.model)
        if self.best is None:
            return True
        return current < self.best if falls else current > self.best

    def _warn(self, logs: Logs) -> None:
        """Say that the number is not there. It may come later, unless nobody knows such a one."""
        why = f"{self.monitor}, {missing(self.monitor, logs)}"
        try:
            should_fall("ModelCheckpoint", self.monitor, self.mode, self.model)
        except ValueError:
            raise ValueError(f"ModelCheckpoint watches {why}") from None
        warnings.warn(
            f"Can save best model only with {why} The model is saved, whether it is the best or "
            "not",
            stacklevel=2,
        )

    def _say(self, epoch: int, what: str) -> None:
        if self.verbose > 0:
            tell(f"\nEpoch {epoch + 1}: {what}")


def _checked_path(filepath: Any, is_of_weights: bool) -> str:
    path = os.fsdecode(filepath)
    try:
        list(string.Formatter().parse(path))
    except ValueError as error:
        raise ValueError(
            f"ModelCheckpoint: the filepath {path!r} is not a pattern: {error}"
        ) from None
    if is_as_keras():  # files write what programs of Keras 1 and 2 name
        return path
    if is_of_weights and not path.endswith(ENDING_OF_WEIGHTS):
        raise ValueError(
            "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must "
            f"end in `.weights.h5` (Keras weights format). Received: filepath={path}"
        )
    if not path.endswith(ENDINGS):
        raise ValueError(
            "The filepath provided must end in `.keras` (Keras model format). Received: "
            f"filepath={path}"
        )
    return path
