"""Training steps recorded by hand, with a label for each layer, the loss, metrics and optimizer."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import numpy as np

from pylego import engine, ops
from pylego.layers import Dense, Layer
from pylego.models import Sequential
from pylego.optimizers import Adam
from pylego.tensor import Tensor
from pylego.utils import set_random_seed

ALL_PASSES = sum(engine.PASSES.values())


@contextlib.contextmanager
def recording_to(program: Any) -> Iterator[None]:
    """Record what is applied inside."""
    former = engine.record(program)
    try:
        yield
    finally:
        engine.record(former)


def finished(
    make: Callable[..., Any], inputs: list[Any] | None = None, passes: int = ALL_PASSES
) -> Any:
    """Record a function of tensors like these and finish the program; it gives what make gives."""
    program = engine.new_program()
    handles = [ops.convert_to_tensor(x)._handle for x in inputs or []]
    promised = [Tensor(engine.program_input(program, handle)) for handle in handles]
    with recording_to(program):
        made = make(*promised)
    outputs = [y._handle for y in (made if isinstance(made, (list, tuple)) else [made])]
    engine.finish_program(program, outputs, passes)
    return program


def _labelled(program: Any, method: Callable, label: Callable[[Any], str]) -> Callable:
    """The method, marking what it records."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        former = engine.set_label(engine.label(program, label(self)))
        try:
            return method(self, *args, **kwargs)
        finally:
            engine.set_label(former)

    return call


def record_step(model: Any, x: np.ndarray, y: np.ndarray, passes: int = ALL_PASSES) -> Any:
    """Record one training step of a compiled model that has been trained before."""
    program = engine.new_program()
    batch = [ops.convert_to_tensor(part)._handle for part in (x, y)]
    promised = tuple(Tensor(engine.program_input(program, handle)) for handle in batch)
    places = {
        (Layer, "__call__"): lambda layer: layer.path,
        (type(model.optimizer), "apply"): lambda optimizer: optimizer.name,
        (Sequential, "compute_loss"): lambda model: "loss",
        (Sequential, "compute_metrics"): lambda model: "metrics",
    }
    with contextlib.ExitStack() as stack:
        for (cls, name), label in places.items():
            wrapped = _labelled(program, getattr(cls, name), label)
            stack.enter_context(mock.patch.object(cls, name, wrapped))
        stack.enter_context(recording_to(program))
        logs = model.train_step(promised)
    engine.finish_program(program, [logs[name]._handle for name in logs], passes)
    return program


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
