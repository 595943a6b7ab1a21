"""Modules called `keras` and `tensorflow` that hand out what pylego has."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from pylego import lazy
from pylego.keras_version import KERAS_VERSION
from pylego.older import names as older
from pylego.scripts import modules


class KerasModule(ModuleType):
    """A module of Keras: its names are those of modules of pylego, and older ones.

    Args:
        name: of the module, such as 'tensorflow.keras.layers'.
        sources: the modules of pylego.
    """

    def __init__(self, name: str, sources: tuple[str, ...]):
        super().__init__(name, import_module(sources[0]).__doc__)
        self.__dict__.update(_sources=sources, __path__=[], __version__=KERAS_VERSION)

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return [name for name in dir(self) if not name.startswith("_")]
        if name.startswith("__"):
            raise AttributeError(name)
        below = f"{self.__name__}.{name}"
        is_module = modules.sources(below) is not None
        try:
            found = self._find(name)
        except AttributeError as error:
            if is_module:
                return import_module(below)
            if lazy.is_importing(sys._getframe(1)):
                raise ImportError(str(error), name=self.__name__) from None
            raise
        return import_module(below) if is_module and isinstance(found, ModuleType) else found

    def _find(self, name: str) -> Any:
        error: Exception | None = None
        for source in self._sources:
            try:
                found = getattr(import_module(source), name)
            except (AttributeError, ImportError) as refused:
                error = error or refused
                continue
            return older.as_called(source.partition(".")[2], name, found)
        raise AttributeError(str(error), name=name, obj=self) from None

    def __dir__(self) -> list[str]:
        found = set(vars(type(self))) | set(vars(self))
        for source in self._sources:
            module = import_module(source)
            found |= {*getattr(module, "__all__", dir(module))}
            found |= {*older.NAMES.get(source.partition(".")[2], ())}
        return sorted(name for name in found if not name.startswith("_"))
