"""CONTRIBUTING.md adds a brick, a layer, an optimizer and a pass: its pieces are put into a copy
of the tree, which is compiled and tested."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SECTION = re.compile(r"^## Add an? (\w+)\n(.*?)(?=^## )", re.M | re.S)
PIECE = re.compile(r"^In `([^`]+)`, ([^\n:]+):\n\n```\w+\n(.*?)^```$", re.M | re.S)

# Where a piece belongs, as the page says it: the beginning of the one line that it is put before.
BEFORE = {
    (
        "csrc/bricks/elementwise.c",
        "above the heading of the family's table",
    ): "/* ---- the family -",
    ("csrc/bricks/elementwise.c", "at the end of the table"): "    {.name = NULL},",
    ("pylego/ops/elementwise.py", "in `__all__`"): '    "log",',
    ("csrc/passes/passes.h", "before the first `dead`"): "    PASS(dead, ",
    ("tests/laws/references.py", "at the end of the table"): "}  # fmt: skip",
}
PLACES = 3  # that each of them takes


def put(tree: Path, path: str, place: str, piece: str) -> None:
    target = tree / path
    if place == "a new file":
        assert not target.exists()
        target.write_text(piece, encoding="utf-8")
        return
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    before = None if place == "at the end" else BEFORE[path, place]
    found = [i for i, line in enumerate(lines) if before and line.startswith(before)]
    assert before is None or len(found) == 1, before
    at = found[0] if found else len(lines)
    target.write_text("".join([*lines[:at], piece, *lines[at:]]), encoding="utf-8")


def compile_engine(tree: Path) -> None:
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    environment = {**os.environ, "PYLEGO_DEBUG": "1"}  # half of the time goes into -O3
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the page's pieces in it, compiled for one instruction set."""
    copy = tmp_path_factory.mktemp("tree")
    for room in ("csrc", "pylego", "tests"):
        shutil.copytree(
            ROOT / room, copy / room, ignore=shutil.ignore_patterns("_lego*", "*.o", "__pycache__")
        )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    (copy / "csrc" / "sets.txt").write_text("generic\n")
    sections = SECTION.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert [name for name, _ in sections] == ["brick", "layer", "optimizer", "pass"]
    for name, section in sections:
        pieces = PIECE.findall(section)
        assert len({path for path, _, _ in pieces}) == PLACES, f"places that a {name} takes"
        for path, place, piece in pieces:
            put(copy, path, place, piece)
    compile_engine(copy)
    return copy


def run(tree: Path, *command: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("tests", "word"),
    [
        ("tests/laws", "bell"),
        ("tests/test_layers.py", "test_scale"),
        ("tests/test_optimizers.py", "test_sign_sgd"),
        ("tests/test_passes.py", "test_two_negations_cancel"),
    ],
)
def test_what_was_added_passes_its_tests(tree: Path, tests: str, word: str) -> None:
    done = run(tree, "-m", "pytest", tests, "-k", word)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.parametrize(
    ("module", "name"),
    [("ops.elementwise", "bell"), ("layers", "Scale"), ("optimizers", "SignSGD")],
)
def test_its_example_runs(tree: Path, module: str, name: str) -> None:
    program = (
        f"import doctest, inspect, pylego; from pylego.{module} import {name};"
        f"assert pylego.__file__.startswith({str(tree)!r});"
        f"module = inspect.getmodule({name});"
        "results = doctest.testmod(module); assert results.attempted and not results.failed"
    )
    done = run(tree, "-c", program)
    assert done.returncode == 0, done.stderr + done.stdout


def test_the_new_brick_joins_fused_loops(tree: Path) -> None:
    program = (
        "import pylego; from pylego import ops\n"
        "step = pylego.function(lambda x: ops.bell(x * 2.0, heavy=True) + 1.0)\n"
        "step(ops.ones((100,))); print(step.programs[0])"
    )
    done = run(tree, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "1 instructions" in done.stdout


def test_the_laws_notice_a_wrong_gradient(tree: Path) -> None:
    """The page says: break it once and see red."""
    source = tree / "csrc" / "bricks" / "elementwise.c"
    text = source.read_text(encoding="utf-8")
    broken = text.replace("times(g, g->x[0], y), -2)", "times(g, g->x[0], y), 2)")
    assert broken != text
    source.write_text(broken, encoding="utf-8")
    compile_engine(tree)
    done = run(tree, "-m", "pytest", "tests/laws", "-k", "bell")
    assert done.returncode == 1, done.stdout
    assert "gradient" in done.stdout
