"""HDF5 files that are read: what is in which group, arrays, attributes."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.hdf5 import attributes, groups, headers
from pylego.saving.hdf5.attributes import Attribute
from pylego.saving.hdf5.groups import Link
from pylego.saving.hdf5.heaps import GlobalHeap
from pylego.saving.hdf5.source import Source
from pylego.saving.hdf5.storage import Dataset, read_dataset
from pylego.saving.opening import reading

LARGEST_RATIO = 100  # of what is read from compressed arrays to the file
ALWAYS_READ = 1 << 26  # bytes, however small the file is
MOST_LEVELS = 256


class _Object:
    """A group or an array; each part of it is read when it is asked for, once."""

    def __init__(self, source: Source, address: int) -> None:
        self._source = source
        self._messages = headers.read_messages(source, address)

    @cached_property
    def links(self) -> dict[str, Link] | None:
        return groups.read_links(self._source, self._messages)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        return attributes.read_attributes(self._source, self._messages)

    @cached_property
    def dataset(self) -> Dataset:
        return read_dataset(self._source, self._messages)


class HDF5File:
    """A file that is read. Paths are names with slashes between them; '' is the root.

    Every method raises a `CorruptFileError` where the file is damaged, or has no such path.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._texts = GlobalHeap(source)
        root = headers.find_root(source)
        self._objects = {"": _Object(source, root)}
        self._paths = {root: ""}  # by address
        self._read: set[str] = set()  # paths of arrays
        self._stored = self._taken = 0  # their bytes in the file and in memory

    def has(self, path: str) -> bool:
        """Return whether there is a group or an array of this path."""
        return self._find(_normal(path)) is not None

    def is_dataset(self, path: str) -> bool:
        """Return whether it is an array, and not a group."""
        return self._at(path).links is None

    def children(self, path: str) -> list[str]:
        """Return the names in a group, sorted."""
        return list(self._at(path).links or ())

    def attribute_names(self, path: str) -> list[str]:
        """Return the names of the attributes of a group or an array, sorted."""
        return list(self._at(path).attributes)

    def attribute(self, path: str, name: str, default: Any = None) -> Any:
        """Return an attribute: a text, a list of texts, a number or an array.

        A list that Keras cut into `name0`, `name1` and so on is put together. Where there is no
        such attribute, it is the default.
        """
        found = self._at(path).attributes
        if name in found:
            return attributes.decode(self._source, self._texts, found[name])
        keys = itertools.takewhile(found.__contains__, (f"{name}{k}" for k in itertools.count()))
        parts = [attributes.decode(self._source, self._texts, found[key]) for key in keys]
        if not all(isinstance(part, (list, np.ndarray)) for part in parts):
            raise self._source.damaged(f"the attribute '{name}0' is not part of a list")
        return [one for part in parts for one in part] if parts else default

    def shape(self, path: str) -> tuple[int, ...]:
        """Return the shape of an array."""
        return self._at(path).dataset.shape

    def dtype(self, path: str) -> np.dtype:
        """Return the dtype of an array. That of bfloat16 is float32, as `read` gives it."""
        stored = self._at(path).dataset.stored_dtype
        return np.dtype(np.float32) if stored.kind == "V" else stored.newbyteorder("=")

    def read(self, path: str) -> np.ndarray:
        """Return an array. bfloat16, which NumPy has not, becomes float32, which holds it."""
        dataset = self._at(path).dataset
        if _normal(path) not in self._read:
            self._read.add(_normal(path))
            self._stored += dataset.stored_bytes
            self._taken += dataset.bytes
        if self._stored > self._source.size:
            raise self._source.damaged("its arrays lie above each other")
        if self._taken > max(ALWAYS_READ, LARGEST_RATIO * self._source.size):
            raise self._source.damaged(f"it becomes {self._taken:,} bytes, too many for its size")
        array = dataset.read()
        if array.dtype.kind == "V":
            return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
        return array

    def _at(self, path: str) -> _Object:
        found = self._find(_normal(path))
        if found is None:
            raise CorruptFileError(f"{self._source.name} has no {path!r} in it.")
        return found

    def _find(self, path: str) -> _Object | None:
        if path in self._objects:
            return self._objects[path]
        names = path.split("/")
        if len(names) > MOST_LEVELS:
            raise self._source.refused(f"{path[:50]!r}... lies in more than {MOST_LEVELS} groups")
        found: _Object | None = self._objects[""]
        for k, name in enumerate(names):
            if found is not None:
                found = self._child(found, "/".join(names[: k + 1]), name)
        return found

    def _child(self, group: _Object, path: str, name: str) -> _Object | None:
        link = (group.links or {}).get(name)
        if link is None or path in self._objects:
            return self._objects.get(path)
        if link.kind != groups.HARD:
            raise self._source.refused(f"{path!r} is a link to another place or file")
        other = self._paths.setdefault(link.address, path)
        if other != path:
            raise self._source.refused(f"{other!r} and {path!r} in it are the same object")
        self._objects[path] = _Object(self._source, link.address)
        return self._objects[path]


def _normal(path: str) -> str:
    return path if "/" not in path else "/".join(part for part in path.split("/") if part)


@contextlib.contextmanager
def open_hdf5(source: Any) -> Iterator[HDF5File]:
    """Open an HDF5 file to read it.

    Args:
        source: a path, the file's bytes, or a binary file object.

    Raises:
        CorruptFileError: where it is none, or damaged.
    """
    name = name_of(source)
    with reading(source) as file:
        yield HDF5File(Source(file, name))
