"""Load the UCI handwritten digits: 1,797 images of 8 by 8 pixels, inside the package."""

from __future__ import annotations

import os

import numpy as np

from pylego.datasets.four_files import Part
from pylego.datasets.idx import read_idx

# Rows of 64 pixels and a label, as UCI has them; made by tests/data/make_digits.py.
TABLE = os.path.join(os.path.dirname(__file__), "digits.idx.gz")
SIDE = 8
HELD_BACK = 355


def load_data() -> tuple[Part, Part]:
    """Load the handwritten digits; needs no network.

    Held back for testing is every fifth image of each digit, in UCI's order, which goes from
    writer to writer. Both parts are shuffled, the same way for everybody, so that the last rows
    are as good a sample as any (`validation_split` takes those).

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images of shape `(1442, 8, 8)` and
        `(355, 8, 8)` with values 0 (paper) to 16 (ink), labels 0 to 9 of shapes `(1442,)` and
        `(355,)`.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository (1998), https://doi.org/10.24432/C50P49, licence CC BY 4.0.

    >>> (x_train, y_train), (x_test, y_test) = load_data()
    >>> x_train.shape, x_test.shape, int(x_train.max())
    ((1442, 8, 8), (355, 8, 8), 16)
    """
    table = read_idx(TABLE, axes=2)
    return _split(table[:-HELD_BACK]), _split(table[-HELD_BACK:])


def _split(rows: np.ndarray) -> Part:
    return rows[:, :-1].reshape(-1, SIDE, SIDE), rows[:, -1].copy()
