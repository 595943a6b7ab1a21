"""The peers as this process sees them: each in a process of its own, asked one at a time."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from numpy_products import unbiased
from workloads import THREADS, Workload

PEER = Path(__file__).with_name("peer.py")
PEERS = (
    "pylego",
    "torch",
    "torch.compile",
    "keras-jax",
    "keras-tf",
    "onnxruntime",
    "numpy",
    "traffic",
)
OURS = (
    "pylego",
    "numpy",
    "traffic",
)  # in the interpreter that runs this; the others may live elsewhere
PAUSE = 0.06  # threads of the peer before may still be spinning: those of onnxruntime do for 0.04
Figure = float | str  # a measured number, or why there is none


class Peer:
    """A process that times workloads on demand."""

    def __init__(self, name: str, python: str, program: Path = PEER, threads: int = THREADS):
        self.name = name
        self.python = python
        self.pause = PAUSE if threads > 1 else 0.0
        variables = ("BENCHMARK_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        self.process = subprocess.Popen(
            [python, str(program), name],
            env={**unbiased(os.environ), **dict.fromkeys(variables, str(threads))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        first = self.process.stdout.readline().strip() or "its process ended"
        self.is_ready = first.startswith("ready ")
        self.version = first.removeprefix("ready ")

    def seconds(self, workload: Workload, budget: float) -> Figure:
        """Of one step: the mean of the runs that fill the budget, or of one."""
        time.sleep(self.pause)
        try:
            print(budget, workload.name, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return "its process ended"
        return as_figure(self.process.stdout.readline().strip())

    def stop(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended by itself
            self.process.stdin.close()
        self.process.wait()


def lines_of(program: str, peer: Peer, workload: Workload) -> list[str]:
    """What a program prints about a workload, in a fresh process of this peer."""
    done = subprocess.run(
        [peer.python, program, peer.name, workload.name],
        env={**os.environ, "BENCHMARK_LAYOUTS": "1", "PYTHONDONTWRITEBYTECODE": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    return done.stdout.splitlines()


def as_figure(answer: str) -> Figure:
    try:
        return float(answer)
    except ValueError:
        return answer or "its process ended"


def start_all(pythons: list[str], threads: int = THREADS) -> list[Peer]:
    """Start the peers that are installed, and say which they are and which are not."""
    started = [
        start(name, [sys.executable] if name in OURS else pythons, threads) for name in PEERS
    ]
    for peer in started:
        print(f"{peer.name:14}{peer.version if peer.is_ready else 'skipped: ' + peer.version}")
    print()
    return [peer for peer in started if peer.is_ready]


def start(name: str, pythons: list[str], threads: int) -> Peer:
    """The peer in the first interpreter that has it, else in the last that does not."""
    for python in pythons:
        peer = Peer(name, python, threads=threads)
        if peer.is_ready:
            break
        peer.stop()
    return peer
