"""`make test` runs each test once, whatever the number of processes (run.py)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def test_each_test_runs_once_and_a_failure_is_seen(tmp_path):
    shutil.copy(TESTS / "conftest.py", tmp_path)
    for number in range(3):
        body = f"def test_it(): assert {number} != 1\ndef test_more(): pass\n"
        (tmp_path / f"test_{number}.py").write_text(body)
    command = [sys.executable, TESTS / "run.py", "-q", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert ran.returncode == 1
    assert sum(map(int, re.findall(r"(\d+) passed", ran.stdout))) == 5
    assert sum(map(int, re.findall(r"(\d+) failed", ran.stdout))) == 1
