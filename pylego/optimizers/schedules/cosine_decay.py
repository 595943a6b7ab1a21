"""CosineDecay, after a warm-up; and CosineDecayRestarts, which begins again and again."""

from __future__ import annotations

import math
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule


class CosineDecay(LearningRateSchedule):
    """The rate goes down as half a cosine does, and stays at its lowest.

    rate = top * ((1 - alpha) (1 + cos(pi p)) / 2 + alpha), where p = step / decay_steps, and top is
    the initial rate. With a warm-up, it first rises from the initial rate to warmup_target, in a
    straight line; then that is the top, and steps are counted from there (Loshchilov & Hutter,
    arXiv:1608.03983).

    Args:
        initial_learning_rate: the rate of the first step.
        decay_steps: in how many steps the rate goes down, above 0.
        alpha: the share of the top that is left in the end.
        name: of the schedule.
        warmup_target: the rate after the warm-up; None: no warm-up.
        warmup_steps: how many steps the warm-up has.

    >>> rates = CosineDecay(0.0, decay_steps=10, warmup_target=0.5, warmup_steps=4)
    >>> [round(rates(step).item(), 4) for step in (0, 2, 4, 9, 14)]
    [0.0, 0.25, 0.5, 0.25, 0.0]
    """

    _rules = rules.of(
        initial_learning_rate=rules.number(0),
        decay_steps=rules.above(0),
        alpha=rules.number(0, 1),
        warmup_target=rules.optional(rules.number(0)),
        warmup_steps=rules.number(0),
    )

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: int,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ):
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_steps = warmup_steps
        self.warmup_target = warmup_target

    def __call__(self, step: Any) -> Tensor:
        step = ops.cast(step, config.floatx())
        first, target = self.initial_learning_rate, self.warmup_target
        if target is None:
            return first * self._share_left(step)
        falling = target * self._share_left(step - self.warmup_steps)
        if self.warmup_steps <= 0:
            return falling
        rising = (target - first) * (step / self.warmup_steps) + first
        return ops.where(step < self.warmup_steps, rising, falling)

    def _share_left(self, step: Tensor) -> Tensor:
        passed = ops.minimum(step, self.decay_steps) / self.decay_steps
        return _lifted(0.5 * (1 + ops.cos(math.pi * passed)), self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """The rate goes down as half a cosine does, and jumps up again, to go down in longer periods.

    Period i has first_decay_steps * t_mul^i steps, and begins with a top of m_mul^i
    (SGDR: Loshchilov & Hutter, arXiv:1608.03983).

    Args:
        initial_learning_rate: the rate of the first step.
        first_decay_steps: how many steps the first period has, above 0.
        t_mul: how many times longer each period is than the one before.
        m_mul: how many times higher it begins.
        alpha: the least share of the initial rate.
        name: of the schedule.

    >>> rates = CosineDecayRestarts(0.5, first_decay_steps=10)
    >>> [round(rates(step).item(), 4) for step in (0, 5, 10, 20, 30)]
    [0.5, 0.25, 0.5, 0.25, 0.5]
    """

    _rules = rules.of(
        initial_learning_rate=rules.number(0),
        first_decay_steps=rules.above(0),
        t_mul=rules.number(1),
        m_mul=rules.number(0),
        alpha=rules.number(0, 1),
    )

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: int,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ):
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self.alpha = alpha
        self.name = name
        self._t_mul = t_mul
        self._m_mul = m_mul

    def __call__(self, step: Any) -> Tensor:
        period, passed = self._place(ops.cast(step, config.floatx()) / self.first_decay_steps)
        top = ops.power(self._m_mul, period)
        return self.initial_learning_rate * _lifted(
            0.5 * top * (1 + ops.cos(math.pi * passed)), self.alpha
        )

    def _place(self, passed: Tensor) -> tuple[Tensor, Tensor]:
        """The number of the period, and the share of it that has passed.

        The first n periods take (1 - t_mul^n) / (1 - t_mul) times the first one: n is found by a
        logarithm.
        """
        if self._t_mul == 1:
            period = ops.floor(passed)
            return period, passed - period
        growth = 1 - passed * (1 - self._t_mul)
        period = ops.floor(ops.log(growth) / math.log(self._t_mul))
        length = ops.power(self._t_mul, period)
        return period, (passed - (1 - length) / (1 - self._t_mul)) / length

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }


def _lifted(share: Tensor, alpha: float) -> Tensor:
    return (1 - alpha) * share + alpha
