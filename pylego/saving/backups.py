"""The backups of a training: the numbers of the model and the progress of `fit`, in one file.

One file, because two could not be replaced in one step. Each array in it has a checksum: nobody but
the reader would notice what a damaged disk did to it, and training would go on with that.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import warnings
import zlib
from typing import Any

import numpy as np

from pylego.saving.atomic import writing
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.hdf5 import HDF5File, NewHDF5File, create_hdf5, open_hdf5
from pylego.saving.loading import load_state
from pylego.saving.training_state import GROUP, read_training_state, write_training_state
from pylego.saving.walk import objects_with_state
from pylego.saving.weights import ArraysOnly, WeightsFile, write_weights

NAME = "latest.weights.h5"
PREVIOUS = f"{NAME}.bkp"
CHECKSUMS = "checksums"  # an attribute of the root: lines of sum and path
_LEFTOVER = re.compile(r"\.[0-9a-f]+\.part")  # of a process that was killed while it wrote


class Backups:
    """The last backup in a folder, and perhaps the one before.

    Args:
        folder: it is made when it is needed.
        keeps_previous: whether the backup before the last one is kept.
    """

    def __init__(self, folder: str, keeps_previous: bool):
        self._folder = folder
        self._keeps_previous = keeps_previous
        self._latest = os.path.join(folder, NAME)
        self._previous = os.path.join(folder, PREVIOUS)

    def write(self, model: Any, state: dict[str, Any]) -> None:
        """Write the next backup; whatever happens, there is the last one or this one.

        Raises:
            OSError: where it cannot be written.
        """
        os.makedirs(self._folder, exist_ok=True)
        try:
            if self._keeps_previous and os.path.exists(self._latest):
                _copy(self._latest, self._previous)
            _write(self._latest, model, state)
        except OSError as error:
            raise OSError(
                error.errno,
                f"The backup of the training cannot be written: {error}. The one before is as it "
                "was; the same call of fit goes on from there",
            ) from error

    def restore(self, model: Any) -> dict[str, Any] | None:
        """Give the model the numbers of the last backup, return the progress of its training.

        Returns None where there is no backup.

        Raises:
            CorruptFileError: when it is damaged, and there is no other.
            ValueError: when it is the backup of another model, which is as it was.
        """
        self._remove_leftovers()
        if not (os.path.exists(self._latest) or os.path.exists(self._previous)):
            return None
        if not all(getattr(found, "built", True) for _, found in objects_with_state(model)):
            model._progress.rehearse()
        if os.path.exists(self._latest):
            try:
                return _read(self._latest, model)
            except CorruptFileError as error:
                if not os.path.exists(self._previous):
                    raise CorruptFileError(f"{error} {self._advice()}") from error
                warnings.warn(
                    f"{error} Training goes on from the backup before: {self._previous!r}",
                    stacklevel=2,
                )
        state = _read(self._previous, model)
        _copy(self._previous, self._latest)  # so that the next backup does not keep a damaged one
        return state

    def _advice(self) -> str:
        return (
            "It is the only backup of this training. To begin the training anew, delete the folder "
            f"{self._folder!r}; double_checkpoint=True keeps two backups"
        )

    def delete(self) -> None:
        """Delete the backups, and the folder if nothing else is in it."""
        self._remove_leftovers()
        for path in (self._latest, self._previous):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path)
        with contextlib.suppress(OSError):
            os.rmdir(self._folder)

    def _remove_leftovers(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for name in filter(_LEFTOVER.fullmatch, os.listdir(self._folder)):
                os.remove(os.path.join(self._folder, name))


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as former, writing(target) as file:
        shutil.copyfileobj(former, file)


def _write(path: str, model: Any, state: dict[str, Any]) -> None:
    with create_hdf5(path) as file:
        summed = _SummedFile(file)
        write_weights(summed, model)
        write_training_state(summed, state)
        file.set_attribute("", CHECKSUMS, [f"{sum:08x} {path}" for path, sum in summed.sums])


def _read(path: str, model: Any) -> dict[str, Any]:
    name = name_of(path)
    with open_hdf5(path) as file:
        _check(file, name)
        state = read_training_state(file, name)
        if state is None:
            raise CorruptFileError(f"{name} has no state of a training in it.")
        _check_model(file, name, model)
        load_state(model, WeightsFile(file), name)
    return state


class _SummedFile(NewHDF5File):
    """A file that is written, and the checksums of its arrays.

    Args:
        file: the open one.
    """

    def __init__(self, file: NewHDF5File):
        self._target = file
        self.sums: list[tuple[str, int]] = []

    def group(self, path: str) -> None:
        self._target.group(path)

    def write(self, path: str, array: Any) -> None:
        self._target.write(path, array)
        self.sums.append((path, _checksum(np.asarray(array))))

    def set_attribute(self, path: str, name: str, value: Any) -> None:
        self._target.set_attribute(path, name, value)


def _sums(file: HDF5File, name: str) -> list[tuple[str, str]]:
    lines = file.attribute("", CHECKSUMS)
    if lines is None:
        raise CorruptFileError(
            f"{name} is not a backup that BackupAndRestore of pylego has written."
        )
    pairs = (line.partition(" ") for line in lines)
    return [(path, checksum) for checksum, _, path in pairs]


def _check(file: HDF5File, name: str) -> None:
    for path, checksum in _sums(file, name):
        if not file.has(path) or f"{_checksum(file.read(path)):08x}" != checksum:
            raise CorruptFileError(f"{name} is damaged: {path!r} in it is not what was written.")


def _check_model(file: HDF5File, name: str, model: Any) -> None:
    """Refuse the backup of another model, also if only its optimizer is another."""
    groups = ArraysOnly.of(model)
    ours = {
        f"{group}/{key}": a.shape for group, arrays in groups.items() for key, a in arrays.items()
    }
    paths = [path for path, _ in _sums(file, name) if not path.startswith(f"{GROUP}/")]
    theirs = {path: file.shape(path) for path in paths}
    for path in {**ours, **theirs}:
        if ours.get(path) != theirs.get(path):
            raise ValueError(
                f"{name} is the backup of another training: {path!r} has the shape "
                f"{theirs.get(path)} in it and {ours.get(path)} in {model.name!r}, where None "
                "stands for what is not there. Build and compile the model as before, or delete "
                "the backup to begin anew."
            )


def _checksum(array: np.ndarray) -> int:
    layout = f"{array.dtype.str} {array.shape}".encode()
    return zlib.crc32(np.ascontiguousarray(array).tobytes(), zlib.crc32(layout))
