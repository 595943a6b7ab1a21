"""What callbacks ask of a model's learning rate, and how they set it."""

from __future__ import annotations

from typing import Any

from pylego.callbacks.callback import Logs


def learning_rate_of(model: Any) -> float:
    """Return the learning rate of the next step."""
    return float(model.optimizer.learning_rate)


def set_learning_rate(model: Any, rate: float) -> None:
    """Set it for the steps that follow."""
    model.optimizer.learning_rate = rate


def log_learning_rate(model: Any, logs: Logs | None) -> None:
    """Let the callbacks that follow, the history among them, see it."""
    if logs is not None:
        logs["learning_rate"] = learning_rate_of(model)
