"""Make objects again of their descriptions, which may come from a file that nobody vouches for.

A name in a description means one of pylego's own public classes and functions, or one of the user's
custom objects; no module is imported and no attribute is fetched because a description names it.
What is wrong with a description is said in one ValueError or TypeError.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import config as pylego_config, names
from pylego.core.tensor import convert_to_tensor
from pylego.registry import custom, lambdas, public
from pylego.registry.arguments import needs_recording
from pylego.registry.limits import (
    check_extent,
    class_names_in,
    memory_of_machine,
    weights_within,
)
from pylego.registry.shown import shown

_PLAIN = (str, int, float, bool, type(None))
# What goes wrong in a class that was given arguments it never expected.
_ACCIDENTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError)


@dataclass(frozen=True)
class TensorReference:
    """A symbolic tensor in a description: which output of which call of which layer it is."""

    shape: Any
    dtype: Any
    history: Any  # [name of the layer, number of the call, number of the output]


class UnknownNameError(ValueError):
    """A description names what nobody knows: neither pylego, nor the user's custom objects."""


UnknownNameError.__module__ = "builtins"
UnknownNameError.__name__ = UnknownNameError.__qualname__ = "ValueError"


class _Thread(threading.local):
    whole: Any = None  # the outermost description that is being read
    is_reading = False
    is_safe = True
    shared: dict[Any, Any]


_thread = _Thread()


def deserialize(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool | None = None,
    kind: str | None = None,
    table: Mapping[str, Any] | None = None,
) -> Any:
    """Make again what `serialize` has described.

    Args:
        config: a description, plain data, or lists and dictionaries of them.
        custom_objects: {name: class or function} of the user's own.
        safe_mode: whether code in a description is refused; it is, unless the outermost call says
            False, or `pylego.config.enable_unsafe_deserialization()` was called.
        kind: what is wanted, for messages: 'loss'. Only a description of an object will do then.
        table: classes and functions of that kind by name; by default the module that a description
            names says where its class is looked for.

    Raises:
        TypeError: for what is not a description.
        ValueError: for unknown names, and what the named class does not accept.
    """
    with reading(config, custom_objects, safe_mode):
        if isinstance(config, str):  # older files describe a function by its name alone
            own = custom.find(config)
            return config if own is None else own
        if kind is None:
            return _read(config)
        if not isinstance(config, Mapping) or "class_name" not in config:
            raise ValueError(
                f"The {kind} must be described by 'class_name' and 'config'. Received: "
                f"{shown(config)}"
            )
        return _read_object(config, kind, table)


@contextlib.contextmanager
def reading(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool | None = None,
) -> Iterator[None]:
    """Read parts of a description inside of the `with` block: it is checked as a whole, once.

    Raises:
        ValueError: when it is nested too deeply.
    """
    if custom_objects is not None and not isinstance(custom_objects, Mapping):
        raise TypeError(
            "custom_objects is a dictionary {name: class or function}. Received: "
            f"{shown(custom_objects)}"
        )
    if _thread.is_reading:
        with custom.scope(custom_objects):
            yield
        return
    check_extent(config)
    _thread.is_reading, _thread.whole, _thread.shared = True, config, {}
    _thread.is_safe = pylego_config.refuses_code() and safe_mode is not False
    try:
        with custom.scope(custom_objects), weights_within(memory_of_machine()):
            yield
    except RecursionError:
        raise ValueError("A description has objects inside of objects, too deep to read") from None
    finally:
        _thread.is_reading, _thread.whole, _thread.shared = False, None, {}
        _thread.is_safe = True


def read_parts(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a class, with objects in place of their descriptions."""
    with reading(config):
        return {key: _read(value) for key, value in config.items()}


def read_arguments(cls: type, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of a class. One whose arguments were recorded gets objects, any other
    reads its own."""
    return read_parts(config) if needs_recording(cls) else config


def is_safe() -> bool:
    """Return whether code in the description that is being read is refused."""
    return _thread.is_safe if _thread.is_reading else pylego_config.refuses_code()


def is_reading_safely() -> bool:
    """Return whether a description is being read that may not ask for code or files."""
    return _thread.is_reading and _thread.is_safe


def _read(config: Any) -> Any:
    if isinstance(config, _PLAIN):
        return config
    if isinstance(config, (list, tuple)):
        return [_read(item) for item in config]
    if not isinstance(config, Mapping):
        raise TypeError(
            f"A description is made of plain data. Received: {shown(config)} of type "
            f"{type(config).__name__}"
        )
    if "class_name" not in config or "config" not in config:
        return {key: _read(value) for key, value in config.items()}
    return _read_object(config)


def _read_object(
    config: Mapping[str, Any], kind: str | None = None, table: Mapping[str, Any] | None = None
) -> Any:
    name = config["class_name"]
    if not isinstance(name, str):
        raise TypeError(f"'class_name' must be the name of a class. Received: {shown(name)}")
    settings = config.get("config")
    if name in _FORMS and table is None:
        return _read_form(name, settings)
    if name == "function":
        return _function(config, table)
    number = config.get("shared_object_id")
    is_shared = isinstance(number, (int, str))
    if is_shared and number in _thread.shared:
        return _thread.shared[number]
    made = _make(_class(config, kind, table), settings, config)
    if is_shared:
        _thread.shared[number] = made
    return made


# ---- classes and functions by name ----


def _class(config: Mapping[str, Any], kind: str | None, table: Mapping[str, Any] | None) -> Any:
    """The class that a description names: one of the user's, then one of pylego's."""
    name, module = config["class_name"], config.get("module")
    if not isinstance(module, (str, type(None))):
        raise TypeError(f"'module' must be the name of a module. Received: {shown(module)}")
    is_ours = "module" not in config or public.is_of_keras(module)
    own = custom.find(config.get("registered_name"))
    if own is None and not public.is_of_keras(module):  # what Keras calls its own is its own
        own = custom.find(name)
    if own is not None:
        return own
    if is_ours and table is not None and name in table:
        return table[name]
    is_open = table is None or kind == "activation"  # layers serve as activations, too
    found = public.find_class(module, name) if is_ours and is_open else None
    if found is None:
        raise _unknown(config, kind or public.kind_of(module), table)
    return found


def _unknown(config: Mapping[str, Any], kind: str, table: Mapping[str, Any] | None) -> ValueError:
    """The error for a class that nobody knows: what it may have meant, and how to tell."""
    name, module = config["class_name"], config.get("module")
    candidates = [*custom.known_names()]
    where = f" The description says that it is of {shown(module)}." if module else ""
    if "module" not in config or public.is_of_keras(module):
        candidates += table if table is not None else public.class_names(module)
        where = ""
    error = names.unknown(kind, name, candidates)
    others = [
        other
        for other, described in class_names_in(_thread.whole).items()
        if other != name
        and custom.find(other, described.get("registered_name")) is None
        and public.find_class(None, other) is None
    ]
    also = f" Unknown besides: {', '.join(map(shown, others[:10]))}." if others else ""
    return UnknownNameError(
        f"{error}{where}{also} A class of your own is found when it is decorated with "
        "@pylego.saving.register_keras_serializable(), or given as "
        f"custom_objects={{{shown(name)}: ...}}"
    )


def _function(config: Mapping[str, Any], table: Mapping[str, Any] | None) -> Any:
    name = config.get("config")
    if not isinstance(name, str):
        raise TypeError(f"A function is described by its name. Received: {shown(name)}")
    found = custom.find(name, config.get("registered_name"))
    if found is None and table is not None and name in table:
        found = table[name]
    if found is None:
        found = public.find_function(name)
    if found is None:
        raise UnknownNameError(
            f"{names.unknown('function', name, custom.known_names())} A function of your own is "
            "found when it is decorated with @pylego.saving.register_keras_serializable(), or "
            f"given as custom_objects={{{shown(name)}: ...}}"
        )
    return found


# ---- making ----


def _make(part: Any, settings: Any, config: Mapping[str, Any]) -> Any:
    if not isinstance(part, type):
        return part
    settings = {} if settings is None else settings
    if not isinstance(settings, Mapping) or not all(isinstance(key, str) for key in settings):
        raise TypeError(
            f"{part.__name__} is described by a dictionary of its arguments. Received: "
            f"config={shown(settings)}"
        )
    from_config: Callable = getattr(part, "from_config", None) or (lambda given: part(**given))
    with _explaining(part.__name__, settings):
        made = from_config({**settings})
        build_config = config.get("build_config")
        if build_config and hasattr(made, "build_from_config") and not made.built:
            made.build_from_config(build_config)
        compile_config = config.get("compile_config")
        if compile_config and hasattr(made, "compile_from_config"):
            made.compile_from_config(compile_config)
    return made


@contextlib.contextmanager
def _explaining(name: str, settings: Mapping[str, Any]) -> Iterator[None]:
    """Say of which class the description is that something is wrong with."""
    title = settings.get("name")
    whose = f"{name} {title!r}" if isinstance(title, str) and len(title) < 100 else name
    try:
        yield
    except RecursionError:
        raise
    except (TypeError, ValueError, NotImplementedError) as error:
        kind = next(
            kind for kind in (TypeError, NotImplementedError, ValueError) if isinstance(error, kind)
        )
        if isinstance(error, (UnknownNameError, lambdas.CodeRefusedError)) or _is_told(error):
            raise  # it says all
        raise _told(f"{whose} cannot be made of its description: {error}", kind) from error
    except (MemoryError, OverflowError) as error:
        why = str(error) or "it asks for more memory than there is"
        raise _told(f"{whose} cannot be made of its description: {why}") from error
    except _ACCIDENTS as error:
        raise _told(
            f"{whose} cannot be made of its description, {shown(settings)}: {error!r}"
        ) from error


def _told(message: str, kind: type[Exception] = ValueError) -> Exception:
    error = kind(message)
    error.is_told = True  # type: ignore[attr-defined]
    return error


def _is_told(error: Exception) -> bool:
    """Whether the error says already of which class inside the description is wrong."""
    return getattr(error, "is_told", False)


# ---- values that JSON does not have ----


def _number_dtype(name: Any) -> np.dtype:
    dtype = np.dtype(name)
    if not isinstance(name, str) or dtype.kind not in "biufcU":
        raise ValueError(f"dtype={shown(name)} is none of numbers or text")
    return dtype


def _slice(config: Any) -> slice:
    return slice(*(_read(config[key]) for key in ("start", "stop", "step")))


_FORMS: dict[str, Callable[[Any], Any]] = {
    "__bytes__": lambda config: config["value"].encode(),
    "__ellipsis__": lambda config: ...,
    "__keras_tensor__": lambda config: TensorReference(
        config["shape"], config["dtype"], config.get("keras_history")
    ),
    "__lambda__": lambda config: lambdas.load(config["value"], is_safe()),
    "__numpy__": lambda config: np.array(config["value"], _number_dtype(config["dtype"])),
    "__slice__": _slice,
    "__tensor__": lambda config: convert_to_tensor(config["value"], config["dtype"]),
}


def _read_form(name: str, config: Any) -> Any:
    try:
        return _FORMS[name](config)
    except lambdas.CodeRefusedError:
        raise
    except (ArithmeticError, AttributeError, LookupError, MemoryError, TypeError, ValueError) as e:
        raise ValueError(f"{name} is not described by {shown(config)}: {e}") from e
