"""Change one line at a time, and see whether a test notices: what survives is not tested.

    make mutants FILES="pylego/callbacks/early_stopping.py csrc/core/memory.c"
    make mutants BASE=main                      only lines that differ from a commit
    make mutants FILES=... TESTS="tests laws"   by these tests, more of them, or all

Cosmic Ray changes Python, tests/c_mutants.py changes C; both do it in a copy below build/. Python
is tried with the test files that name what the file defines, C with the C tests under sanitizers,
and with TESTS as well where they are given. Where there are many mutants, an even choice is tried.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import c_mutants

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / f"mutants-{os.getpid()}"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis"
)
# Operators of Cosmic Ray that change annotations, or what any test of the line would notice.
DULL = re.compile(
    r"BinaryOperator_(BitOr_|.*_(Mod|Pow|RShift|LShift|BitOr|BitAnd|BitXor|FloorDiv)$)"
)
TIMEOUT_OF_C = 900.0


@dataclass(frozen=True)
class Outcome:
    """What became of one mutant."""

    place: str  # file:line
    before: str
    after: str
    is_noticed: bool


# ---- what is changed, and what should notice ------------------------------------------------


def changed_lines(base: str) -> dict[str, set[int]]:
    """The files of ours, and their lines, that differ from a commit."""
    command = ["git", "diff", "-U0", base, "--", "pylego", "csrc"]
    text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, set[int]] = {}
    lines: set[int] = set()
    for line in text.splitlines():
        if line.startswith("+++ b/"):
            lines = found.setdefault(line.removeprefix("+++ b/"), set())
        if hunk := re.match(r"@@ \S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines.update(range(first, first + count))
    return {name: lines for name, lines in found.items() if name.endswith((".py", ".c"))}


def tests_of(name: str) -> list[str]:
    """The test files that name the module or what it defines; all where none does."""
    source = (ROOT / name).read_text(encoding="utf-8")
    defined = re.findall(r"^(?:class|def) ([A-Za-z]\w+)", source, re.M)
    words = re.compile(rf"\b({'|'.join([Path(name).stem, *defined])})\b")
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    naming = [path for path in tests if words.search(path.read_text(encoding="utf-8"))]
    return [str(path.relative_to(ROOT)) for path in naming] or ["tests"]


def some(things: list, most: int) -> list:
    """All, or so many of them, the same ones each time."""
    return things if len(things) <= most else random.Random(0).sample(things, most)


# ---- trying ---------------------------------------------------------------------------------


def passes(command: list[str], timeout: float) -> bool:
    """Whether a command succeeds in time, run in the copy; what it started ends with it."""
    environment = {**os.environ, "PYTHONPATH": str(COPY), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        command, cwd=COPY, env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return process.wait(timeout) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def pytest(tests: Iterable[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]


def seconds_of(command: list[str]) -> float:
    """How long the tests take without a mutant; they must pass."""
    began = time.monotonic()
    if not passes(command, 3600):
        sys.exit(f"without any change this fails already: {' '.join(command)}")
    return time.monotonic() - began


def python_outcomes(
    name: str, lines: Container[int] | None, tests: list[str], most: int
) -> Iterator[Outcome]:
    """Let Cosmic Ray try its mutants of a Python file."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    command = pytest(tests)
    config, session = COPY / "mutants.toml", COPY / "mutants.sqlite"
    session.unlink(missing_ok=True)
    config.write_text(
        f'[cosmic-ray]\nmodule-path = ["{name}"]\ntimeout = {3 * seconds_of(command) + 20}\n'
        f'excluded-modules = []\ntest-command = "{" ".join(command)}"\n'
        '[cosmic-ray.distributor]\nname = "local"\n'
    )
    cosmic_ray = [sys.executable, "-m", "cosmic_ray.cli"]
    if not passes([*cosmic_ray, "init", str(config), str(session)], 600):
        sys.exit(f"Cosmic Ray cannot read {name}")
    with use_db(str(session), WorkDB.Mode.open) as work:
        items = [item for item in work.work_items if is_wanted(item.mutations[0], lines)]
        chosen = {item.job_id for item in some(sorted(items, key=str), most)}
        for item in list(work.pending_work_items):
            if item.job_id not in chosen:
                work.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED))
    passes([*cosmic_ray, "exec", str(config), str(session)], 24 * 3600)
    with use_db(str(session), WorkDB.Mode.open) as work:
        for item, result in work.completed_work_items:
            if item.job_id in chosen:
                before, after = changed(result.diff)
                place = f"{name}:{item.mutations[0].start_pos[0]}"
                is_noticed = result.test_outcome != TestOutcome.SURVIVED
                yield Outcome(place, before, after, is_noticed)


def is_wanted(mutation: object, lines: Container[int] | None) -> bool:
    """Whether a mutation of Cosmic Ray says something, and lies in the lines."""
    is_dull = DULL.search(mutation.operator_name)
    return not is_dull and (lines is None or mutation.start_pos[0] in lines)


def changed(diff: str | None) -> tuple[str, str]:
    """The one line that a diff takes and the one that it gives."""
    lines = [line for line in (diff or "").splitlines() if not line.startswith(("---", "+++"))]
    return tuple(
        next((line[1:].strip() for line in lines if line.startswith(sign)), "") for sign in "-+"
    )


def c_outcomes(
    name: str, lines: Container[int] | None, tests: list[str], most: int
) -> Iterator[Outcome]:
    """Try mutants of a C file that compile: by the C tests, then by those tests that are given."""
    path = COPY / name
    text = path.read_text(encoding="utf-8")
    found = [m for m in c_mutants.mutants(text) if lines is None or m.line in lines]
    # One instruction set compiles three times as fast, and the source of all is the same.
    c_tests = ["make", "-C", "tests/c", "asan", "ISAS=generic"]
    engine = [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"]
    timeout = 3 * seconds_of(c_tests) + 60
    tried = 0
    for mutant in some(found, len(found)):
        if tried == most:
            break
        path.write_text(mutant.of(text), encoding="utf-8")
        if compiles(name):
            tried += 1
            survives = passes(c_tests, timeout) and (
                not tests or (passes(engine, TIMEOUT_OF_C) and passes(pytest(tests), TIMEOUT_OF_C))
            )
            before, after = mutant.before.strip(), mutant.after.strip()
            yield Outcome(f"{name}:{mutant.line}", before, after, not survives)
    path.write_text(text, encoding="utf-8")


def compiles(name: str) -> bool:
    flags = ["-std=c11", "-fopenmp-simd", "-DLEGO_ISA=generic", "-DUNROLL=", "-Icsrc"]
    return passes(["cc", *flags, "-w", "-fsyntax-only", name], 60)


# ---- telling --------------------------------------------------------------------------------


def try_file(name: str, lines: Container[int] | None, tests: list[str], most: int) -> list[Outcome]:
    """Try the mutants of a file, and print what survives and a score."""
    if name.endswith(".py"):
        tests = tests or tests_of(name)
        found = python_outcomes(name, lines, tests, most)
    else:
        found = c_outcomes(name, lines, tests, most)
    print(f"{name}, by {' '.join(tests) or 'the C tests'}", flush=True)
    outcomes = []
    for outcome in found:
        outcomes.append(outcome)
        if not outcome.is_noticed:
            print(f"  {outcome.place}\n    - {outcome.before}\n    + {outcome.after}", flush=True)
    print(f"  {score(outcomes)}\n", flush=True)
    return outcomes


def score(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return "no mutants"
    noticed = sum(outcome.is_noticed for outcome in outcomes)
    return f"{noticed} of {len(outcomes)} noticed, {noticed / len(outcomes):.0%}"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="Python files of pylego/, C files of csrc/")
    parser.add_argument("--base", help="a commit: lines that differ from it")
    parser.add_argument("--tests", nargs="+", default=[], help="what pytest is given")
    parser.add_argument(
        "--most", type=int, default=100, help="mutants of each file; 100 by default"
    )
    return parser.parse_args()


def main() -> None:
    options = parsed()
    lines = changed_lines(options.base) if options.base else {}
    files = [os.path.relpath(name, ROOT) for name in options.files] or list(lines)
    if not files:
        sys.exit('nothing to change: give FILES="pylego/... csrc/...", or BASE=a commit')
    shutil.copytree(ROOT, COPY, ignore=LEFT_OUT)
    try:
        outcomes = [
            outcome
            for name in files
            for outcome in try_file(name, lines.get(name), options.tests, options.most)
        ]
    finally:
        shutil.rmtree(COPY, ignore_errors=True)
    print(f"in all: {score(outcomes)}")


if __name__ == "__main__":
    main()
