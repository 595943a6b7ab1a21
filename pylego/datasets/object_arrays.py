"""Read .npz files whose arrays hold lists of whole numbers.

NumPy stores arrays of lists as pickles, and a pickle can run any code when it is read. Here only
the few names that arrays and bytes consist of are known: nothing else can be called.
"""

from __future__ import annotations

import io
import os
import pickle
import zipfile
import zlib
from typing import Any

import numpy as np

# What a damaged pickle raises, in NumPy's arrays or outside of them.
DAMAGE = (
    KeyError, ValueError, EOFError, TypeError, AttributeError, IndexError, OverflowError,
    MemoryError, NotImplementedError, pickle.UnpicklingError,
)  # fmt: skip

_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")  # before NumPy 2, and since


def _empty_array(*_: Any) -> np.ndarray:
    """The array before the pickle fills it in."""
    return np.empty(0, "int8")


def _bytes_of(text: str, encoding: str) -> bytes:
    """What stands for bytes where Python 3 pickles as Python 2 does."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"it holds bytes as {encoding!r}")
    return text.encode("latin1")


_KNOWN: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _bytes_of,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    **{(module, "_reconstruct"): _empty_array for module in _MULTIARRAY},
}


class ArrayUnpickler(pickle.Unpickler):
    """Knows arrays and bytes, and nothing that runs code."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(
                f"it asks for {module}.{name}, which no list of numbers needs"
            ) from None


def read_object_arrays(path: str | os.PathLike[str], names: tuple[str, ...]) -> list[np.ndarray]:
    """Read arrays of a .npz file, of numbers or of lists of numbers.

    Args:
        path: the file.
        names: of the arrays.

    Raises:
        ValueError: the file is damaged, or has other arrays.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [_read_array(archive.read(f"{name}.npy")) for name in names]
    except (*DAMAGE, zipfile.BadZipFile, zlib.error) as error:
        expected = f"expected a .npz file with the arrays {', '.join(names)}"
        raise ValueError(f"{os.fspath(path)} cannot be read: {expected}; {error}") from error


def _read_array(content: bytes) -> np.ndarray:
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    header = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    if not header(file)[2].hasobject:
        file.seek(0)
        return np.lib.format.read_array(file, allow_pickle=False)
    array = ArrayUnpickler(file).load()
    is_lists = isinstance(array, np.ndarray) and array.ndim == 1
    if not is_lists or not all(isinstance(row, list) for row in array):
        raise ValueError("an array of objects holds lists of whole numbers")
    return array
