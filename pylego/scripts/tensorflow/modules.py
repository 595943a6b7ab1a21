"""The modules of the stand-in for TensorFlow."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from pylego import lazy, names as near
from pylego.backend.renaming import functions
from pylego.scripts.tensorflow import names, parts, pictures, places, tables, waves

VERSION = "2.16.1"  # the first whose Keras is Keras 3
_DTYPES = "dtypes"


class TensorFlowModule(ModuleType):
    """A module of the stand-in: its names are those of the tables, and no others.

    Args:
        name: such as 'tensorflow.nn'.
    """

    def __init__(self, name: str):
        super().__init__(name, "A small part of TensorFlow, over pylego.")
        self.__dict__.update(__path__=[], __version__=VERSION, _inside=name.partition(".")[2])

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return dir(self)
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _offered(self._inside):
            return _offered(self._inside)[name]
        place = names.NAMES.get(self._inside, {}).get(name)
        if place is not None:
            module, _, attribute = place.partition(":")
            return getattr(import_module(module), attribute)
        if name in _modules_below(self._inside):
            return import_module(_below(self._inside, name))
        if lazy.is_importing(sys._getframe(1)):
            raise ImportError(self._refusal(name), name=self.__name__)
        raise AttributeError(self._refusal(name), name=name, obj=self)

    def _refusal(self, name: str) -> str:
        known = [one for one in dir(self) if not one.startswith("_")]
        found = near.closest(name, known)
        advice = f" Did you mean {' or '.join(map(repr, found))}?" if found else ""
        elsewhere = [path for path in ("nn", "math", "image", "random") if name in all_names(path)]
        if elsewhere:
            advice = f" It is tf.{elsewhere[0]}.{name}."
        return (
            f"pylego's stand-in for {self.__name__} has no {name!r}.{advice} "
            f"It has: {', '.join(known)}"
        )

    def __dir__(self) -> list[str]:
        return sorted({*all_names(self._inside), *_modules_below(self._inside)})


def module(name: str) -> ModuleType:
    """Make the module of that name."""
    return TensorFlowModule(name)


def all_names(inside: str) -> set[str]:
    """The names that a module has, without modules below it."""
    return {*_offered(inside), *names.NAMES.get(inside, {})}


@cache
def _offered(inside: str) -> dict[str, Any]:
    """The functions and values of a module."""
    inside = "" if inside in (_DTYPES, "compat.v1") else inside
    text = tables.TABLES.get(inside, "")
    path = f"tensorflow.{inside}".rstrip(".")
    beside = {
        name: getattr(module, name)
        for module in (parts, pictures, places, waves)
        for name in module.__all__
    }
    return {**functions(text, path, beside), **names.CONSTANTS.get(inside, {})}


def _modules_below(inside: str) -> set[str]:
    from pylego.scripts.modules import TENSORFLOW

    below = {path.rpartition(".")[2] for path in TENSORFLOW if path.rpartition(".")[0] == inside}
    return below - {""} | ({"keras", *names.OF_KERAS} if inside in ("", "compat.v1") else set())


def _below(inside: str, name: str) -> str:
    above = "keras" if name in names.OF_KERAS else inside
    return ".".join(filter(None, ("tensorflow", above, name)))
