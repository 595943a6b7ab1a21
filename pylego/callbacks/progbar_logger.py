"""Show training, evaluation and prediction as a progress bar."""

from __future__ import annotations

from typing import Any

from pylego.callbacks.callback import Callback, Logs
from pylego.console import tell
from pylego.utils.progbar import Progbar, is_live


class ProgbarLogger(Callback):
    """Show the progress bar of `fit`, `evaluate` and `predict`; they add it by themselves.

    `verbose=1` draws a bar on a terminal and in notebooks; `verbose=2`, and any output that is a
    file or a pipe, gives one line per epoch. Validation inside `fit` is silent.
    """

    reads_tensors = True
    skips_batches = True

    def __init__(self) -> None:
        self._bar: Progbar | None = None
        self._is_in_fit = False
        self._verbose = 1
        self._epochs = 1
        self._steps: int | None = None
        self._seen = 0

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        verbose = params.get("verbose", 1)
        self._verbose = 1 if verbose == "auto" else int(verbose)
        self._epochs = params.get("epochs", 1)
        self._steps = params.get("steps")

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._is_in_fit = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._is_in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        title = f"Epoch {epoch + 1}/{self._epochs}" if self._epochs > 1 else ""
        is_bar = self._verbose == 1 and is_live()
        if title and is_bar:
            tell(title)
        self._start("" if is_bar or not title else f"{title} - ")

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._finish(logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._is_in_fit:
            self._start()

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if not self._is_in_fit:
            self._update(batch, logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._is_in_fit:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._start()

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._update(batch, None)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(None)

    def close(self) -> None:
        """End a line that was begun; what follows is about something else."""
        self._is_in_fit = False
        if self._bar:
            self._bar.close()

    def _start(self, title: str = "") -> None:
        self._seen = 0
        self._bar = Progbar(self._steps, verbose=self._verbose, stateless_metrics=(), title=title)

    def _update(self, batch: int, logs: Logs | None) -> None:
        self._seen = batch + 1
        # The values are read only when they will be seen: at most a few times a second.
        if self._bar and (batch == 0 or self._bar.is_due()):
            self._bar.update(self._seen, sorted((logs or {}).items()), finalize=False)

    def _finish(self, logs: Logs | None) -> None:
        if self._bar:
            self._bar.target = self._steps or self._seen
            self._bar.update(self._bar.target, (logs or {}).items(), finalize=True)
