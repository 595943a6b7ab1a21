"""Print how fast and how small pylego is, beside the peers that are installed (`make bench`).

    python benchmarks/run.py [--python /path/to/python]... [--only WORDS] [--quick] [--best] [--cpu]

Peers are PyTorch (eager, and through torch.compile), Keras (on JAX, and on TensorFlow) and, for
predictions of photos and a recurrent layer that is asked row by row, onnxruntime; each is looked
for in the interpreters that --python names, by default this one, and left out where it is missing.
`numpy` is OpenBLAS, for products of matrices. `traffic` only moves the bytes that a workload must
move, or multiplies and adds in registers: the peak that shares are of. Each peer is a process of
its own; rounds are interleaved, one peer at work at a time on two cores, and medians are printed.
Read differences under 10 % as ties. On a busy machine, --cpu with --threads 1 says most.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import sys
from collections.abc import Callable, Iterator

import busy
import footprint
import from_import
import measures
import peak
import table
from operations import GROUPS
from peers import Figure, Peer, start_all
from table import Row
from workloads import (
    FROM_IMPORT,
    MEMORY,
    MNIST_FIT,
    NUMBERS_FIT,
    THREADS,
    TIMED,
    Workload,
)

BUSY = {"numbers: busy": NUMBERS_FIT, "784-512-512-10: busy": MNIST_FIT}


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is measured, and which of the times is shown."""

    rounds: int = 9
    budget: float = 0.1
    busy_fits: int = 20
    middle: Callable[[list[float]], float] = statistics.median


QUICK = Effort(rounds=3, budget=0.03, busy_fits=5)


def timed(workload: Workload, peers: list[Peer], effort: Effort) -> Iterator[Row]:
    """Medians over interleaved rounds; for what happens once, the best as well."""
    rounds = [
        [peer.seconds(workload, effort.budget) for peer in peers]
        for _ in range(min(effort.rounds, workload.rounds))
    ]
    figures = {peer.name: list(column) for peer, column in zip(peers, zip(*rounds))}
    middle = statistics.median if workload.is_fresh else effort.middle
    yield Row(workload.name, summary(figures, middle), table.time)
    if workload.is_fresh:
        name = workload.name.replace("median", "best")
        yield Row(name, summary(figures, min), table.time)
    if workload.action == "write":
        seconds = summary(figures, middle)
        rates = {name: 1 / f if isinstance(f, float) else f for name, f in seconds.items()}
        yield Row("small GPT: characters a second", rates, table.rate)


def summary(
    figures: dict[str, list[Figure]], middle: Callable[[list[float]], float]
) -> dict[str, Figure]:
    """One figure a peer; words stay the words they are."""
    return {
        name: next((f for f in column if isinstance(f, str)), None) or middle(column)
        for name, column in figures.items()
    }


def operations(group: str, peers: list[Peer], effort: Effort) -> Iterator[Row]:
    """Each operation of a group, and what they come to together."""
    rows = {operation: next(timed(operation, peers, effort)) for operation in GROUPS[group]}
    yield from rows.values()
    for peer, whose in (("torch", "PyTorch's"), ("numpy", "NumPy's")):
        yield from mean_ratio(f"{group}: time beside {whose}", list(rows.values()), peer)
    if group == "matmul" and any(peer.name == "traffic" for peer in peers):
        large = [row for operation, row in rows.items() if operation.is_large]
        yield shares("matmul: share of the FMA peak", list(rows.values()))
        yield shares("matmul, n >= 512: share of peak", large)


def mean_ratio(name: str, rows: list[Row], peer: str) -> Iterator[Row]:
    """The geometric mean of our times over a peer's, where both have some."""
    pairs = [(row.cells.get("pylego"), row.cells.get(peer)) for row in rows]
    ratios = [a / b for a, b in pairs if isinstance(a, float) and isinstance(b, float)]
    if ratios:
        yield Row(name, {"pylego": statistics.geometric_mean(ratios)}, table.factor)


def shares(name: str, rows: list[Row]) -> Row:
    """How much of the peak's speed each peer reaches, a geometric mean: `traffic` is the peak."""
    reached: dict[str, list[float]] = {}
    for row in rows:
        figures = {peer: f for peer, f in row.cells.items() if isinstance(f, float)}
        least = figures.pop("traffic", None)
        for peer, figure in figures.items() if least else ():
            reached.setdefault(peer, []).append(least / figure)
    means = {peer: statistics.geometric_mean(column) for peer, column in reached.items()}
    return Row(name, means, table.share)


def peaks(workload: Workload, peers: list[Peer]) -> Iterator[Row]:
    both = {
        peer.name: peak.measure(peer, workload)
        for peer in peers
        if peer.name not in ("numpy", "traffic")
    }
    cells = {name: figures[0] for name, figures in both.items()}
    yield Row(workload.name, {**cells, "plan": both["pylego"][1]}, table.size)


def first_answers(workload: Workload, peers: list[Peer], effort: Effort) -> Iterator[Row]:
    """Medians over fresh processes. Onnxruntime reads a network that others made."""
    asked = [peer for peer in peers if peer.name not in ("onnxruntime", "numpy", "traffic")]
    rounds = [
        [from_import.measure(peer, workload) for peer in asked]
        for _ in range(min(effort.rounds, workload.rounds))
    ]
    figures = {peer.name: list(column) for peer, column in zip(asked, zip(*rounds))}
    yield Row(workload.name, summary(figures, effort.middle), table.time)


def busy_rows(name: str, peers: list[Peer], effort: Effort) -> Iterator[Row]:
    """How many times slower than idle. Pylego alone: threads that spin can take minutes here."""
    pylego = next(peer for peer in peers if peer.name == "pylego")
    factors = busy.slowdowns(pylego, BUSY[name], effort.busy_fits)
    yield Row(f"{name}, worst fit", {"pylego": max(factors)}, table.factor)
    yield Row(f"{name}, median fit", {"pylego": statistics.median(factors)}, table.factor)


def all_rows(peers: list[Peer], effort: Effort, only: str) -> Iterator[Row]:
    """Everything whose name has the words in it."""
    if only in "import, beyond numpy":
        seconds = footprint.import_seconds(footprint.FIRST_MODEL)
        yield Row("import, beyond numpy", {"pylego": seconds}, table.time)
    if only in "wheel":
        yield Row("wheel", {"pylego": footprint.wheel_bytes()}, table.size)
    for workload in TIMED:
        if only in workload.name:
            yield from timed(workload, peers, effort)
    for group in GROUPS:
        if only in group:
            yield from operations(group, peers, effort)
    for workload in MEMORY:
        if only in workload.name:
            yield from peaks(workload, peers)
    for workload in FROM_IMPORT:
        if only in workload.name:
            yield from first_answers(workload, peers, effort)
    for name in BUSY:
        if only in name:
            yield from busy_rows(name, peers, effort)


def stay_on_two_cores() -> None:
    """This process and all that it starts, on larger machines too."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--python", action="append", help="an interpreter that has peers; may be repeated"
    )
    parser.add_argument("--only", default="", help="figures with these words in their name")
    parser.add_argument("--threads", type=int, default=THREADS, help="of every peer; 2 by default")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken")
    parser.add_argument("--quick", action="store_true", help="few and short rounds")
    parser.add_argument(
        "--best", action="store_true", help="show the least time, where others use the machine too"
    )
    parser.add_argument(
        "--cpu", action="store_true", help="count the time of processors, where others use them too"
    )
    return parser.parse_args()


def effort_of(options: argparse.Namespace) -> Effort:
    effort = QUICK if options.quick else Effort()
    return dataclasses.replace(
        effort,
        rounds=options.rounds or effort.rounds,
        middle=min if options.best else effort.middle,
    )


def tell_load() -> None:
    """Threads that spin are hundreds of times slower beside other work: such figures say little."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    print(f"load before: {load:.2f}{' - not an idle machine' if load > 0.5 else ''}")


def main() -> None:
    options = parsed()
    os.environ["BENCHMARK_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(options.threads)
    os.environ["BENCHMARK_CLOCK"] = "cpu" if options.cpu else "wall"
    effort = effort_of(options)
    stay_on_two_cores()
    tell_load()
    peers = start_all(options.python or [sys.executable], options.threads)
    columns = [peer.name for peer in peers]
    print(table.heading(columns))
    rows: dict[str, Row] = {}
    for row in all_rows(peers, effort, options.only):
        rows[row.name] = row
        print(row.line(columns), flush=True)
    for peer in peers:
        peer.stop()
    for trouble in (words for row in rows.values() for words in row.troubles()):
        print(trouble)
    measures.report(rows)


if __name__ == "__main__":
    main()
