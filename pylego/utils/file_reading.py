"""Read many files: by one thread where they are read quickly, else by several.

Pillow decodes without Python's lock, but opens a file with it. Threads that read small files pass
that lock on and wait for it, which takes up to as much time of the processor as reading does. Large
pictures, and files on a disk that answers slowly, are read sooner by several threads.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

THREADS = 4
_FEWEST = 8  # files of a task, where a batch has so many
_SMALL = 1 << 14  # bytes of a file that are read at once
_LONG = 5e-4  # seconds from which on a file is worth several threads


def content_of(path: str | bytes | os.PathLike) -> bytes:
    """Return what is in a file.

    A small one takes four calls of the system, half of those that a file object makes: of a small
    text or picture these are a third of the time, and of the times at which Python's lock changes
    hands.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise with_folder(error, path) from None
    try:
        parts = [os.read(descriptor, _SMALL)]
        while parts[-1]:
            is_small = len(parts[-1]) < _SMALL
            more = _SMALL if is_small else max(_SMALL, os.fstat(descriptor).st_size)
            parts.append(os.read(descriptor, more))
    except OSError as error:
        error.filename = path  # a folder, a broken disk: it knows the number of the file alone
        raise
    finally:
        os.close(descriptor)
    return b"".join(parts) if len(parts) > 2 else parts[0]


def with_folder(error: FileNotFoundError, path: str | bytes | os.PathLike) -> FileNotFoundError:
    """Return the error with the folder in which a relative path was looked for."""
    if os.path.isabs(path):
        return error
    return FileNotFoundError(error.errno, f"{error.strerror} (looked in {os.getcwd()!r})", path)


class ReadingThreads:
    """Threads that `FileReader` takes; they start when the first files are read, `with` ends them.

    Attributes:
        one: a thread.
        several: as many threads as `THREADS`.
    """

    one: ThreadPoolExecutor
    several: ThreadPoolExecutor

    def __enter__(self) -> ReadingThreads:
        from concurrent.futures import ThreadPoolExecutor  # not needed by those without files

        self.one = ThreadPoolExecutor(1, thread_name_prefix="pylego-files")
        self.several = ThreadPoolExecutor(THREADS, thread_name_prefix="pylego-files")
        return self

    def __exit__(self, *of_error: object) -> None:
        for threads in (self.one, self.several):
            threads.shutdown(wait=True, cancel_futures=True)


class FileReader:
    """Fill rows of arrays with what is read of files; remember how long a file takes."""

    def __init__(self) -> None:
        self._seconds: float | None = None  # of the quickest file of a task

    def begin(
        self,
        threads: ReadingThreads,
        read: Callable[[Any], Any],
        files: Sequence[Any],
        rows: np.ndarray,
    ) -> list[Future[None]]:
        """Begin to fill rows; their numbers are there when all results are.

        Args:
            threads: that read. The very first files are read at once, to see how long they take.
            read: makes a row of a file.
            files: what `read` takes.
            rows: an array of as many rows as there are files.
        """
        begun = self._first(read, files, rows)
        left = len(files) - begun
        is_slow = self._is_slow()
        size = max(_FEWEST, -(-left // THREADS)) if is_slow else max(left, 1)
        pool = threads.several if is_slow else threads.one
        parts = [slice(first, first + size) for first in range(begun, len(files), size)]
        return [pool.submit(self._fill, read, files[part], rows[part]) for part in parts]

    def fill(self, read: Callable[[Any], Any], files: Sequence[Any], rows: np.ndarray) -> None:
        """Fill rows before it returns: files that are read quickly are read by this thread."""
        begun = self._first(read, files, rows)
        files, rows = files[begun:], rows[begun:]
        if not self._is_slow():
            self._fill(read, files, rows)
            return
        with ReadingThreads() as threads:
            for part in self.begin(threads, read, files, rows):
                part.result()

    def _first(self, read: Callable[[Any], Any], files: Sequence[Any], rows: np.ndarray) -> int:
        """Read some of the very first files, to see how long they take; return how many."""
        begun = 0 if self._seconds is not None else min(_FEWEST, len(files))
        if begun:
            self._fill(read, files[:begun], rows[:begun])
        return begun

    def _is_slow(self) -> bool:
        return self._seconds is not None and self._seconds > _LONG

    def _fill(self, read: Callable[[Any], Any], files: Sequence[Any], rows: np.ndarray) -> None:
        quickest = float("inf")  # others may have waited: for a first import, for the lock
        for place, file in enumerate(files):
            began = time.perf_counter()
            rows[place] = read(file)
            quickest = min(quickest, time.perf_counter() - began)
        self._seconds = quickest if len(files) > 0 else self._seconds
