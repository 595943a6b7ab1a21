"""The Keras that pylego speaks."""

from __future__ import annotations

KERAS_VERSION = "3.15.1"  # whose names, arguments, defaults and files these are


def version() -> str:
    """Return the version of Keras that is spoken here; pylego's own is `pylego.__version__`.

    >>> version()
    '3.15.1'
    """
    return KERAS_VERSION
