"""HDF5 files as Keras writes them: groups, arrays of numbers, and attributes."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego.saving import atomic
from pylego.saving.errors import CorruptFileError, name_of

LARGEST_ATTRIBUTE = 64512  # bytes that an object's header has room for


def h5py() -> Any:
    """Return the module h5py.

    Raises:
        ImportError: where it is not installed, with the line that installs it.
    """
    try:
        import h5py
    except ImportError as error:
        raise ImportError(
            "HDF5 files are written by h5py, which is not installed: pip install h5py"
        ) from error
    return h5py


class HDF5File:
    """A file that is read. Paths are names of groups with slashes between; '' is the root."""

    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self._name = name

    def _at(self, path: str) -> Any:
        try:
            return self._file[path or "/"]
        except KeyError:
            raise CorruptFileError(f"{self._name}: there is no {path!r} in it.") from None

    def has(self, path: str) -> bool:
        """Return whether there is a group or data set of this path."""
        return (path or "/") in self._file

    def is_dataset(self, path: str) -> bool:
        """Return whether it is an array, and not a group."""
        return isinstance(self._at(path), h5py().Dataset)

    def children(self, path: str) -> list[str]:
        """Return the names of what is in a group."""
        return list(self._at(path))

    def attribute_names(self, path: str) -> list[str]:
        """Return the names of the attributes of a group or data set."""
        return list(self._at(path).attrs)

    def attribute(self, path: str, name: str, default: Any = None) -> Any:
        """Return an attribute: text, a list of texts, a number or an array.

        A list that Keras cut into `name0`, `name1` and so on is put together.
        """
        attributes = self._at(path).attrs
        if name in attributes:
            return _decoded(attributes[name])
        whole: list[Any] = []
        k = 0
        while f"{name}{k}" in attributes:
            whole += list(_decoded(attributes[f"{name}{k}"]))
            k += 1
        return whole if k else default

    def shape(self, path: str) -> tuple[int, ...]:
        """Return the shape of an array."""
        return tuple(self._at(path).shape)

    def dtype(self, path: str) -> np.dtype:
        """Return the dtype of an array."""
        return self._at(path).dtype

    def read(self, path: str) -> np.ndarray:
        """Return an array."""
        return np.asarray(self._at(path)[()])


def _decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray) and value.dtype.kind in "SOU":
        return [_decoded(one) for one in value.ravel().tolist()]
    if isinstance(value, np.generic):
        return value.item()
    return value


@contextlib.contextmanager
def open_hdf5(source: Any) -> Iterator[HDF5File]:
    """Open an HDF5 file to read it: a path, its bytes, or a binary file object."""
    name = name_of(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = io.BytesIO(source)
    try:
        file = h5py().File(source, "r")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise CorruptFileError(f"{name} is no HDF5 file, or it is damaged: {error}") from error
    with file:
        yield HDF5File(file, name)


class NewHDF5File:
    """A file that is written. Groups on the way to a path are made where they are missing."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def group(self, path: str) -> None:
        """Make a group, where there is none yet."""
        self._file.require_group(path or "/")

    def write(self, path: str, array: Any) -> None:
        """Write an array of numbers."""
        self._file.create_dataset(path, data=array)

    def set_attribute(self, path: str, name: str, value: Any) -> None:
        """Set an attribute: text, a list of texts, a number or an array.

        Texts are stored as bytes in UTF-8, and a list that is too long for one attribute is cut
        into `name0`, `name1` and so on, as Keras does both.
        """
        attributes = self._file[path or "/"].attrs
        if isinstance(value, (list, tuple)) and all(isinstance(v, (str, bytes)) for v in value):
            for key, part in _parts(name, [_bytes(one) for one in value]):
                attributes[key] = part
        else:
            attributes[name] = value


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text


def _parts(name: str, texts: list[bytes]) -> Iterator[tuple[str, Any]]:
    count = 1
    array = np.asarray(texts) if texts else np.zeros(0)
    parts = [array]
    while any(part.nbytes > LARGEST_ATTRIBUTE for part in parts):
        count += 1
        parts = np.array_split(array, count)
    if count == 1:
        yield name, array
    else:
        for k, part in enumerate(parts):
            yield f"{name}{k}", part


@contextlib.contextmanager
def create_hdf5(target: Any) -> Iterator[NewHDF5File]:
    """Write an HDF5 file to a path, whole or not at all, or to a binary file object."""
    with atomic.writing(target) as file, h5py().File(file, "w") as written:
        yield NewHDF5File(written)
