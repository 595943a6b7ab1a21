"""B-trees of both kinds, walked from left to right (File Format, III.A).

A node is read once, and every level lies below the one above: a tree in a circle is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pylego.saving.hdf5.headers import CHECKSUM
from pylego.saving.hdf5.source import Source

DEEPEST = 32  # more levels than any file can have


def walk_old_tree(
    source: Source, address: int, kind: int, key_bytes: int
) -> Iterator[tuple[bytes, int]]:
    """Yield the keys and addresses in the leaves of a B-tree of version 1.

    Args:
        source: the file.
        address: of the root.
        kind: 0 for names in a group, 1 for pieces of an array.
        key_bytes: how long a key is.
    """
    waiting: list[tuple[int, int | None]] = [(address, None)]
    while waiting:
        place, expected = waiting.pop()
        head = source.signed(place, 8 + 2 * source.address_bytes, b"TREE")
        head.expect(kind, 1, "kind of tree")
        level, count = head.number(1), head.number(2)
        if level > DEEPEST or expected not in (None, level):
            raise source.damaged(f"the tree at {address:,} has levels that do not fit")
        length = count * (key_bytes + source.address_bytes)
        fields = source.fields(place + 8 + 2 * source.address_bytes, length)
        children = [(fields.take(key_bytes), fields.known_address()) for _ in range(count)]
        if level == 0:
            yield from children
        else:
            waiting += [(child, level - 1) for _, child in reversed(children)]


class _Level(NamedTuple):
    """How wide the counts are that point down to a level."""

    count_bytes: int  # of records in one node
    total_bytes: int  # of records in the node and all below it; 0 for leaves
    total: int  # records that fit into a node and all below it


def walk_new_tree(source: Source, address: int, kind: int) -> Iterator[bytes]:
    """Yield the records of a B-tree of version 2.

    Args:
        source: the file.
        address: of its header.
        kind: 5 for names of links, 8 for names of attributes.
    """
    head = source.signed(address, 22 + source.address_bytes + source.length_bytes, b"BTHD")
    head.expect(0, 1, "version of a tree")
    head.expect(kind, 1, "kind of tree")
    node_bytes, record_bytes, depth = head.number(4), head.number(2), head.number(2)
    head.skip(2)
    root, count = head.address(), head.number(2)
    if root is None:
        return
    if depth > DEEPEST or not 0 < record_bytes < node_bytes:
        raise source.damaged(f"the tree at {address:,} has sizes that do not fit")
    levels = _levels(source, node_bytes, record_bytes, depth)
    waiting = [(root, count, depth)]
    while waiting:
        place, count, level = waiting.pop()
        fields = source.signed(place, node_bytes, b"BTIN" if level else b"BTLF")
        fields.skip(2)
        yield from [fields.take(record_bytes) for _ in range(count)]
        if level:
            below = levels[level - 1]
            for _ in range(count + 1):
                waiting.append(
                    (fields.known_address(), fields.number(below.count_bytes), level - 1)
                )
                fields.skip(below.total_bytes)


def _levels(source: Source, node_bytes: int, record_bytes: int, depth: int) -> list[_Level]:
    around = 6 + CHECKSUM
    fit = (node_bytes - around) // record_bytes
    count_bytes = width_of(fit)
    levels = [_Level(count_bytes, 0, fit)]
    for _ in range(depth):
        below = levels[-1]
        pointer = source.address_bytes + count_bytes + below.total_bytes
        fit = max(0, node_bytes - around - pointer) // (record_bytes + pointer)
        total = (fit + 1) * below.total + fit
        levels.append(_Level(count_bytes, width_of(total), total))
    return levels


def width_of(limit: int) -> int:
    """Return how many bytes hold numbers up to a limit.

    >>> width_of(255), width_of(256)
    (1, 2)
    """
    return max(1, (limit.bit_length() + 7) // 8)
