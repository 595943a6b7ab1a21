"""Functions under other names and with other arguments than those of `ops`, made of a table.

A line says what a program calls, and what that means:

    reduce_mean(input_tensor, axis=None, keepdims=False) = mean(input_tensor, axis, keepdims)

Each function takes a `name`, too, which says nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import ops
from pylego.ops import later


def functions(text: str, module: str, names: dict[str, Any] | None = None) -> dict[str, Callable]:
    """Make the functions of a table.

    Args:
        text: its lines.
        module: that the functions belong to.
        names: what the calls may use beside the functions of `ops`.
    """
    known = {name: value for name, value in vars(ops).items() if name[0] != "_"} | (names or {})
    return dict(
        _made(line, module, known) for line in filter(None, map(str.strip, text.split("\n")))
    )


def _made(line: str, module: str, known: dict[str, Any]) -> tuple[str, Callable]:
    called, _, meant = line.partition(" = ")
    name, _, parameters = called.removesuffix(")").partition("(")
    made: dict[str, Any] = {}  # apart, because the call may mean a function of the same name
    exec(f"def {name}({parameters}, name=None):\n    return {meant}\n", known, made)
    function = made[name]
    for used in function.__code__.co_names:  # families of `ops` that are loaded when asked for
        if used in later.HOMES:
            known.setdefault(used, getattr(ops, used))
    function.__module__ = module
    function.__doc__ = f"Compute `{meant}`, in the words of `pylego.ops`."
    return name, function
