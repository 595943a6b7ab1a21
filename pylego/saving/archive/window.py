"""A part of a file as a file, so that HDF5 in an archive is read and written in place."""

from __future__ import annotations

import io
import zlib
from typing import Any, BinaryIO

PIECE = 1 << 20  # bytes


class Window(io.RawIOBase):
    """The bytes of a file from a place on: a given number of them, or all that are written.

    The file is not closed with it. Messages call it what `described` says.

    >>> window = Window(io.BytesIO(b"0123456789"), 2, 5)
    >>> window.seek(1), window.read()
    (1, b'3456')
    """

    def __init__(
        self, file: BinaryIO, start: int, size: int | None = None, described: str = "a file"
    ) -> None:
        self.described = described
        self._file = file
        self._start = start
        self._grows = size is None
        self._size = size or 0
        self._place = 0

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self._size

    def readable(self) -> bool:
        """It is."""
        return True

    def writable(self) -> bool:
        """Return whether it grows."""
        return self._grows

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, from the beginning, from here or from the end."""
        self._place = max(0, offset + (0, self._place, self._size)[whence])
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def readinto(self, memory: Any) -> int:
        """Read as many bytes as fit and are there."""
        view = memoryview(memory).cast("B")[: max(0, self._size - self._place)]
        self._file.seek(self._start + self._place)
        count: int = self._file.readinto(view) or 0  # type: ignore[attr-defined]
        self._place += count
        return count

    def write(self, content: Any) -> int:
        """Write all of the bytes here."""
        if not self._grows:
            raise io.UnsupportedOperation("this part of a file is only read")
        self._file.seek(self._start + self._place)
        view = memoryview(content).cast("B")
        self._file.write(view)
        self._place += len(view)
        self._size = max(self._size, self._place)
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Let it have so many bytes."""
        self._size = self._place if size is None else size
        self._file.truncate(self._start + self._size)
        return self._size

    def checksum(self) -> int:
        """Return the CRC-32 of all of its bytes."""
        crc = 0
        piece = memoryview(bytearray(PIECE))
        self.seek(0)
        while count := self.readinto(piece):
            crc = zlib.crc32(piece[:count], crc)
        self.seek(0)
        return crc
