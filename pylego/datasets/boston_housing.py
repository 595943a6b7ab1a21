"""Load Boston housing: 506 towns and quarters around Boston, with 13 numbers about each."""

from __future__ import annotations

import os

from pylego.datasets import houses
from pylego.datasets.houses import Part

CHECKSUM = "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Part, Part]:
    """Load the houses from the cache folder (downloading them first), or from `path`.

    The cache is `$PYLEGO_HOME/boston_housing`, by default `~/.pylego/boston_housing`; Keras's,
    `~/.keras/datasets`, is looked into as well.

    One of the numbers, "B", was made of the share of black inhabitants on the assumption that
    segregation sets prices. Use the data to learn about such problems, or take
    `california_housing`.

    Args:
        path: an .npz file as Keras stores it, to be read instead of the cache.
        test_split: the share of the rows that is for testing.
        seed: of the order of the rows.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all float64: numbers of shape `(404, 13)` and
        `(102, 13)`, median prices in thousands of dollars of shapes `(404,)` and `(102,)`.

    Raises:
        ConnectionError: the file is missing and cannot be downloaded; the text says where to put
            it.
        FileNotFoundError: `path` leads to no file.
        ValueError: the file is damaged, or `test_split` is not below 1.

    Source: D. Harrison and D. L. Rubinfeld, "Hedonic prices and the demand for clean air", Journal
    of Environmental Economics and Management 5 (1978).

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> x_train.shape  # doctest: +SKIP
    (404, 13)
    """
    table = houses.load_table("boston_housing", CHECKSUM, path, columns=13)
    return houses.split(*table, test_split, seed)
