"""The sweep of benchmarks/sweep: it has every brick, and its statements say the same everywhere."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import ops
from pylego.engine.bricks import BRICKS

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
if not BENCHMARKS.exists():
    pytest.skip("an sdist has no benchmarks", allow_module_level=True)
sys.path.append(str(BENCHMARKS))

import last_places  # noqa: E402
from sweep import libraries, record, report  # noqa: E402
from sweep.case import Array, Case  # noqa: E402
from sweep.cases import CASES, NOT_MEASURED  # noqa: E402
from sweep.rows import Row  # noqa: E402

MOST_NUMBERS = 10_000  # of the cases that are tried here
IS_CHANCE = ("random",)  # families whose results nobody can foretell
# Keras has them, pylego not yet: their cases begin to count when it does.
LATER: set[str] = set()


def is_there(case: Case) -> bool:
    names = {name for way in case.ways["pylego"] for name in re.findall(r"\bops\.(\w+)", way.run)}
    return all(hasattr(ops, name) for name in names & LATER)


def is_small(case: Case) -> bool:
    counts = [math.prod(operand.shape) for operand in case.operands]
    return sum(counts) <= MOST_NUMBERS and case.writes <= 8 * MOST_NUMBERS


SMALL = {name: case for name, case in CASES.items() if is_small(case) and is_there(case)}


def test_every_brick_is_in_a_case_or_told_why_not() -> None:
    measured = {brick for case in CASES.values() if is_there(case) for brick in case.bricks}
    assert set(BRICKS) - measured <= set(NOT_MEASURED)
    assert measured <= set(BRICKS)
    assert set(NOT_MEASURED) <= set(BRICKS) - measured


def test_every_family_has_small_and_large_cases() -> None:
    families = {case.family for case in CASES.values()}
    assert {case.family for case in SMALL.values()} == families
    large = {c.family for c in CASES.values() if c.reads + c.writes > 1_000_000}
    assert large == families


def test_sizes_layouts_and_dtypes_are_all_drawn() -> None:
    operands = [operand for case in CASES.values() for operand in case.operands]
    counts = [math.prod(operand.shape) for operand in operands]
    for least, most in ((1, 10), (1000, 1000), (3000, 5000), (37_000, 64_000), (10**6, 10**7)):
        assert sum(least <= count <= most for count in counts) > 100
    assert {o.view for o in operands} == {"", "transposed", "every second", "inner", "variable"}
    assert {"float32", "float64", "int32", "int64", "bool", "uint8"} <= {o.dtype for o in operands}


def results(library: libraries.Library, case: Case, name: str) -> list[np.ndarray]:
    """What the first way of a library makes."""
    names = {**library.names, **library.operands(case)}
    way = case.ways[name][0]
    exec(way.setup, names)
    made = eval(way.run, names)
    made = made if isinstance(made, (tuple, list)) else [made]
    return [one.numpy() if hasattr(one, "numpy") else np.asarray(one) for one in made]


@pytest.fixture(scope="module")
def both() -> tuple[libraries.Library, libraries.Library]:
    from pylego import config

    threads = config.num_threads()
    found = libraries.pylego_library(1), libraries.numpy_library(1)
    config.set_num_threads(threads)
    return found


@pytest.mark.parametrize("family", sorted({case.family for case in SMALL.values()}))
def test_small_cases_run_and_numpy_says_the_same(family: str, both: Any) -> None:
    for case in (case for case in SMALL.values() if case.family == family):
        ours = results(both[0], case, "pylego")
        if case.writes:
            assert sum(one.nbytes for one in ours) == case.writes, case.name
        if not case.ways["numpy"] or case.family in IS_CHANCE or "assign" in case.bricks:
            continue
        theirs = results(both[1], case, "numpy")
        assert len(ours) == len(theirs), case.name
        for a, b in zip(ours, theirs):
            most = 2e-5 * max(1.0, np.abs(b).max(initial=0))
            np.testing.assert_allclose(a, b, rtol=2e-5, atol=most, err_msg=case.name)


# ---- the rule and the record ----------------------------------------------------------------


def row(name: str = "matmul 7x7, 7x7", **microseconds: float) -> Row:
    return Row(CASES[name], 1, {name: 1e-6 * us for name, us in microseconds.items()})


@pytest.mark.parametrize(
    ("times", "breaks"),
    [
        ({"pylego": 20, "torch": 16.1}, False),
        ({"pylego": 20, "torch": 15.9}, True),
        ({"pylego": 9, "torch": 5.5}, False),  # short rows may be slower
        ({"pylego": 9, "torch": 5.3}, True),
        ({"pylego": 20, "torch": 30, "numpy": 15}, True),  # the best peer counts
        ({"pylego": 20, "torch": 5, "bytes": 17}, False),  # near the machine's limit
        ({"pylego": 20, "torch": 5, "bytes": 1, "operations": 17}, False),
        ({"pylego": 20, "torch": 5, "bytes": 16}, True),
        ({"pylego": 20}, False),
    ],
)
def test_which_rows_break_the_rule(times: dict[str, float], breaks: bool) -> None:
    assert row(**times).breaks == breaks


def test_the_best_peer_counts_in_the_mean(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(pylego=10, torch=20, numpy=40), row(pylego=10, torch=40, numpy=5)]
    report.families(rows, 1)
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("matmul"))
    assert line.split()[1:5] == ["2", "1.00", "2.83", "1.41"]


def test_a_family_at_the_limit_of_the_machine_is_no_fault(
    capsys: pytest.CaptureFixture[str],
) -> None:
    near, far = row(pylego=20, torch=19, bytes=17), row(pylego=20, torch=19, bytes=1)
    for rows, is_marked in (([near], False), ([near, far], True), ([far], True)):
        report.families(rows, 1)
        lines = capsys.readouterr().out.splitlines()
        (line,) = (line for line in lines if line.startswith("matmul"))
        assert line.endswith("<") == is_marked


def test_what_changed_since_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "record.json"
    record.write(path, [row(pylego=10, torch=10), row("exp 1000", pylego=10, torch=10)], {})
    assert json.loads(path.read_text())["machine"] == record.machine()
    capsys.readouterr()
    # A slower machine slows both; ours is slower than that in one of them.
    record.compare(path, [row(pylego=20, torch=20), row("exp 1000", pylego=40, torch=20)], 10)
    slower = capsys.readouterr().out.split("slower than then")[1].splitlines()
    assert slower[0].startswith(", beside the peers: 1; faster: 0")
    assert slower[1].split() == ["0.50", "1", "thread", "exp", "1000"]


def test_a_reading_is_of_the_case_that_is_asked(tmp_path: Path) -> None:
    """All of it in small: processes, rounds, report, record."""
    path = tmp_path / "record.json"
    command = [sys.executable, str(BENCHMARKS / "run_sweep.py"), "--threads", "1", "--rounds", "1"]
    command += ["--only", "matmul 7x7, 7x7", "--against", "numpy", "--record", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times = json.loads(path.read_text())["microseconds"]["1"]["matmul 7x7, 7x7"]
    assert 0.1 < times["pylego"] < 1000
    assert 0.1 < times["numpy"] < 1000
    assert "matmul" in done.stdout


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_last_places_are_counted() -> None:
    x = last_places.through_bits("float32", 4096)
    assert 0.4 < last_places.errors("exp", np.exp, x)[0].max() < 1
    wrong = last_places.errors("exp", lambda x: np.exp(x) * (1 + 2.0**-20), x)[0]
    assert 7 < wrong.max() < 18  # 2^-20 of a number are 8 to 16 units in its last place
    told = "".join(last_places.lines("sin", np.sin, (-1.0, 1.0), 512))
    assert all(f"sin               float32  {words}" in told for words in last_places.FAR)


def test_operands_lie_as_they_are_named() -> None:
    library = libraries.numpy_library(1)
    x = library.operand(Array((4, 6), view="transposed"), 0)
    assert (x.shape, x.strides) == ((4, 6), (4, 16))
    assert library.operand(Array((4, 6), view="every second"), 0).strides == (48, 8)
    assert library.operand(Array((4, 6), view="inner"), 0).strides == (32, 4)
