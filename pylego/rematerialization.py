"""Rematerialization, as programs ask for it: to compute forward once more while going back.

Elsewhere that saves memory for time. Here a program has planned the memory of all its values when
it runs, and takes back what nobody reads any more; so these names are understood, results are the
same, and nothing is computed twice.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from pylego import names

_MODES = ("full", "activations", "larger_than", "list_of_layers", None)


def remat(f: Callable) -> Callable:
    """Return a function that does what f does; nothing is computed twice.

    Args:
        f: a function or a layer.

    >>> from pylego import ops
    >>> remat(ops.square)(3.0).item()
    9.0
    """

    def computed(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    return functools.update_wrapper(computed, f) if hasattr(f, "__name__") else computed


class RematScope:
    """Let layers that are made in the `with` block compute as they always do.

    Args:
        mode: 'full', 'activations', 'larger_than', 'list_of_layers' or None.
        output_size_threshold: for 'larger_than'.
        layer_names: for 'list_of_layers'.

    Raises:
        ValueError: for another mode.

    >>> with RematScope("larger_than", output_size_threshold=2048) as scope:
    ...     scope.mode
    'larger_than'
    """

    def __init__(
        self,
        mode: str | None = "full",
        output_size_threshold: int = 1024,
        layer_names: Sequence[str] | None = None,
    ):
        if mode not in _MODES:
            raise names.unknown("mode", mode, filter(None, _MODES))
        self.mode = mode
        self.output_size_threshold = output_size_threshold
        self.layer_names = list(layer_names or ())

    def __enter__(self) -> RematScope:
        return self

    def __exit__(self, *error: object) -> None:
        pass
