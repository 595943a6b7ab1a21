"""What optimizers know of schedules: learning rates that depend on the number of the step."""

from __future__ import annotations

from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.versions import Versioned


class LearningRateSchedule(Versioned):
    """The base of all schedules: define `__call__(step)`, which returns the rate of that step.

    A schedule computes with `pylego.ops`, so that it runs inside of the recorded training step; the
    step is an integer without axes, 0 at first. It is described by the arguments of its `__init__`,
    or by what its `get_config` returns.

    >>> from pylego import ops
    >>> class Halving(LearningRateSchedule):
    ...     def __init__(self, first):
    ...         self.first = first
    ...     def __call__(self, step):
    ...         return self.first * 0.5 ** ops.cast(step, "float32")
    >>> Halving(0.8)(2).item()
    0.20000000298023224
    """

    def __call__(self, step: Any) -> Any:
        """Compute the learning rate of a step: a number, or a tensor without axes."""
        raise NotImplementedError(f"{type(self).__name__} must write __call__(self, step)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make it again."""
        return registry.completed(self, {})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LearningRateSchedule:
        """Make a schedule from what `get_config` returned."""
        return cls(**registry.read_arguments(cls, config))


def one_rate(source: Any, rate: Any) -> Any:
    """Return what a schedule or a function gave as learning rate, which is one number.

    Args:
        source: the schedule or the function.
        rate: what it returned.

    Raises:
        TypeError: where it holds no number.
        ValueError: where it holds several: they would broadcast against the variables.
    """
    if isinstance(rate, (Tensor, Variable)) and rate.shape == ():  # the usual case
        return rate
    name = getattr(source, "__name__", type(source).__name__)
    try:
        number = ops.convert_to_tensor(rate)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"learning_rate: {name} must return a number. Received: {rate!r}"
        ) from error
    if number.size != 1:
        raise ValueError(
            f"learning_rate: {name} must return one number. Received: shape {number.shape}"
        )
    return rate if number.shape == () else ops.reshape(number, ())
