"""`import pylego` is silent and pulls in nothing that is optional (`make bench` times it)."""

from __future__ import annotations

import subprocess
import sys

OPTIONAL = ("pandas", "matplotlib", "PIL", "h5py", "sklearn", "torch", "urllib.request", "difflib")


def run(program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )


def test_import_is_silent_and_lean() -> None:
    done = run("import sys, pylego; print(sorted(sys.modules))")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    loaded = set(eval(done.stdout))
    plain = run("import sys, numpy; print(sorted(sys.modules))")  # NumPy's own is not ours
    ours = loaded - set(eval(plain.stdout))
    assert not ours.intersection(OPTIONAL)
