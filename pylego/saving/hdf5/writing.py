"""HDF5 files that are written, by h5py, which is imported when the first one is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego.saving import atomic

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
