"""A block that computes with given numbers for variables and leaves all variables as they are."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import Any

from pylego import config
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable, captured_variables


class _Open(threading.local):
    scope: StatelessScope | None = None


_open = _Open()


class StatelessScope:
    """Compute with values in place of variables: inside the `with` block what is assigned replaces
    the value only, and the variables have their own numbers again after it.

    Gradients reach the values: a tape watches those that it is told to watch. Programs read
    variables where they lie, so inside the block none runs: models and `pylego.function` work in
    Python, brick by brick. The scope is one thread's, and no other thread may use the variables
    meanwhile.

    Args:
        state_mapping: pairs (variable, value), a value of the variable's shape; other variables are
            read as they are.
        collect_losses: whether what layers add with `add_loss` goes to `losses` of the scope, in
            place of those of the layer.
        initialize_variables: says nothing: a variable that is made in the block has its numbers at
            once.

    Raises:
        TypeError: for a pair whose first part is not a variable.
        ValueError: when a value has another shape than its variable.
        RuntimeError: when a scope that is open is opened again, or `add_update` is called outside
            of its block, where it would change the variable itself.

    >>> counter = Variable(0.0)
    >>> with StatelessScope([(counter, 10.0)]) as scope:
    ...     doubled = counter.assign_add(1.0) * 2
    >>> float(doubled), float(scope.get_current_value(counter)), float(counter)
    (22.0, 11.0, 0.0)
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ):
        self.collect_losses = collect_losses
        self.initialize_variables = initialize_variables
        self.losses: list[Any] = []
        self._pairs = [tuple(pair) for pair in state_mapping or ()]
        for pair in self._pairs:
            if len(pair) != 2 or not isinstance(pair[0], Variable):
                raise TypeError(
                    "StatelessScope: state_mapping is a list of pairs (variable, value). Received: "
                    f"{pair!r}"
                )
        self._captured: dict[int, tuple[Variable, Any]] = {}
        self._values: dict[int, tuple[Variable, Tensor]] = {}  # after the block
        self._block = contextlib.ExitStack()
        self._is_open = False

    def __enter__(self) -> StatelessScope:
        if self._is_open:
            raise RuntimeError("This StatelessScope is open: make another one for a block inside")
        self._captured = self._block.enter_context(captured_variables(self._pairs))
        self._block.callback(setattr, _open, "scope", _open.scope)
        self._block.callback(config.run_functions_eagerly, config.functions_run_eagerly())
        config.run_functions_eagerly(True)
        _open.scope, self._is_open = self, True
        self._values = {}
        return self

    def __exit__(self, *error: object) -> None:
        for variable, _own in self._captured.values():
            self._values[id(variable)] = (variable, Tensor(variable._handle))
        self._captured, self._is_open = {}, False
        self._block.close()

    def get_current_value(self, variable: Variable) -> Tensor | None:
        """Return what stands for the variable, or stood at the end of the block; None for one that
        was neither given a value nor assigned to."""
        if id(variable) in self._captured:
            return Tensor(variable._handle)
        return self._values[id(variable)][1] if id(variable) in self._values else None

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Let a value stand for a variable, inside the block: a pair (variable, value)."""
        if not self._is_open:
            raise RuntimeError("add_update is called inside the `with` block of its StatelessScope")
        variable, value = update
        variable.assign(value)

    def add_loss(self, loss: Any) -> None:
        """Add a tensor to `losses`."""
        self.losses.append(loss)


def collecting_scope() -> StatelessScope | None:
    """Return the innermost open scope, when it collects losses."""
    scope = _open.scope
    return scope if scope is not None and scope.collect_losses else None
