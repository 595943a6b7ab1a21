"""Calls of ops on placeholders, such as `ops.reshape(Input((28, 28)), (-1, 784))`, are deferred.

A graph is made before there are numbers. Each public function of `pylego.ops` is wrapped: where it
meets a placeholder, the call becomes a node of the graph, and another placeholder comes back. Ops
among themselves defer nothing, so the node is what the user has called.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any

from pylego.core.placeholder import PlaceholderError


def defer_on_placeholders(modules: Sequence[ModuleType]) -> None:
    """Wrap the public functions of the modules; what two of them offer stays one function."""
    wrapped: dict[FunctionType, Callable] = {}
    for module in modules:
        names = vars(module)
        for name, function in list(names.items()):
            if not isinstance(function, FunctionType) or name[0] == "_":
                continue
            if function.__globals__ is names:  # doctest looks for it in the module
                names.setdefault("__test__", {})[name] = function
            if function not in wrapped:
                wrapped[function] = _deferring(function, module.__name__)
            names[name] = wrapped[function]


def _deferring(function: Callable, module: str) -> Callable:
    @functools.wraps(function)
    def op(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except PlaceholderError as error:
            if _is_of_ops(sys._getframe(1).f_globals):
                raise  # the function that the user has called defers the call
            placeholder = error.placeholder
        return placeholder.defer(op, args, kwargs)

    op.__module__ = module  # where pickle finds it
    return op


def _is_of_ops(names: dict[str, Any]) -> bool:
    """Whether these are the names of one of the modules of ops."""
    return f"{names.get('__name__')}.".startswith(f"{__package__}.")
