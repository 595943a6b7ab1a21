"""What is raised for files that are damaged, cut short, or made to do harm."""

from __future__ import annotations

import os
from typing import Any


class CorruptFileError(ValueError):
    """A file is damaged, truncated or hostile; the message names it and says what is wrong."""


def name_of(source: Any) -> str:
    """Return how messages speak of a file: by its path, where it has one.

    >>> name_of("모델.keras"), name_of(b"...")
    ("'모델.keras'", 'the bytes that were given')
    """
    if hasattr(source, "described"):  # a member of an archive
        return str(source.described)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return "the bytes that were given"
    path = source if isinstance(source, (str, os.PathLike)) else getattr(source, "name", None)
    return repr(os.fsdecode(path)) if isinstance(path, (str, os.PathLike)) else "the file object"
