"""The moments of training at which a callback is called."""

from __future__ import annotations

from typing import Any

from pylego.construction import Constructed

Logs = dict[str, Any]


class _ValidationData:
    """What `fit` validates on while it runs: a callback may have an attribute of that name."""

    def __get__(self, callback: Any, owner: type) -> Any:
        return (
            None if callback is None else vars(callback.model or _NO_MODEL).get("validation_data")
        )


class _NoModel:
    """Stands for the model before training."""


_NO_MODEL = _NoModel()


class Callback(Constructed):
    """Do something at moments of training: subclass it and override the hooks you need.

    `model` is the model that trains, `params` a dictionary with `verbose`, `epochs`, `steps`. The
    logs map names such as 'loss' and 'val_accuracy' to numbers. A hook may set
    `self.model.stop_training = True`.

    Hooks of batches cost time at each batch: they are called, and the numbers are read, only where
    a callback overrides them.

    >>> class Loud(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: {logs['loss']:.1f}")
    >>> Loud().on_epoch_end(3, {"loss": 0.25})
    epoch 3: 0.2
    """

    model: Any = None
    validation_data: Any = _ValidationData()
    params: dict[str, Any] | None = None

    # Whether batch logs may come as tensors, because the callback reads them only now and then.
    reads_tensors = False

    # Whether its hooks of batches need not be called for each batch: the last of those that were
    # done in one go is enough.
    skips_batches = False

    # Whether it is called after all other callbacks, also those that `fit` adds.
    comes_last = False

    def set_params(self, params: dict[str, Any]) -> None:
        """Take `verbose`, `epochs` and `steps`."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take the model that trains."""
        self.model = model

    def get_training_state(self) -> dict[str, Any]:
        """Return what the callback would have to know if training went on in another process.

        `BackupAndRestore` stores it: numbers, texts and arrays, in dictionaries and lists.
        """
        return {}

    def set_training_state(self, state: dict[str, Any]) -> None:
        """Take what `get_training_state` returned in the process where training began."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called when `fit` begins."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called when `fit` ends, with the logs of the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch begins; epochs count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called when an epoch ends, after its validation."""

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `fit`; batches count from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `fit`, with averages over the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called when `evaluate` or the validation of an epoch begins."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called when `evaluate` or the validation of an epoch ends, with the results."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `evaluate` or of validation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `evaluate` or of validation."""

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called when `predict` begins."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called when `predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of `predict`."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of `predict`; the logs hold its `outputs`."""
