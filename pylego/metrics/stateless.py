"""Metrics whose numbers are handed in and out: nothing is changed, as pure functions need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import ops, tree
from pylego.core.tensor import Tensor
from pylego.core.variable import replaced_variables


class Stateless:
    """The part of `Metric` that computes with given numbers in place of its variables."""

    def stateless_update_state(
        self: Any, metric_variables: Sequence[Any], *args: Any, **kwargs: Any
    ) -> list[Tensor]:
        """Return what `update_state` would make of these numbers; the variables stay as they are.

        Args:
            metric_variables: a tensor or array for each of `variables`.
            *args: what `update_state` takes.
            **kwargs: what `update_state` takes by name.

        Raises:
            ValueError: when there are more or fewer of them, or one has another shape.

        >>> from pylego.metrics import Sum
        >>> metric = Sum()
        >>> numbers = metric.stateless_update_state([1.0], [2.0, 3.0])
        >>> float(metric.stateless_result(numbers)), float(metric.result())
        (6.0, 0.0)
        """
        variables = self.variables
        with replaced_variables(variables, metric_variables):
            self.update_state(*args, **kwargs)
            return [Tensor(variable._handle) for variable in variables]

    def stateless_result(self: Any, metric_variables: Sequence[Any]) -> Any:
        """Return what `result` makes of these numbers, a tensor or a dictionary of tensors.

        Args:
            metric_variables: a tensor or array for each of `variables`.

        Raises:
            ValueError: when there are more or fewer of them, or one has another shape.
        """
        with replaced_variables(self.variables, metric_variables):
            return tree.map_structure(_as_it_is, self.result())

    def stateless_reset_state(self: Any) -> list[Tensor]:
        """Return the numbers that a metric begins with, one tensor for each of `variables`."""
        return [ops.zeros_like(variable) for variable in self.variables]


def _as_it_is(x: Any) -> Any:
    """What a result is now, also if it is a variable, whose own numbers will be back."""
    return Tensor(x._handle) if isinstance(x, Tensor) else x
