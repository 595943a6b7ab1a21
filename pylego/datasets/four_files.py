"""Load the data sets that come as MNIST does: images and labels, for training and for testing.

They are four IDX files in one folder, or four arrays in one .npz file as Keras stores them.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from pylego.datasets import cache
from pylego.datasets.idx import read_idx
from pylego.datasets.npz import read_arrays

Part = tuple[np.ndarray, np.ndarray]

# File name of the images and of the labels of each part.
TRAIN = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
TEST = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")


class Source(NamedTuple):
    """Where a data set comes from: its folder in the cache, its mirrors, its files' SHA-256."""

    folder: str
    mirrors: tuple[str, ...]
    checksums: dict[str, str]


def load_cached(source: Source) -> tuple[Part, Part]:
    """Load a data set from the cache folder; download first what is missing there."""
    folder = os.path.join(cache.home(), source.folder)
    missing = {name: source.checksums[name] for name in _missing(folder)}
    cache.download(folder, missing, source.mirrors)
    return _load_folder(folder)


def load_path(path: str | os.PathLike[str]) -> tuple[Part, Part]:
    """Load a data set from the user's own folder of IDX files, or .npz file.

    Raises:
        FileNotFoundError: there is no such file or folder, or an IDX file is not in it.
        ValueError: a file is damaged, or images and labels differ in number.
    """
    path = os.path.expanduser(path)
    if os.path.isfile(path):
        return _load_npz(path)
    missing = _missing(path)
    if missing:
        raise FileNotFoundError(
            f"path={path!r} should be a folder of IDX files or a .npz file with the arrays "
            f"{', '.join(NPZ_KEYS)}; not found there: {', '.join(missing)}"
        )
    return _load_folder(path)


def _path_in(folder: str, name: str) -> str:
    """Return where the file is; without `.gz` if that is how it lies there."""
    zipped = os.path.join(folder, name)
    plain = zipped.removesuffix(".gz")
    return plain if os.path.isfile(plain) and not os.path.isfile(zipped) else zipped


def _missing(folder: str) -> list[str]:
    return [name for name in TRAIN + TEST if not os.path.isfile(_path_in(folder, name))]


def _load_folder(folder: str) -> tuple[Part, Part]:
    return _load_part(folder, *TRAIN), _load_part(folder, *TEST)


def _load_part(folder: str, images_name: str, labels_name: str) -> Part:
    images_path = _path_in(folder, images_name)
    labels_path = _path_in(folder, labels_name)
    images = read_idx(images_path, axes=3)
    labels = read_idx(labels_path, axes=1)
    _check_counts(images, images_path, labels, labels_path)
    return images, labels


def _load_npz(path: str) -> tuple[Part, Part]:
    x_train, y_train, x_test, y_test = _read_npz(path)
    _check_counts(x_train, f"x_train of {path}", y_train, "y_train")
    _check_counts(x_test, f"x_test of {path}", y_test, "y_test")
    return (x_train, y_train), (x_test, y_test)


def _read_npz(path: str) -> list[np.ndarray]:
    import zipfile

    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not an .npz file; pass one, or a folder of IDX files")
    return read_arrays(path, NPZ_KEYS)


def _check_counts(
    images: np.ndarray, images_name: str, labels: np.ndarray, labels_name: str
) -> None:
    if images.shape[:1] != labels.shape[:1]:
        raise ValueError(
            f"expected as many images as labels, but {images_name} has shape {images.shape} "
            f"and {labels_name} has shape {labels.shape}"
        )
