"""Load batches one after another, or ahead where the data ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def load_batches(data: Any, numbers: Iterable[int]) -> Iterator[Any]:
    """Return what `data[number]` is for each number, in order.

    Data with `workers`, as a `PyDataset` has them, are loaded by so many threads or processes, at
    most `max_queue_size` ahead; one thread alone does it where the data say `loads_ahead`. An error
    in a worker is raised when its batch's turn comes.
    """
    workers = getattr(data, "workers", 1)
    uses_processes = getattr(data, "use_multiprocessing", False)
    is_ahead = workers > 1 or uses_processes or getattr(data, "loads_ahead", False)
    if workers < 1 or not is_ahead:
        return (data[number] for number in numbers)
    most = max(workers, getattr(data, "max_queue_size", 10))
    # Most data are arrays, and modules of processes and sockets take long to load.
    from pylego.training.workers import load_ahead

    return load_ahead(data, iter(numbers), workers, uses_processes, most)
