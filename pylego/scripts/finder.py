"""`import keras` and `import tensorflow` reach pylego, in this process and its children."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, TracebackType
from typing import Any

from pylego import engine, names
from pylego.keras_imports import set_as_keras
from pylego.older.shapes import TensorShape
from pylego.scripts import children, modules, seeds
from pylego.scripts.facade import KerasModule

_STAND_IN = "pylego.scripts.tensorflow"
# The package tensorboard does without TensorFlow where it finds a module of this name.
_NO_TENSORFLOW = "tensorboard.compat.notf"


class _Loader:
    """Makes the module of a specification."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> ModuleType:
        """Return the module, which is complete."""
        if spec.name == _NO_TENSORFLOW:
            return ModuleType(spec.name)
        sources = modules.sources(spec.name)
        if sources is not None:
            return KerasModule(spec.name, sources)
        make = import_module(f"{_STAND_IN}.modules").module
        return make(spec.name)

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Do nothing: its names are found when they are asked for."""


class _Finder:
    """A finder in `sys.meta_path`, before all others."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how a module of Keras or TensorFlow is made; None for other modules.

        Raises:
            ModuleNotFoundError: for one of them that pylego has not.
        """
        if name == children.MODULE:
            return children.prepared(PathFinder.find_spec(name, path), as_keras)
        root, _, rest = name.partition(".")
        if root not in modules.ROOTS and name != _NO_TENSORFLOW:
            return None
        is_known = name == _NO_TENSORFLOW or modules.sources(name) is not None
        is_known = is_known or (root == "tensorflow" and rest in modules.TENSORFLOW)
        if not is_known:
            raise ModuleNotFoundError(_sentence(name), name=name)
        return ModuleSpec(name, _Loader, is_package=True)  # type: ignore[arg-type]


def _sentence(name: str) -> str:
    package, _, last = name.rpartition(".")
    path = modules.path_in_keras(package)
    if path is None:
        return f"No module named {name!r}: pylego stands in for a small part of tensorflow"
    return names.no_module(f"keras.{path}".rstrip("."), last, dir(sys.modules.get(package)))


class as_keras:
    """Let `import keras` and `import tensorflow` reach pylego from here on, in this process.

    What a program for Keras says, of any year, then means pylego, whether or not Keras and
    TensorFlow are installed: write it into the first cell of a notebook. With `with`, imports mean
    again what they meant before once the block is left. `python -m pylego program.py` does the same
    for a whole program.

    >>> with as_keras():
    ...     from keras.layers.core import Dense
    ...     import tensorflow as tf
    >>> Dense
    <class 'pylego.layers.core.dense.Dense'>
    >>> tf.reduce_mean([1.0, 2.0]).item()
    1.5
    """

    def __init__(self) -> None:
        self._former: dict[str, Any] = {}
        self._is_first = _Finder not in sys.meta_path
        if self._is_first:
            self._former = _taken_out()
            sys.meta_path.insert(0, _Finder)
            children.prepare_if_loaded(as_keras)
            seeds.install()
            set_as_keras(True)
            engine.set_shape_class(TensorShape)

    def __enter__(self) -> as_keras:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Let imports mean again what they meant before."""
        if self._is_first and _Finder in sys.meta_path:
            sys.meta_path.remove(_Finder)
            _taken_out()
            sys.modules.update(self._former)
            seeds.remove()
            set_as_keras(False)
            engine.set_shape_class(None)

    def __repr__(self) -> str:
        return "<keras and tensorflow are pylego>" if self._is_first else "<as_keras, once more>"


def _taken_out() -> dict[str, Any]:
    """Take modules of these names out of the table of modules, and return them."""
    found = [name for name in sys.modules if name.partition(".")[0] in modules.ROOTS]
    return {name: sys.modules.pop(name) for name in found}
