"""Read many files at once: each thread takes some that lie one after another.

Pillow decodes without Python's lock, but opens a file with it. A task of several files passes that
lock on less often than a task a file: for the smallest pictures that is half of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

THREADS = 4
_FEWEST = 8  # files of a task, where a batch has so many


def reading_threads() -> ThreadPoolExecutor:
    """Return the threads that `begin_reading` takes; `with` ends them."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="pylego-files")


def begin_reading(
    threads: ThreadPoolExecutor, read: Callable[[Any], Any], files: Sequence[Any], rows: np.ndarray
) -> list[Future[None]]:
    """Begin to fill rows with what is read; their numbers are there when all results are.

    Args:
        threads: from `reading_threads`.
        read: makes a row of a file.
        files: what `read` takes.
        rows: an array of as many rows as there are files.
    """
    size = max(_FEWEST, -(-len(files) // THREADS))
    parts = [slice(first, first + size) for first in range(0, len(files), size)]
    return [threads.submit(_fill, read, files[part], rows[part]) for part in parts]


def _fill(read: Callable[[Any], Any], files: Sequence[Any], rows: np.ndarray) -> None:
    for place, file in enumerate(files):
        rows[place] = read(file)
