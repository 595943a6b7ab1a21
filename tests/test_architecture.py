"""The arrows point one way: who may import and include whom (docs/design.md: section 3)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each C room and the rooms whose headers it may include, beside its own and lego.h.
C_ROOMS = {
    "core": set(),
    "kernels": {"core"},
    "tensor": {"core"},
    "bricks": {"tensor", "kernels", "core"},
    "registry": {"tensor", "core"},
    "graph": {"tensor", "core"},
    "passes": {"graph", "tensor", "core"},
    "runtime": {"passes", "graph", "tensor", "core"},
}

# Each Python room and its floor: a room may import from lower floors only (and from itself).
PYTHON_FLOORS = {
    "_lego": 0,
    "keras_names": -3,
    "lazy": -3,
    "names": -2,
    "construction": -1,
    "absent": -1,
    "tracebacks": -1,
    "given": 0,
    "checks": 0,
    "comparisons": 0,
    "engine": 1,
    "inspection": 2,
    "versions": 0,
    "config": 2,
    "core": 4,
    "registry": 3,
    "programs": 8,
    "autograd": 7,
    "ops": 6,
    "random": 7,
    "symbolic": 8,
    "testing": 8,
    "activations": 8,
    "initializers": 8,
    "regularizers": 8,
    "constraints": 8,
    "losses": 8,
    "metrics": 9,
    "optimizers": 9,
    "utils": 9,
    "preprocessing": 10,
    "layers": 10,
    "callbacks": 10,
    "training": 11,
    "models": 12,
    "datasets": 1,
}


def c_files() -> list[Path]:
    return sorted(p for room in C_ROOMS for p in (ROOT / "csrc" / room).glob("*.[ch]"))


@pytest.mark.parametrize("path", c_files(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_includes_point_downwards(path: Path) -> None:
    room = path.parent.name
    for name in re.findall(r'^#include "([^"]+)"', path.read_text(encoding="utf-8"), re.M):
        target = (path.parent / name).resolve()
        assert target.exists(), f"{path.name} includes {name}, which is not there"
        is_contract = target == ROOT / "csrc" / "lego.h"
        is_allowed = target.parent.name in {room} | C_ROOMS[room]
        assert is_contract or is_allowed, f"{room}/{path.name} must not include {name}"


def python_files() -> list[Path]:
    return sorted((ROOT / "pylego").rglob("*.py"))


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "pylego").with_suffix("").parts
    return parts[0]


def imported_rooms(path: Path) -> set[str]:
    """The rooms of pylego that a file imports at its top level or anywhere inside."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {f"{node.module}.{name.name}" for name in node.names}
    names = {name.split(".")[1] for name in found if name.startswith("pylego.")}
    return {name for name in names if name in PYTHON_FLOORS}


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT / "pylego")))
def test_imports_point_downwards(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        return
    assert room in PYTHON_FLOORS, f"{room} has no floor yet: give it one in PYTHON_FLOORS"
    for other in imported_rooms(path) - {room}:
        assert PYTHON_FLOORS[other] < PYTHON_FLOORS[room], f"{room} must not import {other}"


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT / "pylego")))
def test_only_the_engine_sees_c(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sees_c = re.search(r"_lego\b|\bcffi\b|\bctypes\b|\bffi\b", text)
    assert room_of(path) == "engine" or not sees_c, f"{path.name} must go through engine/"


def test_the_header_is_what_cffi_reads() -> None:
    header = (ROOT / "csrc" / "lego.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    lines = [line for line in code.splitlines() if line.startswith("#")]
    assert all(re.match(r"#(ifndef|define|include|endif)", line) for line in lines)
