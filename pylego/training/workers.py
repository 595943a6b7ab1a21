"""Load batches ahead: several workers at once, and the results in order.

 numbers  4 5 6 7 8 ...
in flight [2] [3] [4]     at most as many as the queue holds, oldest first
given out  0   1
"""

from __future__ import annotations

import collections
import multiprocessing
import signal
from collections.abc import Iterator
from concurrent import futures
from types import FrameType
from typing import Any

# In a process that loads: its copy of the data, whether it loads a batch, whether Ctrl-C came.
_data: Any = None
_is_loading = _is_interrupted = False


def load_ahead(
    data: Any, numbers: Iterator[int], workers: int, uses_processes: bool, most: int
) -> Iterator[Any]:
    """Return what `data[number]` is for each number, in order; at most `most` are loaded ahead.

    Workers live as long as the pass: processes copy the data as they are when it begins.
    """
    pool: futures.Executor
    if uses_processes:
        context = multiprocessing.get_context()
        pool = futures.ProcessPoolExecutor(workers, context, _take_data, (data,))
        load = _load_of_own
    else:
        pool = futures.ThreadPoolExecutor(workers, thread_name_prefix="pylego-data")
        load = data.__getitem__
    in_flight: collections.deque[futures.Future] = collections.deque()
    try:
        for number in numbers:
            in_flight.append(pool.submit(load, number))
            if len(in_flight) >= most:
                yield in_flight.popleft().result()
        while in_flight:
            yield in_flight.popleft().result()
    finally:  # also where the pass is left in the middle, or a worker failed
        pool.shutdown(wait=False, cancel_futures=True)


def _take_data(data: Any) -> None:
    global _data
    _data = data
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Ctrl-C: give up the batch that is loaded, and those to come.

    One that is being sent must not break off: the main process would wait for the rest of it.
    """
    global _is_interrupted
    _is_interrupted = True
    if _is_loading:
        raise KeyboardInterrupt


def _load_of_own(number: int) -> Any:
    global _is_loading
    _is_loading = True
    try:
        if _is_interrupted:
            raise KeyboardInterrupt
        return _data[number]
    finally:
        _is_loading = False
