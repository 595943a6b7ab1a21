"""Settings, and what concerned TensorFlow's graphs and sessions."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pylego import names
from pylego.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from pylego.core.name_scope import name_scope
from pylego.utils.session import clear_session

__all__ = [
    "backend", "clear_session", "epsilon", "floatx", "get_session", "get_uid", "image_data_format",
    "image_dim_ordering", "manual_variable_initialization", "name_scope", "reset_uids",
    "set_epsilon", "set_floatx", "set_image_data_format", "set_image_dim_ordering", "set_session",
]  # fmt: skip

_ORDERINGS = {"th": "channels_first", "tf": "channels_last"}
_uids: defaultdict[str, int] = defaultdict(int)


def get_uid(prefix: str = "") -> int:
    """Return 1, 2, 3, ... for each prefix."""
    _uids[prefix] += 1
    return _uids[prefix]


def reset_uids() -> None:
    """Let `get_uid` count from the start."""
    _uids.clear()


def image_dim_ordering() -> str:
    """Return the setting in the words of Keras 1: 'tf' or 'th'."""
    return "tf" if image_data_format() == "channels_last" else "th"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set where images hold their channels, in the words of Keras 1: 'tf' or 'th'.

    Raises:
        ValueError: for another word.
    """
    if dim_ordering not in _ORDERINGS:
        raise names.unknown("dim_ordering", dim_ordering, _ORDERINGS)
    set_image_data_format(_ORDERINGS[dim_ordering])


def get_session() -> None:
    """Return None: there are no sessions, values are computed at once."""


def set_session(session: Any) -> None:
    """Do nothing: there are no sessions."""


def manual_variable_initialization(value: bool) -> None:
    """Do nothing: variables have numbers from the start."""
