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
                wrapped[function] = deferring(function, module.__name__)
            names[name] = wrapped[function]


def deferring(function: Callable, module: str) -> Callable:
    """Return the function as the module offers it: calls on placeholders are deferred."""
    op = functools.wraps(function)(_wrapper_of(function))
    op.__module__ = module  # where pickle finds it
    return op


def _wrapper_of(function: Any) -> Callable:
    """A function that hands its arguments on. With the parameters of the other it packs no tuple
    and no dictionary: packing costs as much as a brick on a small tensor."""
    code = function.__code__
    takes_more = code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    if takes_more or code.co_kwonlyargcount:
        return _of_any(function)
    count = code.co_argcount
    op = _maker(count)(function)
    own_names = op.__code__.co_varnames[count:]
    op.__code__ = op.__code__.replace(co_varnames=code.co_varnames[:count] + own_names)
    op.__defaults__ = function.__defaults__
    return op


def _of_any(function: Callable) -> Callable:
    def op(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except PlaceholderError as error:
            placeholder = _placeholder_of(error)
        return placeholder.defer(op, args, kwargs)

    return op


_OF_PARAMETERS = """
def of_parameters(function):
    def op({names}):
        try:
            return function({names})
        except PlaceholderError as error:
            placeholder = _placeholder_of(error)
        args, kwargs = _given(function, [{names}])
        return placeholder.defer(op, args, kwargs)

    return op
"""


@functools.cache
def _maker(count: int) -> Callable:
    """`_of_any` for so many parameters, which the wrapper renames."""
    names = ", ".join(f"x{place}" for place in range(count))
    made: dict[str, Any] = {}
    source = _OF_PARAMETERS.format(names=names)
    exec(compile(source, __file__, "exec"), globals(), made)
    return made["of_parameters"]


def _given(function: Any, values: list) -> tuple[tuple, dict[str, Any]]:
    """The arguments of a call with these values: what is left at its default is left out."""
    defaults = function.__defaults__ or ()
    needed = len(values) - len(defaults)
    names = function.__code__.co_varnames[needed : len(values)]
    by_name = zip(names, values[needed:], defaults)
    named = {name: value for name, value, default in by_name if value is not default}
    return tuple(values[:needed]), named


def _placeholder_of(error: PlaceholderError) -> Placeholder:
    """The placeholder that defers the call; the function that the user has called lets it."""
    if _is_of_ops(sys._getframe(2).f_globals):
        raise error
    return error.placeholder


def _is_of_ops(names: dict[str, Any]) -> bool:
    """Whether these are the names of one of the modules of ops."""
    return f"{names.get('__name__')}.".startswith(f"{__package__}.")
