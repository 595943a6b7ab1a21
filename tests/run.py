"""Run the tests in several processes (`make test`): each takes the next file that no other has.

    python tests/run.py [arguments of pytest]

What the first process says is seen at once, what the others say when they end. Most tests keep one
core busy, so there are as many processes as cores, up to the number beyond which they would wait
for the longest file.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile

MOST = 4


def main(arguments: list[str]) -> int:
    """Run pytest in every process; return 0 when all passed."""
    with contextlib.ExitStack() as opened:
        claims = opened.enter_context(tempfile.TemporaryDirectory())
        environment = os.environ | {"PYLEGO_TEST_CLAIMS": claims}
        command = [sys.executable, "-m", "pytest", *arguments]
        outputs = [
            opened.enter_context(tempfile.TemporaryFile("w+"))
            for _ in range(min(cores(), MOST) - 1)
        ]
        others = [
            subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
            for output in outputs
        ]
        statuses = [subprocess.call(command, env=environment)]
        for process, output in zip(others, outputs):
            statuses.append(process.wait())
            output.seek(0)
            sys.stdout.write(output.read())
    return max(map(abs, statuses))


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
