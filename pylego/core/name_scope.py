"""Name scopes: the first parts of the paths of the variables and layers that are made inside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class _Open(threading.local):
    path: tuple[str, ...] = ()


_open = _Open()


def name_scope(
    name: str, override_parent: str | None = None
) -> contextlib.AbstractContextManager[str]:
    """Put a name before those of variables and layers that are made inside the `with` block.

    Args:
        name: without '/', which parts the names of a path.
        override_parent: the path that it stands in, in place of the scopes around.

    Raises:
        ValueError: for a name that is not a string, or has a '/'.

    >>> from pylego import Variable, name_scope
    >>> with name_scope("encoder"), name_scope("first"):
    ...     Variable([1.0], name="kernel").path
    'encoder/first/kernel'
    """
    if not isinstance(name, str) or "/" in name:
        raise ValueError(
            f"The name of a scope is a string without '/'. Received: name={name!r}: open one scope "
            "in another for a longer path"
        )
    return _opened(name, override_parent)


@contextlib.contextmanager
def _opened(name: str, override_parent: str | None) -> Iterator[str]:
    around = _open.path
    parents = around if override_parent is None else tuple(filter(None, override_parent.split("/")))
    _open.path = (*parents, name)
    try:
        yield name
    finally:
        _open.path = around


def path_of(name: str) -> str:
    """Return the name behind those of the open scopes."""
    return "/".join((*_open.path, name))
