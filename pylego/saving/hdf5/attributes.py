"""Attributes of groups and arrays: texts, numbers and lists (File Format, IV.A.2.m)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pylego.saving.hdf5 import headers
from pylego.saving.hdf5.headers import Message
from pylego.saving.hdf5.heaps import FractalHeap, GlobalHeap
from pylego.saving.hdf5.source import Fields, Source
from pylego.saving.hdf5.trees import walk_new_tree
from pylego.saving.hdf5.types import count_elements, read_shape, read_type

ATTRIBUTE_NAMES = 8  # a kind of tree


class Attribute(NamedTuple):
    """An attribute that is not decoded yet: its type, its shape and its value."""

    type: bytes
    shape: bytes
    value: bytes


def read_attributes(source: Source, messages: list[Message]) -> dict[str, Attribute]:
    """Return the attributes of an object by name, sorted, each to be decoded by `decode`."""
    found: dict[str, Attribute] = {}
    for content in _contents(source, messages):
        name, attribute = _named(Fields(source, content))
        if name in found:
            raise source.damaged(f"two attributes are called {name!r}")
        found[name] = attribute
    return dict(sorted(found.items()))


def _contents(source: Source, messages: list[Message]) -> Iterator[bytes]:
    for message in messages:
        if message.kind in (headers.ATTRIBUTE, headers.ATTRIBUTES):
            if message.flags & headers.SHARED:
                raise source.refused("its objects share their attributes")
            if message.kind == headers.ATTRIBUTE:
                yield message.content
            else:
                yield from _dense(source, Fields(source, message.content))


def _dense(source: Source, fields: Fields) -> Iterator[bytes]:
    """Where an object has many: a heap of attributes, and a tree of their names."""
    fields.expect(0, 1, "version of attributes")
    if fields.number(1) & 1:
        fields.skip(2)
    heap, tree = fields.address(), fields.address()
    if heap is None or tree is None:
        return
    records = FractalHeap(source, heap)
    for record in walk_new_tree(source, tree, ATTRIBUTE_NAMES):
        yield records.take(record[:8])


def _named(fields: Fields) -> tuple[str, Attribute]:
    version = fields.number(1)
    if version not in (1, 2, 3):
        raise fields.source.damaged(f"an attribute has version {version}")
    is_shared = fields.number(1) & 3 and version > 1
    lengths = [fields.number(2) for _ in range(3)]
    fields.skip(1 if version == 3 else 0)
    unit = 8 if version == 1 else 1
    name, kind, shape = (fields.take(length + -length % unit) for length in lengths)
    if is_shared:
        raise fields.source.refused("it has data types with names of their own")
    try:
        text = name.partition(b"\0")[0].decode("utf-8")
    except UnicodeDecodeError:
        raise fields.source.damaged(f"the name {name!r} is not text in UTF-8") from None
    return text, Attribute(kind, shape, fields.take(fields.left))


def decode(source: Source, texts: GlobalHeap, attribute: Attribute) -> Any:
    """Return a text, a list of texts, a number or an array.

    Raises:
        CorruptFileError: where the attribute is none of these, or longer than it can be.
    """
    kind = read_type(Fields(source, attribute.type))
    shape = read_shape(Fields(source, attribute.shape))
    count = count_elements(shape)
    if count * kind.size > len(attribute.value):
        raise source.damaged(f"an attribute of shape {shape} has {len(attribute.value)} bytes")
    if kind.is_text:
        if kind.dtype is None:
            found = _long_texts(source, texts, count, attribute.value)
        else:
            found = np.frombuffer(attribute.value, kind.dtype, count).tolist()
        decoded = [_text(source, one) for one in found]
        return decoded if shape else "".join(decoded)
    array = np.frombuffer(attribute.value, kind.dtype, count)
    if count == 0:
        return []  # as an empty list of names is stored
    return array.reshape(shape).copy() if shape else array[0].item()


def _long_texts(source: Source, texts: GlobalHeap, count: int, value: bytes) -> list[bytes]:
    """Find texts of any length. None is there twice, so they are not longer than the file."""
    fields = Fields(source, value)
    found = []
    left = source.size
    for _ in range(count):
        length, address, number = fields.number(4), fields.address(), fields.number(4)
        text = b"" if not length or not address else texts.take(address, number)[:length]
        left -= len(text)
        if left < 0:
            raise source.damaged("a list of texts is longer than the file")
        found.append(text)
    return found


def _text(source: Source, content: bytes) -> str:
    try:
        return content.rstrip(b"\0").decode("utf-8")
    except UnicodeDecodeError:
        raise source.damaged("an attribute is not text in UTF-8") from None
