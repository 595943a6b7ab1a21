"""Processes that a program starts with `multiprocessing` run as Keras's programs, too.

A child that is spawned gets a pickled table, and imports the program after it has read it. An entry
of the table is an object that, when it is read, does what `as_keras()` does.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any

from pylego.keras_imports import is_as_keras

MODULE = "multiprocessing.spawn"


class _Call:
    """Is pickled as a call of a function."""

    def __init__(self, begin: Callable):
        self._begin = begin

    def __reduce__(self) -> tuple:
        return self._begin, ()


def prepared(spec: ModuleSpec | None, begin: Callable) -> ModuleSpec | None:
    """Return a specification whose module prepares children; the same one where it cannot.

    Args:
        spec: of `multiprocessing.spawn`.
        begin: what children call first.
    """

    class Loader(SourceFileLoader):
        def exec_module(self, module: ModuleType) -> None:
            super().exec_module(module)
            _prepare(module, begin)

    if spec is not None and isinstance(spec.loader, SourceFileLoader):
        spec.loader = Loader(spec.loader.name, spec.loader.path)
    return spec


def prepare_if_loaded(begin: Callable) -> None:
    """Prepare the children of a process that has loaded `multiprocessing` before."""
    if module := sys.modules.get(MODULE):
        _prepare(module, begin)


def _prepare(module: Any, begin: Callable) -> None:
    former = module.get_preparation_data
    if hasattr(former, "__wrapped__"):
        return

    @functools.wraps(former)
    def get_preparation_data(name: str) -> dict[str, Any]:
        data = former(name)
        if not is_as_keras():
            return data
        if name == "ignore":  # of a server that forks: it runs no program itself
            return {key: value for key, value in data.items() if "main" not in key}
        return {"as_keras": _Call(begin), **data}

    module.get_preparation_data = get_preparation_data
