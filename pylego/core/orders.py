"""Random orders: words are drawn for numbers, and sorted."""

from __future__ import annotations

from typing import Any

import numpy as np

from pylego import engine
from pylego.core.tensor import Tensor, apply


def numbered_words(count: int, key: Any) -> Tensor:
    """Return random words, each with its number in its low bits: no two are alike.

    Args:
        count: how many.
        key: of the draw: (seed, number of the draw), as int64.
    """
    bits = _bits_of_numbers(count)
    dtype = engine.dtype_number("int64")
    low, high = 0, 2 ** (62 - bits)
    draws = apply("random_integers", (key,), shape=(count,), low=low, high=high, dtype=dtype)
    return draws * 2**bits + np.arange(count)


def order_of(words: np.ndarray) -> np.ndarray:
    """Return the numbers in the order of their words, which does not depend on how NumPy sorts.

    Args:
        words: the numbers of `numbered_words`, or rows of them; they are written over.
    """
    words.sort()
    words &= 2 ** _bits_of_numbers(words.shape[-1]) - 1
    return words


def _bits_of_numbers(count: int) -> int:
    return max(count - 1, 0).bit_length()
