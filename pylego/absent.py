"""`from pylego.optimizer import Adam`: Python asks a last finder for modules that are not there.

It finds nothing; it says which module may have been meant, or that Keras has it and pylego has not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType

PACKAGE = __name__.partition(".")[0]

# What Python calls where a module is imported, and not only looked for.
_IMPORTS = "_find_and_load_unlocked"


class _Absent:
    """A finder in `sys.meta_path` that explains why there is nothing to find."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        """Raise ModuleNotFoundError for a module of pylego that somebody imports."""
        package, _, last = name.rpartition(".")
        if package.partition(".")[0] == PACKAGE and _is_import():
            raise ModuleNotFoundError(_sentence(package, last), name=name)


def install() -> None:
    """Ask it after all other finders: once, and silently."""
    if not any(getattr(finder, "__module__", None) == __name__ for finder in sys.meta_path):
        sys.meta_path.append(_Absent)


def _is_import() -> bool:
    frame = sys._getframe(1)
    for _ in range(3):
        if frame.f_back is None:
            return False
        frame = frame.f_back
        if frame.f_code.co_name == _IMPORTS:
            return True
    return False


def _sentence(package: str, last: str) -> str:
    from pylego import names

    return names.no_module(package, last, getattr(sys.modules.get(package), "__all__", ()))
