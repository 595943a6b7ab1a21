"""A few hundred damaged files; `make fuzz` opens thousands. See tests/fuzz."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parent / "fuzz"
pytest.importorskip("safetensors")


def test_damaged_files_are_opened_or_refused() -> None:
    done = subprocess.run(
        [sys.executable, str(FUZZ / "run.py"), "--count", "200"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


FAULTS = {
    "[][0]": "accident: IndexError",
    "int('x')": "accident: ValueError",
    "open('/etc/hostname')": "it did",
    "open('written', 'w')": "it did",
    "__import__('os').system('true')": "it did",
    "[bytes(10**8) for _ in range(20)]": "it took 524,288,000 bytes",
    "all(True for _ in iter(int, 1))": "it took 1 seconds",
}


def test_faults_are_seen(tmp_path: Path) -> None:
    """What must not happen, done on purpose."""
    program = f"""
import sys
sys.path.insert(0, {str(FUZZ)!r})
import guard
guard.SECONDS = 1
guard.install()
for fault in {list(FAULTS)!r}:
    try:
        print("missed", guard.attempt(lambda: eval(fault)))
    except guard.FaultError as error:
        print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    found = done.stdout.splitlines()
    assert len(found) == len(FAULTS), done.stderr
    for line, start in zip(found, FAULTS.values()):
        assert line.startswith(start)
