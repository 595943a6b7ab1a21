"""Whole small trainings with fixed initial weights, and the rules around fit and evaluate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from areas import early_stopping, fit_rules
from areas.encoding import encode

ROWS = 10
INPUT_DIM = 4


def features() -> np.ndarray:
    """Return the ten rows that every scenario uses."""
    return np.random.default_rng(3).normal(size=(ROWS, INPUT_DIM)).round(3).astype("float32")


def labels() -> np.ndarray:
    """Return three classes, none of them empty in the first eight rows."""
    return np.array([0, 1, 2, 1, 0, 2, 2, 1, 0, 1], "int32")


def scenarios() -> dict[str, dict[str, Any]]:
    """Return for each scenario its layers, targets, compile() and fit() arguments."""
    binary = (labels() > 0).astype("int32")
    one_hot = np.eye(3, dtype="float32")[labels()]
    numbers = features().sum(axis=1, keepdims=True).round(3).astype("float32")
    weights = np.array([1.0, 0.5, 0.0, 2.0, 1.0, 1.0, 3.0, 0.25, 1.0, 1.0], "float32")
    head = [layer(8, "relu"), layer(1, "sigmoid")]
    classifier = [layer(5, "tanh"), layer(3, "softmax")]
    return {
        "binary_adam": {
            "layers": head,
            "y": binary[:, None],
            "compile": compiling("binary_crossentropy", "Adam", {}, ["accuracy"]),
            "fit": {"epochs": 3, "batch_size": 4},
        },
        "binary_flat_integer_targets": {
            "layers": head,
            "y": binary,
            "compile": compiling("binary_crossentropy", "Adam", {"learning_rate": 0.01}, ["acc"]),
            "fit": {"epochs": 3, "batch_size": 4},
        },
        "sparse_momentum_split_class_weight": {
            "layers": classifier,
            "y": labels(),
            "compile": compiling(
                "sparse_categorical_crossentropy",
                "SGD",
                {"learning_rate": 0.1, "momentum": 0.9},
                ["accuracy"],
            ),
            "fit": {
                "epochs": 3,
                "batch_size": 3,
                "validation_split": 0.2,
                "class_weight": {0: 1.0, 1: 2.0, 2: 0.5},
            },
        },
        "regression_sample_weight_rmsprop_l2": {
            "layers": [layer(4, "tanh", 0.01), layer(1, None, 0.1)],
            "y": numbers,
            "compile": compiling("mse", "RMSprop", {"learning_rate": 0.01}, ["mae"])
            | {"weighted_metrics": ["mse"]},
            "fit": {"epochs": 3, "batch_size": 4, "sample_weight": weights},
        },
        "categorical_validation_data_with_weights": {
            "layers": classifier,
            "y": one_hot,
            "compile": compiling(
                "categorical_crossentropy", "SGD", {"learning_rate": 0.2}, ["accuracy", "mse"]
            ),
            "fit": {
                "epochs": 2,
                "batch_size": 4,
                "validation_data": (features()[::-1][:5], one_hot[::-1][:5], weights[:5]),
                "validation_batch_size": 2,
            },
        },
        "steps_per_epoch_of_2_of_3_batches": {
            "layers": classifier,
            "y": labels(),
            "compile": compiling("sparse_categorical_crossentropy", "SGD", {}, []),
            "fit": {"epochs": 4, "batch_size": 4, "steps_per_epoch": 2},
        },
        "initial_epoch_and_default_batch_size": {
            "layers": classifier,
            "y": labels(),
            "compile": compiling("sparse_categorical_crossentropy", "SGD", {}, None),
            "fit": {"epochs": 5, "initial_epoch": 2},
        },
        "validation_every_second_epoch": {
            "layers": classifier,
            "y": labels(),
            "compile": compiling("sparse_categorical_crossentropy", "SGD", {}, ["accuracy"]),
            "fit": {"epochs": 4, "validation_split": 0.3, "validation_freq": 2},
        },
    }


def layer(units: int, activation: str | None, l2: float | None = None) -> dict[str, Any]:
    """Return the description of a Dense layer."""
    return {"units": units, "activation": activation, "l2": l2}


def compiling(loss: str, name: str, arguments: dict[str, Any], metrics: Any) -> dict[str, Any]:
    """Return arguments of compile() with the optimizer as class name and arguments."""
    return {"loss": loss, "optimizer": [name, arguments], "metrics": metrics}


def build(scenario: dict[str, Any]) -> keras.Sequential:
    """Return the compiled model with weights from a stated seed."""
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input((INPUT_DIM,))])
    for one in scenario["layers"]:
        regularizer = keras.regularizers.L2(one["l2"]) if one["l2"] else None
        model.add(
            keras.layers.Dense(one["units"], one["activation"], kernel_regularizer=regularizer)
        )
    random = np.random.default_rng(4)
    shapes = [weight.shape for weight in model.get_weights()]
    model.set_weights([random.normal(0, 0.5, shape).round(3) for shape in shapes])
    arguments = dict(scenario["compile"])
    name, settings = arguments.pop("optimizer")
    model.compile(optimizer=getattr(keras.optimizers, name)(**settings), **arguments)
    return model


def build_binary() -> keras.Sequential:
    """Return the model of the first scenario, compiled."""
    return build(scenarios()["binary_adam"])


class Recorder(keras.callbacks.Callback):
    """Keep the weights after each epoch and count the batches of each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[Any] = []
        self.batches: list[int] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start counting."""
        self.batches.append(0)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Count."""
        self.batches[-1] += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the weights."""
        self.weights.append(encode(self.model.get_weights()))


def scenario_facts(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return the scenario with everything that real Keras answers for it."""
    x, y = features(), scenario["y"]
    model = build(scenario)
    recorder = Recorder()
    given = {key: encode(value) for key, value in scenario.items()}
    given["initial_weights"] = encode(model.get_weights())
    history = model.fit(x, y, shuffle=False, verbose=0, callbacks=[recorder], **scenario["fit"])
    return given | {
        "history": encode(history.history),
        "history_keys": list(history.history),
        "history_epoch": history.epoch,
        "batches": recorder.batches,
        "weights_after_epoch": recorder.weights,
        "iterations": int(model.optimizer.iterations),
        "evaluate": encode(model.evaluate(x, y, batch_size=4, verbose=0)),
        "evaluate_dict": encode(model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)),
        "predict": encode(model.predict(x[:3], verbose=0)),
        "single_batches": single_batches(scenario),
    }


def single_batches(scenario: dict[str, Any]) -> dict[str, Any]:
    """Return what the one-batch methods give, called in this order on a fresh model."""
    x, y = features(), scenario["y"]
    model = build(scenario)
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("train_on_batch rows 0-3", lambda: model.train_on_batch(x[:4], y[:4])),
        ("train_on_batch rows 4-7", lambda: model.train_on_batch(x[4:8], y[4:8])),
        ("test_on_batch rows 0-3", lambda: model.test_on_batch(x[:4], y[:4])),
        ("reset_metrics", model.reset_metrics),
        ("test_on_batch rows 0-3 again", lambda: model.test_on_batch(x[:4], y[:4])),
        (
            "train_on_batch rows 0-3, return_dict",
            lambda: model.train_on_batch(x[:4], y[:4], return_dict=True),
        ),
        (
            "test_on_batch rows 0-1, sample_weight [1, 3], return_dict",
            lambda: model.test_on_batch(x[:2], y[:2], np.array([1.0, 3.0]), return_dict=True),
        ),
        ("predict_on_batch rows 0-1", lambda: model.predict_on_batch(x[:2])),
    ]
    return {label: encode(call()) for label, call in calls}


def facts() -> dict[str, Any]:
    """Return the content of training.json."""
    return {
        "about": "every fit ran with shuffle=False; l2 is a kernel_regularizer L2(l2)",
        "x": encode(features()),
        "scenarios": {name: scenario_facts(one) for name, one in scenarios().items()},
        "early_stopping": early_stopping.facts(),
    } | fit_rules.facts(features(), scenarios()["binary_adam"]["y"], build_binary)
