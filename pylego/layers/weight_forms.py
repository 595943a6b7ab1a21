"""The ways in which programs of other times ask a layer for a weight.

Keras 3 has `add_weight(shape, initializer, ...)`. Keras 2 began with the name, as in
`add_weight("kernel", (3, 4), initializer="zeros")`, and said `add_variable` as well.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

# The order of the arguments in Keras 2.
_ORDER_OF_KERAS_2 = (
    "name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint",
)  # fmt: skip


def takes_name_first(add_weight: Callable) -> Callable:
    """Let a method that makes a weight be called in the order of Keras 2 as well."""

    @functools.wraps(add_weight)
    def add_weight_in_either_order(self: Any, *args: Any, **kwargs: Any) -> Any:
        if args and isinstance(args[0], str):
            if len(args) > len(_ORDER_OF_KERAS_2):
                raise TypeError(
                    f"add_weight: after a name come at most {', '.join(_ORDER_OF_KERAS_2[1:])}. "
                    f"Received: {len(args)} arguments without names"
                )
            named = dict(zip(_ORDER_OF_KERAS_2, args))
            if twice := named.keys() & kwargs.keys():
                raise TypeError(f"add_weight: {min(twice)} is given twice")
            args, kwargs = (), {**named, **kwargs}
        return add_weight(self, *args, **kwargs)

    return add_weight_in_either_order
