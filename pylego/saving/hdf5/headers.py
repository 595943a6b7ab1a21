"""Where an HDF5 file begins, and the messages that describe its objects (File Format, II, IV.A)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5.source import Fields, Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"
LARGEST_SUPERBLOCK = 112

# Kinds of messages.
SHAPE, LINKS, TYPE, LINK, EXTERNAL, STORAGE, FILTERS = 1, 2, 3, 6, 7, 8, 11
ATTRIBUTE, CONTINUATION, SYMBOLS, ATTRIBUTES = 12, 16, 17, 21

SHARED = 2  # a flag: the message lies elsewhere, in another object
MOST_MESSAGES = 1 << 16
CHECKSUM = 4  # bytes behind structures of the newer kinds


class Message(NamedTuple):
    """One thing that is said of an object."""

    kind: int
    flags: int
    content: bytes


def find_root(source: Source) -> int:
    """Read the superblock and return the address of the root group.

    Raises:
        CorruptFileError: where it is not an HDF5 file, or was cut short.
    """
    start = _find_signature(source)
    length = min(LARGEST_SUPERBLOCK, source.size - start)
    fields = Fields(source, source.at(start, length), len(SIGNATURE))
    version = fields.number(1)
    if version in (0, 1):
        base, end, root = _old_superblock(fields, version)
    elif version in (2, 3):
        base, end, root = _new_superblock(fields)
    else:
        raise source.refused(f"its superblock has version {version}, and 0 to 3 are known")
    if base > start or end > source.size:  # `end` counts from the beginning of the file
        raise source.damaged(
            f"it was cut short: it says that it ends at {end:,}, and has {source.size:,} bytes"
        )
    source.base = base
    return root


def _find_signature(source: Source) -> int:
    start = 0
    while start + len(SIGNATURE) <= source.size:
        if source.at(start, len(SIGNATURE)) == SIGNATURE:
            return start
        start = max(512, 2 * start)
    raise CorruptFileError(f"{source.name} is not an HDF5 file: it does not begin as they do.")


def _set_widths(fields: Fields) -> None:
    source = fields.source
    source.address_bytes, source.length_bytes = fields.number(1), fields.number(1)
    if not {source.address_bytes, source.length_bytes} <= {2, 4, 8}:
        raise source.damaged("its addresses have a width that there is not")


def _old_superblock(fields: Fields, version: int) -> tuple[int, int, int]:
    fields.skip(4)
    _set_widths(fields)
    fields.skip(13 if version else 9)
    base = fields.known_address()
    fields.address()  # of free space
    end = fields.known_address()
    if fields.address() is not None:
        raise fields.source.refused("it is one of several files that belong together")
    fields.address()  # of the name of the root
    return base, end, fields.known_address()


def _new_superblock(fields: Fields) -> tuple[int, int, int]:
    _set_widths(fields)
    fields.skip(1)
    base = fields.known_address()
    fields.address()  # of an extension, which says nothing about what is in the file
    return base, fields.known_address(), fields.known_address()


def read_messages(source: Source, address: int) -> list[Message]:
    """Return the messages of the object at an address.

    Raises:
        CorruptFileError: where there is no object.
    """
    start = source.at(address, 6)
    read: Callable[[Fields], Iterator[Message]]
    if start.startswith(b"OHDR"):
        blocks = [_new_block(source, address, flags=start[5])]
        read = partial(_new_messages, flags=start[5])
    elif start[0] == 1:
        blocks = [_old_block(source, address)]
        read = _old_messages
    else:
        raise source.damaged(f"there is no object at {address:,}")
    messages: list[Message] = []
    for block in blocks:  # which grows while it is walked
        for message in read(block):
            if message.kind == CONTINUATION:
                blocks.append(_continuation(source, message.content, is_old=read is _old_messages))
            elif message.kind:
                messages.append(message)
            if len(messages) + len(blocks) > MOST_MESSAGES:
                raise source.damaged(f"the object at {address:,} has too many messages")
    return messages


def _continuation(source: Source, content: bytes, is_old: bool) -> Fields:
    fields = Fields(source, content)
    address, length = fields.known_address(), fields.length()
    if is_old:
        return source.fields(address, length)
    return source.signed(address, length - CHECKSUM, b"OCHK")


def _old_block(source: Source, address: int) -> Fields:
    fields = source.fields(address, 16)
    fields.skip(8)
    return source.fields(address + 16, fields.number(4))


def _old_messages(fields: Fields) -> Iterator[Message]:
    while fields.left >= 8:
        kind, length, flags = fields.number(2), fields.number(2), fields.number(1)
        fields.skip(3)
        yield Message(kind, flags, fields.take(length))


def _new_block(source: Source, address: int, flags: int) -> Fields:
    before = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    length = int.from_bytes(source.at(address + before, width), "little")
    return source.fields(address + before + width, length)


def _new_messages(fields: Fields, flags: int) -> Iterator[Message]:
    extra = 2 if flags & 4 else 0  # the order of making
    while fields.left >= 4 + extra:
        kind, length, message_flags = fields.number(1), fields.number(2), fields.number(1)
        fields.skip(extra)
        yield Message(kind, message_flags, fields.take(length))
