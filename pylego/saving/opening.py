"""Files that are read: by path, from bytes, or from a file object."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from pylego.utils.file_reading import with_folder

NEEDED = ("read", "readinto", "seek", "tell")


@contextlib.contextmanager
def reading(source: Any) -> Iterator[BinaryIO]:
    """Open a path, bytes or a binary file object as a file that can seek.

    A file object is left open. One that cannot seek, as a pipe, is read into memory first.

    Raises:
        TypeError: for anything else.
        OSError: where the path cannot be opened.

    >>> with reading(b"numbers") as file:
    ...     file.read()
    b'numbers'
    """
    if isinstance(source, (str, os.PathLike)):
        with _opened(source) as file:
            yield file  # a raw file reads straight into arrays
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield io.BytesIO(source)
    else:
        yield _seekable(source)


def _opened(path: str | os.PathLike) -> BinaryIO:
    try:
        return open(path, "rb", buffering=0)
    except FileNotFoundError as error:
        raise with_folder(error, path) from None


def _seekable(file: Any) -> BinaryIO:
    if not callable(getattr(file, "read", None)):
        raise TypeError(
            "A file is read from a path, from bytes, or from a binary file object. "
            f"Received: {file!r} (a {type(file).__name__})"
        )
    if not isinstance(file.read(0), bytes):
        raise TypeError(f"{file!r} is open as text; open it with mode='rb'")
    can_seek = getattr(file, "seekable", None)
    if all(hasattr(file, name) for name in NEEDED) and can_seek is not None and can_seek():
        return file
    return io.BytesIO(file.read())
