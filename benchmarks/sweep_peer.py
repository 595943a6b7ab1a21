"""One library, or one limit of the machine, in a process of its own: it times cases of the sweep.

    python benchmarks/sweep_peer.py pylego

Speaks as peer.py does: lines of a budget in seconds and the name of a case, each answered with the
seconds of one run or with words on why there are none. BENCHMARK_THREADS says how many threads: one
is timed in CPU seconds, more by the clock.
"""

from __future__ import annotations

import sys

from peer import one_line, own_output
from sweep.cases import CASES
from sweep.libraries import LIBRARIES
from sweep.limits import LIMITS
from sweep.stopwatch import Stopwatch, statements_of
from workloads import THREADS, NoFigureError


def start(name: str) -> tuple[Stopwatch, str]:
    """What times the cases of this library, and which version it is."""
    if name in LIMITS:
        return Stopwatch(LIMITS[name](THREADS)), "a loop in C"
    library = LIBRARIES[name](THREADS)
    return Stopwatch(statements_of(name, library, THREADS)), library.version


def answer(stopwatch: Stopwatch, line: str) -> str:
    budget, name = line.rstrip("\n").split(" ", 1)
    try:
        return repr(stopwatch.seconds(CASES[name], float(budget)))
    except NoFigureError as reason:
        return str(reason)
    except Exception as error:
        return one_line(error)


def main() -> None:
    answers = own_output()
    try:
        stopwatch, version = start(sys.argv[1])
    except Exception as error:
        print(one_line(error), file=answers)
        return
    print(f"ready {version}", file=answers)
    for line in sys.stdin:
        print(answer(stopwatch, line), file=answers)


if __name__ == "__main__":
    main()
