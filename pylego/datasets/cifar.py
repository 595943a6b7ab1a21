"""Load CIFAR-10 and CIFAR-100: files of many images each, as their authors pickled them.

A pickle can run any code when it is read. Here only what such files consist of is known: arrays,
lists, numbers and texts.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np

from pylego import config
from pylego.datasets import cache
from pylego.datasets.object_arrays import DAMAGE, ArrayUnpickler
from pylego.utils.archives import extract_archive

Part = tuple[np.ndarray, np.ndarray]

SIDE, CHANNELS = 32, 3
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)


class Source(NamedTuple):
    """What a data set consists of.

    Args:
        folder: in our cache.
        archive: the official file.
        checksum: of it, SHA-256.
        inside: the folder in the archive.
        train: the files for training.
        test: the file for testing.
    """

    folder: str
    archive: str
    checksum: str
    inside: str
    train: tuple[str, ...]
    test: str

    @property
    def files(self) -> tuple[str, ...]:
        return (*self.train, self.test)


def load_data(
    source: Source, labels: str, classes: int, path: str | os.PathLike[str] | None
) -> tuple[Part, Part]:
    """Load a data set from a cache, downloading it first where need be, or from a path.

    Args:
        source: which one.
        labels: the key of the labels in its files.
        classes: how many of them there are.
        path: a folder of the files.

    Raises:
        ConnectionError: the archive is missing and cannot be downloaded.
        FileNotFoundError: `path` does not lead to the files.
        ValueError: a file is damaged.
    """
    folder = _found_folder(source) if path is None else _given_folder(source, path)
    train, test = (
        [read_images(os.path.join(folder, name), labels, classes) for name in names]
        for names in (source.train, (source.test,))
    )
    return _joined(train), _joined(test)


def _joined(parts: list[Part]) -> Part:
    images = np.concatenate([part[0] for part in parts])
    is_last = config.image_data_format() == "channels_last"
    images = np.ascontiguousarray(images.transpose(0, 2, 3, 1)) if is_last else images
    return images, np.concatenate([part[1] for part in parts])


# ---- places ---------------------------------------------------------------------------------


def _found_folder(source: Source) -> str:
    ours, keras = os.path.join(cache.home(), source.folder), cache.keras_home()
    unpacked = os.path.join(ours, "unpacked")
    for place in (ours, unpacked, os.path.join(keras, f"{source.inside}-target"), keras):
        folder = os.path.join(place, source.inside)
        if not _missing(source, folder):
            return folder
    archive = os.path.join(ours, source.archive)
    if not os.path.isfile(archive):
        cache.download(ours, {source.archive: source.checksum}, MIRRORS)
    is_archive = extract_archive(archive, unpacked, "tar")
    folder = os.path.join(unpacked, source.inside)
    if not is_archive or _missing(source, folder):
        raise ValueError(f"{archive} is damaged: delete it and {unpacked}, and load it again")
    return folder


def _given_folder(source: Source, path: str | os.PathLike[str]) -> str:
    folder = os.path.expanduser(path)
    missing = _missing(source, folder)
    if missing:
        raise FileNotFoundError(
            f"path={folder!r} should be the folder {source.inside} of {source.archive}; not found "
            f"there: {', '.join(missing)}"
        )
    return folder


def _missing(source: Source, folder: str) -> list[str]:
    return [name for name in source.files if not os.path.isfile(os.path.join(folder, name))]


# ---- files ----------------------------------------------------------------------------------


def read_images(path: str, labels: str, classes: int) -> Part:
    """Read a file of images, shape (images, 3, 32, 32), and labels, shape (images, 1).

    Raises:
        ValueError: for anything else.
    """
    try:
        with open(path, "rb") as file:
            content = ArrayUnpickler(file, encoding="bytes").load()
        return _checked(content[b"data"], np.array(content[labels.encode()]), classes)
    except DAMAGE as error:
        raise ValueError(f"{path} cannot be read as images of CIFAR: {error}") from error


def _checked(images: Any, numbers: np.ndarray, classes: int) -> Part:
    columns = CHANNELS * SIDE * SIDE
    array = np.asarray(images)
    if array.dtype != np.uint8 or array.shape[1:] != (columns,):
        found = f"{array.dtype} of shape {array.shape}"
        raise ValueError(f"expected bytes of shape (images, {columns}), found {found}")
    if numbers.dtype.kind not in "iu" or numbers.shape != array.shape[:1]:
        raise ValueError(f"expected {len(array)} labels, found {numbers.dtype} {numbers.shape}")
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < classes:
        raise ValueError(f"expected labels from 0 to {classes - 1}, found {numbers.max()}")
    return array.reshape(-1, CHANNELS, SIDE, SIDE), numbers.reshape(-1, 1)
