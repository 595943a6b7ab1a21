"""Whether a model trains, as Keras 2 asked for it."""

from __future__ import annotations

from typing import Any

from pylego import ops
from pylego.core.scope import training_now

__all__ = ["dropout", "in_test_phase", "in_train_phase", "learning_phase", "set_learning_phase"]


class LearningPhase(int):
    """0 or 1, and a place among the inputs of a `K.function`."""


_phase = LearningPhase(0)


def learning_phase() -> LearningPhase:
    """Return 1 inside of a call that trains, or once it was set; else 0."""
    training = training_now()
    return _phase if training is None else LearningPhase(training)


def set_learning_phase(value: int) -> None:
    """Set what holds where no model says whether it trains: 0 or 1.

    Raises:
        ValueError: for another number.
    """
    if value not in (0, 1):
        raise ValueError(f"The learning phase is 0 or 1. Received: value={value!r}")
    global _phase
    _phase = LearningPhase(value)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `x` in training, else `alt`; each may be a function that returns it."""
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) and not hasattr(chosen, "shape") else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return `alt` in training, else `x`."""
    return in_train_phase(alt, x, training)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Put zeros at random places, and scale the others up: whoever calls it is in training."""
    from pylego import random

    if noise_shape is None:
        return random.dropout(x, level, seed=seed)
    shape = tuple(n if m is None else m for n, m in zip(ops.shape(x), noise_shape))
    return x * random.dropout(ops.ones(shape), level, seed=seed)
