"""Forked processes, as data loaders and servers make them, while another thread computes."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

import pylego as keras
from pylego import engine

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()"),
    # Python warns of what is tried here.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]

CHILDREN = 60
SECONDS_OF_A_CHILD = 60


def child_works(work: Callable[[], bool]) -> bool:
    """Do the work in a forked process; one that hangs is ended by its alarm."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS_OF_A_CHILD)
            status = 0 if work() else 2
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


@pytest.fixture
def model() -> keras.Sequential:
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((40,)), keras.layers.Dense(300, activation="tanh"), keras.layers.Dense(2)]
    )
    model.compile(optimizer="adam", loss="mse")
    return model


X = np.random.default_rng(0).normal(size=(512, 40)).astype("float32")
Y = X[:, :2]


def test_a_child_runs_the_model_that_a_thread_was_predicting_with(model: keras.Sequential) -> None:
    wanted = model.predict(X, batch_size=64, verbose=0)

    def predict() -> bool:
        return bool(np.array_equal(model.predict(X, batch_size=64, verbose=0), wanted))

    assert all_children_work(predict, predict)


def test_a_child_trains_the_model_that_a_thread_was_training(model: keras.Sequential) -> None:
    """The child's weights may be of half a step, and whatever they are, they are numbers."""
    fit = lambda: model.fit(X, Y, batch_size=64, verbose=0)  # noqa: E731
    fit()

    def train() -> bool:
        fit()
        return bool(np.isfinite(model.predict(X, verbose=0)).all())

    assert all_children_work(fit, train)


def test_a_child_records_programs_of_its_own(model: keras.Sequential) -> None:
    model.fit(X, Y, batch_size=64, verbose=0)

    def other_batches() -> bool:
        return model.predict(X[:100], batch_size=33, verbose=0).shape == (100, 2)

    assert all_children_work(lambda: model.fit(X, Y, batch_size=64, verbose=0), other_batches)


def all_children_work(of_thread: Callable[[], object], of_child: Callable[[], bool]) -> bool:
    """Fork again and again while a thread goes on with its own work."""
    is_over = threading.Event()
    rounds = []

    def go_on() -> None:
        while not is_over.is_set():
            of_thread()
            rounds.append(1)

    former = engine.threads()
    keras.config.set_num_threads(2)
    thread = threading.Thread(target=go_on, daemon=True)
    thread.start()
    try:
        while not rounds:
            time.sleep(0.001)
        for i in range(CHILDREN):
            time.sleep(0.0003 * (i % 7))  # at other places of a step
            if not child_works(of_child):
                return False
    finally:
        is_over.set()
        thread.join()
        keras.config.set_num_threads(former)
    return True
