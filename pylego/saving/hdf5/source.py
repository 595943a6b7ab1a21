"""The bytes of an HDF5 file, read with a bound on where and how much."""

from __future__ import annotations

from typing import BinaryIO

from pylego.saving.errors import CorruptFileError

PAGE = 1 << 13  # bytes of the file that are read at once where structures are looked up


class Source:
    """A file of which parts are taken by address.

    Every part that describes the file is read once or twice, so what is read in all is less than a
    few times the file. Parts that refer to each other in circles, or a thousand times to the same
    one, use up this budget, and the file is refused.

    Args:
        file: a binary file that can seek.
        name: how messages speak of it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._file = file
        self.size = file.seek(0, 2)
        self.base = 0  # where address 0 is
        self.address_bytes = 8
        self.length_bytes = 8
        self._budget = 4 * self.size + (1 << 20)
        self._pages: dict[int, bytes] = {}

    def damaged(self, what: str) -> CorruptFileError:
        """Return the error that says what is wrong with the file."""
        return CorruptFileError(f"{self.name} is damaged: {what}.")

    def refused(self, what: str) -> CorruptFileError:
        """Return the error that says what is not read, though it may be legal HDF5."""
        return CorruptFileError(f"{self.name} is not read: {what}.")

    def check(self, address: int, length: int) -> None:
        """Refuse a part that is not inside the file."""
        if address < 0 or length < 0 or self.base + address + length > self.size:
            raise self.damaged(
                f"{length:,} bytes at {address:,} lie outside of its {self.size:,} bytes"
            )

    def at(self, address: int, length: int) -> bytes:
        """Return a part of the file's structures."""
        self.check(address, length)
        self._budget -= length
        if self._budget < 0:
            raise self.damaged("its parts refer to each other again and again")
        start = self.base + address
        first = start // PAGE
        if (start + length - 1) // PAGE > first:
            return self._read(start, length)
        if first not in self._pages:
            self._pages[first] = self._read(first * PAGE, min(PAGE, self.size - first * PAGE))
        return self._pages[first][start - first * PAGE :][:length]

    def fields(self, address: int, length: int) -> Fields:
        """Return a part of the file's structures, to be read one field after another."""
        return Fields(self, self.at(address, length))

    def signed(self, address: int, length: int, signature: bytes) -> Fields:
        """Return a part that must begin with a signature, and stands behind it."""
        content = self.at(address, length)
        if not content.startswith(signature):
            raise self.damaged(f"there is no {signature.decode()} at {address:,}")
        return Fields(self, content, len(signature))

    def read_into(self, address: int, memory: memoryview) -> None:
        """Read numbers straight into memory."""
        self.check(address, len(memory))
        self._file.seek(self.base + address)
        done = 0
        while done < len(memory):
            count = self._file.readinto(memory[done:])  # type: ignore[attr-defined]
            if not count:
                raise self.damaged("it became shorter while it was read")
            done += count

    def _read(self, start: int, length: int) -> bytes:
        content = bytearray(length)
        base, self.base = self.base, 0
        try:
            self.read_into(start, memoryview(content))
        finally:
            self.base = base
        return bytes(content)


class Fields:
    """Numbers and bytes of a part of a file, one after another. All numbers are little-endian."""

    def __init__(self, source: Source, content: bytes, place: int = 0) -> None:
        self.source = source
        self.content = content
        self.place = place

    @property
    def left(self) -> int:
        """How many bytes there are behind the place."""
        return len(self.content) - self.place

    def take(self, length: int) -> bytes:
        """Return the next bytes."""
        end = self.place + length
        if end > len(self.content):
            raise self.source.damaged("a part of it ends too early")
        part = self.content[self.place : end]
        self.place = end
        return part

    def skip(self, length: int) -> None:
        """Leave bytes out."""
        self.take(length)

    def number(self, length: int) -> int:
        """Return the next number, of so many bytes."""
        return int.from_bytes(self.take(length), "little")

    def length(self) -> int:
        """Return the next number that is as wide as the file's lengths are."""
        return self.number(self.source.length_bytes)

    def address(self) -> int | None:
        """Return the next address; None stands for nowhere."""
        width = self.source.address_bytes
        address = self.number(width)
        return None if address == (1 << 8 * width) - 1 else address

    def known_address(self) -> int:
        """Return the next address, which must be one."""
        address = self.address()
        if address is None:
            raise self.source.damaged("an address is missing")
        return address

    def expect(self, value: int, length: int, what: str) -> None:
        """Refuse a file in which the next number is another one."""
        found = self.number(length)
        if found != value:
            raise self.source.refused(f"its {what} is {found}, and {value} is known")
