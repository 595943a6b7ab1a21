"""Threads: where they come from, how many there are, and where OpenMP's variables put them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pylego
from pylego import config

ROOT = Path(pylego.__file__).resolve().parent.parent

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
with_openmp = pytest.mark.skipif(config.threading() != "OpenMP", reason="built without OpenMP")

# Predictions large enough to be spread, until a worker has taken part (or for ten seconds).
WORK = """
import os, resource, time
import numpy as np
import pylego
from pylego import config

def tasks():
    return sorted(os.listdir("/proc/self/task"), key=int)

def of_task(task, key):
    try:
        lines = open(f"/proc/self/task/{task}/status").read().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended since it was listed
        return None
    return next(line.split()[1] for line in lines if line.startswith(key))

def compute():
    x = np.ones((400, 400), "float32")
    end = time.monotonic() + 10
    while time.monotonic() < end and not any(of_task(t, "Name:") == "pylego" for t in tasks()):
        assert np.asarray(pylego.ops.matmul(x, x))[0, 0] == 400
    assert np.asarray(pylego.ops.matmul(x, x))[0, 0] == 400

def workers():
    return [task for task in tasks() if of_task(task, "Name:") == "pylego"]
"""


def said_by(program: str, **variables: str) -> str:
    """What a new process prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    kept |= {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", WORK + program],
        env=kept | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def test_the_build_says_where_threads_come_from() -> None:
    is_left_out = os.environ.get("PYLEGO_OPENMP") == "0"
    assert config.threading() in (("pthreads",) if is_left_out else ("OpenMP", "pthreads"))


COUNT = "print(config.num_threads())"


def test_the_environment_sets_the_number_of_threads() -> None:
    assert said_by(COUNT, OMP_NUM_THREADS="3") == "3"
    assert said_by(COUNT, OMP_NUM_THREADS="4,2") == "4"
    assert int(said_by(COUNT)) >= 1


def test_set_num_threads_goes_before_the_environment() -> None:
    assert said_by("config.set_num_threads(2)\n" + COUNT, OMP_NUM_THREADS="3") == "2"


def test_the_limit_of_the_environment_goes_before_all() -> None:
    assert said_by(COUNT, OMP_NUM_THREADS="8", OMP_THREAD_LIMIT="3") == "3"
    assert said_by("config.set_num_threads(8)\n" + COUNT, OMP_THREAD_LIMIT="3") == "3"


@on_linux
def test_an_import_starts_no_thread() -> None:
    assert said_by("config.num_threads(); print(len(tasks()))") == "1"


@on_linux
def test_a_team_has_a_worker_less_than_there_are_threads() -> None:
    team = "compute(); time.sleep(0.5); print(len(workers()))"
    assert said_by(team, OMP_NUM_THREADS="3") == "2"
    assert said_by(team, OMP_NUM_THREADS="8", OMP_THREAD_LIMIT="2") == "1"
    assert (
        said_by(
            "config.set_num_threads(1); x = np.ones((400, 400), 'float32')\n"
            "pylego.ops.matmul(x, x); print(len(tasks()))"
        )
        == "1"
    )


@on_linux
@with_openmp
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="has one core")
def test_caller_and_worker_have_places_of_their_own() -> None:
    """Compilers' runtimes bind the caller, or leave it where it wants to be."""
    program = (
        "cores = os.sched_getaffinity(0); compute()\n"
        "print(config.num_threads(), of_task(workers()[0], 'Cpus_allowed_list'))\n"
        "print(of_task(os.getpid(), 'Cpus_allowed_list'))"
    )
    first, second = sorted(os.sched_getaffinity(0))[:2]
    places = {"OMP_PROC_BIND": "true", "OMP_PLACES": f"{{{first}}},{{{second}}}"}
    said = said_by(program, OMP_NUM_THREADS="2", **places).split()
    assert said[:2] == ["2", str(second)]
    assert said[2] != str(second)


@on_linux
@with_openmp
def test_places_do_not_hide_cores() -> None:
    """The runtime of GCC binds the thread that loads it to one place."""
    cores = len(os.sched_getaffinity(0))
    assert said_by(COUNT) == said_by(COUNT, OMP_PROC_BIND="true", OMP_PLACES="cores")
    assert int(said_by(COUNT)) <= cores


@on_linux
def test_without_room_for_threads_the_process_goes_on() -> None:
    """The runtime of GCC ends a process whose threads the system refuses."""
    program = """
used = int(of_task(os.getpid(), "VmSize:")) * 1024
resource.setrlimit(resource.RLIMIT_AS, (used + (7 << 20),) * 2)
x = np.ones((200, 200), "float32")
end = time.monotonic() + 1
while time.monotonic() < end:
    y = pylego.ops.matmul(x, x)
print(np.asarray(y)[0, 0])
"""
    assert said_by(program, OMP_NUM_THREADS="8") == "200.0"
