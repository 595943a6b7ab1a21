"""What a model's steps depend on besides variables: settings, and which parts it is made of."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from pylego import config
from pylego.changes import Noticed
from pylego.layers import Layer
from pylego.variable import Variable

LONGEST_READ = 1000  # a longer list or dictionary is data: it counts as the same while it is there

_PLAIN = (str, int, float, bool, bytes, type(None))
_CONTAINERS = (list, tuple, dict)

_OWN_ROOMS = ("pylego", "builtins", "numpy")


class _Same:
    """Equal only to what means the very same object, which it does not keep alive."""

    __slots__ = ("_thing",)

    def __init__(self, thing: Any):
        try:
            self._thing: Callable[[], Any] = weakref.ref(thing)
        except TypeError:  # one of the few kinds that cannot be referred to weakly
            self._thing = lambda: thing

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Same):
            return False
        thing = self._thing()
        return thing is not None and thing is other._thing()

    __hash__ = None  # type: ignore[assignment]


class Fingerprint:
    """The settings of a model and of all its parts, to be compared with later ones.

    Args:
        model: all that its attributes hold is looked at: layers, optimizer, loss, metrics.
    """

    def __init__(self, model: Any):
        self._seen: set[int] = set()
        self.has_users_code = False
        self.adds_losses = False
        self._facts: tuple = (config.frozen_settings(), self._of_object(model))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fingerprint) and self._facts == other._facts

    __hash__ = None  # type: ignore[assignment]

    def _of_object(self, thing: Noticed) -> tuple:
        """The attributes of an object whose settings count."""
        if id(thing) in self._seen:
            return (_Same(thing),)
        self._seen.add(id(thing))
        self._note_code(type(thing))
        if isinstance(thing, Layer):
            self.adds_losses |= thing.activity_regularizer is not None
        facts = [
            (name, self._of(value))
            for name, value in vars(thing).items()
            if name not in thing._unnoticed
        ]
        return (_Same(thing), *facts)

    def _of(self, value: Any) -> Any:
        if isinstance(value, float):
            return float, repr(value)
        if isinstance(value, _PLAIN):
            return type(value), value
        if isinstance(value, Noticed):
            return self._of_object(value)
        if isinstance(value, _CONTAINERS):
            return self._of_container(value)
        if isinstance(value, Variable):
            return (
                _Same(value),
                value.trainable,
                *map(self._of, (value.constraint, value.regularizer)),
            )
        self._note_code(value if callable(value) else type(value))
        return _Same(value)

    def _of_container(self, container: Any) -> Any:
        if len(container) > LONGEST_READ:
            return id(container), len(container)
        if isinstance(container, dict):
            return dict, *((_key(key), self._of(value)) for key, value in container.items())
        return type(container), *map(self._of, container)

    def _note_code(self, code: Any) -> None:
        room = getattr(code, "__module__", None) or type(code).__module__
        self.has_users_code |= room.partition(".")[0] not in _OWN_ROOMS


def _key(key: Any) -> Any:
    return key if isinstance(key, _PLAIN) else _Same(key)
