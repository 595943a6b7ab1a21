"""Documentation that runs: every Python snippet of the pages and every example in a docstring."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import pkgutil
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import pylego

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
GLOSSARIES = [ROOT / "docs" / "glossary.md", ROOT / "docs" / "ko" / "glossary.md"]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
NAMED_FILE = re.compile(r"`((?:[\w.]+/)+[\w.]*|[\w.]+\.md)`")

# They read files that are not in the package.
NEEDS_DATA = {"pylego.datasets.mnist", "pylego.datasets.fashion_mnist"}


def modules() -> list[str]:
    found = pkgutil.walk_packages(pylego.__path__, "pylego.")
    return sorted(info.name for info in found if not info.name.endswith("._lego"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_snippets_run(page: Path, tmp_path: Path) -> None:
    """The snippets of a page are one program, run from top to bottom."""
    snippets = SNIPPET.findall(page.read_text(encoding="utf-8"))
    if not snippets:
        return
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(snippets)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} points to {target}"


@pytest.mark.parametrize("page", GLOSSARIES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_the_glossary_names_exist(page: Path) -> None:
    named = NAMED_FILE.findall(page.read_text(encoding="utf-8"))
    assert len(named) > 30
    for name in named:
        assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_both_glossaries_name_the_same_files() -> None:
    english, korean = (
        {name.replace(".ko.md", ".md") for name in NAMED_FILE.findall(page.read_text("utf-8"))}
        for page in GLOSSARIES
    )
    assert english == korean


def test_figures_are_what_is_printed() -> None:
    """After a change of what programs look like: python docs/figures.py --write."""
    figures = runpy.run_path(str(ROOT / "docs" / "figures.py"))
    made = figures["make"](set(figures["FIGURES"]) - figures["MEASURED"])
    assert len(figures["pages"]()) == 6
    for page in figures["pages"]():
        text = page.read_text(encoding="utf-8")
        assert text == figures["with_figures"](text, made), page.name


def test_pictures_are_what_the_page_draws() -> None:
    """After a change of what models look like: python docs/pictures.py --write."""
    drawn = runpy.run_path(str(ROOT / "docs" / "pictures.py"))["run_page"]()[1]
    folder = ROOT / "docs" / "pictures"
    assert {name: (folder / name).read_text(encoding="utf-8") for name in drawn} == drawn
    assert {path.name for path in folder.iterdir()} == set(drawn)


@pytest.mark.parametrize("name", ["dtypes.md", "models.md", "lstm.md"])
def test_both_pages_run_the_same(name: str) -> None:
    """They differ in comments at most."""
    english, korean = (
        SNIPPET.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
        for page in (name, f"ko/{name}")
    )
    assert [ast.dump(ast.parse(s)) for s in english] == [ast.dump(ast.parse(s)) for s in korean]


@pytest.mark.parametrize("name", modules())
def test_docstring_examples(name: str) -> None:
    if name in NEEDS_DATA and not os.environ.get("PYLEGO_HOME"):
        pytest.skip("needs the real files: set PYLEGO_HOME")
    results = doctest.testmod(
        importlib.import_module(name),
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
    )
    assert results.failed == 0, f"{results.failed} of {results.attempted} examples fail"
