"""How many random cases are drawn: HYPOTHESIS_PROFILE is 'quick' (the default) or 'thorough'."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine must not fail a test: no deadlines.
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}

settings.register_profile("quick", max_examples=12, **SETTINGS)
settings.register_profile("thorough", max_examples=300, **SETTINGS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Pass over the tests of a file that another process runs (run.py)."""
    return None if _is_for_this_process(item.path) else True


@functools.cache
def _is_for_this_process(file: Path) -> bool:
    """Whether it is the first to ask for a file: then it makes a file of that name."""
    claims = os.environ.get("PYLEGO_TEST_CLAIMS")
    if claims is None:
        return True
    try:
        (Path(claims) / file.as_posix().replace("/", "!")).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, also where it is ignored: in jobs that a script starts
    with `&`."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)
