"""Stop when the loss is lost."""

from __future__ import annotations

import math

from pylego.callbacks.callback import Callback, Logs
from pylego.console import tell


class TerminateOnNaN(Callback):
    """Stop training when the loss becomes NaN or infinite.

    Args:
        raise_error: raise a `RuntimeError` instead of ending `fit` normally; False by default.

    Raises:
        RuntimeError: in training, if `raise_error` is set.
    """

    def __init__(self, raise_error: bool = False):
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"The loss is {loss} at batch {batch}")
        tell(f"Batch {batch}: the loss is {loss}, training stops")
        self.model.stop_training = True
