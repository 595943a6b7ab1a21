"""Functions under other names and with other arguments than those of `ops`, made of a table.

A line says what a program calls, and what that means:

    reduce_mean(input_tensor, axis=None, keepdims=False) = mean(input_tensor, axis, keepdims)

Each function takes a `name`, too, which says nothing here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pylego import ops

_Lines = dict[str, tuple[str, str]]


def read(text: str) -> _Lines:
    """Return for each name of a table its parameters, and the call that is meant."""
    lines: _Lines = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        called, _, meant = line.partition(" = ")
        name, _, parameters = called.partition("(")
        lines[name] = parameters.removesuffix(")"), meant
    return lines


def make(name: str, line: tuple[str, str], module: str, names: dict[str, Any]) -> Callable:
    """Make the function of a line.

    Args:
        name: its name.
        line: its parameters, and the call that is meant.
        module: that it belongs to.
        names: what the call may use beside the functions of `ops`.
    """
    parameters, meant = line
    source = f"def {name}({parameters}, name=None):\n    return {meant}\n"
    known = {**{key: value for key, value in vars(ops).items() if key[0] != "_"}, **names}
    exec(source, known)
    function = known[name]
    function.__module__ = module
    function.__doc__ = f"Compute `{meant}`, in the words of `pylego.ops`."
    return function
