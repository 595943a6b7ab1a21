"""The beam search of `ctc_decode`, over numbers.

Two logarithms are kept of each reading: the probability of its paths that end with its last label
(`ended`), and of those that end with a blank (`blank`). At each step a reading

    stays        with the blank, or with its last label repeated where that label is the end
    is extended  by a label; by its last label again only past a blank.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NO_LABEL = -1


class Beams(NamedTuple):
    """Readings of one sequence: labels (B, T) with -1 behind them, how many they are (B,), and the
    two logarithms (B,)."""

    labels: np.ndarray
    lengths: np.ndarray
    ended: np.ndarray
    blank: np.ndarray

    def scores(self) -> np.ndarray:
        """Return the logarithms of the probabilities of all paths, (B,)."""
        return np.logaddexp(self.ended, self.blank)


def search(
    log_p: np.ndarray, lengths: np.ndarray, width: int, count: int, mask_index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the most probable readings of each sequence.

    Args:
        log_p: logarithms of probabilities, (N, T, classes).
        lengths: how many steps count, (N,).
        width: how many readings are kept at each step.
        count: how many are returned.
        mask_index: the class that is the blank.

    Returns labels, int32 (count, N, T), and logarithms of probabilities, (N, count).
    """
    batch, steps, _ = log_p.shape
    labels = np.full((count, batch, steps), NO_LABEL, np.int32)
    scores = np.full((batch, count), -np.inf)
    for row, length in enumerate(lengths):
        beams = _first(steps)
        for step in log_p[row, :length].astype(np.float64):
            beams = _advance(beams, step, width, mask_index)
        found = beams.scores()
        best = np.argsort(-found, kind="stable")[:count]
        labels[: len(best), row] = beams.labels[best]
        scores[row, : len(best)] = found[best]
    return labels, scores


def _first(steps: int) -> Beams:
    """Return the reading of no step: no label, with probability 1."""
    labels = np.full((1, steps), NO_LABEL, np.int32)
    return Beams(labels, np.zeros(1, np.intp), np.full(1, -np.inf), np.zeros(1))


def _advance(beams: Beams, log_p: np.ndarray, width: int, mask_index: int) -> Beams:
    """Return the best readings after one more step."""
    count, classes = len(beams.labels), len(log_p)
    rows, total = np.arange(count), beams.scores()
    last = beams.labels[rows, beams.lengths - 1]  # of an empty reading: -1
    has_last = beams.lengths > 0
    blank = total + log_p[mask_index]
    ended = np.where(has_last, beams.ended + log_p[last], -np.inf)
    extended = total[:, None] + log_p
    extended[rows[has_last], last[has_last]] = (beams.blank + log_p[last])[has_last]
    extended[:, mask_index] = -np.inf
    # A reading that is the extension of another one is the same reading twice.
    for child, parent in _parents(beams):
        ended[child] = np.logaddexp(ended[child], extended[parent, last[child]])
        extended[parent, last[child]] = -np.inf
    scores = np.concatenate([np.logaddexp(ended, blank), extended.reshape(-1)])
    best = np.argsort(-scores, kind="stable")[:width]
    best = best[scores[best] > -np.inf]
    stays, grows = best[best < count], best[best >= count] - count
    parents, added = np.divmod(grows, classes)
    labels = beams.labels[np.concatenate([stays, parents])]
    lengths = beams.lengths[np.concatenate([stays, parents])]
    labels[np.arange(len(stays), len(best)), lengths[len(stays) :]] = added
    lengths[len(stays) :] += 1
    nowhere = np.full(len(grows), -np.inf)
    return Beams(
        labels,
        lengths,
        np.concatenate([ended[stays], extended[parents, added]]),
        np.concatenate([blank[stays], nowhere]),
    )


def _parents(beams: Beams) -> list[tuple[int, int]]:
    """Return (reading, the one that it extends) for those of which both are there."""
    texts = [row[:length].tobytes() for row, length in zip(beams.labels, beams.lengths)]
    place = {text: index for index, text in enumerate(texts)}
    size = beams.labels.itemsize
    pairs = ((child, place.get(text[:-size])) for child, text in enumerate(texts) if text)
    return [(child, parent) for child, parent in pairs if parent is not None]
