"""What callbacks ask of a model's learning rates, and how they set them.

A model has one, but for `MultiOptimizer`: each of its optimizers has its own.
"""

from __future__ import annotations

from typing import Any

from pylego.callbacks.callback import Logs


def optimizers_of(model: Any) -> list:
    """Return what has a learning rate."""
    inner = getattr(model.optimizer, "optimizers", None)
    return [model.optimizer] if inner is None else inner


def rate_in_words(model: Any, optimizer: Any) -> str:
    """Return what a message calls the learning rate of one of these optimizers."""
    return "learning rate" if optimizer is model.optimizer else f"learning rate of {optimizer.name}"


def learning_rates_of(model: Any) -> dict[str, float]:
    """Return the learning rates of the next step, by their names in logs."""
    if not hasattr(model.optimizer, "optimizers"):
        return {"learning_rate": float(model.optimizer.learning_rate)}
    return {f"learning_rate_{one.name}": float(one.learning_rate) for one in optimizers_of(model)}


def log_learning_rates(model: Any, logs: Logs | None) -> None:
    """Let the callbacks that follow, the history among them, see them."""
    if logs is not None:
        logs.update(learning_rates_of(model))
