"""Find the batch at which the loss became nan or infinite."""

from __future__ import annotations

import math
import warnings
from typing import Any

from pylego import ops
from pylego.core.variable import Variable


class LossWatch:
    """Count, with bricks, the batches of an epoch up to which the loss was finite.

    The loss in the logs is an average over the epoch, so it stays nan once it is.
    """

    def __init__(self) -> None:
        self._finite_batches = Variable(0, trainable=False, name="finite_batches")
        self._has_warned = False

    def update(self, logs: dict[str, Any]) -> None:
        """Count a batch by its logs. Bricks count: no number is read, so steps can be recorded."""
        if "loss" in logs:
            is_finite = ops.isfinite(logs["loss"])
            self._finite_batches.assign_add(ops.cast(is_finite, self._finite_batches.dtype))

    def state(self) -> dict[str, Any]:
        """Return what `put_back` takes: the count, and whether a warning was given."""
        return {"finite_batches": int(self._finite_batches), "has_warned": self._has_warned}

    def put_back(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._finite_batches.assign(state["finite_batches"])
        self._has_warned = state["has_warned"]

    def begin_training(self) -> None:
        """Be ready to warn again."""
        self._has_warned = False

    def begin_epoch(self) -> None:
        """Count from zero."""
        self._finite_batches.assign(0)

    def end_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        """Warn, once in a training, when the loss of the epoch is not finite."""
        loss = logs.get("loss", 0.0)
        if math.isfinite(loss) or self._has_warned:
            return
        self._has_warned = True
        warnings.warn(
            f"The loss became {loss} in epoch {epoch + 1}, at batch {int(self._finite_batches)} of "
            "the epoch (batches count from 0). Usual reasons: a learning rate that is too large, "
            "NaN or huge numbers in the data, a logarithm of 0. callbacks.TerminateOnNaN stops "
            "there",
            stacklevel=4,
        )
