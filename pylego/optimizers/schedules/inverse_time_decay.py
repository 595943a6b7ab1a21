"""InverseTimeDecay: the rate is divided by a number that grows evenly."""

from __future__ import annotations

from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule


class InverseTimeDecay(LearningRateSchedule):
    """rate = initial_learning_rate / (1 + decay_rate * step / decay_steps).

    Args:
        initial_learning_rate: the rate of the first step.
        decay_steps: in how many steps the divisor grows by `decay_rate`, above 0.
        decay_rate: that number.
        staircase: whether it changes only then, not in between.
        name: of the schedule.

    >>> round(InverseTimeDecay(0.5, decay_steps=10, decay_rate=0.5)(20).item(), 4)
    0.25
    """

    _rules = rules.of(
        initial_learning_rate=rules.number(0),
        decay_steps=rules.above(0),
        decay_rate=rules.number(0),
        staircase=rules.flag,
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        passed = ops.cast(step, config.floatx()) / self.decay_steps
        passed = ops.floor(passed) if self.staircase else passed
        return self.initial_learning_rate / (1 + self.decay_rate * passed)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }
