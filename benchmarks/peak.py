"""How much memory training a network takes above its data, in a fresh process per peer.

    python benchmarks/peak.py pylego "784-512-512-10: peak memory"

Prints the peak of the resident memory while a network is made and trained for an epoch, less what
was resident before; the data lie there already and a tiny network has trained, so that code,
threads and caches of the framework itself are in place. For pylego the second number is its own
plan, the bytes that `model.memory(batch_size=...)` says are going to be allocated. Reads Linux's
/proc.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import peer
from peers import Figure, Peer, as_figure, lines_of
from workloads import MEMORY, NUMBERS_FIRST, NoFigureError, Workload, data_of

STATUS = Path("/proc/self/status")
WORKLOADS = {workload.name: workload for workload in MEMORY}
RESET_PEAK = "5"  # proc(5): clear_refs


def resident(field: str) -> int:
    """VmRSS, the bytes that are resident now, or VmHWM, the most that ever were."""
    lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines())
    return int(lines[field].split()[0]) * 1024


def peak_above_data(name: str, workload: Workload) -> int:
    prepare, _ = peer.start(name)
    with contextlib.suppress(NoFigureError):
        prepare(NUMBERS_FIRST)()
    data_of(workload)  # stays in its cache
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    before = resident("VmRSS")
    prepare(workload)()
    return resident("VmHWM") - before


def planned(workload: Workload) -> Figure:
    """What pylego says a network takes, before it is trained."""
    import keras_like

    import pylego

    if workload.action != "fit":
        return "-"
    model = keras_like.model_of(pylego, workload.network)
    if not model.built:
        model.build((None, *workload.network.inputs))
    return float(model.memory(batch_size=workload.batch).allocated)


def measure(asked: Peer, workload: Workload) -> list[Figure]:
    """Peak and plan, as a fresh process of this peer prints them."""
    lines = lines_of(__file__, asked, workload)
    return [as_figure(line) for line in (*lines, "-", "-")[:2]]


def main() -> None:
    name, workload, answers = sys.argv[1], WORKLOADS[sys.argv[2]], peer.own_output()
    print(peak_above_data(name, workload), file=answers)
    print(planned(workload) if name == "pylego" else "-", file=answers)


if __name__ == "__main__":
    main()
