"""PolynomialDecay: from one rate to another, along a power of the time that is left."""

from __future__ import annotations

from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule


class PolynomialDecay(LearningRateSchedule):
    """rate = end + (initial - end) (1 - step / decay_steps)^power, and the end from there on.

    Args:
        initial_learning_rate: the rate of the first step.
        decay_steps: after how many steps the end is reached, above 0.
        end_learning_rate: the last rate.
        power: 1 for a straight line.
        cycle: whether the rate then jumps up again, to go down in ever more steps: until the next
            multiple of decay_steps, counted from step 0.
        name: of the schedule.

    >>> rates = PolynomialDecay(0.5, decay_steps=10, end_learning_rate=0.25)
    >>> [rates(step).item() for step in (0, 5, 10, 15)]
    [0.5, 0.375, 0.25, 0.25]
    """

    _rules = rules.of(
        initial_learning_rate=rules.number(0),
        decay_steps=rules.above(0),
        end_learning_rate=rules.number(0),
        power=rules.number(0),
        cycle=rules.flag,
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        step = ops.cast(step, config.floatx())
        if self.cycle:
            periods = ops.maximum(ops.ceil(step / self.decay_steps), 1.0)
            passed = step / (self.decay_steps * periods)
        else:
            passed = ops.minimum(step, self.decay_steps) / self.decay_steps
        whole = self.initial_learning_rate - self.end_learning_rate
        return whole * ops.power(1 - passed, self.power) + self.end_learning_rate

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
