"""Heaps: where names, texts of any length and many links are kept (File Format, III.C to III.G)."""

from __future__ import annotations

from bisect import bisect_right

from pylego.saving.hdf5.headers import CHECKSUM
from pylego.saving.hdf5.source import Fields, Source
from pylego.saving.hdf5.trees import width_of


class LocalHeap:
    """The names of what is in a group."""

    def __init__(self, source: Source, address: int) -> None:
        head = source.signed(address, 8 + 2 * source.length_bytes + source.address_bytes, b"HEAP")
        head.skip(4)
        length = head.length()
        head.length()  # where it is free
        self._source = source
        self._content = source.at(head.known_address(), length)

    def text(self, place: int) -> bytes:
        """Return the text that begins at a place."""
        end = self._content.find(b"\0", place)
        if not 0 <= place < len(self._content) or end < 0:
            raise self._source.damaged("a name in it has no end")
        return self._content[place:end]


class GlobalHeap:
    """Texts of any length: collections, in which each has a number."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._collections: dict[int, dict[int, bytes]] = {}

    def take(self, address: int, number: int) -> bytes:
        """Return the text of a number in the collection at an address."""
        if address not in self._collections:
            self._collections[address] = self._collection(address)
        try:
            return self._collections[address][number]
        except KeyError:
            raise self._source.damaged(
                f"text {number} of those at {address:,} is missing"
            ) from None

    def _collection(self, address: int) -> dict[int, bytes]:
        source = self._source
        head = source.signed(address, 8 + source.length_bytes, b"GCOL")
        head.skip(4)
        length = head.length() - 8 - source.length_bytes
        fields = source.fields(address + 8 + source.length_bytes, length)
        found = {}
        while fields.left >= 8 + source.length_bytes:
            number = fields.number(2)
            fields.skip(6)
            size = fields.length()
            if number == 0:  # what is free, up to the end
                break
            found[number] = fields.take(size)
            fields.skip(min(-size % 8, fields.left))
        return found


class FractalHeap:
    """Many small records, in blocks that double in size from row to row.

    Records have an address space of their own, which begins with the first block and counts the
    heads of the blocks in.
    """

    def __init__(self, source: Source, address: int) -> None:
        self._source = source
        wide, long = source.address_bytes, source.length_bytes
        head = source.signed(address, 22 + 12 * long + 3 * wide, b"FRHP")
        head.expect(0, 1, "version of a heap")
        head.skip(2)
        if head.number(2):
            raise source.refused("names in it are compressed")
        checked = head.number(1) & 2
        largest = head.number(4)
        head.skip(long + wide + long + wide + 8 * long)
        self._columns = head.number(2)
        self._first_bytes, self._last_bytes = head.length(), head.length()
        self._offset_bytes = (head.number(2) + 7) // 8
        head.skip(2)
        root, rows = head.address(), head.number(2)
        self._length_bytes = min(width_of(self._last_bytes), width_of(largest))
        self._head_bytes = 5 + wide + self._offset_bytes
        self._head_bytes += CHECKSUM if checked else 0
        self._check_sizes(rows)
        self._blocks: list[tuple[int, bytes]] = []  # where each begins in the heap, and its bytes
        if root is not None:
            self._read_blocks(root, rows)
        self._blocks.sort()
        self._starts = [start for start, _ in self._blocks]

    def _check_sizes(self, rows: int) -> None:
        first, last = self._first_bytes, self._last_bytes
        powers = all(size and size & (size - 1) == 0 for size in (first, last))
        if not powers or first > last or rows > 64 or not 0 < self._columns <= 1 << 10:
            raise self._source.damaged("a heap in it has sizes that do not fit")

    def _row_bytes(self, row: int) -> int:
        return self._first_bytes << max(0, row - 1)

    def _read_blocks(self, root: int, rows: int) -> None:
        if rows == 0:
            self._blocks.append((0, self._direct(root, self._first_bytes)))
            return
        waiting = [(root, rows, 0)]
        while waiting:
            address, rows, place = waiting.pop()
            count = rows * self._columns
            head_bytes = 5 + self._source.address_bytes + self._offset_bytes
            length = head_bytes + count * self._source.address_bytes
            fields = self._source.signed(address, length, b"FHIB")
            fields.skip(head_bytes - 4)
            for k in range(count):
                child, size = fields.address(), self._row_bytes(k // self._columns)
                if child is not None and size <= self._last_bytes:
                    self._blocks.append((place, self._direct(child, size)))
                elif child is not None:
                    waiting.append((child, self._rows_in(size), place))
                place += size

    def _rows_in(self, size: int) -> int:
        """Return how many rows an indirect block has that covers so many bytes."""
        return (size // (self._first_bytes * self._columns)).bit_length()

    def _direct(self, address: int, size: int) -> bytes:
        return self._source.signed(address, size, b"FHDB").content

    def take(self, identity: bytes) -> bytes:
        """Return the record that an identity from a tree means."""
        fields = Fields(self._source, identity)
        if fields.number(1) & 0xF0:
            raise self._source.refused("a link or attribute in it is stored in an uncommon way")
        place, length = fields.number(self._offset_bytes), fields.number(self._length_bytes)
        k = bisect_right(self._starts, place) - 1
        start, content = self._blocks[k] if k >= 0 else (0, b"")
        if place + length > start + len(content):
            raise self._source.damaged("a record of a heap in it is missing")
        return content[place - start :][:length]
