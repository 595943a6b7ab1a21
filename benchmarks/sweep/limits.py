"""What the machine allows: moving the bytes of a case, or doing its multiplications and additions.

Both are loops in C (traffic.c) over as many bytes as the case must read and write, so they lie in
the same level of the caches; and both are timed in turns with the libraries, so a slow minute of
the machine falls on all of them.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

import numpy as np
import traffic
from workloads import NoFigureError

from sweep.case import Case
from sweep.stopwatch import Runs, clock_of

LEAST_BYTES = 2048  # fewer are gone before a loop has begun


def moving(threads: int) -> Callable[[Case], list[Runs]]:
    """Stores go through the caches, as a library's do whose result is read next."""
    library, clock = traffic.loops(), clock_of(threads)
    library.move.restype = ctypes.c_float

    def prepare(case: Case) -> list[Runs]:
        if case.reads + case.writes < LEAST_BYTES:
            raise NoFigureError("-")
        read, written = (np.ones(max(1, n // 4), np.float32) for n in (case.reads, case.writes))
        arguments = (read.ctypes.data, case.reads // 4, written.ctypes.data, case.writes // 4)
        numbers = [ctypes.c_long(argument) for argument in arguments]

        def runs(used: int, count: int, arrays: tuple = (read, written)) -> float:
            began = clock()
            library.move(*numbers, ctypes.c_long(count), used)
            return clock() - began

        return [partial(runs, used) for used in teams(threads)]

    return prepare


def computing(threads: int) -> Callable[[Case], list[Runs]]:
    library, clock = traffic.loops(), clock_of(threads)
    library.multiply_and_add.restype = ctypes.c_float

    def prepare(case: Case) -> list[Runs]:
        if not case.operations:
            raise NoFigureError("-")
        steps = case.operations / library.operations_a_step()

        def runs(used: int, count: int) -> float:
            began = clock()
            library.multiply_and_add(ctypes.c_long(round(steps * count / used) + 1), used)
            return clock() - began

        return [partial(runs, used) for used in teams(threads)]

    return prepare


def teams(threads: int) -> list[int]:
    """One thread or all of them, whichever is faster: the stricter limit."""
    return sorted({1, threads})


LIMITS = {"bytes": moving, "operations": computing}
