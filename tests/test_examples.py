"""Every example runs, at smoke size: few epochs, few rows, and the numbers it prints make sense."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))

# Runs an example as it is printed, with a `fit` that stops early and sees few rows, and loaders
# that hand out less.
RUNNER = """
import runpy, sys
import numpy as np
import pylego
from pylego.core import tree
from pylego.datasets import mnist
from pylego.models import Model

fit, load = Model.fit, mnist.load_data

def few(rows):
    return rows[:1000] if isinstance(rows, np.ndarray) else rows

def short_fit(self, *args, epochs=1, **options):
    args, options = tree.map_leaves(few, (args, options))
    return fit(self, *args, epochs=min(epochs, 3), **options)

def short_load():
    return tuple((x[:500], y[:500]) for x, y in load())

Model.fit, mnist.load_data = short_fit, short_load
sys.argv = sys.argv[1:]
if "from keras" in open(sys.argv[0], encoding="utf-8").read():
    pylego.as_keras()  # as `python -m pylego` does
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def write_table(folder: Path) -> None:
    """A table that looks like the Pima one: its outcome follows from two of the columns."""
    rng = np.random.default_rng(0)
    measurements = rng.uniform(0, 100, size=(200, 8))
    outcome = measurements[:, 1] + measurements[:, 5] > 100
    np.savetxt(folder / "pima-indians-diabetes.csv", np.c_[measurements, outcome], delimiter=",")


def write_houses(folder: Path) -> None:
    """A table that looks like that of Boston's houses."""
    features = np.random.default_rng(0).uniform(0, 10, size=(60, 13))
    np.savetxt(folder / "housing.csv", np.c_[features, features.sum(axis=1)], delimiter=",")


def write_months(folder: Path) -> None:
    """A table that looks like the one of airline passengers."""
    months = np.arange(144)
    passengers = 100 * 1.01**months * (1.2 + np.sin(months * np.pi / 6))
    lines = ['"Month","Passengers"', *(f'"m{m}",{n:.0f}' for m, n in zip(months, passengers))]
    (folder / "airline-passengers.csv").write_text("\n".join(lines) + "\n")


def write_reviews(folder: Path) -> None:
    """Files that look like those of sentences that praise, and that do not."""
    folder.mkdir()
    (folder / "rt-polarity.pos").write_text("a warm and funny film\n" * 40)
    (folder / "rt-polarity.neg").write_text("a dull and lifeless mess\n" * 40)


def write_text(folder: Path) -> None:
    (folder / "input.txt").write_text("First Citizen:\nSpeak, speak.\n\n" * 100)


def write_mnist(folder: Path) -> None:
    """Four IDX files that look like MNIST, or Fashion-MNIST: big-endian header, then bytes."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for part in ("train", "t10k"):
        labels = rng.integers(0, 10, 60).astype(np.uint8)
        images = rng.integers(0, 256, (60, 28, 28)).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = np.array([0x800 + array.ndim, *array.shape], ">u4").tobytes()
            (folder / f"{part}-{kind}-ubyte").write_bytes(header + array.tobytes())


def write_cifar(folder: Path) -> None:
    """Files that look like those of CIFAR-10: pictures as rows of bytes, channels first."""
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        rows = rng.integers(0, 256, (20, 3072)).astype(np.uint8)
        batch = {b"data": rows, b"labels": list(range(10)) * 2}
        (folder / name).write_bytes(pickle.dumps(batch))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: str(p.relative_to(ROOT / "examples")))
def test_example_runs(path: Path, tmp_path: Path) -> None:
    write_table(tmp_path)
    write_months(tmp_path)
    write_houses(tmp_path)
    write_reviews(tmp_path / "rt_polarity")
    write_text(tmp_path)
    write_mnist(tmp_path / "mnist")
    write_mnist(tmp_path / "fashion_mnist")
    write_cifar(tmp_path / "cifar10" / "cifar-10-batches-py")
    environment = {**os.environ, "PYLEGO_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(path)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    warned = [line for line in done.stderr.splitlines() if "Warning" in line]
    assert all("is an older word: today it is" in line for line in warned), done.stderr


class _WithoutWords(ast.NodeTransformer):
    """Leaves the program: no docstrings, nothing of what is printed, and its strings aside."""

    def __init__(self, path: Path):
        self.strings: list[str] = []
        self.program = ast.dump(self.visit(ast.parse(path.read_text(encoding="utf-8"))))

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        is_text = isinstance(node.value, ast.Constant)
        return None if is_text or "print" in ast.dump(node) else self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if not isinstance(node.value, str):
            return node
        self.strings.append(node.value)
        return ast.Constant("")


KOREAN = sorted((ROOT / "examples" / "ko").glob("*.py"))


@pytest.mark.parametrize("path", KOREAN, ids=lambda p: p.name)
def test_korean_examples_are_the_same_program(path: Path) -> None:
    korean, english = _WithoutWords(path), _WithoutWords(ROOT / "examples" / path.name)
    assert korean.program == english.program
    for here, there in zip(korean.strings, english.strings):
        assert here == there or not here.isascii()


def compile_all(sources: list[str], folder: Path) -> None:
    """Compile files to numbered objects in the folder, on all cores."""
    command = ["cc", "-std=c11", "-O0", f"-I{ROOT / 'csrc'}", "-c"]

    def compile_one(number: int) -> None:
        made = str(folder / f"{number}.o")
        subprocess.run([*command, sources[number], "-o", made], check=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(compile_one, range(len(sources))))


@pytest.mark.skipif(not shutil.which("cc"), reason="needs a C compiler")
def test_xor_in_c(tmp_path: Path) -> None:
    program = tmp_path / "xor"
    sources = sorted(str(p) for p in (ROOT / "csrc").glob("*/**/*.c"))
    compile_all([*sources, str(ROOT / "examples" / "xor.c")], tmp_path)
    objects = sorted(map(str, tmp_path.glob("*.o")))
    subprocess.run(["cc", *objects, "-lm", "-lpthread", "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, check=True, timeout=60)
    assert "1" in done.stdout
