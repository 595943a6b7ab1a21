"""A machine that has other work: fits beside two loops that never rest, against the idle time."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
from collections.abc import Iterator

from peers import Peer
from workloads import THREADS, Workload


@contextlib.contextmanager
def busy_loops() -> Iterator[None]:
    """Keep as many processes busy as a fit has threads."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(THREADS)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def slowdowns(peer: Peer, workload: Workload, runs: int) -> list[float]:
    """How many times slower each of the runs is than the median of as many on the idle machine."""
    peer.seconds(workload, 0)  # the first one warms up
    idle = statistics.median(peer.seconds(workload, 0) for _ in range(runs))
    with busy_loops():
        return [peer.seconds(workload, 0) / idle for _ in range(runs)]
