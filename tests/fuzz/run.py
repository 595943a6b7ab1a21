"""Open thousands of damaged files, none of which may crash, hang, eat memory or end in an accident.

    python tests/fuzz/run.py [--count 5000] [--seed 0] [--only part-of-a-name]     (`make fuzz`)

What went wrong is printed and kept below build/fuzz. A crash ends the process; then the file that
it read last is kept there, too.
"""

from __future__ import annotations

import argparse
import collections
import random
import sys
import tempfile
from pathlib import Path

import corpus
import guard
import mutations

KEPT = Path(__file__).resolve().parents[2] / "build" / "fuzz"


def main() -> int:
    """Return how many faults there were, 100 at most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    cases = [*corpus.low_level(), *corpus.models()]
    cases = [case for case in cases if given.only in case[0]]
    for name, content, door in cases:  # what is loaded late is loaded before anything is watched
        with tempfile.NamedTemporaryFile(suffix=name) as file:
            Path(file.name).write_bytes(content)
            try:
                door(file.name)
            except ValueError as error:
                print(f"{name} is refused undamaged: {error}")
    guard.install()
    endings = collections.Counter()
    faults: dict[str, int] = {}
    KEPT.mkdir(parents=True, exist_ok=True)
    for k in range(given.count):
        draw = random.Random(f"{given.seed} {k}")
        name, content, door = cases[k % len(cases)]
        path = KEPT / f"last-{given.seed}-{name}"
        path.write_bytes(mutations.damage(draw, content))
        try:
            endings[guard.attempt(lambda: door(str(path)), str(path))] += 1  # noqa: B023
            path.unlink()
        except guard.FaultError as fault:
            if str(fault) not in faults:
                print(f"{name} {given.seed} {k}: {fault}", flush=True)
                path.rename(KEPT / f"{given.seed}-{k}-{name}")
            faults[str(fault)] = faults.get(str(fault), 0) + 1
    print(f"{given.count} damaged files: {dict(endings)}, {sum(faults.values())} faults")
    return min(100, len(faults))


if __name__ == "__main__":
    sys.exit(main())
