"""The peer that only moves bytes, or only multiplies and adds: what the machine allows, from
traffic.c.

Run over and over like every other workload, so its data lie in the caches as the workload's own do:
2.7 MB of weights or 10.7 MB of Adam's vectors stay where the machine can keep them.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from workloads import MNIST, STATES, THREADS, NoFigureError, Workload

Run = Callable[[], object]
SOURCE = Path(__file__).with_suffix(".c")


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    """Compile the loops; fails where there is no C compiler."""
    return partial(prepare, loops()), "loops in C that only move bytes, or only multiply and add"


def loops() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "traffic.so"
        flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
        compiler = os.environ.get("CC", "cc")
        subprocess.run([compiler, *flags, str(SOURCE), "-o", str(library)], check=True)
        return ctypes.CDLL(str(library))


def prepare(library: ctypes.CDLL, workload: Workload) -> Run:
    if workload.action == "operation":
        return arithmetic(library, workload)
    if workload.network is MNIST and workload.action in ("predict", "call"):
        arrays, loop = 1, library.read_once
    elif workload.action == "update":
        return updating(library, workload)
    else:
        raise NoFigureError("-")
    count = workload.network.parameters
    numbers = [np.full(count, 1e-3, np.float32) for _ in range(arrays)]
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in numbers]  # keep them alive

    def run(threads: int) -> None:
        loop(*pointers, ctypes.c_long(count), threads)

    return quicker([partial(run, threads) for threads in range(1, THREADS + 1)])


def updating(library: ctypes.CDLL, workload: Workload) -> Run:
    """Reads the gradient, reads and writes the parameters and what the optimizer keeps of them."""
    written = STATES[workload.optimizer] + 1
    numbers = [workload.gradient() for _ in range(written + 1)]
    addresses = (ctypes.c_void_p * len(numbers))(*(array.ctypes.data for array in numbers))

    def run(threads: int) -> None:
        library.move_update(addresses, written, ctypes.c_long(numbers[0].size), threads)

    return quicker([partial(run, threads) for threads in range(1, THREADS + 1)])


def arithmetic(library: ctypes.CDLL, operation: Any) -> Run:
    """As many multiplications and additions as the operation has, in registers."""
    library.multiply_and_add.restype = ctypes.c_float
    steps = ctypes.c_long(operation.operations // (THREADS * library.operations_a_step()) + 1)
    return lambda: library.multiply_and_add(steps, THREADS)


def quicker(runs: list[Run]) -> Run:
    """One thread or more, whichever moves the bytes in less time: the stricter bound."""

    def seconds(run: Run) -> float:
        began = time.perf_counter()
        run()
        return time.perf_counter() - began

    return min(runs, key=lambda run: min(seconds(run) for _ in range(200)))
