"""Make pylego/datasets/digits.idx.gz from scikit-learn's copy of the UCI digits.

Run it from the repository's root: `python tests/data/make_digits.py`; needs scikit-learn.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

OUTPUT = Path(__file__).parents[2] / "pylego" / "datasets" / "digits.idx.gz"
EVERY = 5
UINT8_CODE = 8


def shuffled_order(labels: np.ndarray) -> np.ndarray:
    """Order rows so that every fifth image of each digit comes last; each part is shuffled.

    UCI's table goes from writer to writer, so every fifth image holds back some of each hand.
    """
    held_back = np.zeros(len(labels), bool)
    for digit in range(10):
        held_back[np.flatnonzero(labels == digit)[EVERY - 1 :: EVERY]] = True
    # NumPy promises never to change what a RandomState draws.
    random = np.random.RandomState(0)
    parts = [np.flatnonzero(~held_back), np.flatnonzero(held_back)]
    return np.concatenate([random.permutation(part) for part in parts])


def idx_bytes(table: np.ndarray) -> bytes:
    magic = bytes([0, 0, UINT8_CODE, table.ndim])
    return magic + np.array(table.shape, ">u4").tobytes() + table.tobytes()


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    table = np.column_stack([images, labels]).astype(np.uint8)[shuffled_order(labels)]
    OUTPUT.write_bytes(gzip.compress(idx_bytes(table), mtime=0))
    print(f"{OUTPUT}: {table.shape}, {OUTPUT.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
