"""What is in a group: links to objects, older and newer (File Format, III.B, IV)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pylego.saving.hdf5 import headers
from pylego.saving.hdf5.headers import Message
from pylego.saving.hdf5.heaps import FractalHeap, LocalHeap
from pylego.saving.hdf5.source import Fields, Source
from pylego.saving.hdf5.trees import walk_new_tree, walk_old_tree

HARD, SOFT, EXTERNAL = 0, 1, 64
LINK_NAMES = 5  # a kind of tree


class Link(NamedTuple):
    """What a name in a group leads to."""

    kind: int
    address: int  # of the object; 0 for links that are not followed


def read_links(source: Source, messages: list[Message]) -> dict[str, Link] | None:
    """Return the links of an object by their names, sorted; None where it is not a group."""
    found: dict[bytes, Link] = {}
    is_group = False
    for message in messages:
        if message.kind not in (headers.SYMBOLS, headers.LINKS, headers.LINK):
            continue
        is_group = True
        for name, link in _links_of(source, message):
            if name in found:
                raise source.damaged(f"two things are called {name!r}")
            found[name] = link
    if not is_group:
        return None
    return {_name(source, name): found[name] for name in sorted(found)}


def _links_of(source: Source, message: Message) -> Iterator[tuple[bytes, Link]]:
    fields = Fields(source, message.content)
    if message.flags & headers.SHARED:
        raise source.refused("its groups share their descriptions")
    if message.kind == headers.SYMBOLS:
        yield from _symbols(source, fields.known_address(), fields.known_address())
    elif message.kind == headers.LINK:
        yield _link(fields)
    else:
        yield from _dense_links(source, fields)


def _symbols(source: Source, tree: int, heap: int) -> Iterator[tuple[bytes, Link]]:
    """The older kind: a tree of tables, and a heap of names."""
    names = LocalHeap(source, heap)
    entry_bytes = 2 * source.address_bytes + 24
    for _, table in walk_old_tree(source, tree, kind=0, key_bytes=source.length_bytes):
        head = source.signed(table, 8, b"SNOD")
        head.skip(2)
        count = head.number(2)
        fields = source.fields(table + 8, count * entry_bytes)
        for _ in range(count):
            place = fields.number(source.address_bytes)
            address, is_soft = fields.address(), fields.number(4) == 2
            fields.skip(20)
            if is_soft or address is None:
                yield names.text(place), Link(SOFT, 0)
            else:
                yield names.text(place), Link(HARD, address)


def _dense_links(source: Source, fields: Fields) -> Iterator[tuple[bytes, Link]]:
    """The newer kind, where a group has many: a heap of links, and a tree of their names."""
    fields.expect(0, 1, "version of a group")
    if fields.number(1) & 1:
        fields.skip(8)
    heap, tree = fields.address(), fields.address()
    if heap is None or tree is None:
        return
    records = FractalHeap(source, heap)
    for record in walk_new_tree(source, tree, LINK_NAMES):
        yield _link(Fields(source, records.take(record[4:])))


def _link(fields: Fields) -> tuple[bytes, Link]:
    fields.expect(1, 1, "version of a link")
    flags = fields.number(1)
    kind = fields.number(1) if flags & 8 else HARD
    fields.skip((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = fields.take(fields.number(1 << (flags & 3)))
    return name, Link(kind, fields.known_address() if kind == HARD else 0)


def _name(source: Source, name: bytes) -> str:
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text in ("", ".") or "/" in text:
        raise source.damaged(f"{name!r} is not a name for a group or an array")
    return text
