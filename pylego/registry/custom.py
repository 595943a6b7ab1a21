"""Classes and functions of a user's own, by the names that descriptions call them by."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from typing import Any

# Registered ones by name, such as 'my_package>MyLayer'; programs may add to it and take out.
registered: dict[str, Any] = {}
_names: dict[Any, str] = {}


class _Thread(threading.local):
    scoped: Mapping[str, Any] = {}


_thread = _Thread()


def register(name: str, thing: Any) -> None:
    """Let descriptions call a class or a function by that name."""
    registered[name] = thing
    _names[thing] = name


def name_of(thing: Any) -> str:
    """Return the name that a class or a function is registered under; without one, its own."""
    return _names.get(thing) or thing.__name__


def find(*names: Any) -> Any:
    """Return what the first known name means: of those in scope, then of registered ones."""
    for name in names:
        if isinstance(name, str):
            for known in (_thread.scoped, registered):
                if name in known:
                    return known[name]
    return None


def known_names() -> list[str]:
    """List all names."""
    return [*{**_thread.scoped, **registered}]


@contextlib.contextmanager
def scope(objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Let descriptions name these objects too, inside of the `with` block."""
    former = _thread.scoped
    _thread.scoped = {**former, **(objects or {})}
    try:
        yield
    finally:
        _thread.scoped = former
