"""The base of all metrics: totals in variables that grow from batch to batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import config, dtype_policies, engine, names, ops, registry
from pylego.core import dtypes, recording
from pylego.core.owned import once, owned
from pylego.core.stored_variables import StoresVariables
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.metrics.stateless import Stateless
from pylego.versions import Versioned


class Metric(Versioned, StoresVariables, Stateless):
    """A figure that is gathered over batches. Subclass it: `update_state` and `result`.

    Args:
        dtype: of its totals, or a policy with a compute dtype; `config.floatx()` by default.
        name: what logs call it.

    >>> class Largest(Metric):
    ...     def __init__(self, name="largest"):
    ...         super().__init__(name=name)
    ...         self.so_far = self.add_variable((), name="so_far")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.so_far.assign(ops.maximum(self.so_far, ops.max(ops.absolute(y_true - y_pred))))
    ...     def result(self):
    ...         return self.so_far
    >>> largest = Largest()
    >>> float(largest(ops.convert_to_tensor([1.0, 5.0]), ops.convert_to_tensor([2.0, 2.0])))
    3.0
    """

    # Where better is: "up" or "down"; None where nobody can tell.
    _direction: str | None = None

    _set_by_base = "_variables"
    _unversioned = Versioned._unversioned | {"_zeros"}
    _not_copied = frozenset({"_zeros"})

    _zeros: Sequence[Tensor] = ()  # of the variables' shapes and dtypes

    def __init__(self, dtype: Any = None, name: str | None = None):
        self.name = name or names.unique_name(type(self).__name__)
        self.dtype = dtype_policies.get(dtype or config.floatx()).compute_dtype
        self._variables: list[Variable] = []

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        """Take in a batch and return the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    @property
    def variables(self) -> list[Variable]:
        """The totals, and what attributes hold: other variables, and those of other metrics."""
        inner = (variable for metric in owned(self, Metric) for variable in metric.variables)
        return once([*self._variables, *owned(self, Variable), *inner])

    def _stored_variables(self) -> list[Variable]:
        return self._variables

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """Make a total; `reset_state` sets it to zero again.

        Args:
            shape: its shape.
            initializer: what a `Variable` begins with; 'zeros' by default.
            dtype: the metric's own by default.
            aggregation: kept for Keras's sake.
            name: its name below the metric's.
        """
        dtype = dtypes.standardize_dtype(dtype or self.dtype)
        first = (
            np.zeros(shape, engine.MEMORY_DTYPES[dtype])
            if initializer in ("zeros", None)
            else initializer
        )
        variable = Variable(first, shape, dtype, False, aggregation=aggregation, name=name)
        variable.path = f"{self.name}/{variable.name}"
        self._variables = [*self._variables, variable]
        return variable

    def add_weight(
        self,
        shape: str | Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a total, as `add_variable` does: Keras's metrics call it both ways, and Keras 2
        began with the name."""
        if isinstance(shape, str):
            name, shape = shape, ()
        return self.add_variable(shape, initializer, dtype, name=name)

    def reset_state(self) -> None:
        """Start again: set all variables to zero."""
        variables = self.variables
        if [zeros.shape for zeros in self._zeros] != [variable.shape for variable in variables]:
            with recording.paused():
                self._zeros = [ops.zeros_like(variable) for variable in variables]
        for variable, zeros in zip(variables, self._zeros):
            variable.assign(zeros)

    def reset_states(self) -> None:
        """Start again: the name of `reset_state` in Keras 2."""
        names.note_older("reset_states()", "reset_state()")
        self.reset_state()

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch; each metric writes its own."""
        raise NotImplementedError(f"{type(self).__name__} must write update_state(self, ...)")

    def result(self) -> Tensor:
        """Return the figure so far; each metric writes its own."""
        raise NotImplementedError(f"{type(self).__name__} must write result(self)")

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make this metric again."""
        return registry.completed(self, {"name": self.name, "dtype": self.dtype})

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """Make a metric from what `get_config` gave."""
        return cls(**registry.read_arguments(cls, config))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
