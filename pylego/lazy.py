"""Names that are loaded when they are first named (PEP 562), so that `import pylego` is quick.

A package lists its public names once, as ordinary imports in its stub, `__init__.pyi`. Editors and
mypy read it, and so does `public`: it executes nothing there, it takes down which module each name
comes from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any


def public(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package with a stub.

    Args:
        package: its `__name__`.
    """
    origins = _imports_of_stub(package)
    offered = sorted(origins)

    def load(name: str) -> Any:
        if name not in origins:
            if (older := _older(package, name)) is not None:
                return older
            raise _refusal(package, name, offered)
        origin = origins[name]
        is_module = origin == package  # as in `from pylego import layers`
        found = import_module(f"{package}.{name}" if is_module else origin)
        found = found if is_module else getattr(found, name)
        setattr(sys.modules[package], name, found)  # from now on Python finds it without asking
        return found

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *offered})

    return load, list_names, offered


def _imports_of_stub(package: str) -> dict[str, str]:
    """Return for each name that the package's stub imports the module it comes from."""
    spec = sys.modules[package].__spec__
    loader: Any = spec and spec.loader
    text = loader.get_data(f"{os.path.dirname(loader.path)}{os.sep}__init__.pyi").decode()
    origins = {}
    for line in f"\n{text}".replace("\r", "").split("\nfrom ")[1:]:
        module, _, names = line.partition(" import ")  # `from module import a as a, b as b`,
        in_parentheses = names[0] == "("  # on a line or in parentheses
        listed = names[1:].partition(")")[0] if in_parentheses else names.partition("\n")[0]
        origins.update({item.split()[0]: module for item in listed.split(",") if item.strip()})
    return origins


def refuse_others(module: str) -> Callable[[str], Any]:
    """Return `__getattr__` of a module that is loaded as a whole: names that it lacks are refused,
    but for those of Keras 1 and 2.

    Args:
        module: its `__name__`.
    """

    def refuse(name: str) -> Any:
        """Return what an old name means; say of others which name may have been meant."""
        if (older := _older(module, name)) is not None:
            return older
        raise _refusal(module, name, _offered_by(module))

    return refuse


def loaded_when_asked(
    module: str, homes: Mapping[str, str], prepare: Callable[[Any, str], Any] | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a module some of whose names are loaded when they are
    asked for.

    Args:
        module: its `__name__`.
        homes: for each of these names the module that it comes from; the module itself where the
            name is that of a module in it.
        prepare: makes what the module offers, of what was loaded and the module's name.
    """

    def load(name: str) -> Any:
        """Load the name, or say which one may have been meant."""
        if name not in homes:
            raise _refusal(module, name, _offered_by(module))
        if homes[name] == module:
            return import_module(f"{module}.{name}")
        found = getattr(import_module(homes[name]), name)
        found = found if prepare is None else prepare(found, module)
        setattr(sys.modules[module], name, found)
        return found

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[module]), *homes})

    return load, list_names


def names_of(package: str, module: str = "", only: Sequence[str] = ()) -> Callable[[str], Any]:
    """Return `__getattr__` of a module whose public names are all offered by a package above it.

    Keras 1 and 2 had modules of such names: `from keras.layers.core import Dense` goes on working.

    Args:
        package: its name.
        module: the name of the module, where it has some of the names only.
        only: these.
    """

    def load(name: str) -> Any:
        """Return what the package offers by that name."""
        if name.startswith("__"):
            raise AttributeError(name)
        if only and name not in only:
            raise _refusal(module, name, only)
        return getattr(import_module(package), name)

    return load


class NoSuchNameError(AttributeError):
    """An AttributeError that finds its message when somebody reads it: `hasattr` and imports make
    many that nobody reads.

    Args:
        name: what was asked for.
        explain: returns the message.
    """

    def __init__(self, name: str, explain: Callable[[], str]):
        super().__init__(name)
        self.name, self.obj = name, None  # the message has a "did you mean", Python adds none
        self._explain = explain

    def __str__(self) -> str:
        return self._explain()

    def __reduce__(self) -> tuple:
        return AttributeError, (str(self),)


# Programs catch AttributeError, and that is what tracebacks show.
NoSuchNameError.__module__ = "builtins"
NoSuchNameError.__name__ = NoSuchNameError.__qualname__ = "AttributeError"


def _older(module: str, name: str) -> Any:
    """What a name of Keras 1 or 2 means; None for others."""
    # `from package import name` asks first whether there is a module to be imported.
    if name.startswith("_") or sys._getframe(2).f_code.co_name == "_handle_fromlist":
        return None
    return import_module("pylego.older.names").find(module.partition(".")[2], name)


# Packages that are searched for a name that another one lacks.
_PACKAGES = (
    "", "models", "layers", "optimizers", "losses", "metrics", "callbacks", "utils", "datasets",
    "preprocessing.image", "activations", "initializers", "regularizers", "constraints", "ops",
)  # fmt: skip


def _refusal(module: str, name: str, offered: Iterable[str]) -> Exception:
    """The error for a name that a module does not have."""

    def explain() -> str:
        names = import_module("pylego.names")  # loaded when somebody reads it
        return names.no_name(module, name, offered, _other_modules(name, module))

    # Of an AttributeError, `from module import name` makes an ImportError without its message.
    if is_importing(sys._getframe(2)):
        return ImportError(explain(), name=module)
    return NoSuchNameError(name, explain)


def _other_modules(name: str, module: str) -> list[str]:
    """The other public modules that offer this name."""
    package = __name__.partition(".")[0]
    paths = [f"{package}.{inner}".rstrip(".") for inner in _PACKAGES]
    return [path for path in paths if path != module and name in _offered_by(path)]


def _offered_by(path: str) -> list[str]:
    names = vars(import_module(path))
    found = names.get("__all__") or [
        name
        for name, value in names.items()
        if name[0] != "_" and not isinstance(value, ModuleType)
    ]
    return list(found)


def is_importing(frame: FrameType) -> bool:
    """Return whether the frame is at `from module import name`."""
    from opcode import opmap

    return frame.f_code.co_code[frame.f_lasti] == opmap["IMPORT_FROM"]


class Names(Mapping[str, Any]):
    """The public names of a package as a table that loads what it is asked for.

    Args:
        package: its name.
        spell: how else the name of a class may be written; a function of that name yields to it.
        others: further names, each with the public name that it stands for.
        without: public names that are not in the table.

    >>> Names("pylego.layers")["Dense"]
    <class 'pylego.layers.core.dense.Dense'>
    """

    def __init__(
        self,
        package: str,
        spell: Callable[[str], str] | None = None,
        others: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
    ):
        self._package = package
        self._spell = spell
        self._others = others or {}
        self._without = without

    @cached_property
    def _public(self) -> dict[str, str]:
        """The public name behind each name of the table."""
        offered = vars(import_module(self._package))["__all__"]
        names = {name: name for name in offered if name not in self._without}
        if self._spell:
            spelled = {self._spell(name): name for name in names if name[0].isupper()}
            names = {**names, **spelled}
        return {**names, **self._others}

    def __getitem__(self, name: str) -> Any:
        return getattr(import_module(self._package), self._public[name])

    def __contains__(self, name: object) -> bool:
        return name in self._public

    def __iter__(self) -> Iterator[str]:
        return iter(self._public)

    def __len__(self) -> int:
        return len(self._public)
