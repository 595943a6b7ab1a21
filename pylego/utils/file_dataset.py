"""Batches out of files, read by a few threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import random
from pylego.core.tensor import convert_to_tensor
from pylego.utils.class_folders import LabelledFiles
from pylego.utils.dataset import Dataset
from pylego.utils.file_choice import Part
from pylego.utils.file_reading import FileReader, ReadingThreads
from pylego.utils.numerical import to_categorical

if TYPE_CHECKING:
    from concurrent.futures import Future

_AHEAD = 2  # batches that are read while one is used


class FileDataset(Dataset):
    """Batches out of files, read by a few threads ahead of their use.

    It can be passed through again and again, and given to `fit`, `evaluate` and `predict`. Its
    length is the number of batches of a pass. What `Dataset` has (`take`, `skip`, `map`, `shuffle`,
    `repeat` ...) makes others of it. A family defines how a file is read, where its content goes,
    and how that becomes a batch.

    Attributes:
        file_paths: the files, in the order in which they were listed.
        class_names: the names of the classes; None where there are no labels.
    """

    def __init__(self, part: Part):
        self.file_paths = part.files.paths
        self.class_names = part.files.class_names
        self._labels = None if part.label_mode is None else _encoded(part.files, part.label_mode)
        self._batch_size = part.batch_size
        self._reader = FileReader()
        self._order = None if part.seed is None else random.SeedGenerator(part.seed)

    def read(self, path: str) -> Any:
        """Return what is in a file; each family defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define read")

    def room(self, count: int) -> np.ndarray:
        """Return an array with a row for each of so many files; by default for any objects."""
        return np.empty(count, object)

    def joined(self, rows: np.ndarray) -> Any:
        """Make a batch of rows that are filled, which nobody else has; by default they are one."""
        return rows

    def __len__(self) -> int:
        return -(-len(self.file_paths) // (self._batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        count = len(self.file_paths)
        order = np.arange(count) if self._order is None else random.permutation(count, self._order)
        size = self._batch_size or 1
        return self._read_ahead([order[i : i + size] for i in range(0, count, size)])

    def get_training_state(self) -> Any:
        """Return what later orders depend on, for a training that goes on elsewhere."""
        return None if self._order is None else self._order.state.numpy()

    def set_training_state(self, state: Any) -> None:
        """Go on from what `get_training_state` returned."""
        if self._order is not None:
            self._order.state.assign(state)

    def _read_ahead(self, batches: list[np.ndarray]) -> Iterator[Any]:
        """While a batch is used, the next ones are read."""
        under_way: deque[tuple[np.ndarray, np.ndarray, list[Future]]] = deque()
        with ReadingThreads() as threads:
            for places in batches:
                rows = self.room(len(places))
                files = [self.file_paths[place] for place in places]
                parts = self._reader.begin(threads, self.read, files, rows)
                under_way.append((places, rows, parts))
                if len(under_way) > _AHEAD:
                    yield self._batch(*under_way.popleft())
            while under_way:
                yield self._batch(*under_way.popleft())

    def _batch(self, places: np.ndarray, rows: np.ndarray, parts: list[Future]) -> Any:
        for part in parts:
            part.result()
        x = self.joined(rows)
        y = None if self._labels is None else convert_to_tensor(self._labels[places])
        if self._batch_size is None:
            x, y = x[0], None if y is None else y[0]
        return x if y is None else (x, y)


def _encoded(files: LabelledFiles, label_mode: str) -> np.ndarray:
    """The labels as the loss wants them."""
    assert files.labels is not None
    assert files.class_names is not None
    if label_mode == "categorical":
        return to_categorical(files.labels, len(files.class_names)).astype("float32")
    return files.labels.astype("float32")[:, None] if label_mode == "binary" else files.labels
