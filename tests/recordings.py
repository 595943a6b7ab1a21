"""Functions of tensors and training steps as finished recordings of the engine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import engine, ops
from pylego.layers import Dense
from pylego.models import Sequential
from pylego.optimizers import Adam
from pylego.programs.program import ALL_PASSES, Program
from pylego.utils import set_random_seed


@contextlib.contextmanager
def recording_to(program: Any) -> Iterator[None]:
    """Record what is applied inside."""
    former = engine.record(program)
    try:
        yield
    finally:
        engine.record(former)


def finished(
    make: Callable[..., Any], inputs: Sequence[Any] = (), passes: int = ALL_PASSES
) -> engine.Recording:
    """Record a function of tensors like these and finish the program; it gives what make gives."""
    examples = [ops.convert_to_tensor(x) for x in inputs]
    return Program.record(make, examples, passes=passes, keeps_logits=False)._recording


def record_step(
    model: Any, x: np.ndarray, y: np.ndarray, passes: int = ALL_PASSES
) -> engine.Recording:
    """Record one training step of a compiled model that has been trained before."""
    return finished(lambda x, y: model.train_step((x, y)), [x, y], passes)


def numbers_network(hidden: int = 4, units: int = 64) -> tuple[Any, np.ndarray, np.ndarray]:
    """The network that tells small numbers from big ones, after one step; and its data."""
    set_random_seed(1)
    names = ["dense", *(f"dense_{place}" for place in range(1, hidden + 1))]
    layers = [Dense(units, activation="relu", name=name) for name in names[:-1]]
    last = Dense(1, activation="sigmoid", name=names[-1])
    model = Sequential([*layers, last], name="numbers")
    model.compile(Adam(name="adam"), "binary_crossentropy", metrics=["accuracy"])
    x = np.arange(1, 11, dtype="float32").reshape(10, 1)
    y = np.array([0] * 5 + [1] * 5)
    model.fit(x, y, batch_size=10, verbose=0, shuffle=False)
    return model, x, y


def paths_of(model: Any) -> dict[Any, str]:
    """The paths of all variables, by their handles."""
    metrics = [v for metric in model.metrics for v in metric.variables]
    everything = [*model.variables, *model.optimizer.variables, *metrics]
    return {variable._handle: variable.path for variable in everything}
