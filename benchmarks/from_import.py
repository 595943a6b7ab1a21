"""How long a program takes that imports a library, makes a network and asks it for the first time.

    python benchmarks/from_import.py pylego "ResNet50: from import to predict"

Prints the seconds from a fresh process, which has imported NumPy alone, to the first answer.
"""

from __future__ import annotations

import sys

import peer
from peers import Figure, Peer, as_figure, lines_of
from workloads import CLOCK, FROM_IMPORT, NoFigureError, Workload, data_of

WORKLOADS = {workload.name: workload for workload in FROM_IMPORT}


def measure(asked: Peer, workload: Workload) -> Figure:
    """Seconds, as a fresh process of this peer prints them."""
    return as_figure("".join(lines_of(__file__, asked, workload)))


def seconds(name: str, workload: Workload) -> Figure:
    data_of(workload)  # stays in its cache
    began = CLOCK()
    prepare, _ = peer.start(name)
    try:
        prepare(workload)()
    except NoFigureError as reason:
        return str(reason)
    return CLOCK() - began


def main() -> None:
    answers = peer.own_output()
    print(seconds(sys.argv[1], WORKLOADS[sys.argv[2]]), file=answers)


if __name__ == "__main__":
    main()
