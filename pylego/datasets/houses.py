"""Load tables of houses: numbers about each, and its price, in one .npz file as Keras stores it."""

from __future__ import annotations

import os

import numpy as np

from pylego import checks
from pylego.datasets import cache
from pylego.datasets.npz import read_arrays

Part = tuple[np.ndarray, np.ndarray]


def load_table(
    folder: str, checksum: str, path: str | os.PathLike[str], columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """Load all rows of a table, from the cache or from a path.

    Args:
        folder: in the cache; the official file has this name and `.npz`.
        checksum: of the official file.
        path: as for `cache.found_file`.
        columns: how many numbers there are about a house.

    Raises:
        ConnectionError: the file is missing and cannot be downloaded.
        FileNotFoundError: `path` leads to no file.
        ValueError: the file is damaged or holds something else.
    """
    found = cache.found_file(folder, f"{folder}.npz", checksum, path)
    x, y = read_arrays(found, ("x", "y"))
    if x.shape[1:] != (columns,) or y.shape != x.shape[:1]:
        raise ValueError(
            f"{found}: expected x of shape (houses, {columns}) and y of shape (houses,), found "
            f"{x.shape} and {y.shape}"
        )
    return x, y


def split(x: np.ndarray, y: np.ndarray, test_split: float, seed: int) -> tuple[Part, Part]:
    """Shuffle rows as Keras does, and hold the last ones back for testing.

    Raises:
        ValueError: for a share that is not below 1.
    """
    if not 0 <= checks.real_number("test_split", test_split) < 1:
        raise ValueError(f"test_split is a share from 0 to below 1. Received: {test_split}")
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    first = int(len(x) * (1 - test_split))
    train, test = order[:first], order[first:]
    return (x[train], y[train]), (x[test], y[test])
