"""What pylego costs before it computes: seconds of its import, bytes of its wheel."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def import_seconds(module: str) -> float:
    """What importing the module costs once NumPy is there: the median of nine processes."""
    program = (
        "import time, numpy; began = time.perf_counter(); "
        f"import {module}; print(time.perf_counter() - began)"
    )
    command = [sys.executable, "-c", program]
    runs = [subprocess.run(command, capture_output=True, text=True) for _ in range(9)]
    return statistics.median(float(run.stdout) for run in runs)


def wheel_bytes() -> float:
    """The size of the wheel that pip builds from this tree."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder]
        subprocess.run([*command, str(ROOT)], check=True)
        return float(next(Path(folder).glob("*.whl")).stat().st_size)
