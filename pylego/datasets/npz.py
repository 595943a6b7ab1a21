"""Read arrays of numbers out of .npz files, as NumPy and Keras store them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def read_arrays(path: str, names: Sequence[str]) -> list[np.ndarray]:
    """Read arrays of a file.

    Args:
        path: the file.
        names: of the arrays.

    Raises:
        ValueError: the file is damaged, or has other arrays.
    """
    import tokenize
    import zipfile
    import zlib

    damage = (KeyError, ValueError, TypeError, EOFError, OSError, SyntaxError, MemoryError,
              NotImplementedError, RuntimeError, tokenize.TokenError, zipfile.BadZipFile,
              zlib.error)  # fmt: skip
    expected = f"expected a .npz file with the arrays {', '.join(names)}"
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = [file[name] for name in names]
    except damage as error:
        raise ValueError(f"{path} cannot be read: {expected}; {error}") from error
    if not all(isinstance(array, np.ndarray) for array in arrays):
        raise ValueError(f"{path} cannot be read: {expected}")
    return arrays
