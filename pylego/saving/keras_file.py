"""`.keras` files, as Keras 3 has them: a zip archive of a description, numbers and metadata."""

from __future__ import annotations

import datetime
import json
from typing import Any

from pylego import __version__
from pylego.saving.archive import Archive, create_archive, open_archive
from pylego.saving.description import describe, revive
from pylego.saving.errors import CorruptFileError, name_of
from pylego.saving.hdf5 import create_hdf5, open_hdf5
from pylego.saving.loading import load_state
from pylego.saving.training_state import (
    put_back_training_state,
    read_training_state,
    training_state_of,
    write_training_state,
)
from pylego.saving.weights import WeightsFile, write_weights

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
KERAS_VERSION = "3.15.1"  # whose format this is


def save(model: Any, target: Any) -> None:
    """Write a model to a path, whole or not at all, or to a binary file object."""
    description = describe(model)  # what cannot be described leaves no file behind
    with create_archive(target) as archive:
        archive.write(METADATA, metadata())
        archive.write(CONFIG, description.encode())
        with archive.create(WEIGHTS) as member, create_hdf5(member) as file:
            write_weights(file, model)
            write_training_state(file, training_state_of(model))


def metadata() -> bytes:
    """Return what says who wrote a file, and when."""
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    versions = {"keras_version": KERAS_VERSION, "pylego_version": __version__}
    return json.dumps({**versions, "date_saved": saved}).encode()


def load(source: Any, custom_objects: Any, compile: bool, safe_mode: bool) -> Any:
    """Read a model.

    Raises:
        CorruptFileError: for a file that is damaged, or no `.keras` file.
    """
    name = name_of(source)
    with open_archive(source) as archive:
        _check_members(archive, name, (CONFIG, WEIGHTS))
        model = revive(archive.read(CONFIG), name, custom_objects, compile, safe_mode)
        with archive.open(WEIGHTS) as member, open_hdf5(member) as file:
            load_state(model, WeightsFile(file), name)
            put_back_training_state(model, read_training_state(file, name))
    return model


def load_weights(model: Any, source: Any, skip_mismatch: bool, skip: Any) -> None:
    """Read only the numbers of a model."""
    name = name_of(source)
    with open_archive(source) as archive:
        _check_members(archive, name, (WEIGHTS,))
        with archive.open(WEIGHTS) as member, open_hdf5(member) as file:
            load_state(model, WeightsFile(file), name, skip_mismatch, skip)


def _check_members(archive: Archive, name: str, members: tuple[str, ...]) -> None:
    for member in members:
        if member not in archive.names:
            raise CorruptFileError(f"{name} is no .keras file: there is no {member} in it.")
