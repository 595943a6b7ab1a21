"""One peer in a process of its own: it times a workload whenever its standard input names one.

    python benchmarks/peer.py pylego

Its first line says "ready" and which version it is, or why it cannot be had. Then each line that it
reads, a budget in seconds and a workload's name, is answered with the seconds of one step, or with
words on why there is no figure. Adam, float32, two threads everywhere.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from typing import Any

from operations import OPERATIONS
from workloads import CLOCK, THREADS, TIMED, NoFigureError, Workload

os.environ.setdefault("OMP_NUM_THREADS", str(THREADS))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

WORKLOADS = {workload.name: workload for workload in (*TIMED, *OPERATIONS)}
PROGRAMS = {
    "pylego": "keras_like",
    "torch": "torch_steps",
    "torch.compile": "torch_steps",
    "keras-jax": "keras_like",
    "keras-tf": "keras_like",
    "onnxruntime": "onnx_online",
    "numpy": "numpy_products",
    "traffic": "traffic",
}

Run = Callable[[], Any]


def start(name: str) -> tuple[Callable[[Workload], Run], str]:
    """What prepares this peer's workloads, and which version it is."""
    return importlib.import_module(PROGRAMS[name]).start(name)


class Stopwatch:
    """Times workloads; a network is made and warmed up when it is first asked for."""

    def __init__(self, prepare: Callable[[Workload], Run]):
        self.prepare = prepare
        self.runs: dict[str, Run] = {}

    def seconds(self, workload: Workload, budget: float) -> float:
        """Of one step: the mean over as many runs as fit into the budget, and at least one."""
        if workload.name not in self.runs:
            self.runs[workload.name] = self.prepare(workload)
            self.runs[workload.name]()  # compilers compile, caches fill
        run = self.prepare(workload) if workload.is_fresh else self.runs[workload.name]
        budget = 0 if workload.is_fresh else budget
        count, began = 0, CLOCK()
        while count == 0 or CLOCK() - began < budget:
            run()
            count += 1
        return (CLOCK() - began) / (count * workload.steps * workload.epochs)


def answer(stopwatch: Stopwatch, line: str) -> str:
    budget, name = line.rstrip("\n").split(" ", 1)
    try:
        return repr(stopwatch.seconds(WORKLOADS[name], float(budget)))
    except NoFigureError as reason:
        return str(reason)
    except Exception as error:
        return one_line(error)


def one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]


def own_output() -> Any:
    """Standard output for answers alone: what frameworks print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def main() -> None:
    answers = own_output()
    try:
        prepare, version = start(sys.argv[1])
    except Exception as error:
        print(one_line(error), file=answers)
        return
    print(f"ready {version}", file=answers)
    stopwatch = Stopwatch(prepare)
    for line in sys.stdin:
        print(answer(stopwatch, line), file=answers)


if __name__ == "__main__":
    main()
