"""How many random cases are drawn: HYPOTHESIS_PROFILE is 'quick' (the default) or 'thorough'."""

from __future__ import annotations

import functools
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pylego import utils

# A busy machine must not fail a test: no deadlines.
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("quick", max_examples=12, **SETTINGS)
settings.register_profile("thorough", max_examples=300, **SETTINGS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


# Where processes share the tests out (run.py), a file in this folder says that one has taken the
# tests of that name. Programs that tests start do not share.
CLAIMS = os.environ.pop("PYLEGO_TEST_CLAIMS", None)


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests of the files that no other process has taken."""
    if CLAIMS is None or session.testsfailed or session.config.option.collectonly:
        return None
    mine = (item for item in session.items if _is_for_this_process(item.path))
    for item, following in itertools.pairwise(itertools.chain(mine, [None])):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True


@functools.cache
def _is_for_this_process(file: Path) -> bool:
    """Whether it is the first to ask for a file."""
    try:
        (Path(CLAIMS or "") / file.as_posix().replace("/", "!")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.fixture(autouse=True)
def _the_same_numbers_in_any_order() -> None:
    """Begin each test with the same random numbers, whatever ran before it in this process."""
    utils.set_random_seed(1)


@pytest.fixture(autouse=True)
def _each_note_of_an_older_word_once_more() -> None:
    """Let each test see the notes that a process says once."""
    if notes := sys.modules.get("pylego.older.notes"):
        notes.forget()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, also where it is ignored: in jobs that a script starts
    with `&`."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)
