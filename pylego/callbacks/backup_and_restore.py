"""Go on with a training that was interrupted, as if it had not been."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from pylego.callbacks.callback import Callback, Logs
from pylego.callbacks.frequency import SaveFrequency


class BackupAndRestore(Callback):
    """Back training up while it runs, so that the same program goes on after a crash.

    When `fit` begins and there is a backup in the folder, the model, its optimizer, all random
    numbers and the order of rows are as they were when it was written, and training goes on at that
    epoch and batch. What comes out is, bit for bit, what the unbroken training would have given:
    weights, optimizer, and the history of all epochs. Other callbacks go on as well: those of
    pylego know how far they were, and yours do if they define `get_training_state` and
    `set_training_state`; so do data that draw their own random numbers. When `fit` ends, the backup
    is deleted.

    Make the model and call `fit` as before: with the same data, `batch_size` and callbacks. Not
    stored is what nobody can read: the place in a generator, which goes on with what it yields
    first; random numbers of NumPy; and numbers that metrics keep outside of variables, in the
    middle of an epoch.

    Backups are written whole or not at all: whenever the process is killed, there is the old one or
    the new one. Each has checksums; one that is damaged is never used, and never passed over in
    silence.

    Args:
        backup_dir: a folder for the backups of this training alone.
        save_freq: 'epoch' writes one after each epoch, a number after so many batches.
        double_checkpoint: whether the backup before the last one is kept as well. If the last one
            is damaged, training goes on from that, with a warning.
        delete_checkpoint: whether the backups are deleted when `fit` ends.

    Raises:
        ValueError: for no folder and another `save_freq`; in training, for the backup of another
            model, or of other data.
        CorruptFileError: in training, when the backup is damaged and there is no other.
        OSError: in training, where it cannot be written.

    >>> import tempfile
    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> def train(callbacks):
    ...     model = Sequential([Input((1,)), Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     x, y = [[1.0], [2.0]], [[2.0], [4.0]]
    ...     return model.fit(x, y, epochs=4, callbacks=callbacks, verbose=0)
    >>> class PowerCut(Callback):
    ...     def on_epoch_begin(self, epoch, logs=None):
    ...         if epoch == 2:
    ...             raise RuntimeError("no current")
    >>> backup = BackupAndRestore(tempfile.mkdtemp())
    >>> train([backup, PowerCut()])
    Traceback (most recent call last):
    RuntimeError: no current
    >>> train([backup]).epoch
    [0, 1, 2, 3]
    """

    reads_tensors = True
    comes_last = True  # what others did at the same moment is in the backup

    def __init__(
        self,
        backup_dir: str | os.PathLike,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ):
        if not backup_dir:
            raise ValueError("BackupAndRestore needs a folder. Received: an empty backup_dir")
        self.backup_dir = os.fsdecode(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._frequency = SaveFrequency("BackupAndRestore", save_freq)
        if self._frequency.batches is not None:  # else no batch has to wait for a call
            self.on_train_batch_end = self._count  # type: ignore[method-assign]

    @property
    def _backups(self) -> Any:
        # Files know models, and models know callbacks: so files are asked for only when needed.
        return import_module("pylego.saving.backups").Backups(
            self.backup_dir, self.double_checkpoint
        )

    def get_training_state(self) -> dict[str, Any]:
        return self._frequency.state()

    def set_training_state(self, state: dict[str, Any]) -> None:
        self._frequency.put_back(state)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        state = self._backups.restore(self.model)
        if state is not None:
            self.model._progress.put_back(state)

    def _count(self, batch: int, logs: Logs | None = None) -> None:
        if self._frequency.is_due(batch):
            self._backups.write(self.model, self.model._progress.state(logs))

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._frequency.batches is None:
            self._backups.write(self.model, self.model._progress.state(logs))

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.delete_checkpoint:
            self._backups.delete()
