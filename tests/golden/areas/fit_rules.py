"""Rules around fit, evaluate and predict: callback hooks, validation_split, mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras.src.trainers.data_adapters import array_slicing

from areas.encoding import answer, outcome

Build = Callable[[], keras.Model]


class Hooks(keras.callbacks.Callback):
    """Note every hook that is called, its index and the keys of its logs."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[list[Any]] = []


def hook(name: str) -> Callable[..., None]:
    """Return a method that notes its own call."""

    def called(self: Hooks, *arguments: Any, logs: dict[str, Any] | None = None) -> None:
        *index, values = arguments if logs is None else (*arguments, logs)
        self.called.append([name, *index, sorted(values or {})])

    return called


for kind in ("train", "test", "predict"):
    for moment in ("begin", "end"):
        setattr(Hooks, f"on_{kind}_{moment}", hook(f"on_{kind}_{moment}"))
        setattr(Hooks, f"on_{kind}_batch_{moment}", hook(f"on_{kind}_batch_{moment}"))
for moment in ("begin", "end"):
    setattr(Hooks, f"on_epoch_{moment}", hook(f"on_epoch_{moment}"))


def hooks(x: np.ndarray, y: np.ndarray, build: Build) -> dict[str, Any]:
    """Return the order of the callback hooks in fit (with validation), evaluate and predict."""
    model = build()
    facts = {}
    calls: dict[str, Callable[[Hooks], Any]] = {
        "fit": lambda noted: model.fit(
            x, y, batch_size=5, validation_data=(x, y), verbose=0, callbacks=[noted]
        ),
        "evaluate": lambda noted: model.evaluate(x, y, batch_size=5, verbose=0, callbacks=[noted]),
        "predict": lambda noted: model.predict(x, batch_size=5, verbose=0, callbacks=[noted]),
    }
    for name, call in calls.items():
        noted = Hooks()
        call(noted)
        facts[name] = noted.called
    return facts


def validation_splits() -> list[list[Any]]:
    """Return [rows, split, training rows, validation rows or the exception type]."""
    rows = [(10, 0.2), (10, 0.25), (10, 0.33), (7, 0.5), (3, 0.1), (1, 0.5), (10, 1.0), (5, 0.99)]
    facts = []
    for count, split in rows:
        data = (np.arange(count), np.arange(count), None)
        parts = answer(train_rows, data, split)
        facts.append([count, split, *(parts if isinstance(parts, list) else [parts])])
    return facts


def train_rows(data: Any, split: float) -> list[int]:
    """Return how many rows go to training and to validation (always the last ones)."""
    (x, _, _), (x_validation, _, _) = array_slicing.train_validation_split(data, split)
    return [len(x), len(x_validation)]


def errors(x: np.ndarray, y: np.ndarray, build: Build) -> dict[str, Any]:
    """Return the exception type for common mistakes (or the value, if Keras accepts them)."""
    rows = len(x)
    calls: dict[str, Callable[[keras.Model], Any]] = {
        "x and y of different length": lambda model: model.fit(x, y[:5], verbose=0),
        "wrong number of columns": lambda model: model.fit(x[:, :3], y, verbose=0),
        "no rows": lambda model: model.fit(x[:0], y[:0], verbose=0),
        "predict no rows": lambda model: model.predict(x[:0], verbose=0),
        "batch_size 0": lambda model: model.fit(x, y, batch_size=0, verbose=0).epoch,
        "batch_size -1": lambda model: model.fit(x, y, batch_size=-1, verbose=0),
        "epochs 0": lambda model: model.fit(x, y, epochs=0, verbose=0).history,
        "class_weight and sample_weight": lambda model: model.fit(
            x, y, class_weight={0: 1.0}, sample_weight=np.ones(rows), verbose=0
        ),
        "y is missing": lambda model: model.fit(x, verbose=0),
        "validation_split 1": lambda model: model.fit(x, y, validation_split=1.0, verbose=0),
        "object array": lambda model: model.fit(np.array([object()] * rows), y, verbose=0),
        "lists of numbers": lambda model: model.fit(x.tolist(), y.tolist(), verbose=0).epoch,
        "unknown argument of fit": lambda model: model.fit(x, y, nb_epoch=1),
        "evaluate rows of x and y differ": lambda model: model.evaluate(x, y[:5], verbose=0),
        "y of shape (10, 2) for (10, 1)": lambda model: model.fit(x, np.ones((10, 2)), verbose=0),
        "y of shape (10, 1, 1) for (10, 1)": lambda model: (
            model.fit(x, np.ones((10, 1, 1)), verbose=0).epoch
        ),
        "NaN in x": lambda model: model.evaluate(np.full((2, 4), np.nan), y[:2], verbose=0),
        "verbose 3": lambda model: model.fit(x, y, verbose=3).epoch,
    }
    return {label: outcome(call, build()) for label, call in calls.items()}


def compile_errors(x: np.ndarray) -> dict[str, Any]:
    """Return what happens around compile(), on a new model each time."""
    y = np.zeros((len(x), 1))
    calls: dict[str, Callable[[keras.Model], Any]] = {
        "fit before compile": lambda model: model.fit(x, y, verbose=0),
        "evaluate before compile": lambda model: model.evaluate(x, y, verbose=0),
        "predict before compile": lambda model: model.predict(x, verbose=0).shape,
        "unknown loss, in compile": lambda model: model.compile("sgd", "mean_square"),
        "unknown loss, in fit": lambda model: compile_and_fit(model, "mean_square", x),
        "unknown optimizer": lambda model: model.compile("adamm", "mse"),
        "loss missing, in fit": lambda model: compile_and_fit(model, None, x),
        "default optimizer": default_optimizer,
        "unknown argument": lambda model: model.compile("sgd", "mse", metric=["mse"]),
    }
    return {label: outcome(call, plain_model(x.shape[1])) for label, call in calls.items()}


def plain_model(columns: int) -> keras.Model:
    """Return a model that is not compiled."""
    return keras.Sequential([keras.Input((columns,)), keras.layers.Dense(1)])


def compile_and_fit(model: keras.Model, loss: str | None, x: np.ndarray) -> list[int]:
    """Return the epochs that fit ran."""
    model.compile("sgd", loss)
    return model.fit(x, np.zeros((len(x), 1)), verbose=0).epoch


def default_optimizer(model: keras.Model) -> str:
    """Return the class of compile()'s default optimizer."""
    model.compile(loss="mse")
    return type(model.optimizer).__name__


def facts(x: np.ndarray, y: np.ndarray, build: Build) -> dict[str, Any]:
    """Return the rules as part of training.json; `build` makes a compiled model for x and y."""
    return {
        "validation_splits": validation_splits(),
        "hooks": hooks(x, y, build),
        "errors": errors(x, y, build),
        "compile_errors": compile_errors(x),
    }
