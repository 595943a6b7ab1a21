"""A snapshot of all that a recording of a model depends on, to find out whether it is stale.

A program freezes Python values: rates, flags, the list of layers. Variables are not frozen, since
programs read them at each run. A fingerprint reads every attribute of the model and its parts, as
nested tuples: plain values by value, objects by identity together with their attributes, large
data by identity only. Two equal fingerprints mean that the same recording is right.
"""

from __future__ import annotations

import contextlib
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from types import MemberDescriptorType
from typing import Any

import numpy as np

from pylego import config
from pylego.callbacks import Callback
from pylego.core.variable import Variable
from pylego.layers import Layer
from pylego.versions import Versioned

LONGEST_READ = 1000  # longer containers and arrays are data: they are compared by identity

_PLAIN = (str, int, float, bool, bytes, type(None))
_USUAL = frozenset({str, int, bool, bytes, type(None)})
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)

_OWN_PACKAGES = ("pylego", "builtins", "numpy")
# Modules of the standard library whose objects only hold values: SimpleNamespace, Namespace.
_HOLDERS = ("types", "argparse")


class _Same:
    """The identity of an object, by a weak reference: equal only for the very same object."""

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
        model: all its attributes are read: layers, optimizer, loss, metrics.

    Attributes:
        has_users_code: whether classes or functions from outside pylego are among the parts.
        adds_losses: whether a layer has an activity regularizer.
    """

    def __init__(self, model: Any):
        self._seen: set[int] = set()
        self.has_users_code = False
        self.adds_losses = False
        self._state: tuple = (config.frozen_settings(), self._of_object(model))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fingerprint) and self._state == other._state

    __hash__ = None  # type: ignore[assignment]

    def _of_object(self, thing: Versioned) -> tuple:
        """The attributes of an object whose settings count."""
        if id(thing) in self._seen:
            return (_Same(thing),)
        self._seen.add(id(thing))
        self._note_code(type(thing))
        if isinstance(thing, Layer):
            self.adds_losses |= thing.activity_regularizer is not None
        settings = [
            (name, _Same(value) if name in thing._opaque else self._of(value))
            for name, value in vars(thing).items()
            if name not in thing._unversioned
        ]
        return (_Same(thing), *settings)

    def _of(self, value: Any) -> Any:
        if type(value) in _USUAL:  # most attributes: no further checks needed
            return type(value), value
        if isinstance(value, float):
            return float, repr(value)
        if isinstance(value, _PLAIN):
            return type(value), value
        if isinstance(value, Versioned):
            return self._of_object(value)
        if isinstance(value, _CONTAINERS):
            return self._of_container(value)
        if isinstance(value, Variable):
            return (
                _Same(value),
                value.trainable,
                *map(self._of, (value.constraint, value.regularizer)),
            )
        if isinstance(value, np.ndarray):
            return self._of_array(value)
        self._note_code(value if callable(value) else type(value))
        return self._of_holder(value) if _holds_values(value) else _Same(value)

    def _of_holder(self, thing: Any) -> Any:
        """An object of the user's own: its attributes count, because the user's code may read them.

        Not so once too many objects were read."""
        if id(thing) in self._seen or len(self._seen) > LONGEST_READ:
            return _Same(thing)
        self._seen.add(id(thing))
        return (_Same(thing), *((name, self._of(value)) for name, value in _attributes(thing)))

    def _of_array(self, array: np.ndarray) -> Any:
        """Small arrays may be settings that are written in place, so their bytes count."""
        is_small = array.size <= LONGEST_READ and not array.dtype.hasobject
        return (_Same(array), array.shape, array.tobytes() if is_small else None)

    def _of_container(self, container: Any) -> Any:
        if len(container) > LONGEST_READ:
            return id(container), len(container)
        if isinstance(container, dict):
            return dict, *((_key(key), self._of(value)) for key, value in container.items())
        return type(container), *map(self._of, container)

    def _note_code(self, code: Any) -> None:
        package = getattr(code, "__module__", None) or type(code).__module__
        self.has_users_code |= package.partition(".")[0] not in _OWN_PACKAGES


def _holds_values(thing: Any) -> bool:
    """Whether an object is one of the user's own that may hold settings.

    Iterators and callbacks change while a model trains, and steps do not read them.
    """
    if isinstance(thing, (type, Callback)) or hasattr(thing, "__next__"):
        return False
    package = type(thing).__module__.partition(".")[0]
    return package in _HOLDERS or not (
        package in _OWN_PACKAGES or package in sys.stdlib_module_names
    )


def _attributes(thing: Any) -> Iterator[tuple[str, Any]]:
    """The attributes in an object's dictionary and slots; no code of the user runs."""
    yield from getattr(thing, "__dict__", {}).items()
    for kind in type(thing).__mro__:
        for name, slot in vars(kind).items():
            if isinstance(slot, MemberDescriptorType):
                with contextlib.suppress(AttributeError):  # not set yet
                    yield name, slot.__get__(thing)


def _key(key: Any) -> Any:
    return key if isinstance(key, _PLAIN) else _Same(key)
