"""PiecewiseConstantDecay: a rate for each stretch of steps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.optimizers.learning_rate_schedule import LearningRateSchedule


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[0] up to and with step boundaries[0], then values[1] up to boundaries[1], and so on.

    Args:
        boundaries: the last step of each value but the last one, rising.
        values: one more than boundaries.
        name: of the schedule.

    Raises:
        ValueError: when their numbers do not fit, there is no boundary, or boundaries do not rise.

    >>> rates = PiecewiseConstantDecay(boundaries=[10, 20], values=[0.5, 0.25, 0.125])
    >>> [rates(step).item() for step in (0, 10, 11, 20, 21)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    _rules = rules.of(boundaries=rules.each(rules.number()), values=rules.each(rules.number(0)))

    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ):
        if len(boundaries) != len(values) - 1 or not boundaries:
            raise ValueError(
                "PiecewiseConstantDecay takes one boundary or more, and one value more than "
                f"boundaries. Received: boundaries={boundaries!r}, values={values!r}"
            )
        if any(later <= former for former, later in itertools.pairwise(boundaries)):
            raise ValueError(
                f"PiecewiseConstantDecay: boundaries must rise. Received: boundaries={boundaries!r}"
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Tensor:
        step = ops.convert_to_tensor(step)
        rate = ops.convert_to_tensor(self.values[-1], config.floatx())
        for boundary, value in zip(reversed(self.boundaries), reversed(self.values[:-1])):
            rate = ops.where(step <= boundary, value, rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
