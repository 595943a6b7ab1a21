"""How deep and how large a description may be, and what it may ask for."""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pylego import engine

# Keras nests about five levels for each model inside of a model.
DEEPEST = 400


class _Thread(threading.local):
    bytes_left: int | None = None  # None: no description is being read


_thread = _Thread()


def memory_of_machine() -> int:
    """Return how many bytes of memory this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@contextlib.contextmanager
def weights_within(bytes_in_all: int) -> Iterator[None]:
    """Refuse weights of more than so many bytes together, inside of the `with` block: a few words
    can ask for a terabyte.

    Args:
        bytes_in_all: what a file holds; less counts where it is used inside of another block.
    """
    former = _thread.bytes_left
    allowed = bytes_in_all if former is None else min(former, bytes_in_all)
    _thread.bytes_left = allowed
    try:
        yield
    finally:
        used = allowed - (_thread.bytes_left or 0)
        _thread.bytes_left = None if former is None else former - used


def take_weight(layer: str, name: str | None, shape: Sequence[Any], dtype: str) -> None:
    """Refuse a weight that there is no memory for, before any is taken.

    Raises:
        MemoryError: when the description that is being read asks for too much in all, or a single
            weight is larger than this machine's memory.
    """
    size = math.prod(shape) * engine.DTYPE_BYTES[dtype]
    left = memory_of_machine() if _thread.bytes_left is None else _thread.bytes_left
    if size > left:
        raise MemoryError(
            f"Layer {layer!r} asks for the weight {name!r} of shape {tuple(shape)}, which takes "
            f"{size:.3g} bytes, where at most {left:.3g} are left for weights"
        )
    if _thread.bytes_left is not None:
        _thread.bytes_left -= size


def check_extent(config: Any) -> None:
    """Refuse what is nested without end; looks at it without recursion.

    Raises:
        ValueError: when it is nested more than `DEEPEST` levels deep.

    >>> check_extent({"a": [1, 2]})
    """
    for _, depth in _parts(config):
        if depth > DEEPEST:
            raise ValueError(
                f"A description may be nested {DEEPEST} levels deep, and this one is deeper"
            )


def class_names_in(config: Any) -> dict[str, Mapping[str, Any]]:
    """Return the objects that a description speaks of, one of each name of a class."""
    found: dict[str, Mapping[str, Any]] = {}
    for part, _ in _parts(config):
        if isinstance(part, Mapping) and "class_name" in part and "config" in part:
            name = part["class_name"]
            is_class = isinstance(name, str) and name[:2] != "__"
            if is_class and name not in ("function", "DTypePolicy"):
                found.setdefault(name, part)
    return found


def _parts(config: Any) -> Iterator[tuple[Any, int]]:
    """Go through all lists and dictionaries with their depths."""
    todo = [(config, 0)]
    while todo:
        part, depth = todo.pop()
        if isinstance(part, Mapping):
            inner: Any = part.values()
        elif isinstance(part, (list, tuple)):
            inner = part
        else:
            continue
        yield part, depth
        if depth <= DEEPEST:
            todo += [(one, depth + 1) for one in inner if isinstance(one, (Mapping, list, tuple))]
