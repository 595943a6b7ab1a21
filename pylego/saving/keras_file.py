"""`.keras` files, as Keras 3 has them: a zip archive of a description, numbers and metadata."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable
from typing import Any

from pylego import __version__
from pylego.keras_version import KERAS_VERSION
from pylego.saving import numbers_file
from pylego.saving.archive import create_archive, open_archive
from pylego.saving.assets import assets_of, load_assets
from pylego.saving.atomic import writing
from pylego.saving.description import describe, revive
from pylego.saving.errors import CorruptFileError, name_of

LARGEST_TEXT = 1 << 28  # bytes of a description
CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"


def save(model: Any, target: Any) -> None:
    """Write a model to a path, whole or not at all, or to a binary file object."""
    description = describe(model)  # what cannot be described leaves no file behind
    with create_archive(target) as archive:
        archive.write(METADATA, metadata())
        archive.write(CONFIG, description.encode())
        with archive.create(WEIGHTS) as member:
            numbers_file.write(model, member)
        for name, content in assets_of(model):
            archive.write(name, content)


def metadata() -> bytes:
    """Return what says who wrote a file, and when."""
    saved = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    versions = {"keras_version": KERAS_VERSION, "pylego_version": __version__}
    return json.dumps({**versions, "date_saved": saved}).encode()


def load(source: Any, custom_objects: Any, is_compiled: bool, safe_mode: bool) -> Any:
    """Read a model.

    Raises:
        CorruptFileError: for a file that is damaged, or no `.keras` file.
        ValueError: for layers that are not known.
    """
    name = name_of(source)
    with open_archive(source) as archive:
        _check_members(archive.names, name, (CONFIG, WEIGHTS))
        model = revive(archive.read(CONFIG), name, custom_objects, is_compiled, safe_mode)
        with archive.open(WEIGHTS) as member:
            numbers_file.read(model, member, name)
        load_assets(model, archive.names, archive.read)
    return model


def load_weights(model: Any, source: Any, skip_mismatch: bool, skip: Any) -> None:
    """Read only the numbers of a model."""
    name = name_of(source)
    with open_archive(source) as archive:
        _check_members(archive.names, name, (WEIGHTS,))
        with archive.open(WEIGHTS) as member:
            numbers_file.read(model, member, name, skip_mismatch, skip)


# ---- the same, not zipped ----


def save_folder(model: Any, path: str) -> None:
    """Write a model into a folder, which is made where there is none."""
    description = describe(model)
    if any(assets_of(model)):
        raise ValueError(
            f"{model.name!r} has layers that save files: zip it, leave zipped=False out"
        )
    os.makedirs(path, exist_ok=True)
    numbers_file.write(model, os.path.join(path, WEIGHTS))
    for name, content in ((CONFIG, description.encode()), (METADATA, metadata())):
        with writing(os.path.join(path, name)) as file:
            file.write(content)


def load_folder(path: str, custom_objects: Any, is_compiled: bool, safe_mode: bool) -> Any:
    """Read a model from a folder."""
    name = name_of(path)
    _check_members(os.listdir(path), name, (CONFIG, WEIGHTS))
    with open(os.path.join(path, CONFIG), "rb") as file:
        text = file.read(LARGEST_TEXT)
    model = revive(text, name, custom_objects, is_compiled, safe_mode)
    numbers_file.read(model, os.path.join(path, WEIGHTS), name)
    return model


def _check_members(names: Iterable[str], name: str, members: tuple[str, ...]) -> None:
    for member in members:
        if member not in names:
            raise CorruptFileError(f"{name} is not a .keras file: there is no {member} in it.")
