"""Quantiles of numbers that come in batches: a short summary is kept in place of the numbers.

A summary is an array of two rows: some of the numbers in ascending order, and for each how many
numbers it stands for. The arithmetic is Keras's, so that the same bins come out.
"""

from __future__ import annotations

import numpy as np


def summarize(numbers: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the summary of numbers: about 1 / epsilon of them, evenly spaced by rank."""
    ordered = np.sort(numbers.reshape(-1))
    step = max(ordered.size * epsilon, 1)
    kept = ordered[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def merge(first: np.ndarray, second: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the summary of the numbers of two summaries."""
    both = np.concatenate((first, second), axis=1)
    return _compressed(both[:, np.argsort(both[0])], epsilon)


def boundaries(summary: np.ndarray, bins: int) -> np.ndarray:
    """Return the numbers between that many bins, in which about as many numbers lie each.

    >>> boundaries(summarize(np.arange(8, dtype="float32"), 0.01), 2).tolist()
    [3.0]
    """
    return _compressed(summary, 1.0 / bins)[0, :-1]


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """A shorter summary: numbers at multiples of epsilon of the whole weight."""
    if summary.shape[1] * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    sums = summary[1].cumsum()
    share_of_sums = sums / sums[-1]
    numbers = np.interp(shares, share_of_sums, summary[0])
    weights = np.diff(np.interp(shares, share_of_sums, sums), prepend=0)
    return np.stack((numbers, weights)).astype("float32")
