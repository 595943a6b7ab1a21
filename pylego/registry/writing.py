"""Describe objects as plain data, in the dictionaries that Keras 3 writes.

{'module': 'keras.layers', 'class_name': 'Dense', 'config': {...}, 'registered_name': None}
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Iterator, Mapping
from types import BuiltinFunctionType, EllipsisType, FunctionType
from typing import Any

import numpy as np

from pylego.core.tensor import Tensor
from pylego.registry import custom, public
from pylego.registry.shown import shown

_PLAIN = (str, int, float, bool, type(None))


class Description(dict):
    """What an object was described by: final, but for the number that shared objects get."""


class _Thread(threading.local):
    # While objects are shared, by id: what was described, its first description, its number.
    shared: dict[int, tuple[Any, Description, int]] | None = None


_thread = _Thread()


def serialize(thing: Any) -> Any:
    """Describe anything that a config may hold; plain data stays what it is.

    Raises:
        TypeError: for what cannot be described.

    >>> serialize({"axis": (1, 2), "index": slice(1, None)})
    {'axis': (1, 2), 'index': {'class_name': '__slice__', 'config': {'start': 1, 'stop': None, \
'step': None}}}
    """
    if isinstance(thing, (*_PLAIN, Description)):
        return thing
    if isinstance(thing, (list, tuple)):
        described = [serialize(item) for item in thing]
        return tuple(described) if isinstance(thing, tuple) else described
    if isinstance(thing, Mapping) and not hasattr(thing, "get_config"):
        return {key: serialize(value) for key, value in thing.items()}
    return describe(thing)


@functools.singledispatch
def describe(thing: Any) -> Any:
    """Describe one object; types that are not described by a config register a form of theirs."""
    if isinstance(thing, type):
        raise TypeError(
            f"The class {thing.__name__} cannot be described, an object of it can: "
            f"{thing.__name__}(...)"
        )
    if not hasattr(thing, "get_config"):
        raise TypeError(
            f"{shown(thing)} of type {type(thing).__name__} cannot be described: its class has no "
            "get_config()"
        )
    module, name, registered = _identity(thing)
    description = Description(
        module=module, class_name=name, config=_config_of(thing), registered_name=registered
    )
    for key in ("build_config", "compile_config"):
        get_config = getattr(thing, f"get_{key}", None)
        config = get_config() if get_config else None
        if config is not None:
            description[key] = serialize(config)
    _note_shared(thing, description)
    return description


@contextlib.contextmanager
def sharing() -> Iterator[None]:
    """Let all descriptions of a layer, or another object with variables, that comes more than once
    bear a number of its own.

    Inside of another such block the outer one counts: numbers are of one description as a whole.
    """
    former = _thread.shared
    _thread.shared = {} if former is None else former
    try:
        yield
    finally:
        _thread.shared = former


def _identity(thing: Any) -> tuple[str | None, str, str | None]:
    """Module, name and registered name of its class: one of Keras's, or one of the user's."""
    known_as = getattr(thing, "_keras_identity", None)  # of a class that stands for another one
    if known_as is not None:
        module, name = known_as
        is_private = module.startswith("keras.src")
        return module, name, name if is_private else None
    cls = type(thing)
    module = public.keras_module(cls)
    if module is not None:
        return module, cls.__name__, None
    module = None if cls.__module__ == "__main__" else cls.__module__
    return module, cls.__name__, custom.name_of(cls)


def _config_of(thing: Any) -> dict[str, Any]:
    config = thing.get_config()
    if not isinstance(config, Mapping):
        raise TypeError(
            f"{type(thing).__name__}.get_config() must return a dictionary. It returned: "
            f"{shown(config)}"
        )
    return serialize(config)


def _has_variables(thing: Any) -> bool:
    """Whether it matters that an object is one: layers, optimizers, metrics, seed generators."""
    return hasattr(type(thing), "variables") or "state" in getattr(thing, "__dict__", ())


def _note_shared(thing: Any, description: Description) -> None:
    if _thread.shared is None or not _has_variables(thing):
        return
    if id(thing) not in _thread.shared:
        number = len(_thread.shared) + 1
        _thread.shared[id(thing)] = thing, description, number  # alive: ids are given again
        return
    _, first, number = _thread.shared[id(thing)]
    first["shared_object_id"] = description["shared_object_id"] = number


@describe.register(FunctionType)
@describe.register(BuiltinFunctionType)
@describe.register(np.ufunc)
def _(function: Any) -> dict[str, Any]:
    if function.__name__ == "<lambda>":
        raise TypeError(
            "A lambda cannot be described by a name: define a function with def, and register it "
            "with @pylego.saving.register_keras_serializable()"
        )
    return {
        "module": "builtins",
        "class_name": "function",
        "config": custom.name_of(function),
        "registered_name": "function",
    }


def _form(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": f"__{name}__", "config": config}


@describe.register
def _(tensor: Tensor) -> dict[str, Any]:
    return _form("tensor", value=tensor.numpy().tolist(), dtype=tensor.dtype)


@describe.register
def _(array: np.ndarray) -> Any:
    if array.ndim == 0:
        return array.item()
    return _form("numpy", value=array.tolist(), dtype=array.dtype.name)


@describe.register
def _(number: np.generic) -> Any:
    return number.item()


@describe.register
def _(dtype: np.dtype) -> str:
    return dtype.name


@describe.register
def _(text: bytes) -> dict[str, Any]:
    try:
        return _form("bytes", value=text.decode())
    except UnicodeDecodeError as error:
        raise TypeError(f"{shown(text)} cannot be described: it is not UTF-8 text") from error


@describe.register
def _(index: slice) -> dict[str, Any]:
    start, stop, step = map(serialize, (index.start, index.stop, index.step))
    return _form("slice", start=start, stop=stop, step=step)


@describe.register
def _(ellipsis: EllipsisType) -> dict[str, Any]:
    return _form("ellipsis")
