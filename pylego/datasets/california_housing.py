"""Load California housing: 20,640 groups of blocks in 1990, with 8 numbers about each."""

from __future__ import annotations

import os

from pylego import names
from pylego.datasets import houses
from pylego.datasets.houses import Part

CHECKSUM = "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
VERSIONS = {"small": 600, "large": None}  # and how many rows they have; None for all


def load_data(
    version: str = "large",
    path: str | os.PathLike[str] = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> tuple[Part, Part]:
    """Load the houses from the cache folder (downloading them first), or from `path`.

    The cache is `$PYLEGO_HOME/california_housing`, by default `~/.pylego/california_housing`;
    Keras's, `~/.keras/datasets`, is looked into as well. The numbers about a group of blocks are
    median income, age of houses, rooms and bedrooms per household, inhabitants, inhabitants per
    household, latitude and longitude.

    Args:
        version: 'large', or 'small' for the first 600 rows, about as many as `boston_housing` has.
        path: an .npz file as Keras stores it, to be read instead of the cache.
        test_split: the share of the rows that is for testing.
        seed: of the order of the rows.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: numbers of shape `(16512, 8)` and `(4128, 8)`,
        median prices in dollars of shapes `(16512,)` and `(4128,)`; 480 and 120 rows for 'small'.

    Raises:
        ConnectionError: the file is missing and cannot be downloaded; the text says where to put
            it.
        FileNotFoundError: `path` leads to no file.
        ValueError: the file is damaged, `test_split` is not below 1, or for another version.

    Source: R. K. Pace and R. Barry, "Sparse spatial autoregressions", Statistics and Probability
    Letters 33 (1997).

    >>> (x_train, y_train), (x_test, y_test) = load_data("small")  # doctest: +SKIP
    >>> x_train.shape  # doctest: +SKIP
    (480, 8)
    """
    if version not in VERSIONS:
        raise names.unknown("version", version, VERSIONS)
    x, y = houses.load_table("california_housing", CHECKSUM, path, columns=8)
    count = VERSIONS[version]
    return houses.split(x[:count], y[:count], test_split, seed)
