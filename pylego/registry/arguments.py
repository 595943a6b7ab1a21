"""Describe an object by the arguments it was made with, where its class does not say more.

A class with an `__init__` of its own, and without a `get_config` that knows it, need not write one.
"""

from __future__ import annotations

import inspect
from typing import Any

from pylego.registry.shown import shown
from pylego.registry.writing import serialize


def needs_recording(cls: Any) -> bool:
    """Return whether the class has an __init__ of its own, but no get_config that knows it."""
    is_known = issubclass(_definer(cls, "get_config"), _definer(cls, "__init__"))
    return cls._keeps_arguments and not is_known


def completed(thing: Any, config: dict[str, Any]) -> dict[str, Any]:
    """Return a base's config with the arguments that the object's own `__init__` was given.

    What that does not take is left out of the config.

    Args:
        thing: which has its arguments in `_init_arguments`.
        config: what the base knows.

    Raises:
        NotImplementedError: for an argument that cannot be described.
    """
    cls = type(thing)
    if not needs_recording(cls):
        return config
    accepted, takes_any = _accepted_arguments(cls)
    known = {k: v for k, v in config.items() if takes_any or k in accepted}
    recorded = _recorded_arguments(cls, *thing._init_arguments)
    return {**known, **{k: v for k, v in recorded.items() if k not in known}}


def _definer(cls: type, method: str) -> type:
    return next(base for base in cls.__mro__ if method in vars(base))


def _accepted_arguments(cls: type) -> tuple[set[str], bool]:
    """Return the names that __init__ takes, and whether it takes any others (**kwargs)."""
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return {p.name for p in parameters}, takes_any


def _recorded_arguments(cls: type, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    bound = inspect.signature(cls.__init__).bind(None, *args, **kwargs)  # type: ignore[misc]
    given = dict(list(bound.arguments.items())[1:])
    for name, parameter in bound.signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            given.pop(name, None)  # on their way to a base class, whose get_config knows them
    return {name: _describe(cls, name, value) for name, value in given.items()}


def _describe(cls: type, name: str, value: Any) -> Any:
    try:
        return serialize(value)
    except TypeError as error:
        raise NotImplementedError(
            f"{cls.__name__} was made with {name}={shown(value)}, which cannot be described by "
            f"itself ({error}): define get_config(self), and from_config(cls, config) where the "
            "argument has to be made again"
        ) from error
