"""Names that are loaded when they are first named (PEP 562), so that `import pylego` is quick.

A package lists its public names twice. Editors and mypy read ordinary imports below
`if TYPE_CHECKING:`, which Python skips; Python reads the table below `else:`, which says where each
name is at home. `tests/test_import.py` holds the two lists together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any


def public(
    package: str, names: Mapping[str, str], modules: Sequence[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of a package.

    Args:
        package: its `__name__`.
        names: for each public name the module that defines it, as in `from .dense import Dense`.
        modules: modules of the package that are public themselves.
    """
    offered = sorted([*names, *modules])

    def load(name: str) -> Any:
        here = sys.modules[package]
        if name in names:
            found = getattr(import_module(names[name], package), name)
        elif name in modules:
            found = import_module(f".{name}", package)
        else:
            message = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(message, name=name, obj=here)
        setattr(here, name, found)  # from now on Python finds it without asking
        return found

    def list_names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *offered})

    return load, list_names, offered


class Names(Mapping[str, Any]):
    """The public names of a package as a table that loads what it is asked for.

    >>> from pylego import layers
    >>> Names(layers)["Dense"]
    <class 'pylego.layers.dense.Dense'>
    """

    def __init__(self, package: ModuleType):
        self._package = package
        self._offered: list[str] = vars(package)["__all__"]

    def __getitem__(self, name: str) -> Any:
        if name not in self._offered:
            raise KeyError(name)
        return getattr(self._package, name)

    def __contains__(self, name: object) -> bool:
        return name in self._offered

    def __iter__(self) -> Iterator[str]:
        return iter(self._offered)

    def __len__(self) -> int:
        return len(self._offered)
