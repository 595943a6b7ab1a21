"""A class or function under an old name: it says today's name once it is called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from pylego.older import arguments
from pylego.older.notes import note


class OlderCallable:
    """Calls what it is called today: `Convolution2D(32, 3, 3)` makes a `Conv2D(32, (3, 3))`.

    A class may be subclassed and asked for with `isinstance` under the old name, too.

    Args:
        name: the old one.
        today: the class or function.
        instead: what is written today; None where the name itself is one of today's.
        order: of its arguments in Keras 1, if that was another one.
    """

    def __init__(self, name: str, today: Callable, instead: str | None, order: str = ""):
        self.__name__ = self.__qualname__ = name
        self.__doc__ = today.__doc__
        self._today: Any = today
        self._instead = instead
        self._order = order

    def today(self) -> Any:
        """Return what it is called today, and say so."""
        self._note()
        return self._today

    def _note(self) -> None:
        if self._instead is not None:
            note(self.__name__, self._instead)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make an object of the class, or call the function."""
        self._note()
        known = inspect.signature(self._today).parameters
        if self._order or kwargs.keys() - known.keys():
            name = self._today.__name__
            own = {word: kwargs.pop(word) for word in [*kwargs] if word in known}
            args, kwargs = arguments.modern(name, args, kwargs, known, self._order)
            kwargs = {**kwargs, **own}
        return self._today(*args, **kwargs)

    def __mro_entries__(self, bases: tuple) -> tuple:
        self._note()
        return (self._today,)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._today)

    def __subclasscheck__(self, subclass: type) -> bool:
        return issubclass(subclass, self._today)

    def __repr__(self) -> str:
        return f"<{self.__name__}, which is {self._today.__name__} today>"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._today, name)
