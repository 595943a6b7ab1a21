"""Imports and includes point one way (docs/design.md, section 3): by floors, without circles."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each C folder and the folders whose headers it may include, besides its own and lego.h.
C_FOLDERS = {
    "core": set(),
    "kernels": {"core"},
    "tensor": {"core"},
    "bricks": {"tensor", "kernels", "core"},
    "registry": {"tensor", "core"},
    "graph": {"tensor", "core"},
    "passes/patterns": {"graph", "registry", "tensor", "core"},
    "passes": {"passes/patterns", "graph", "tensor", "core"},
    "runtime": {"passes", "passes/patterns", "graph", "tensor", "core"},
}

# Each Python package or module and its floor: it may import from lower floors only, and itself.
PYTHON_FLOORS = {
    "_lego": 0,
    "keras_imports": -4,
    "keras_names": -4,
    "keras_version": -4,
    "lazy": -4,
    "older": -3,
    "names": -2,
    "construction": -1,
    "absent": -1,
    "tracebacks": -1,
    "given": 0,
    "checks": 0,
    "rules": 1,
    "console": 0,
    "comparisons": 0,
    "engine": 1,
    "drawing": 1,
    "inspection": 2,
    "versions": 0,
    "config": 2,
    "core": 4,
    "tree": 5,
    "registry": 5,
    "programs": 8,
    "autograd": 7,
    "ops": 6,
    "random": 7,
    "graph": 9,
    "testing": 8,
    "activations": 8,
    "initializers": 8,
    "regularizers": 8,
    "constraints": 8,
    "devices": 0,
    "rematerialization": 0,
    "dtype_policies": 7,
    "losses": 8,
    "metrics": 9,
    "optimizers": 9,
    "utils": 9,
    "preprocessing": 10,
    "layers": 10,
    "mixed_precision": 10,
    "callbacks": 10,
    "training": 11,
    "models": 12,
    "saving": 13,
    "wrappers": 13,
    "applications": 13,
    "backend": 13,
    "scripts": 14,
    "__main__": 15,
    "datasets": 10,
}


def c_files() -> list[Path]:
    return sorted(p for folder in C_FOLDERS for p in (ROOT / "csrc" / folder).glob("*.[ch]"))


def c_folder(path: Path) -> str:
    return path.parent.relative_to(ROOT / "csrc").as_posix()


@pytest.mark.parametrize("path", c_files(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_includes_point_downwards(path: Path) -> None:
    folder = c_folder(path)
    for name in re.findall(r'^#include "([^"]+)"', path.read_text(encoding="utf-8"), re.M):
        target = (path.parent / name).resolve()
        assert target.exists(), f"{path.name} includes {name}, which is not there"
        is_contract = target == ROOT / "csrc" / "lego.h"
        is_allowed = c_folder(target) in {folder} | C_FOLDERS[folder]
        assert is_contract or is_allowed, f"{folder}/{path.name} must not include {name}"


def python_files() -> list[Path]:
    return sorted((ROOT / "pylego").rglob("*.py"))


def package_of(path: Path) -> str:
    parts = path.relative_to(ROOT / "pylego").with_suffix("").parts
    return parts[0]


def imported_packages(path: Path) -> set[str]:
    """The packages and modules of pylego that a file imports, also inside functions."""
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
    package = package_of(path)
    if package == "__init__":
        return
    assert package in PYTHON_FLOORS, f"{package} has no floor yet: give it one in PYTHON_FLOORS"
    for other in imported_packages(path) - {package}:
        assert PYTHON_FLOORS[other] < PYTHON_FLOORS[package], f"{package} must not import {other}"


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(ROOT / "pylego")))
def test_only_the_engine_sees_c(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    sees_c = re.search(r"_lego\b|\bcffi\b|\bctypes\b|\bffi\b", text)
    assert package_of(path) == "engine" or not sees_c, f"{path.name} must go through engine/"


def test_the_header_is_what_cffi_reads() -> None:
    header = (ROOT / "csrc" / "lego.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    lines = [line for line in code.splitlines() if line.startswith("#")]
    assert all(re.match(r"#(ifndef|define|include|endif)", line) for line in lines)


# ---- circles of files, names of structs -----------------------------------------------------


def circles_in(uses: dict[str, set[str]]) -> list[list[str]]:
    """Groups of files that depend on each other: strongly connected components (Tarjan, 1972)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    found = []

    def visit(file: str) -> None:
        number[file] = lowest[file] = len(number)
        path.append(file)
        for other in sorted(uses[file]):
            if other not in number:
                visit(other)
            if other in path:
                lowest[file] = min(lowest[file], lowest[other])
        if lowest[file] == number[file]:
            start = path.index(file)
            group = path[start:]
            del path[start:]
            if len(group) > 1:
                found.append(sorted(group))

    for file in sorted(uses):
        if file not in number:
            visit(file)
    return found


def without_comments(text: str) -> str:
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', " ", text, flags=re.S)


def c_uses() -> dict[str, set[str]]:
    """For each C unit (a .c file with its header) the units that it includes or calls.

    A prototype in a header is not a call.
    """
    texts: dict[str, str] = {}
    calls: dict[str, str] = {}
    for path in c_files():
        unit = f"{path.parent.name}/{path.stem}"
        text = path.read_text(encoding="utf-8")
        texts[unit] = texts.get(unit, "") + text
        calls[unit] = calls.get(unit, "") + (text if path.suffix == ".c" else "")
    function = re.compile(r"^(?!static)(?:[a-z_][\w ]*?[\s*]+)(\w+)\([^;{}]*\)\s*\{", re.M)
    defined_in = {
        name: unit
        for unit, text in texts.items()
        for name in function.findall(without_comments(text))
        if name != "NAME"  # the macro that names the functions of a template
    }
    uses = {}
    for unit, text in texts.items():
        words = set(re.findall(r"\w+", without_comments(calls[unit])))
        included = re.findall(r'^#include "(?:\.\./)*([\w/]+)\.h"', text, re.M)
        paths = [name if "/" in name else f"{unit.split('/')[0]}/{name}" for name in included]
        named = {"/".join(path.split("/")[-2:]) for path in paths}
        uses[unit] = (
            {defined_in[word] for word in words & set(defined_in)} | named & set(texts)
        ) - {unit}
    return uses


def python_uses() -> dict[str, set[str]]:
    """For each module the modules that it imports, also inside functions and for annotations only.

    `__init__.py` files only list their modules, so they do not count.
    """
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in python_files()
        if path.stem != "__init__"
    }
    uses: dict[str, set[str]] = {}
    for name, path in names.items():
        uses[name] = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                uses[name] |= {alias.name for alias in node.names} & set(names) - {name}
            elif isinstance(node, ast.ImportFrom) and node.module:
                meant = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                uses[name] |= meant & set(names) - {name}
    return uses


def test_no_c_files_depend_on_each_other_in_a_circle() -> None:
    assert circles_in(c_uses()) == []


def test_no_python_files_import_each_other_in_a_circle() -> None:
    assert circles_in(python_uses()) == []


def test_a_circle_would_be_found() -> None:
    uses = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert circles_in(uses) == [["b", "c"]]
    assert {"tensor/apply", "core/array"} <= set(c_uses())
    assert "core/array" in c_uses()["tensor/apply"]
    assert "pylego.engine.library" in python_uses()["pylego.engine.tensors"]


def test_struct_names_are_unique() -> None:
    found = [
        name
        for path in c_files()
        for name in re.findall(
            r"^(?:typedef )?struct (\w+) \{", path.read_text(encoding="utf-8"), re.M
        )
    ]
    assert len(found) > 100
    assert sorted({name for name in found if found.count(name) > 1}) == []
