"""What callbacks ask of a model's learning rates, and how they set them.

A model has one, but for `MultiOptimizer`: each of its optimizers has its own.
"""

from __future__ import annotations

from typing import Any

from pylego.callbacks.callback import Logs


def optimizers_of(model: Any) -> dict[str, Any]:
    """Return what has a learning rate, by the name that logs give this rate."""
    inner = getattr(model.optimizer, "optimizers", None)
    if inner is None:
        return {"learning_rate": model.optimizer}
    return {f"learning_rate_{optimizer.name}": optimizer for optimizer in inner}


def rate_in_words(model: Any, optimizer: Any) -> str:
    """Return what a message calls the learning rate of one of these optimizers."""
    return "learning rate" if optimizer is model.optimizer else f"learning rate of {optimizer.name}"


def learning_rates_of(model: Any) -> dict[str, float]:
    """Return the learning rates of the next step, by their names in logs."""
    return {name: float(one.learning_rate) for name, one in optimizers_of(model).items()}


def log_learning_rates(model: Any, logs: Logs | None) -> None:
    """Let the callbacks that follow, the history among them, see them."""
    if logs is not None:
        logs.update(learning_rates_of(model))
