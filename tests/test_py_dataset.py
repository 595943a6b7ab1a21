"""Batches by number, loaded ahead by threads and processes: the same batches, in the same order."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego.layers import Dense, Input
from pylego.models import Sequential
from pylego.training.loading import load_batches
from pylego.utils import PyDataset, Sequence, set_random_seed

X = np.arange(24, dtype=np.float32).reshape(12, 2) / 24
Y = X.sum(axis=1, keepdims=True)


class Rows(PyDataset):
    """Two rows a batch; later batches are ready sooner. They may be others in each epoch."""

    def __init__(self, pause: float = 0.0, changes: bool = True, **arguments: Any):
        super().__init__(**arguments)
        self.pause = pause
        self.changes = changes
        self.shift = 0

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        time.sleep(self.pause * (6 - index))
        places = [(2 * index + self.shift) % 12, (2 * index + 1 + self.shift) % 12]
        return X[places], Y[places]

    def on_epoch_end(self) -> None:
        self.shift += self.changes


def line() -> Sequential:
    set_random_seed(3)
    model = Sequential([Input((2,)), Dense(1)])
    model.compile("sgd", "mse")
    return model


WORKERS: list[dict[str, Any]] = [
    {"workers": 0},
    {"workers": 3},
    {"workers": 3, "max_queue_size": 1},
    {"workers": 1, "use_multiprocessing": True},
    {"workers": 2, "use_multiprocessing": True, "max_queue_size": 3},
]


@pytest.mark.parametrize("arguments", WORKERS, ids=str)
@pytest.mark.parametrize("shuffle", [False, True])
def test_training_does_not_depend_on_workers(arguments: dict[str, Any], shuffle: bool) -> None:
    """Also where the data change between epochs, or an epoch ends in the middle of a pass."""
    for changes, more in ((True, {}), (False, {"steps_per_epoch": 4})):
        trained = []
        for given in ({}, arguments):
            model = line()
            data = Rows(0.001, changes, **given)
            model.fit(data, epochs=3, shuffle=shuffle, verbose=0, **more)
            trained.append([*model.get_weights(), model.predict(data, verbose=0)])
        for alone, together in zip(*trained):
            np.testing.assert_array_equal(alone, together)


def test_several_batches_are_loaded_at_once() -> None:
    both_are_here = threading.Barrier(2, timeout=20)

    class Meeting(Rows):
        def __getitem__(self, index: int) -> Any:
            if index < 2:
                both_are_here.wait()
            return super().__getitem__(index)

    data = Meeting(workers=2)
    numbers = [len(batch[0]) for batch in load_batches(data, range(6))]
    assert numbers == [2] * 6


def test_no_more_is_loaded_ahead_than_the_queue_holds() -> None:
    asked: list[int] = []

    class Counted(Rows):
        def __getitem__(self, index: int) -> Any:
            asked.append(index)
            return super().__getitem__(index)

    batches = load_batches(Counted(workers=2, max_queue_size=3), range(6))
    next(batches)
    time.sleep(0.05)
    assert sorted(asked) == [0, 1, 2]
    batches.close()  # type: ignore[attr-defined]
    time.sleep(0.05)
    assert sorted(asked) == [0, 1, 2]
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("pylego-data") for name in names)


class Broken(Rows):
    """Its fourth batch is damaged."""

    def __getitem__(self, index: int) -> Any:
        if index == 3:
            raise OSError("batch 3 is damaged")
        return super().__getitem__(index)


@pytest.mark.parametrize("arguments", WORKERS, ids=str)
def test_an_error_comes_in_its_batch_s_turn(arguments: dict[str, Any]) -> None:
    batches = load_batches(Broken(**arguments), range(6))
    assert len(list(itertools.islice(batches, 3))) == 3
    with pytest.raises(OSError, match="batch 3 is damaged"):
        next(batches)
    with pytest.raises(OSError, match="batch 3 is damaged"):
        line().fit(Broken(**arguments), shuffle=False, verbose=0)


class Where(PyDataset):
    """Says which process it is read in."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> int:
        return os.getpid()


def test_processes_are_others_and_threads_are_not() -> None:
    assert set(load_batches(Where(workers=2), range(4))) == {os.getpid()}
    assert os.getpid() not in set(load_batches(Where(2, True), range(4)))


class Endless(PyDataset):
    """Batches without end."""

    @property
    def num_batches(self) -> None:
        return None

    def __getitem__(self, index: int) -> Any:
        return np.full((2, 2), index, np.float32), np.zeros((2, 1), np.float32)


@pytest.mark.parametrize("workers", [1, 2])
def test_data_without_end(workers: int) -> None:
    with pytest.raises(ValueError, match="say how many batches make an epoch"):
        line().fit(Endless(), verbose=0)
    model = line()
    model.fit(Endless(workers=workers), steps_per_epoch=3, epochs=2, verbose=0)
    assert int(model.optimizer.iterations) == 6
    seen = model.predict(Endless(workers=workers), steps=3, verbose=0)
    assert seen.shape == (6, 1)


def test_batches_that_nobody_counts_go_on() -> None:
    class Uncounted(PyDataset):
        def __getitem__(self, index: int) -> int:
            return index

    assert list(itertools.islice(Uncounted(), 4)) == [0, 1, 2, 3]


def test_a_subclass_may_forget_to_call_init() -> None:
    class Forgetful(PyDataset):
        def __init__(self) -> None:
            self.count = 2

        def __len__(self) -> int:
            return self.count

        def __getitem__(self, index: int) -> Any:
            return X[:2], Y[:2]

    data = Forgetful()
    assert (data.workers, data.use_multiprocessing, data.max_queue_size) == (1, False, 10)
    line().fit(data, verbose=0)
    data.workers, data.max_queue_size = 2, 1
    line().fit(data, verbose=0)


def test_what_is_missing_is_said() -> None:
    assert Sequence is PyDataset
    with pytest.raises(TypeError, match="Did you mean 'workers'"):
        Rows(worker=2)
    with pytest.raises(ValueError, match="workers"):
        Rows(workers=-1)
    with pytest.raises(ValueError, match="max_queue_size"):
        Rows(max_queue_size=-1)
    with pytest.raises(NotImplementedError, match="must define __len__"):
        line().fit(PyDataset(), verbose=0)

    class NoBatches(PyDataset):
        def __len__(self) -> int:
            return 2

    with pytest.raises(NotImplementedError, match="must define __getitem__"):
        line().fit(NoBatches(), verbose=0)


class Many(PyDataset):
    """A thousand batches that say their number; the sixth may raise in a function of the user's."""

    is_broken = False

    def __len__(self) -> int:
        return 1000

    def __getitem__(self, index: int) -> Any:
        if self.is_broken and index == 5:
            self.fail(index)
        return np.full((2, 2), index, np.float32), np.zeros((2, 1), np.float32)

    def fail(self, index: int) -> None:
        raise OSError(f"batch {index} is damaged")


@pytest.mark.parametrize("uses_processes", [False, True])
def test_a_thousand_batches_come_in_order_and_leave_nothing(uses_processes: bool) -> None:
    def left() -> tuple[int, int, int]:
        for _ in range(100):  # what serves a pool may end a moment after it
            if threading.active_count() == 1 and not multiprocessing.active_children():
                break
            time.sleep(0.05)
        files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        return threading.active_count(), len(multiprocessing.active_children()), files

    data = Many(4, uses_processes)
    model = line()
    model.fit(data, steps_per_epoch=3, verbose=0)
    before = left()
    seen = [int(batch[0][0, 0]) for batch in load_batches(data, range(1000))]
    assert seen == list(range(1000))
    model.optimizer.learning_rate = 0.0
    model.fit(data, verbose=0)
    assert int(model.optimizer.iterations) == 1003
    assert left() == before


@pytest.mark.parametrize("uses_processes", [False, True])
def test_an_error_in_a_worker_has_the_worker_s_traceback(uses_processes: bool) -> None:
    data = Many(4, uses_processes)
    data.is_broken = True
    with pytest.raises(OSError, match="batch 5 is damaged") as caught:
        line().fit(data, shuffle=False, verbose=0)
    told = "".join(traceback.format_exception(caught.value))
    assert "in fail\n" in told
    assert __file__ in told


SLOW = """
import sys, time
import numpy as np
from pylego import layers, models, utils

class Slow(utils.PyDataset):
    def __len__(self):
        return 9
    def __getitem__(self, index):
        print("begun", flush=True)
        time.sleep(60 if index else 0)
        return np.zeros((2, 2)), np.zeros((2, 1))

if __name__ == "__main__":
    model = models.Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(Slow(workers=2, use_multiprocessing=True), shuffle=False, verbose=0)
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C goes to a group of processes")
def test_ctrl_c_ends_processes_at_once(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    run = subprocess.Popen(
        [sys.executable, str(tmp_path / "slow.py")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert run.stdout is not None
    for _ in range(4):  # the first batch to look at it, and again; then two that take a minute
        run.stdout.readline()
    os.killpg(run.pid, signal.SIGINT)
    try:
        _, told = run.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
    assert told.endswith("KeyboardInterrupt\n")
