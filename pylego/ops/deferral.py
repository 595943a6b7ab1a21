"""Calls of ops on placeholders, such as `ops.reshape(Input((28, 28)), (-1, 784))`, are deferred.

A graph is made before there are numbers. Each public function of `pylego.ops` is wrapped: where it
meets a placeholder, the call becomes a node of the graph, and another placeholder comes back. Ops
among themselves defer nothing, so the node is what the user has called.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from types import FunctionType, ModuleType
from typing import Any

from pylego.core.placeholder import Placeholder, PlaceholderError


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
    op = functools.wraps(function)(_wrapper_of(function))
    op.__module__ = module  # where pickle finds it
    return op


def _wrapper_of(function: Any) -> Callable:
    """A function that packs no tuple and no dictionary, where few arguments are all that it takes:
    packing costs as much as adding two small tensors."""
    code = function.__code__
    count = code.co_argcount
    takes_more = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    if takes_more or code.co_kwonlyargcount or function.__defaults__ or count not in _OF_FEW:
        return _of_any(function)
    op = _OF_FEW[count](function)
    own_names = op.__code__.co_varnames[count:]
    op.__code__ = op.__code__.replace(co_varnames=code.co_varnames[:count] + own_names)
    return op


def _of_any(function: Callable) -> Callable:
    def op(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except PlaceholderError as error:
            placeholder = _placeholder_of(error)
        return placeholder.defer(op, args, kwargs)

    return op


def _of_one(function: Callable) -> Any:
    def op(x: Any) -> Any:
        try:
            return function(x)
        except PlaceholderError as error:
            placeholder = _placeholder_of(error)
        return placeholder.defer(op, (x,), {})

    return op


def _of_two(function: Callable) -> Any:
    def op(x: Any, y: Any) -> Any:
        try:
            return function(x, y)
        except PlaceholderError as error:
            placeholder = _placeholder_of(error)
        return placeholder.defer(op, (x, y), {})

    return op


_OF_FEW: dict[int, Callable[[Callable], Any]] = {1: _of_one, 2: _of_two}


def _placeholder_of(error: PlaceholderError) -> Placeholder:
    """The placeholder that defers the call; the function that the user has called lets it."""
    if _is_of_ops(sys._getframe(2).f_globals):
        raise error
    return error.placeholder


def _is_of_ops(names: dict[str, Any]) -> bool:
    """Whether these are the names of one of the modules of ops."""
    return f"{names.get('__name__')}.".startswith(f"{__package__}.")
