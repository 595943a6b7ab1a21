"""Zip archives that are read.

The directory is read by Python's zipfile and checked before any member is. Members are read in
memory or in place; nothing is ever extracted to a folder.
"""

from __future__ import annotations

import contextlib
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, cast

from pylego.saving.archive.window import Window
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.opening import reading

LARGEST_READ = 1 << 28  # bytes of a member that is read whole
LARGEST_DIRECTORY = 1 << 22
LARGEST_RATIO = 100  # of what all members become to the file
ALWAYS_READ = 1 << 26  # bytes, however small the file is
PIECE = 1 << 20

END, END64, LOCAL = b"PK\5\6", b"PK\6\6", b"PK\3\4"
BEFORE_END = 76  # bytes of the directory's end of 64 bits and its locator
END_BYTES, LOCAL_BYTES, LONGEST_COMMENT = 22, 30, 0xFFFF
ENCRYPTED = 0x2061  # flags: by a password, by a certificate, the directory; and patched data
METHODS = {zipfile.ZIP_STORED: "stored", zipfile.ZIP_DEFLATED: "deflate"}


class Member(NamedTuple):
    """Where a member lies."""

    header: int
    start: int
    stored_bytes: int
    bytes: int
    crc: int
    is_stored: bool


class _Inflated(io.BytesIO):
    """A member that was compressed; messages call it what `described` says."""

    def __init__(self, content: bytes, described: str) -> None:
        super().__init__(content)
        self.described = described


class Archive:
    """An archive that is read.

    Attributes:
        names: those of its members, folders left out, in the order of the directory.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._size = file.seek(0, io.SEEK_END)
        self._members = {one.filename: self._member(one) for one in self._directory()}
        self._check_places()
        self._check_sizes()
        self.names = list(self._members)

    def read(self, name: str) -> bytes:
        """Return all bytes of a member.

        Raises:
            CorruptFileError: where there is none of this name, or it is damaged or too long.
        """
        member = self._find(name)
        if member.bytes > LARGEST_READ:
            raise self._damaged(f"{name!r} has {member.bytes:,} bytes, too many for what it is")
        return self.open(name).read()

    def open(self, name: str) -> BinaryIO:
        """Return a member as a binary file that can seek, its checksum compared.

        One that is not compressed is read where it lies.

        Raises:
            CorruptFileError: where there is none of this name, or it is damaged.
        """
        member = self._find(name)
        described = f"{name!r} in {self._name}"
        window = Window(self._file, member.start, member.stored_bytes, described)
        if not member.is_stored:
            return _Inflated(self._inflate(window, name, member), described)
        self._compare(window.checksum(), name, member)
        return cast(BinaryIO, window)

    def _damaged(self, what: str) -> CorruptFileError:
        return CorruptFileError(f"{self._name} is damaged: {what}.")

    def _find(self, name: str) -> Member:
        if name not in self._members:
            raise CorruptFileError(f"{self._name} has no member {name!r}.")
        return self._members[name]

    def _directory(self) -> list[zipfile.ZipInfo]:
        self._check_end()
        try:
            entries = zipfile.ZipFile(self._file).infolist()
        except Exception as error:  # zipfile also lets through what goes wrong inside of it
            raise self._damaged(f"its directory cannot be read ({error})") from error
        seen: set[str] = set()
        for entry in entries:
            if entry.filename in seen:
                raise self._damaged(f"two members are called {entry.filename!r}")
            seen.add(entry.filename)
            self._check_name(entry)
            self._check_kind(entry)
        return [entry for entry in entries if not entry.is_dir()]

    def _check_end(self) -> None:
        """Refuse a directory that would take much memory before it is read."""
        start = max(0, self._size - END_BYTES - LONGEST_COMMENT)
        self._file.seek(start)
        tail = self._file.read(self._size - start)
        found = tail.rfind(END, 0, len(tail) - END_BYTES + len(END))
        if found < 0:
            raise CorruptFileError(
                f"{self._name} is not a zip archive, or it was cut short: it has no directory."
            )
        length = int.from_bytes(tail[found + 12 : found + 16], "little")
        if tail[found - BEFORE_END : found].startswith(END64):
            length = int.from_bytes(tail[found - BEFORE_END + 40 :][:8], "little")
        if length > LARGEST_DIRECTORY:
            raise self._damaged(f"its directory has {length:,} bytes, too many for any model")

    def _check_name(self, entry: zipfile.ZipInfo) -> None:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        leads_out = not all(parts) or {".", ".."} & set(parts) or ":" in parts[0]
        if leads_out or "\\" in name or "\0" in name:
            raise self._damaged(f"{name!r} is not a name for a member")

    def _check_kind(self, entry: zipfile.ZipInfo) -> None:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise self._damaged(f"{entry.filename!r} is a link or device, and no file")
        if entry.flag_bits & ENCRYPTED:
            raise self._damaged(f"{entry.filename!r} is encrypted")
        if entry.compress_type not in METHODS:
            raise self._damaged(
                f"{entry.filename!r} is compressed by method {entry.compress_type}; "
                "members are read that are stored, or compressed by deflate"
            )

    def _member(self, entry: zipfile.ZipInfo) -> Member:
        """Read what stands before a member itself, which must say what the directory says."""
        self._file.seek(min(max(0, entry.header_offset), self._size))
        head = self._file.read(LOCAL_BYTES)
        if len(head) < LOCAL_BYTES or not head.startswith(LOCAL):
            raise self._damaged(f"there is no member {entry.filename!r} where it should be")
        method, *lengths = (int.from_bytes(head[k : k + 2], "little") for k in (8, 26, 28))
        # The name may be encoded in another way than the directory's, but not the method.
        if method != entry.compress_type:
            raise self._damaged(f"{entry.filename!r} is stored in two ways at once")
        start = entry.header_offset + LOCAL_BYTES + sum(lengths)
        is_stored = entry.compress_type == zipfile.ZIP_STORED
        if is_stored and entry.compress_size != entry.file_size:
            raise self._damaged(f"{entry.filename!r} has two sizes")
        return Member(
            entry.header_offset, start, entry.compress_size, entry.file_size, entry.CRC, is_stored
        )

    def _check_places(self) -> None:
        """Refuse members that lie above each other, or beyond the file."""
        end, last = 0, ""
        for name, member in sorted(self._members.items(), key=lambda item: item[1].header):
            if member.header < end:
                raise self._damaged(f"{name!r} and {last!r} lie above each other")
            end, last = member.start + member.stored_bytes, name
        if end > self._size:
            raise self._damaged(f"{last!r} lies beyond its {self._size:,} bytes")

    def _check_sizes(self) -> None:
        whole = sum(member.bytes for member in self._members.values())
        if whole > max(ALWAYS_READ, LARGEST_RATIO * self._size):
            raise self._damaged(f"its members become {whole:,} bytes, too many for its size")

    def _inflate(self, window: Window, name: str, member: Member) -> bytes:
        """Decompress a member, never to more than it says."""
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        found = bytearray()
        try:
            while not stream.eof and len(found) <= member.bytes:
                piece = stream.unconsumed_tail or window.read(PIECE)
                before = len(found)
                found += stream.decompress(piece, PIECE)
                if not piece and len(found) == before:
                    break
        except zlib.error as error:
            raise self._damaged(f"{name!r} cannot be decompressed ({error})") from None
        if not stream.eof or len(found) != member.bytes:
            raise self._damaged(f"{name!r} has not the {member.bytes:,} bytes that it should have")
        self._compare(zlib.crc32(found), name, member)
        return bytes(found)

    def _compare(self, crc: int, name: str, member: Member) -> None:
        if crc != member.crc:
            raise self._damaged(f"{name!r} has another checksum than it should have")


@contextlib.contextmanager
def open_archive(source: Any) -> Iterator[Archive]:
    """Open a zip archive to read it.

    Args:
        source: a path, the archive's bytes, or a binary file object.

    Raises:
        CorruptFileError: where it is none, or is damaged, or its members could do harm.
    """
    name = name_of(source)
    with reading(source) as file:
        yield Archive(file, name)
