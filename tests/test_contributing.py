"""CONTRIBUTING.md adds a brick: its lines are put into a copy of the tree, compiled and tested."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIECE = re.compile(r"^In `([^`]+)`, ([^\n:]+):\n\n```\w+\n(.*?)^```$", re.M | re.S)

# Where a piece belongs, as the page says it: the beginning of the one line that it is put before.
BEFORE = {
    ("csrc/bricks/elementwise.c", "above the family's table"): "/* ---- the family -",
    ("csrc/bricks/elementwise.c", "at the end of the table"): "    {.name = NULL},",
    ("pylego/ops/elementwise.py", "in `__all__`"): '    "log",',
    ("tests/laws/references.py", "at the end of the table"): "}  # fmt: skip",
}


def put(text: str, piece: str, before: str | None) -> str:
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if before and line.startswith(before)]
    assert before is None or len(places) == 1, before
    place = places[0] if places else len(lines)
    return "".join([*lines[:place], piece, *lines[place:]])


def compile_engine(tree: Path) -> None:
    command = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the page's brick in it, compiled."""
    copy = tmp_path_factory.mktemp("tree")
    for room in ("csrc", "pylego", "tests"):
        shutil.copytree(
            ROOT / room, copy / room, ignore=shutil.ignore_patterns("_lego*", "*.o", "__pycache__")
        )
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    (copy / "csrc" / "sets.txt").write_text("generic\n")  # one set compiles three times as fast
    pieces = PIECE.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert len({path for path, _, _ in pieces}) == 3, "a brick takes three places"
    for path, place, piece in pieces:
        before = None if place == "at the end" else BEFORE[path, place]
        target = copy / path
        target.write_text(put(target.read_text(encoding="utf-8"), piece, before), encoding="utf-8")
    compile_engine(copy)
    return copy


def run(tree: Path, *command: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(
        [sys.executable, *command], cwd=tree, env=environment, capture_output=True, text=True
    )


def test_the_laws_hold_for_the_new_brick(tree: Path) -> None:
    done = run(tree, "-m", "pytest", "tests/laws", "-k", "gaussian")
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout)


def test_its_example_runs(tree: Path) -> None:
    program = (
        "import doctest, pylego; from pylego.ops import elementwise; "
        "assert pylego.__file__.startswith({tree!r}); "
        "results = doctest.testmod(elementwise); assert results.attempted and not results.failed; "
        "from pylego import ops; ops.gaussian"
    )
    done = run(tree, "-c", program.format(tree=str(tree)))
    assert done.returncode == 0, done.stderr


def test_the_laws_notice_a_wrong_gradient(tree: Path) -> None:
    """The page says: break it once and see red."""
    source = tree / "csrc" / "bricks" / "elementwise.c"
    text = source.read_text(encoding="utf-8")
    broken = text.replace("times(g, g->x[0], g->y[0]), -2)", "times(g, g->x[0], g->y[0]), 2)")
    assert broken != text
    source.write_text(broken, encoding="utf-8")
    compile_engine(tree)
    done = run(tree, "-m", "pytest", "tests/laws", "-k", "gaussian")
    assert done.returncode == 1, done.stdout
    assert "gradient" in done.stdout
