"""Where the numbers of an array lie in the file, and how they are read (File Format, IV.A.2.i).

Memory is taken when it is known that the file has all numbers of the array: none are filled in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from pylego.saving.hdf5 import headers
from pylego.saving.hdf5.filters import Filter, read_filters, undo
from pylego.saving.hdf5.headers import Message
from pylego.saving.hdf5.source import Fields, Source
from pylego.saving.hdf5.trees import walk_old_tree
from pylego.saving.hdf5.types import count_elements, read_shape, read_type

COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
PIECES_OF_ARRAY = 1  # a kind of tree
ONE_CHUNK = 1  # a kind of index
NOT_THE_NEWEST = "write it by h5py without libver"
LARGEST_SHAPE = 1 << 58  # elements, beside axes of 0
LARGEST_CHUNK = 1 << 26  # bytes, where a chunk is larger than its array


class Chunk(NamedTuple):
    """A piece of an array, stored by itself."""

    corner: tuple[int, ...]
    address: int
    stored_bytes: int
    skipped: int = 0  # a bit for each filter that it did not go through


@dataclass(frozen=True)
class Dataset:
    """An array in a file: chunks of one shape, or bytes that lie among its description."""

    source: Source
    shape: tuple[int, ...]
    stored_dtype: np.dtype
    content: bytes = b""
    chunks: tuple[Chunk, ...] = ()
    chunk_shape: tuple[int, ...] = ()
    filters: tuple[Filter, ...] = ()

    @property
    def bytes(self) -> int:
        """How much memory its numbers take."""
        return count_elements(self.shape) * self.stored_dtype.itemsize

    @property
    def stored_bytes(self) -> int:
        """How much of the file they take."""
        return len(self.content) + sum(chunk.stored_bytes for chunk in self.chunks)

    @property
    def chunk_bytes(self) -> int:
        """How much memory a chunk takes."""
        return count_elements(self.chunk_shape) * self.stored_dtype.itemsize

    def read(self) -> np.ndarray:
        """Return the numbers, in the byte order of this machine."""
        array = np.empty(self.shape, self.stored_dtype)
        if self.content:
            array[...] = np.frombuffer(self.content, array.dtype, array.size).reshape(self.shape)
        elif self.chunk_shape == self.shape and not self.filters:
            for chunk in self.chunks:  # there is one at most
                self.source.read_into(chunk.address, array.reshape(-1).view(np.uint8).data)
        else:
            for chunk in self.chunks:
                self._read_chunk(chunk, array)
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    def _read_chunk(self, chunk: Chunk, array: np.ndarray) -> None:
        stored = bytearray(chunk.stored_bytes)
        self.source.read_into(chunk.address, memoryview(stored))
        content = undo(self.source, stored, self.filters, chunk.skipped, self.chunk_bytes)
        piece = np.frombuffer(content, array.dtype).reshape(self.chunk_shape)
        place = [slice(start, start + size) for start, size in zip(chunk.corner, self.chunk_shape)]
        inside = [slice(0, end - start) for start, end in zip(chunk.corner, self.shape)]
        array[tuple(place)] = piece[tuple(inside)]


def read_dataset(source: Source, messages: list[Message]) -> Dataset:
    """Return the array that an object's messages describe.

    Raises:
        CorruptFileError: where it is none, lies in other files, or not wholly in this one.
    """
    told = {message.kind: message for message in messages}
    if headers.EXTERNAL in told:
        raise source.refused("numbers of it lie in other files")
    if not told.keys() >= {headers.TYPE, headers.SHAPE, headers.STORAGE}:
        raise source.damaged("an object in it is neither a group nor an array")
    if any(message.flags & headers.SHARED for message in told.values()):
        raise source.refused("it has data types with names of their own")
    kind = read_type(Fields(source, told[headers.TYPE].content))
    shape = read_shape(Fields(source, told[headers.SHAPE].content))
    if kind.dtype is None or shape is None:
        raise source.refused(f"an array in it has no {'shape' if shape is None else 'numbers'}")
    dataset = Dataset(source, shape, kind.dtype)
    if headers.FILTERS in told:
        filters = read_filters(Fields(source, told[headers.FILTERS].content))
        dataset = replace(dataset, filters=filters)
    return _with_storage(dataset, Fields(source, told[headers.STORAGE].content))


def _with_storage(dataset: Dataset, fields: Fields) -> Dataset:
    source = dataset.source
    version, kind = fields.number(1), fields.number(1)
    if version not in (3, 4):
        raise source.refused(
            f"an array in it is stored in version {version}, and 3 and 4 are known"
        )
    if kind == COMPACT:
        return _check(replace(dataset, content=fields.take(fields.number(2))))
    if kind == CONTIGUOUS:
        return _check(_contiguous(dataset, fields))
    if kind == CHUNKED:
        return _check(_old_chunks(dataset, fields) if version == 3 else _new_chunk(dataset, fields))
    if kind == VIRTUAL:
        raise source.refused("an array in it is a view of other files")
    raise source.damaged(f"an array in it is stored in a way ({kind}) that there is not")


def _contiguous(dataset: Dataset, fields: Fields) -> Dataset:
    address, stored_bytes = fields.address(), fields.length()
    if address is None:
        return dataset
    corner = (0,) * len(dataset.shape)
    chunk = Chunk(corner, address, stored_bytes)
    return replace(dataset, chunks=(chunk,), chunk_shape=dataset.shape, filters=())


def _old_chunks(dataset: Dataset, fields: Fields) -> Dataset:
    source, axes = dataset.source, len(dataset.shape)
    if fields.number(1) != axes + 1:
        raise source.damaged("an array in it has chunks with other axes than its own")
    address = fields.address()
    chunk_shape = tuple(fields.number(4) for _ in range(axes))
    chunks = [] if address is None else _chunks_of(source, address, axes)
    return replace(dataset, chunks=tuple(chunks), chunk_shape=chunk_shape)


def _chunks_of(source: Source, address: int, axes: int) -> list[Chunk]:
    chunks = []
    key_bytes = 8 + 8 * (axes + 1)
    for key, place in walk_old_tree(source, address, PIECES_OF_ARRAY, key_bytes):
        fields = Fields(source, key)
        stored_bytes, skipped = fields.number(4), fields.number(4)
        corner = tuple(fields.number(8) for _ in range(axes))
        chunks.append(Chunk(corner, place, stored_bytes, skipped))
    return chunks


def _new_chunk(dataset: Dataset, fields: Fields) -> Dataset:
    """Of the newer kinds the simplest one: a chunk that is the whole array."""
    source = dataset.source
    flags, axes, width = fields.number(1), fields.number(1), fields.number(1)
    shape = tuple(fields.number(width) for _ in range(axes))[:-1]
    if fields.number(1) != ONE_CHUNK or len(shape) != len(dataset.shape):
        raise source.refused(f"its chunks have an index of a new kind; {NOT_THE_NEWEST}")
    dataset = replace(dataset, chunk_shape=shape)
    stored_bytes, skipped = dataset.chunk_bytes, 0
    if flags & 2:
        stored_bytes, skipped = fields.length(), fields.number(4)
    address = fields.address()
    if address is None:
        return dataset
    chunk = Chunk((0,) * len(shape), address, stored_bytes, skipped)
    return replace(dataset, chunks=(chunk,))


def _check(dataset: Dataset) -> Dataset:
    """Refuse an array of which the file does not have all numbers."""
    source = dataset.source
    for chunk in dataset.chunks:
        source.check(chunk.address, chunk.stored_bytes)
    if math.prod(max(1, n) for n in dataset.shape) > LARGEST_SHAPE:
        raise source.damaged(f"it declares an array of shape {dataset.shape}")
    if not dataset.bytes:
        return replace(dataset, chunks=(), content=b"")
    declared = f"it declares an array of shape {dataset.shape}, {dataset.bytes:,} bytes, "
    if dataset.content:
        complete = len(dataset.content) >= dataset.bytes
    else:
        complete = _is_covered(dataset)
    if not complete:
        raise source.damaged(f"{declared}and has {dataset.stored_bytes:,} bytes of it")
    if dataset.chunk_bytes > max(dataset.bytes, LARGEST_CHUNK):
        raise source.damaged(f"{declared}in pieces of {dataset.chunk_bytes:,} bytes")
    return dataset


def _is_covered(dataset: Dataset) -> bool:
    """Return whether each place of the array is in one chunk."""
    sizes = dataset.chunk_shape
    if 0 in sizes or (not dataset.filters and not _are_whole(dataset)):
        return False
    fit = all(
        start % size == 0 and start < end
        for chunk in dataset.chunks
        for start, size, end in zip(chunk.corner, sizes, dataset.shape)
    )
    needed = math.prod(-(-end // size) for end, size in zip(dataset.shape, sizes))
    return fit and needed == len({chunk.corner for chunk in dataset.chunks}) == len(dataset.chunks)


def _are_whole(dataset: Dataset) -> bool:
    return all(chunk.stored_bytes >= dataset.chunk_bytes for chunk in dataset.chunks)
