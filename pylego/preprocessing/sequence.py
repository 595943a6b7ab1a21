"""Sequences of numbers: windows of a time series, and pairs of words that stand near each other."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego import checks
from pylego.utils.sequence_utils import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]

_EULER_GAMMA = 0.577


class TimeseriesGenerator:
    """Batches of windows of a time series, each with the target of the step behind it.

    Args:
        data: the series, of shape (steps, ...).
        targets: one for each step.
        length: how many steps of the series a window spans.
        sampling_rate: only every so many steps of a window are taken.
        stride: how many steps lie between windows.
        start_index: where the first window begins.
        end_index: the last step whose target is used; by default the last of all.
        shuffle: whether windows are drawn at random.
        reverse: whether the last step of a window comes first.
        batch_size: how many windows make a batch.

    Raises:
        ValueError: when there are more or fewer targets than steps, or no window fits.

    >>> batches = TimeseriesGenerator([10, 20, 30, 40], [1, 2, 3, 4], length=2, batch_size=8)
    >>> x, y = batches[0]
    >>> x.tolist(), y.tolist()
    ([[10, 20], [20, 30]], [3, 4])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ):
        if len(data) != len(targets):
            raise ValueError(
                f"TimeseriesGenerator: a target for each step. Received: {len(data)} steps and "
                f"{len(targets)} targets"
            )
        self.data = data
        self.targets = targets
        self.length = checks.whole_number("length", length, least=1)
        self.sampling_rate = checks.whole_number("sampling_rate", sampling_rate, least=1)
        self.stride = checks.whole_number("stride", stride, least=1)
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = checks.whole_number("batch_size", batch_size, least=1)
        if self.start_index > self.end_index:
            raise ValueError(
                f"TimeseriesGenerator: no window fits: start_index + length = {self.start_index} "
                f"lies behind end_index = {self.end_index}"
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"There are {len(self)} batches. Received: index {index}")
        rows = self._rows(index % len(self))
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        x = np.array(windows)
        return x[:, ::-1] if self.reverse else x, np.array([self.targets[row] for row in rows])

    def _rows(self, index: int) -> np.ndarray:
        """The steps whose targets make this batch."""
        if self.shuffle:
            return np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        span = self.batch_size * self.stride
        first = self.start_index + span * index
        return np.arange(first, min(first + span, self.end_index + 1), self.stride)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments as plain data.

        Raises:
            TypeError: when the series cannot be written as JSON.
        """
        return {
            "data": json.dumps(np.asarray(self.data).tolist()),
            "targets": json.dumps(np.asarray(self.targets).tolist()),
            "length": self.length,
            "sampling_rate": self.sampling_rate,
            "stride": self.stride,
            "start_index": self.start_index,
            "end_index": self.end_index,
            "shuffle": self.shuffle,
            "reverse": self.reverse,
            "batch_size": self.batch_size,
        }

    def to_json(self, **kwargs: Any) -> str:
        """Return the description as JSON; kwargs are those of `json.dumps`."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """Return with which probability `skipgrams` takes the word of each rank: frequent words less.

    By Zipf's law the word of rank r has the frequency 1 / (r (log r + 0.577) + 1/2 - 1/(12 r)); it
    is taken with the probability sqrt(factor / frequency), at most 1 (Mikolov et al.,
    arXiv:1310.4546).

    Args:
        size: how many words there are; the one at 0 stands for none.
        sampling_factor: the factor.

    >>> make_sampling_table(3).round(4).tolist()
    [0.0032, 0.0032, 0.0055]
    """
    rank = np.maximum(np.arange(size), 1)
    share = sampling_factor * (rank * (np.log(rank) + _EULER_GAMMA) + 0.5 - 1 / (12 * rank))
    return np.minimum(1.0, np.sqrt(share))


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Return pairs of a word and one of its neighbours, labelled 1, and of a word and any other, 0.

    Args:
        sequence: the numbers of words; 0 stands for none.
        vocabulary_size: the largest number of a word, plus 1.
        window_size: how far neighbours stand at most.
        negative_samples: how many random pairs there are for each true one.
        shuffle: whether the order is random.
        categorical: whether labels are [0, 1] and [1, 0].
        sampling_table: with which probability a word is taken; see `make_sampling_table`.
        seed: of the order.

    >>> couples, labels = skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
    >>> couples
    [[1, 2], [2, 1], [2, 3], [3, 2]]
    """
    true, false = ([0, 1], [1, 0]) if categorical else (1, 0)
    couples = []
    for i, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        near = range(max(0, i - window_size), min(len(sequence), i + window_size + 1))
        couples += [[word, sequence[j]] for j in near if j != i and sequence[j]]
    labels: list[Any] = [true] * len(couples)
    count = int(len(labels) * negative_samples)
    words = [couple[0] for couple in couples]
    random.shuffle(words)
    couples += [
        [words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)
    ]
    labels += [false] * count
    if shuffle:
        order = list(range(len(couples)))
        random.Random(random.randrange(10**7) if seed is None else seed).shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, labels
