"""Windows of a time series, as batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego import checks, names, random
from pylego.core.tensor import convert_to_tensor
from pylego.utils.dataset import Dataset


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> WindowDataset:
    """Cut a time series into windows, each with the target at its first step.

    For a window and what comes behind it: `data[:-length]` and `targets=data[length:]`.

    Args:
        data: an array, step by step.
        targets: as many as there are windows, or None.
        sequence_length: how many steps a window has.
        sequence_stride: how many steps lie between the beginnings of two windows.
        sampling_rate: how many steps lie between two of a window.
        batch_size: 128 by default; None yields single windows.
        shuffle: whether each pass has an order of its own.
        seed: of the order; by default it follows from pylego's global seed.
        start_index: steps before this one are not used.
        end_index: steps from this one on are not used.
        format: 'tf' or 'grain', accepted for Keras's sake: one kind of data set comes out.

    Returns a `WindowDataset` where Keras returns a tf.data.Dataset.

    Raises:
        TypeError: for numbers that are not whole.
        ValueError: for lengths and places that do not fit the data.

    >>> windows = timeseries_dataset_from_array(np.arange(6), np.arange(10, 16), 3, batch_size=2)
    >>> [(x.numpy().tolist(), y.numpy().tolist()) for x, y in windows]
    [([[0, 1, 2], [1, 2, 3]], [10, 11]), ([[2, 3, 4], [3, 4, 5]], [12, 13])]
    """
    steps = np.asarray(data)
    count = len(steps)
    length = checks.whole_number("sequence_length", sequence_length, 1)
    stride = _below("sequence_stride", sequence_stride, 1, count)
    rate = _below("sampling_rate", sampling_rate, 1, count)
    first = 0 if start_index is None else _below("start_index", start_index, 0, count)
    end = count if end_index is None else _below("end_index", end_index, 1, count)
    if end <= first:
        raise ValueError(
            f"end_index lies behind start_index. Received: start_index={first}, end_index={end}"
        )
    if format not in ("tf", "grain"):
        raise names.unknown("format", format, ("tf", "grain"))
    size = None if batch_size is None else checks.whole_number("batch_size", batch_size, 1)
    wanted = None if targets is None else np.asarray(targets)[first:end]
    windows = end - first - (length - 1) * rate
    if targets is not None:
        windows = min(windows, len(np.asarray(targets)))
    begins = np.arange(0, max(windows, 0), stride)
    if wanted is not None:
        begins = begins[begins < len(wanted)]
    seed = random.make_default_seed() if shuffle and seed is None else seed
    order = random.SeedGenerator(seed) if shuffle else None
    offsets = np.arange(length) * rate
    return WindowDataset(steps[first:end], wanted, begins, offsets, size, order)


class WindowDataset(Dataset):
    """Windows of a time series: a batch is a tensor of windows, or (windows, targets).

    Args:
        steps: of the series.
        targets: one for each step, or None.
        begins: the first step of each window.
        offsets: of the steps of a window from its first one.
        batch_size: None for single windows.
        order: a generator for the order of passes; None for that of time.
    """

    def __init__(
        self,
        steps: np.ndarray,
        targets: np.ndarray | None,
        begins: np.ndarray,
        offsets: np.ndarray,
        batch_size: int | None,
        order: random.SeedGenerator | None,
    ):
        self._steps = steps
        self._targets = targets
        self._begins = begins
        self._offsets = offsets
        self._batch_size = batch_size
        self._order = order

    def __len__(self) -> int:
        return -(-len(self._begins) // (self._batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        begins = self._begins
        if self._order is not None and len(begins):
            begins = begins[random.permutation(len(begins), self._order)]
        size = self._batch_size or 1
        return (self._batch(begins[i : i + size]) for i in range(0, len(begins), size))

    def _batch(self, begins: np.ndarray) -> Any:
        chosen = begins if self._batch_size is not None else begins[0]
        x = convert_to_tensor(self._steps[np.add.outer(chosen, self._offsets)])
        return x if self._targets is None else (x, convert_to_tensor(self._targets[chosen]))

    def get_training_state(self) -> Any:
        """Return what later orders depend on, for a training that goes on elsewhere."""
        return None if self._order is None else self._order.state.numpy()

    def set_training_state(self, state: Any) -> None:
        """Go on from what `get_training_state` returned."""
        if self._order is not None:
            self._order.state.assign(state)


def _below(name: str, value: Any, least: int, length: int) -> int:
    number = checks.whole_number(name, value, least)
    if number >= length:
        raise ValueError(
            f"{name} is below the length of the data, {length}. Received: {name}={number}"
        )
    return number
