"""Zip archives that are written: members are stored as they are (PKWARE's APPNOTE 6.3, section 4).

A member can be a file that is written here and there, as HDF5 is, straight into the archive: its
size and checksum are put before it afterwards. Python's zipfile writes members from front to back
only. Nothing depends on the clock: the same members give the same bytes.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, cast

from pylego.saving import atomic
from pylego.saving.archive.window import Window

LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
END64, LOCATOR64 = b"PK\6\6", b"PK\6\7"
VERSION = 45  # the first that knows sizes of 64 bits
MADE_BY = VERSION | 3 << 8  # on Unix, so that the permissions below count
UTF8 = 1 << 11
NEW_YEAR_1980 = 0x21  # the first day that zip can write
PERMISSIONS = 0o100644 << 16
WIDE, WIDER = 0xFFFF, 0xFFFFFFFF  # "see the field of 64 bits"


class _Member(NamedTuple):
    name: bytes
    place: int
    size: int
    crc: int


class NewArchive:
    """An archive that is written, member after member."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: dict[str, _Member] = {}
        self._end = 0

    def write(self, name: str, content: bytes) -> None:
        """Add a member of these bytes."""
        with self.create(name) as member:
            member.write(content)

    @contextlib.contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Add a member that is written as a file, and may be sought in.

        Raises:
            ValueError: where there is one of this name already.
        """
        if name in self._members:
            raise ValueError(f"The archive has a member {name!r} already.")
        encoded = name.encode()
        self._file.seek(self._end)
        self._file.write(_local(encoded, 0, 0))
        window = Window(self._file, self._file.tell())
        yield cast(BinaryIO, window)
        crc = window.checksum()
        self._file.seek(self._end)
        self._file.write(_local(encoded, window.size, crc))
        self._members[name] = _Member(encoded, self._end, window.size, crc)
        self._end = self._file.tell() + window.size

    def close(self) -> None:
        """Write the directory, which stands at the end."""
        self._file.seek(self._end)
        directory = b"".join(_central(member) for member in self._members.values())
        self._file.write(directory)
        self._file.write(_end(len(self._members), len(directory), self._end))


def _local(name: bytes, size: int, crc: int) -> bytes:
    """What stands before a member. Its sizes have 64 bits, for nobody knows how long it becomes."""
    head = struct.pack("<4H3L2H", UTF8, 0, 0, NEW_YEAR_1980, crc, WIDER, WIDER, len(name), 20)
    return (
        LOCAL + struct.pack("<H", VERSION) + head + name + struct.pack("<2H2Q", 1, 16, size, size)
    )


def _central(member: _Member) -> bytes:
    wide = [n for n in (member.size, member.size, member.place) if n >= WIDER]
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    size, place = min(member.size, WIDER), min(member.place, WIDER)
    head = struct.pack("<2H4H", MADE_BY, VERSION, UTF8, 0, 0, NEW_YEAR_1980)
    sizes = struct.pack("<3L3H", member.crc, size, size, len(member.name), len(extra), 0)
    rest = struct.pack("<2H2L", 0, 0, PERMISSIONS, place)
    return CENTRAL + head + sizes + rest + member.name + extra


def _end(count: int, length: int, place: int) -> bytes:
    end = b""
    if count >= WIDE or length >= WIDER or place >= WIDER:
        sizes = struct.pack("<Q2H2L4Q", 44, MADE_BY, VERSION, 0, 0, count, count, length, place)
        end = END64 + sizes + LOCATOR64 + struct.pack("<LQL", 0, place + length, 1)
    least = min(count, WIDE), min(count, WIDE), min(length, WIDER), min(place, WIDER)
    return end + END + struct.pack("<2H2H2LH", 0, 0, *least, 0)


@contextlib.contextmanager
def create_archive(target: Any) -> Iterator[NewArchive]:
    """Write a zip archive.

    Args:
        target: a path, where there is the old file or the whole new one at any moment; or a binary
            file object. One that cannot be read and sought in is written at the end, in one go.

    Raises:
        OSError: where the file cannot be written.
    """
    with atomic.writing(target) as file, atomic.seekable(file) as place:
        archive = NewArchive(place)
        yield archive
        archive.close()
