"""Programs for Keras of any year run as they are printed, under `python -m pylego`."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pylego.datasets import digits

PRINTED = Path(__file__).parent / "printed"
ROOT = PRINTED.parent.parent


def idx(array: np.ndarray) -> bytes:
    """An array of bytes as a file of the format that MNIST's files have."""
    lengths = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.astype("uint8").tobytes()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with small sets in the place of MNIST and Fashion-MNIST: digits, enlarged."""
    home = tmp_path_factory.mktemp("home")
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    for name in ("mnist", "fashion_mnist"):
        (home / name).mkdir()
        for part, x, y, count in (("train", x_train, y_train, 400), ("t10k", x_test, y_test, 100)):
            images = np.pad(x[:count].repeat(3, 1).repeat(3, 2), ((0, 0), (2, 2), (2, 2))) * 15
            for kind, array in (("images-idx3", images), ("labels-idx1", y[:count])):
                (home / name / f"{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(idx(array), 1))
    return home


def run(
    *arguments: object, cwd: Path, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYLEGO_HOME": str(home or cwd)}
    command = [sys.executable, "-m", "pylego", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("program", sorted(PRINTED.glob("*.py")), ids=lambda path: path.stem)
def test_a_program_runs_as_it_is_printed(program: Path, home: Path, tmp_path: Path) -> None:
    done = run(program, cwd=tmp_path, home=home)
    assert done.returncode == 0, done.stderr
