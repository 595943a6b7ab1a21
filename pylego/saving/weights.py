"""The numbers of a model in an HDF5 file: `.weights.h5`, and the same inside of `.keras`.

Each object with state has a group by its path (see `walk.py`), and in it a group `vars` with its
arrays "0", "1" and so on, and the object's name as an attribute. The state of random numbers, and
that of metrics in attributes, is stored in the same way; Keras does not look for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

import numpy as np

from pylego.core import bfloat16
from pylego.saving.hdf5 import HDF5File, NewHDF5File
from pylego.saving.walk import objects_with_state

# Where files of Keras 2.12 and 2.13 have the layers of a model.
_OLDER_LAYERS = "_layer_checkpoint_dependencies"


def write_weights(file: NewHDF5File, model: Any, skip: Iterable[Any] = ()) -> None:
    """Write all numbers of a model into an open file."""
    for path, found in objects_with_state(model, skip):
        group = group_of(path)
        name = getattr(found, "name", None)
        if isinstance(name, str):
            file.group(group)
            file.set_attribute(group, "name", name)
        found.save_own_variables(NewStore(file, group))


def group_of(path: str) -> str:
    """Return the group that holds the arrays of an object."""
    return f"{path}/vars" if path else "vars"


class NewStore(MutableMapping[str, Any]):
    """What an object writes its arrays into."""

    def __init__(self, file: NewHDF5File, group: str):
        self._file = file
        self._group = group
        self._arrays: dict[str, Any] = {}

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._arrays:
            raise ValueError(f"{key!r} is stored twice in {self._group!r}")
        self._file.write(f"{self._group}/{key}", bfloat16.widened(value))
        self._arrays[key] = value

    def __getitem__(self, key: str) -> Any:
        return self._arrays[key]

    def __delitem__(self, key: str) -> None:
        raise TypeError(f"{key!r} is in the file already: it cannot be taken out of the store")

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)


class Store(Mapping[str, np.ndarray]):
    """The arrays of an object in a file; each is read when it is asked for."""

    def __init__(self, file: HDF5File, group: str | None):
        self._file = file
        self._group = group
        names = [] if group is None else file.children(group)
        self._keys = [key for key in names if file.is_dataset(f"{group}/{key}")]

    def shape_of(self, key: str) -> tuple[int, ...]:
        """Return the shape of an array."""
        return self._file.shape(f"{self._group}/{key}")

    def __getitem__(self, key: str) -> np.ndarray:
        if key not in self._keys:
            raise KeyError(key)
        return self._file.read(f"{self._group}/{key}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class ArraysOnly:
    """What would be written into a file, by the groups of the objects."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, np.ndarray]] = {}

    @classmethod
    def of(cls, model: Any, skip: Iterable[Any] = ()) -> dict[str, dict[str, np.ndarray]]:
        """Return the arrays of a model: {group: {key: array}}."""
        taken = cls()
        write_weights(taken, model, skip)  # type: ignore[arg-type]
        return taken.groups

    def group(self, path: str) -> None:
        """Take down a group."""
        self.groups.setdefault(path, {})

    def set_attribute(self, path: str, name: str, value: Any) -> None:
        """Leave attributes out: nothing is read from them."""

    def write(self, path: str, array: np.ndarray) -> None:
        """Take down an array."""
        group, _, key = path.rpartition("/")
        self.groups.setdefault(group, {})[key] = array


class WeightsFile:
    """The numbers of a model in one open file."""

    def __init__(self, file: HDF5File):
        self._file = file

    def store(self, path: str) -> Store:
        """Return the arrays of the object at a path; none where the file has none."""
        for candidate in (path, path.replace("layers", _OLDER_LAYERS)):
            group = group_of(candidate)
            if self._file.has(group) and not self._file.is_dataset(group):
                return Store(self._file, group)
        return Store(self._file, None)

    def has_numbers(self, path: str) -> bool:
        """Return whether there is an array in a group at a path, or in one right below it."""
        inner = [path, *(f"{path}/{name}" for name in self.groups(path))]
        return any(len(self.store(one)) for one in inner)

    def groups(self, path: str) -> list[str]:
        """Return the names of the groups at a path."""
        if not self._file.has(path) or self._file.is_dataset(path):
            return []
        return [c for c in self._file.children(path) if not self._file.is_dataset(f"{path}/{c}")]


class WeightsFiles:
    """The numbers of a model in several open files, which a list knows by their groups."""

    def __init__(self, files: Mapping[str, WeightsFile], where: Mapping[str, list[str]]):
        self._files = files
        self._where = where

    def store(self, path: str) -> Any:
        """Return the arrays of the object at a path, of all files that have some."""
        stores = [self._files[name].store(path) for name in self._where.get(group_of(path), [])]
        return _Stores(stores)

    def has_numbers(self, path: str) -> bool:
        """Return whether there is an array in a group at a path, or below it."""
        return any(group.startswith(f"{path}/") for group in self._where)

    def groups(self, path: str) -> list[str]:
        """Return the names of the groups at a path."""
        inside = [group for group in self._where if group.startswith(f"{path}/")]
        return sorted({group[len(path) + 1 :].partition("/")[0] for group in inside})


class _Stores(Mapping[str, np.ndarray]):
    """The arrays of an object that are spread over files."""

    def __init__(self, stores: list[Store]):
        self._by_key = {key: store for store in stores for key in store}

    def shape_of(self, key: str) -> tuple[int, ...]:
        return self._by_key[key].shape_of(key)

    def __getitem__(self, key: str) -> np.ndarray:
        return self._by_key[key][key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_key)

    def __len__(self) -> int:
        return len(self._by_key)
