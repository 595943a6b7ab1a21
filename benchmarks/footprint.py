"""What pylego costs before it computes: seconds of its import, bytes of its wheel."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# `import pylego` by itself loads next to nothing: what counts is what a first model names.
FIRST_MODEL = "from pylego.models import Sequential; from pylego.layers import Dense"


def import_seconds(program: str) -> float:
    """What the imports of a program cost once NumPy is there: the median of nine processes.

    Python compiles modules to bytecode once, pip when it installs them; here the first of ten
    processes does, into a folder that is new.
    """
    timed = (
        "import time, numpy; began = time.perf_counter(); "
        f"{program}; print(time.perf_counter() - began)"
    )
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _, *seconds = (_seconds_said(timed, environment) for _ in range(10))
    return statistics.median(seconds)


def _seconds_said(program: str, environment: dict[str, str]) -> float:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment
    )
    return float(run.stdout)


def wheel_bytes() -> float:
    """The size of the wheel that pip builds from this tree."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder]
        subprocess.run([*command, str(ROOT)], check=True)
        return float(next(Path(folder).glob("*.whl")).stat().st_size)
