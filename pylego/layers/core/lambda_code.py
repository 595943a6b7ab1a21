"""Python lambdas in configurations: their bytecode, as Keras writes it.

A lambda has no name that it could be found by, so its code itself is written, by `marshal`. Whoever
opens a file with such code can be made to run anything. `load` is the only place that makes a
function of it, and is called only where the user has said `safe_mode=False`.
"""

from __future__ import annotations

import base64
import binascii
import marshal
from collections.abc import Mapping
from importlib import import_module
from types import CellType, CodeType, FunctionType
from typing import Any

from pylego import registry

CLASS_NAME = "__lambda__"

# What a lambda may name without defining it, besides Python's builtins.
_GLOBALS = {
    "keras": "pylego",
    "pylego": "pylego",
    "ops": "pylego.ops",
    "np": "numpy",
    "numpy": "numpy",
    "math": "math",
}


def is_lambda(function: Any) -> bool:
    """Return whether the function is a lambda expression.

    >>> is_lambda(lambda x: x), is_lambda(is_lambda)
    (True, False)
    """
    return isinstance(function, FunctionType) and function.__name__ == "<lambda>"


def is_code(config: Any) -> bool:
    """Return whether a configuration holds the code of a lambda."""
    return isinstance(config, Mapping) and config.get("class_name") == CLASS_NAME


def dump(function: FunctionType) -> dict[str, Any]:
    """Describe a lambda by its code, the defaults of its arguments, and what it encloses.

    Raises:
        TypeError: for values that cannot be described.
    """
    cells = function.__closure__
    closure = tuple(cell.cell_contents for cell in cells) if cells else None
    return {
        "class_name": CLASS_NAME,
        "config": {
            "code": base64.encodebytes(marshal.dumps(function.__code__)).decode("ascii"),
            "defaults": registry.serialize(function.__defaults__),
            "closure": registry.serialize(closure),
        },
    }


def load(config: Mapping[str, Any]) -> FunctionType:
    """Make the function again that `dump` has described. What its code does is not known.

    Its global names are Python's builtins, `keras`, `pylego`, `ops`, `numpy`, `np` and `math`.

    Raises:
        ValueError: when the code is damaged, or of another version of Python.
    """
    inner = config.get("config")
    if not isinstance(inner, Mapping):
        raise ValueError(f"A lambda is described by its code. Received: {inner!r}")
    code = _read_code(inner.get("code"))
    defaults, closure = (_read_values(name, inner.get(name)) for name in ("defaults", "closure"))
    cells = tuple(map(CellType, closure or ()))
    if len(cells) != len(code.co_freevars):
        raise ValueError(
            f"A lambda encloses {len(code.co_freevars)} values, {', '.join(code.co_freevars)}, "
            f"but {len(cells)} were saved with it"
        )
    names = {name: import_module(module) for name, module in _GLOBALS.items()}
    return FunctionType(code, names, code.co_name, defaults, cells)


def _read_code(text: Any) -> CodeType:
    try:
        code = marshal.loads(base64.b64decode(text))  # the user has said safe_mode=False
    except (binascii.Error, EOFError, MemoryError, TypeError, ValueError):
        code = None
    if not isinstance(code, CodeType):
        raise ValueError(
            "The code of a lambda cannot be read: it is damaged, or was saved by another version "
            "of Python. Write it as a named function, and save the model anew"
        )
    return code


def _read_values(name: str, values: Any) -> tuple | None:
    if values is None:
        return None
    if not isinstance(values, (list, tuple)):
        raise ValueError(f"The {name} of a lambda are a list of values. Received: {values!r}")
    return tuple(registry.deserialize(values))
