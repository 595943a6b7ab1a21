"""Describe a layer by the arguments it was made with, for layers that define no get_config()."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from pylego import registry

_PLAIN = (type(None), bool, int, float, str)
# What `Layer` takes out of its **kwargs.
_FIRST_LAYER = ("input_shape", "input_dim", "batch_input_shape", "batch_size", "weights")


def needs_recording(cls: type) -> bool:
    """Return whether the class has an __init__ of its own, but no get_config that knows it."""
    return not issubclass(_definer(cls, "get_config"), _definer(cls, "__init__"))


def recorded_arguments(cls: type, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that __init__ was called with, by name, as get_config() shows them.

    Raises:
        NotImplementedError: for an argument that is neither plain data nor a part such as a
            regularizer.
    """
    bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)  # type: ignore[misc]
    given = dict(list(bound.arguments.items())[1:])
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            given.pop(name, None)  # on their way to a base class, whose get_config knows them
    return {name: _describe(cls, name, value) for name, value in given.items()}


def accepted_arguments(cls: type) -> tuple[set[str], bool]:
    """Return the names that __init__ takes, and whether it takes any others (**kwargs)."""
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return {p.name for p in parameters}, takes_any


def argument_names(cls: type) -> list[str]:
    """List the names of all arguments that a class and its bases take, for "did you mean"."""
    found: dict[str, None] = {}
    for base in cls.__mro__[:-1]:
        if "__init__" in vars(base):
            parameters = inspect.signature(base.__init__).parameters  # type: ignore[misc]
            found.update(dict.fromkeys(parameters))
    found.update(dict.fromkeys(_FIRST_LAYER))
    return [name for name in found if name not in ("self", "args", "kwargs")]


def _definer(cls: type, method: str) -> type:
    return next(base for base in cls.__mro__ if method in vars(base))


def _describe(cls: type, name: str, value: Any) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return type(value)(_describe(cls, name, item) for item in value)
    if isinstance(value, dict):
        return {key: _describe(cls, name, item) for key, item in value.items()}
    if hasattr(value, "get_config") and not callable(getattr(value, "call", None)):
        return registry.serialize(value)
    raise NotImplementedError(
        f"{cls.__name__} was made with {name}={value!r}, which cannot be described by itself: "
        f"define get_config(self), and from_config(cls, config) where the argument has to be made "
        "again"
    )
