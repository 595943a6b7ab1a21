"""Arrays by name in safetensors files, by the package of that name, imported when it is used.

The format has no code and no links in it, and PyTorch programs publish their weights in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pylego.core import bfloat16
from pylego.saving import atomic
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.opening import reading

DTYPES = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8", "BF16": "<u2",
}  # fmt: skip


def safetensors() -> Any:
    """Return the module safetensors.numpy.

    Raises:
        ImportError: where it is not installed, with the line that installs it.
    """
    try:
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            "safetensors files are read and written by the package safetensors, which is not "
            "installed: pip install safetensors"
        ) from error
    return safetensors


def read(source: Any) -> dict[str, np.ndarray]:
    """Return the arrays of a file by their names. bfloat16 becomes float32, which holds it.

    Args:
        source: a path, the file's bytes, or a binary file object.

    Raises:
        CorruptFileError: where the file is damaged, or has numbers that NumPy has not.

    >>> import io
    >>> file = io.BytesIO()
    >>> write(file, {"kernel": np.ones((2, 3), "float32")})
    >>> read(file)["kernel"].shape
    (2, 3)
    """
    library = safetensors()
    name = name_of(source)
    with reading(source) as file:
        file.seek(0)
        content = file.read()
    try:
        found = library.deserialize(content)
    except library.SafetensorError as error:
        raise CorruptFileError(f"{name} is damaged, or no safetensors file: {error}") from error
    return {key: _array(name, key, **described) for key, described in found}


def _array(file: str, key: str, dtype: str, shape: list[int], data: bytes) -> np.ndarray:
    if dtype not in DTYPES:
        raise CorruptFileError(f"{file}: {key!r} has the dtype {dtype}, which NumPy has not.")
    array = np.frombuffer(data, DTYPES[dtype]).reshape(shape)
    if dtype == "BF16":  # the upper half of a float32
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(array.dtype.newbyteorder("="), copy=not array.flags.writeable)


def write(
    target: Any, arrays: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays by their names.

    Args:
        target: a path, where there is the old file or the whole new one at any moment; or a binary
            file object.
        arrays: names and arrays of numbers.
        metadata: texts by name, which the file holds beside them.

    Raises:
        TypeError: for what is not an array of numbers, and for metadata that are not text.
    """
    library = safetensors()
    plain = {key: _plain(key, value) for key, value in arrays.items()}
    texts = dict(metadata or {})
    for key, text in texts.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise TypeError(f"metadata holds texts by name. Received: {key!r}: {text!r}")
    content = library.numpy.save(plain, texts or None)
    with atomic.writing(target) as file:
        file.write(content)


def _plain(key: Any, value: Any) -> np.ndarray:
    array = np.ascontiguousarray(bfloat16.widened(value)).reshape(np.shape(value))
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if not isinstance(key, str) or array.dtype.kind not in "biuf" or array.itemsize > 8:
        raise TypeError(
            "A safetensors file holds arrays of numbers by name. "
            f"Received: {key!r}: an array of {array.dtype}"
        )
    return array
