"""Print how fast and how small pylego is, beside the peers that are installed (`make bench`).

    python benchmarks/run.py [--python /path/to/python] [--rounds 9]

Peers (PyTorch eager with fused Adam; Keras on JAX) are looked for in the interpreter that --python
names, by default this one; those that are missing are left out. Each peer is a process of its own;
rounds are interleaved, one peer at work at a time, and medians are printed. Read differences under
10 % as ties.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from workloads import WORKLOADS

HERE = Path(__file__).resolve().parent
PEERS = ("pylego", "torch", "keras")


class Peer:
    """A process that times workloads on demand."""

    def __init__(self, name: str, python: str):
        environment = {**os.environ, "KERAS_BACKEND": "jax"}
        self.name = name
        self.process = subprocess.Popen(
            [python, str(HERE / "peer.py"), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.is_there = self.process.stdout.readline() != ""

    def seconds(self, workload: str) -> float:
        print(workload, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def pretty(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def compare(python: str, rounds: int) -> None:
    started = [Peer(name, sys.executable if name == "pylego" else python) for name in PEERS]
    peers = [peer for peer in started if peer.is_there]
    print(f"{'':32}" + "".join(f"{peer.name:>24}" for peer in peers))
    for workload in WORKLOADS:
        times: dict[str, list[float]] = {peer.name: [] for peer in peers}
        for _ in range(rounds):
            for peer in peers:
                times[peer.name].append(peer.seconds(workload))
        medians = {name: statistics.median(values) for name, values in times.items()}
        cells = [
            f"{pretty(seconds)} ({seconds / medians['pylego']:.2f}x)"
            for seconds in medians.values()
        ]
        print(f"{workload:32}" + "".join(f"{cell:>24}" for cell in cells), flush=True)
    for peer in started:
        peer.stop()


def import_seconds(module: str) -> float:
    """What importing the module costs once NumPy is there: the median of nine processes."""
    program = (
        "import time, numpy; began = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - began)"
    )
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
            for _ in range(9)]  # fmt: skip
    return statistics.median(float(run.stdout) for run in runs)


def wheel_bytes() -> int:
    """The size of the wheel that pip builds from this tree."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder]
        subprocess.run([*command, str(HERE.parent)], check=True)
        return next(Path(folder).glob("*.whl")).stat().st_size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="where the peers are installed")
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print(f"import pylego, beyond numpy: {import_seconds('pylego') * 1000:.0f} ms")
    print(f"wheel: {wheel_bytes() / 1e6:.2f} MB\n")
    compare(options.python, options.rounds)


if __name__ == "__main__":
    main()
