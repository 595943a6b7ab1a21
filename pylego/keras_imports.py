"""Whether imports of Keras reach pylego: programs of any year may run then."""

from __future__ import annotations

_is_as_keras = False


def is_as_keras() -> bool:
    """Return whether imports of Keras reach pylego."""
    return _is_as_keras


def set_as_keras(is_on: bool) -> None:
    """Say whether imports of Keras reach pylego."""
    global _is_as_keras
    _is_as_keras = is_on
