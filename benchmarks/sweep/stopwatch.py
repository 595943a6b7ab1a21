"""Seconds of one run: the mean over as many as fill a budget, the first ones not counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from timeit import Timer
from typing import Any

from sweep.case import Case, Way
from sweep.libraries import Library

Runs = Callable[[int], float]  # the seconds of so many runs


def clock_of(threads: int) -> Callable[[], float]:
    """CPU seconds hold beside other work, but count each thread, and those that only wait."""
    return time.process_time if threads == 1 else time.perf_counter


def statement(way: Way, names: dict[str, Any], clock: Callable[[], float]) -> Runs:
    """The statement before it is run once."""
    names = dict(names)
    exec(way.setup, names)
    return Timer(way.run, timer=clock, globals=names).timeit


def count_for(runs: Runs, budget: float) -> int:
    """How many runs fill the budget; the runs that tell it also warm up."""
    count = 1
    runs(count)
    while (seconds := runs(count)) < budget / 4:
        count *= 4
    return max(1, round(count * budget / seconds))


class Stopwatch:
    """Times one case at a time: the operands of the former are let go."""

    def __init__(self, prepare: Callable[[Case], list[Runs]]):
        self.prepare = prepare
        self.case: Case | None = None
        self.runs: Runs | None = None
        self.count = 1

    def seconds(self, case: Case, budget: float) -> float:
        """Of one run of the fastest way to do it."""
        if self.case is not case:
            self.case = self.runs = None
            choices = [(runs, count_for(runs, budget)) for runs in self.prepare(case)]
            best = min(choices, key=lambda c: c[0](c[1]) / c[1]) if choices[1:] else choices[0]
            self.case, (self.runs, self.count) = case, best
        self.runs(1 + self.count // 8)  # other processes had the caches in between
        return self.runs(self.count) / self.count


def statements_of(name: str, library: Library, threads: int) -> Callable[[Case], list[Runs]]:
    """What prepares a case in a library: each way to do it."""
    clock = clock_of(threads)

    def prepare(case: Case) -> list[Runs]:
        names = {**library.names, **library.operands(case)}
        return [statement(way, names, clock) for way in case.ways[name]]

    return prepare
