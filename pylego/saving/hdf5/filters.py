"""What HDF5 does to chunks before it stores them, undone: gzip, shuffle, fletcher32.

Those are the filters that every HDF5 has. Others are found in plugins, and none is ever loaded.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np

from pylego.saving.hdf5.source import Fields, Source

GZIP, SHUFFLE, FLETCHER32 = 1, 2, 3
OTHERS = {4: "szip", 5: "nbit", 6: "scale-offset", 32000: "lzf"}
MOST = 32
CHECKSUM = 4


class Filter(NamedTuple):
    """A filter and its numbers."""

    kind: int
    values: tuple[int, ...]


def read_filters(fields: Fields) -> tuple[Filter, ...]:
    """Read the filters of an array, in the order in which they were applied.

    Raises:
        CorruptFileError: for filters that not every HDF5 has.
    """
    version, count = fields.number(1), fields.number(1)
    if version not in (1, 2) or count > MOST:
        raise fields.source.damaged(f"it has {count} filters of version {version}")
    fields.skip(6 if version == 1 else 0)
    return tuple(_read_filter(fields, version) for _ in range(count))


def _read_filter(fields: Fields, version: int) -> Filter:
    kind = fields.number(2)
    if kind not in (GZIP, SHUFFLE, FLETCHER32):
        name = OTHERS.get(kind, f"number {kind}")
        raise fields.source.refused(f"it is compressed by the filter {name}; gzip is read")
    name_bytes = fields.number(2) if version == 1 else 0
    fields.skip(2)
    count = fields.number(2)
    fields.skip(name_bytes + -name_bytes % 8)
    values = tuple(fields.number(4) for _ in range(count))
    fields.skip(4 if version == 1 and count % 2 and fields.left >= 4 else 0)
    return Filter(kind, values)


def undo(
    source: Source,
    content: bytes | bytearray,
    filters: tuple[Filter, ...],
    skipped: int,
    length: int,
) -> bytes | bytearray:
    """Return the bytes of a chunk, from those that are stored.

    Args:
        source: the file.
        content: what is stored.
        filters: those of the array.
        skipped: a bit for each filter that the chunk did not go through.
        length: how many bytes a chunk has.

    Raises:
        CorruptFileError: where it has other bytes than that, or a checksum differs.
    """
    for k, one in reversed(list(enumerate(filters))):
        if skipped >> k & 1:
            continue
        if one.kind == GZIP:
            content = _unzip(source, content, length + CHECKSUM)
        elif one.kind == SHUFFLE:
            content = _unshuffle(content, one.values[0] if one.values else 1)
        else:
            content = _check_sum(source, content)
    if len(content) != length:
        raise source.damaged(f"a chunk of {length:,} bytes in it has {len(content):,}")
    return content


def _unzip(source: Source, content: bytes | bytearray, most: int) -> bytes:
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(content, most)
    except zlib.error as error:
        raise source.damaged(f"what is compressed in it cannot be read ({error})") from None
    if not stream.eof:
        raise source.damaged("what is compressed in it is longer than it should be, or cut off")
    return found


def _unshuffle(content: bytes | bytearray, size: int) -> bytes:
    """Put the bytes of each number side by side again."""
    whole = len(content) // size * size if size else 0
    body = np.frombuffer(content, np.uint8, whole).reshape(size or 1, -1)
    return body.T.tobytes() + bytes(content[whole:])


def _check_sum(source: Source, content: bytes | bytearray) -> bytes | bytearray:
    body, stored = content[:-CHECKSUM], int.from_bytes(content[-CHECKSUM:], "little")
    if _fletcher32(body) != ((stored >> 16) % 65535, (stored & 0xFFFF) % 65535):
        raise source.damaged("the checksum of a chunk in it differs")
    return body


def _fletcher32(content: bytes | bytearray) -> tuple[int, int]:
    """Return both sums of Fletcher's checksum, modulo 65535, over big-endian words."""
    words = np.frombuffer(bytes(content) + b"\0" * (len(content) % 2), ">u2").astype(np.uint64)
    places = np.arange(len(words), 0, -1, dtype=np.uint64) % 65535
    return int((words * places % 65535).sum() % 65535), int(words.sum() % 65535)
