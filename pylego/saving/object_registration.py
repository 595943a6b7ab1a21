"""Names for classes and functions of your own, which descriptions and files can then speak of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pylego.registry import custom

T = TypeVar("T")


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Register a class or a function, as a decorator; files then know it as 'package>name'.

    Args:
        package: where it belongs, so that names of different programs differ.
        name: by default that of the class or function.

    Raises:
        TypeError: for what is neither a class nor a function, or names that are not strings.
        ValueError: for a class without `get_config()`.

    >>> from pylego import layers
    >>> @register_keras_serializable("my_package")
    ... class Twice(layers.Layer):
    ...     def call(self, inputs):
    ...         return 2 * inputs
    >>> get_registered_name(Twice)
    'my_package>Twice'
    """
    for given in (package, "" if name is None else name):
        if not isinstance(given, str):
            raise TypeError(
                "register_keras_serializable is called with names: write "
                "@register_keras_serializable() above the class, with parentheses. Received: "
                f"{given!r}"
            )

    def register(thing: T) -> T:
        if not callable(thing) or not hasattr(thing, "__name__"):
            raise TypeError(f"A class or a function can be registered. Received: {thing!r}")
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise ValueError(
                f"{thing.__name__} has no get_config(): define it, so that its objects can be "
                "described and made again"
            )
        custom.register(f"{package}>{name or thing.__name__}", thing)
        return thing

    return register


class CustomObjectScope:
    """Let descriptions name classes and functions of your own, inside of a `with` block.

    Args:
        custom_objects: {name: class or function}.

    >>> from pylego import activations
    >>> def half(x):
    ...     return x / 2
    >>> with CustomObjectScope({"half": half}):
    ...     activations.get("half") is half
    True
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None):
        if custom_objects is not None and not isinstance(custom_objects, Mapping):
            raise TypeError(
                "custom_objects is a dictionary {name: class or function}. Received: "
                f"{custom_objects!r}"
            )
        self.custom_objects = dict(custom_objects or {})
        self._open: list[Any] = []

    def __enter__(self) -> CustomObjectScope:
        scope = custom.scope(self.custom_objects)
        scope.__enter__()
        self._open.append(scope)
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.pop().__exit__(None, None, None)


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """Return the registered classes and functions by name: the dictionary itself, to change.

    >>> get_custom_objects()["Third"] = type("Third", (), {})
    >>> "Third" in get_custom_objects()
    True
    >>> del get_custom_objects()["Third"]
    """
    return custom.registered


def get_registered_name(obj: Any) -> str:
    """Return the name that a class or function is registered under; without one, its own."""
    return custom.name_of(obj)


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return the class or function that is registered under a name; None without one.

    Args:
        name: such as 'my_package>Twice'.
        custom_objects: looked at after what is in scope and registered.
        module_objects: looked at last.

    >>> get_registered_object("nobody>Nothing") is None
    True
    """
    found = custom.find(name)
    for objects in (custom_objects, module_objects):
        if found is None and objects:
            found = objects.get(name)
    return found
