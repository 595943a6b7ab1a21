"""Files and tables of `tf.io.gfile`, `tf.data` and `tf.lookup`."""

from __future__ import annotations

import glob as patterns
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pylego import ops
from pylego.core.ragged import RaggedTensor
from pylego.core.text_array import Text, holds_texts, text_array
from pylego.layers.preprocessing.fingerprints import bin_of
from pylego.scripts.tensorflow.values import Dataset
from pylego.utils.dataset import Dataset as AnyDataset


def write_file(filename: Any, contents: Any, name: Any = None) -> None:
    """Write bytes, or a text, into a file; folders on the way are made."""
    path = Path(str(filename))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents if isinstance(contents, bytes) else str(contents).encode())


def GFile(name: Any, mode: str = "r") -> Any:  # noqa: N802 - TensorFlow's name
    """Open a file."""
    return open(name, mode, encoding=None if "b" in mode else "utf-8")


def makedirs(path: Any) -> None:
    """Make a folder, and those on the way to it."""
    os.makedirs(path, exist_ok=True)


def rmtree(path: Any) -> None:
    """Remove a folder and what is in it."""
    shutil.rmtree(path)


def glob(pattern: Any) -> list[str]:
    """Return the paths that a pattern, or one of several, describes."""
    several = [pattern] if isinstance(pattern, str) else pattern
    return [path for one in several for path in sorted(patterns.glob(str(one)))]


class TextLineDataset:
    """`tf.data.TextLineDataset`: makes the dataset of the lines of files."""

    def __new__(cls, filenames: Any, *args: Any, **options: Any) -> AnyDataset:  # type: ignore[misc]
        """Make it."""
        paths = [filenames] if isinstance(filenames, (str, os.PathLike)) else list(filenames)

        def lines() -> Iterator[Text]:
            for path in paths:
                with open(path, encoding="utf-8") as file:
                    yield from (Text(line.rstrip("\r\n")) for line in file)

        return Dataset.from_generator(lines)


class KeyValueTensorInitializer:
    """What a table is made of: keys, and a value for each."""

    def __init__(self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None):
        self.keys, self.values = keys, values
        self.value_dtype = value_dtype


class StaticHashTable:
    """`tf.lookup.StaticHashTable`: a value for each key, and one for all others.

    >>> table = StaticHashTable(KeyValueTensorInitializer(["a", "b"], [1, 2]), -1)
    >>> table.lookup(["b", "c"]).numpy().tolist()
    [2, -1]
    """

    def __init__(
        self, initializer: KeyValueTensorInitializer, default_value: Any, name: Any = None
    ):
        self._default = default_value
        pairs = zip(map(_plain, initializer.keys), map(_plain, initializer.values))
        self._values = dict(pairs)
        self._dtype = initializer.value_dtype

    def lookup(self, keys: Any, name: Any = None) -> Any:
        """Return the values of keys."""
        if isinstance(keys, RaggedTensor):
            return keys.with_flat_values(self.lookup(keys.flat_values))
        array = text_array(keys) if holds_texts(keys) else np.asarray(keys)
        found = np.array([self._values.get(_plain(key), self._default) for key in array.flat])
        if holds_texts(found):
            return text_array(found.reshape(array.shape))
        dtype = None if self._dtype in (None, "string") else self._dtype
        return ops.convert_to_tensor(found.reshape(array.shape), dtype)

    __getitem__ = lookup

    def size(self) -> int:
        """Return how many keys there are."""
        return len(self._values)


class StaticVocabularyTable(StaticHashTable):
    """`tf.lookup.StaticVocabularyTable`: a number for each key, and others for all other texts,
    which are spread over some buckets."""

    def __init__(
        self,
        initializer: KeyValueTensorInitializer | None,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: Any = None,
    ):
        super().__init__(initializer or KeyValueTensorInitializer([], []), None)
        self._known = len(self._values)
        self._buckets = num_oov_buckets

    def lookup(self, keys: Any, name: Any = None) -> Any:
        """Return the numbers of keys."""
        if isinstance(keys, RaggedTensor):
            return keys.with_flat_values(self.lookup(keys.flat_values))
        array = text_array(keys)
        found = [self._values.get(str(key), None) for key in array.flat]
        numbers = [
            self._known + bin_of(str(key), self._buckets) if one is None else one
            for key, one in zip(array.flat, found)
        ]
        return ops.convert_to_tensor(np.array(numbers, "int64").reshape(array.shape))

    __getitem__ = lookup

    def size(self) -> int:
        """Return how many numbers there are."""
        return self._known + self._buckets


def _plain(x: Any) -> Any:
    """A key or value as Python has it."""
    if isinstance(x, bytes):
        return x.decode()
    return x.item() if hasattr(x, "item") else str(x) if isinstance(x, str) else x
