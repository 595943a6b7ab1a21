"""Zip archives, as `.keras` files are: read without trust, written without compression.

Members are read from memory or from the file itself; nothing is ever extracted to a folder.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from pylego.saving import atomic
from pylego.saving.errors import CorruptFileError, name_of

LARGEST_TEXT = 1 << 28  # bytes of a member that is read whole


class Archive:
    """An archive that is read: `names`, `read(name)`, `open(name)`."""

    def __init__(self, file: zipfile.ZipFile, name: str) -> None:
        self._file = file
        self._name = name
        self.names = file.namelist()

    def read(self, name: str) -> bytes:
        """Return the bytes of a member."""
        with self.open(name) as member:
            return member.read(LARGEST_TEXT)

    def open(self, name: str) -> BinaryIO:
        """Return a member as a binary file that can seek."""
        try:
            return self._file.open(name)  # type: ignore[return-value]
        except KeyError:
            raise CorruptFileError(f"{self._name} has no member {name!r}.") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise CorruptFileError(f"{self._name} is damaged: {error}") from error


@contextlib.contextmanager
def open_archive(source: Any) -> Iterator[Archive]:
    """Open a zip archive: a path, its bytes, or a binary file object."""
    name = name_of(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = io.BytesIO(source)
    try:
        file = zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise CorruptFileError(f"{name} is no zip archive: {error}") from error
    with file:
        yield Archive(file, name)


class NewArchive:
    """An archive that is written: `write(name, content)`, `create(name)`."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file

    def write(self, name: str, content: bytes) -> None:
        """Add a member of these bytes."""
        self._file.writestr(name, content)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Add a member that is written as a binary file."""
        file = io.BytesIO()
        yield file
        self._file.writestr(name, file.getbuffer())


@contextlib.contextmanager
def create_archive(target: Any) -> Iterator[NewArchive]:
    """Write a zip archive to a path, whole or not at all, or to a binary file object."""
    with atomic.writing(target) as file, zipfile.ZipFile(file, "w") as archive:
        yield NewArchive(archive)
