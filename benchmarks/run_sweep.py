"""Print how fast every brick is, at every size and along every axis (`make sweep`).

    python benchmarks/run_sweep.py [--python PYTHON] [--quick] [--only WORDS]... [--threads N]...
                                   [--against PEER] [--rows] [--record FILE] [--compare FILE]

Each case is one operation at one size, as users write it, called eagerly with a result made anew:
in pylego, in PyTorch (of the interpreter that --python names), in NumPy; and beside them two loops
in C, of which one moves the bytes that the case must move, through the level of the caches where
they lie, and one does its multiplications and additions in registers. Each is a process of its own;
they take turns, and medians are compared. With one thread CPU seconds are counted: they hold on a
machine that has other work. With two it is the clock: read them on a quiet machine.

A ratio is the best peer's time over ours. `<` marks what breaks the rule: a row of 10 us or more
under 0.8, any row under 0.6, unless it is within 1.2 of what the machine allows (`|`); and a family
whose geometric mean is under 1.1, unless all of its rows are that near to what the machine allows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from peers import Figure, Peer
from run import stay_on_two_cores, tell_load
from sweep import record, report
from sweep.case import Case
from sweep.cases import CASES
from sweep.rows import LIMITS, PEERS, Row

HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "sweep_peer.py"
RECORD = HERE.parent / "build" / "sweep.json"
QUICK_SHARE = 5  # of the drawn cases the short form has one in so many


def chosen(options: argparse.Namespace) -> list[Case]:
    """Of these families, or with these words in the name; few of them in the short form."""

    def is_asked(case: Case) -> bool:
        return not options.only or any(
            words == case.family or words in case.name for words in options.only
        )

    def is_short(case: Case) -> bool:
        return case.is_named or zlib.crc32(case.name.encode()) % QUICK_SHARE == 0

    asked = [case for case in CASES.values() if is_asked(case)]
    return [case for case in asked if is_short(case)] if options.quick else asked


def start_peers(options: argparse.Namespace, threads: int) -> list[Peer]:
    """Ours and NumPy in this interpreter, PyTorch in the one that has it."""
    started = []
    for name in ("pylego", *options.against, *LIMITS):
        peer = Peer(name, options.python if name == "torch" else sys.executable, PROGRAM, threads)
        print(f"{name:12}{peer.version if peer.is_ready else 'skipped: ' + peer.version}")
        started.append(peer)
    return [peer for peer in started if peer.is_ready]


def has_figure(peer: Peer, case: Case) -> bool:
    return peer.name in LIMITS or bool(case.ways.get(peer.name))


def timed(case: Case, peers: Sequence[Peer], options: argparse.Namespace) -> dict[str, Figure]:
    """The median of rounds that go from peer to peer; words stay the words they are."""
    asked = [peer for peer in peers if has_figure(peer, case)]
    columns: dict[str, list[Figure]] = {peer.name: [] for peer in asked}
    for _ in range(options.rounds):
        for peer in asked:
            if not any(isinstance(figure, str) for figure in columns[peer.name]):
                columns[peer.name].append(peer.seconds(case, options.budget))
    return {
        name: column[-1] if isinstance(column[-1], str) else middle(name, column)
        for name, column in columns.items()
    }


def middle(name: str, seconds: list[float]) -> float:
    """Of a limit the least: nothing else is what the machine allows."""
    return min(seconds) if name in LIMITS else statistics.median(seconds)


def measured(
    cases: list[Case], threads: int, versions: dict[str, str], options: argparse.Namespace
) -> Iterator[Row]:
    """A row a case; `versions` learns which the peers are."""
    peers = start_peers(options, threads)
    versions |= {peer.name: peer.version for peer in peers}
    began, family = time.monotonic(), ""
    for case in cases:
        if case.family != family:
            family = case.family
            print(f"{time.monotonic() - began:6.0f} s  {family}", file=sys.stderr, flush=True)
        row = Row(case, threads, timed(case, peers, options))
        if options.rows:
            print(report.line(row), flush=True)
        yield row
    for peer in peers:
        peer.stop()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has PyTorch")
    parser.add_argument("--only", action="append", help="a family, or words of names; repeatable")
    parser.add_argument("--threads", type=int, action="append", help="1 and 2 by default")
    parser.add_argument("--quick", action="store_true", help="what is named, and few drawn cases")
    parser.add_argument("--against", action="append", choices=PEERS, help="both by default")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken")
    parser.add_argument("--rows", action="store_true", help="print every row")
    parser.add_argument("--worst", type=int, default=40, help="how many of the worst rows")
    parser.add_argument("--record", type=Path, default=RECORD, help="where the record is kept")
    parser.add_argument("--compare", type=Path, help="an earlier record")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.quick else 7)
    options.against = options.against or PEERS
    options.budget = 0.002 if options.quick else 0.004
    return options


def main() -> None:
    options = parsed()
    stay_on_two_cores()
    tell_load()
    cases, versions = chosen(options), {}
    print(f"{len(cases)} cases on {record.machine()}")
    rows: list[Row] = []
    for threads in options.threads or (1, 2):
        rows += measured(cases, threads, versions, options)
    for threads in dict.fromkeys(row.threads for row in rows):
        some = [row for row in rows if row.threads == threads]
        report.families(some, threads)
        report.worst(some, threads, options.worst)
    report.troubles(rows)
    record.write(options.record, rows, versions)
    if options.compare:
        record.compare(options.compare, rows, options.worst)


if __name__ == "__main__":
    main()
