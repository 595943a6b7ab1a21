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

        A list that is too long for one attribute is cut into `name0`, `name1` and so on, as Keras
        does.

        Raises:
            ValueError: where one text of a list is too long.
        """
        attributes = self._file[path or "/"].attrs
        if isinstance(value, (list, tuple)) and all(isinstance(v, (str, bytes)) for v in value):
            parts = _parts(name, [v.encode() if isinstance(v, str) else v for v in value])
            for key, part in parts.items():
                attributes[key] = part
        else:
            attributes[name] = value


def _parts(name: str, texts: list[bytes]) -> dict[str, np.ndarray]:
    """Cut texts, of which the longest decides how much room each takes."""
    array = np.array(texts, "S") if texts else np.zeros(0)  # Keras's empty list has no texts in it
    if array.itemsize > LARGEST_ATTRIBUTE:
        raise ValueError(
            f"HDF5 has room for {LARGEST_ATTRIBUTE:,} bytes in an attribute, and a text "
            f"of {name!r} has {array.itemsize:,}"
        )
    count = -(-array.nbytes // LARGEST_ATTRIBUTE)
    parts = np.array_split(array, max(1, count))
    while max(part.nbytes for part in parts) > LARGEST_ATTRIBUTE:
        count += 1
        parts = np.array_split(array, count)
    return {name: array} if len(parts) == 1 else {f"{name}{k}": p for k, p in enumerate(parts)}


@contextlib.contextmanager
def create_hdf5(target: Any) -> Iterator[NewHDF5File]:
    """Write an HDF5 file to a path, whole or not at all, or to a binary file object."""
    library = h5py()  # where it is missing, the file is left alone
    with (
        atomic.writing(target) as file,
        atomic.seekable(file) as place,
        library.File(place, "w") as written,
    ):
        yield NewHDF5File(written)
