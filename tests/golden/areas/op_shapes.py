"""Shapes of every op for placeholders, whose lengths are known or free.

The expressions and their arrays are those of `op_dtypes`.
"""

from __future__ import annotations

from typing import Any

import jax
from keras import KerasTensor, ops

from areas.op_dtypes import EXPRESSIONS, REFUSED, inputs

# Which axes are free: none, the first, the last, all.
FREE = ("none", "first", "last", "all")


def freed(shape: tuple[int, ...], free: str) -> tuple[int | None, ...]:
    """Return the shape with None for the axes that are free."""
    is_free = {"none": [], "first": [0], "last": [len(shape) - 1], "all": range(len(shape))}[free]
    return tuple(None if axis in is_free else length for axis, length in enumerate(shape))


def answered(expression: str, free: str) -> Any:
    """Return the shapes of all that comes out, or that it is refused."""
    arrays = inputs("float32", False)
    given = {name: KerasTensor(freed(x.shape, free), str(x.dtype)) for name, x in arrays.items()}
    try:
        found = eval(expression, {"ops": ops, "axis": -1, "axes": -1, "dtype": "float32", **given})
    except Exception:  # each op has its own kinds
        return REFUSED
    is_leaf = lambda x: isinstance(x, KerasTensor)  # noqa: E731
    leaves = jax.tree.leaves(found, is_leaf=is_leaf)
    return [list(x.shape) for x in leaves if is_leaf(x)]


def facts() -> dict[str, Any]:
    """Return the content of op_shapes.json."""
    lines = dict(line.split(" ", 1) for line in EXPRESSIONS.strip().splitlines())
    arrays = inputs("float32", False)
    return {
        "about": "op: expression, and the shapes of its results where none of the axes of its "
        f"inputs are free, the first one, the last one, and all; '{REFUSED}' is refused",
        "inputs": {name: [list(x.shape), str(x.dtype)] for name, x in arrays.items()},
        "free": FREE,
        "ops": {
            name: [expression, *(answered(expression, free) for free in FREE)]
            for name, expression in lines.items()
        },
    }
