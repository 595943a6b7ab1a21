"""Models of several outputs, and what `compile` and `fit` are given for them.

`tests/golden/make_golden.py output_logs` asks real Keras for the logs of each, and
`tests/test_output_logs.py` compares ours with them: this file is what both run.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROWS = 6


def tables() -> dict[str, np.ndarray]:
    """Return inputs, targets and weights: number (a float), flag (0 or 1), classes (of three)."""
    rows = np.arange(ROWS)
    return {
        "a": np.linspace(-1, 1, 3 * ROWS).reshape(ROWS, 3).astype("float32"),
        "b": np.cos(np.arange(2 * ROWS)).reshape(ROWS, 2).astype("float32"),
        "number": np.sin(rows).reshape(ROWS, 1).astype("float32"),
        "flag": np.array([0, 1, 1, 0, 1, 0]).reshape(ROWS, 1),
        "classes": np.array([0, 1, 2, 2, 1, 0]),
        "weight": np.linspace(0, 1, ROWS).astype("float32"),
        "other": np.linspace(2, 1, ROWS).astype("float32"),
    }


def model(keras: Any, kind: str) -> Any:
    """Return a model whose weights are the same in every framework.

    Args:
        keras: the framework.
        kind: how outputs are given to `Model`.
    """
    layers = keras.layers
    a, b = keras.Input((3,), name="a"), keras.Input((2,), name="b")

    def dense(units: int, name: str, activation: str | None = None) -> Any:
        first = keras.initializers.Constant(0.1 * len(name))
        return layers.Dense(units, activation, kernel_initializer=first, name=name)

    joined = [dense(3, "left", "tanh")(a), dense(2, "rightly")(b)]
    hidden = keras.ops.concatenate(joined, axis=-1)
    number, flag = dense(1, "number")(hidden), dense(1, "flag", "sigmoid")(hidden)
    classes = layers.Softmax(name="classes")(dense(3, "logits")(hidden) * np.arange(1.0, 4.0))
    outputs: dict[str, Any] = {
        "list": [number, flag, classes],
        "tuple": (number, flag, classes),
        "dict": {"flag": flag, "number": number, "classes": classes},
        "keys": {"n": number, "f": flag, "c": classes},
        "nest": {"z": [number, flag], "y": classes},
        "deep": [{"n": number, "f": flag}, classes],
        "pair": [number, flag],
        "one": number,
        "one in a list": [number],
        "one in a dict": {"number": number},
    }
    return keras.Model([a, b], outputs[kind], name="model")


def targets(kind: str, table: dict[str, np.ndarray]) -> Any:
    """Return targets in the structure of the outputs."""
    number, flag, classes = (table[name] for name in ("number", "flag", "classes"))
    return {
        "list": [number, flag, classes],
        "tuple": (number, flag, classes),
        "dict": {"number": number, "flag": flag, "classes": classes},
        "keys": {"n": number, "f": flag, "c": classes},
        "nest": {"z": [number, flag], "y": classes},
        "deep": [{"n": number, "f": flag}, classes],
        "pair": [number, flag],
        "one": number,
        "one in a list": [number],
        "one in a dict": {"number": number},
    }[kind]


BCE, SCE = "binary_crossentropy", "sparse_categorical_crossentropy"
LOSSES = {"number": "mse", "flag": BCE, "classes": SCE}
BY_KEY = {"n": "mse", "f": BCE, "c": SCE}
ACCURACIES = {"flag": ["accuracy"], "classes": ["accuracy"]}

# Which model, what compile gets, what else: targets "by name", weights of samples.
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "list: losses in a list": ("list", {"loss": ["mse", BCE, SCE]}, ""),
    "list: losses by name": ("list", {"loss": LOSSES}, ""),
    "list: one loss for all": ("pair", {"loss": "mse"}, ""),
    "list: a loss of None": ("list", {"loss": ["mse", None, SCE]}, ""),
    "list: a loss of None by name": (
        "list", {"loss": {"number": "mse", "flag": None, "classes": SCE}}, ""),
    "list: one loss, None beside": ("pair", {"loss": ["mse", None]}, ""),
    "list: weights in a list": ("list", {"loss": ["mse", BCE, SCE], "loss_weights": [1, 2, 3]}, ""),
    "list: weights by name": ("list", {
        "loss": LOSSES, "loss_weights": {"flag": 2.0, "number": 0.5, "classes": 1.0}}, ""),
    "list: metrics in lists": ("list", {
        "loss": ["mse", BCE, SCE], "metrics": [["mae"], ["accuracy"], ["accuracy"]]}, ""),
    "list: metrics by name": ("list", {"loss": LOSSES, "metrics": ACCURACIES}, ""),
    "list: a metric as a string": ("list", {"loss": LOSSES, "metrics": {"number": "mae"}}, ""),
    "list: metrics of some in a list": ("list", {
        "loss": LOSSES, "metrics": [None, ["accuracy"], None]}, ""),
    "list: a flat list of metrics": ("list", {
        "loss": LOSSES, "metrics": ["mae", "mse", "acc"]}, ""),
    "list: weighted metrics": ("list", {
        "loss": LOSSES, "weighted_metrics": {"flag": ["accuracy"]}}, "weights"),
    "list: both kinds of metrics": ("list", {
        "loss": LOSSES, "metrics": ACCURACIES, "weighted_metrics": ACCURACIES}, "weights"),
    "list: targets by name": ("list", {"loss": LOSSES, "metrics": ACCURACIES}, "by name"),
    "list: losses in a list, targets by name": ("list", {"loss": ["mse", BCE, SCE]}, "by name"),
    "list: inputs by name": ("list", {"loss": LOSSES}, "inputs by name"),
    "list: inputs and targets by name": ("list", {"loss": LOSSES}, "inputs by name, by name"),
    "list: weights of samples": ("list", {"loss": LOSSES, "metrics": ACCURACIES}, "weights"),
    "list: weights by name of outputs": ("list", {"loss": LOSSES}, "weights by name, by name"),
    "list: one weight for all": ("list", {"loss": LOSSES}, "one weight"),
    "tuple: losses in a list": ("tuple", {"loss": ["mse", BCE, SCE]}, ""),
    "tuple: losses by name": ("tuple", {"loss": LOSSES, "metrics": ACCURACIES}, ""),
    "dict: losses by name": ("dict", {"loss": LOSSES}, ""),
    "dict: losses of some": ("dict", {"loss": {"classes": SCE, "number": "mae"}}, ""),
    "dict: one loss": ("dict", {"loss": {"classes": SCE}}, ""),
    "dict: losses in a list": ("dict", {"loss": [SCE, BCE, "mse"]}, ""),
    "dict: weights and metrics": ("dict", {
        "loss": LOSSES, "loss_weights": {"number": 1.0, "flag": 2.0, "classes": 3.0},
        "metrics": ACCURACIES, "weighted_metrics": {"number": ["mae", "mse"]}}, "weights"),
    "dict: a loss of None": ("dict", {
        "loss": {"number": "mse", "flag": None, "classes": SCE}, "metrics": ACCURACIES}, ""),
    "keys: losses by key": ("keys", {"loss": BY_KEY, "metrics": {"c": ["accuracy"]}}, ""),
    "keys: one loss for all": ("keys", {"loss": {"n": "mse", "f": "mae"}}, ""),
    "nest: losses": ("nest", {"loss": {"z": ["mse", BCE], "y": SCE}}, ""),
    "nest: metrics": ("nest", {
        "loss": {"z": ["mse", BCE], "y": SCE},
        "metrics": {"z": [["mae"], ["accuracy"]], "y": ["accuracy"]}}, ""),
    "nest: losses in a flat list": ("nest", {"loss": [SCE, "mse", BCE]}, ""),
    "nest: losses of some": ("nest", {"loss": {"z": ["mse", None]}}, ""),
    "deep: losses": ("deep", {"loss": [{"n": "mse", "f": BCE}, SCE]}, ""),
    "deep: losses of some": ("deep", {"loss": [{"n": "mse"}, SCE]}, ""),
    "deep: losses by name": ("deep", {"loss": LOSSES}, ""),
    "deep: losses in a flat list": ("deep", {"loss": [BCE, "mse", SCE]}, ""),
    "deep: weights and metrics": ("deep", {
        "loss": [{"n": "mse", "f": BCE}, SCE], "loss_weights": [{"n": 2.0, "f": 3.0}, 0.5],
        "metrics": [{"n": "mae", "f": ["accuracy"]}, ["accuracy"]]}, ""),
    "list: targets of those with a loss": ("list", {"loss": [None, BCE, SCE]}, "with a loss"),
    "list: the targets of one": ("list", {"loss": [None, BCE, None]}, "with a loss"),
    "one": ("one", {"loss": "mse", "metrics": ["mae"]}, ""),
    "one: by name": ("one", {"loss": {"number": "mse"}, "metrics": {"number": ["mae"]}}, ""),
    "one: in a list": ("one", {"loss": ["mse"], "metrics": [["mae"]]}, ""),
    "one in a list": ("one in a list", {"loss": "mse", "metrics": ["mae"]}, ""),
    "one in a list: by name": ("one in a list", {
        "loss": {"number": "mse"}, "metrics": {"number": ["mae"]}}, ""),
    "one in a dict": ("one in a dict", {"loss": {"number": "mse"}, "metrics": ["mae"]}, ""),
    "one in a dict: one loss": ("one in a dict", {"loss": "mse", "metrics": {"number": "mae"}}, ""),
    "losses with equal names": ("pair", {"loss": ["mse", "mse"], "metrics": ["mae", "mae"]}, ""),
    "no loss for an output with metrics": ("list", {
        "loss": ["mse", None, None], "metrics": [None, ["accuracy"], ["accuracy"]]}, ""),
    "metrics of one name": ("pair", {
        "loss": "mse", "metrics": [["mae", "mae"], ["mae"]], "weighted_metrics": [["mae"], None]},
        "weights"),
    "an unknown output in loss": ("list", {"loss": {**LOSSES, "clases": "mse"}}, ""),
    "an unknown output in metrics": ("list", {"loss": LOSSES, "metrics": {"clases": ["acc"]}}, ""),
    "an unknown output in loss_weights": ("list", {
        "loss": LOSSES, "loss_weights": {"number": 1.0, "flag": 1.0, "clases": 1.0}}, ""),
    "some losses by name": ("list", {"loss": {"number": "mse", "classes": SCE}}, ""),
    "some weights by name": ("list", {"loss": LOSSES, "loss_weights": {"number": 2.0}}, ""),
    "too few losses": ("list", {"loss": ["mse", BCE]}, ""),
    "too few weights": ("list", {"loss": LOSSES, "loss_weights": [1.0, 2.0]}, ""),
    "too many metrics": ("pair", {"loss": "mse", "metrics": [["mae"], ["mae"], ["mae"]]}, ""),
}  # fmt: skip

NAMES = {"keys": ("n", "f", "c")}


def arguments(case: str) -> tuple[Any, Any, Any]:
    """Return the inputs, targets and weights of a case."""
    kind, _, how = CASES[case]
    table = tables()
    x: Any = [table["a"], table["b"]]
    if "inputs by name" in how:
        x = {"b": table["b"], "a": table["a"]}
    y = targets(kind, table)
    if how.endswith("by name") and how != "inputs by name":
        y = {name: table[name] for name in ("classes", "number", "flag")}
    if how == "with a loss":
        losses = CASES[case][1]["loss"]
        y = [one for one, loss in zip(y, losses) if loss is not None]
        return x, y if len(y) > 1 else y[0], None
    weight, other = table["weight"], table["other"]
    if "weights by name" in how:
        return x, y, {"number": weight, "flag": other, "classes": weight}
    if "weights" in how:
        weights = [weight, other, weight]
        if isinstance(y, dict):
            return x, y, dict(zip(("number", "flag", "classes"), weights))
        return x, y, weights[: len(y)]
    return x, y, weight if how == "one weight" else None


def logs(keras: Any, case: str) -> dict[str, Any]:
    """Return what a framework logs in two epochs, and what `evaluate` gives afterwards."""
    kind, compiled, _ = CASES[case]
    one = model(keras, kind)
    one.compile(keras.optimizers.SGD(0.1), **compiled)
    x, y, weight = arguments(case)
    history = one.fit(
        x, y, sample_weight=weight, epochs=2, batch_size=4, shuffle=False, verbose=0,
        validation_data=(x, y),
    )  # fmt: skip
    return {
        "fit": history.history,
        "evaluate": one.evaluate(x, y, verbose=0),
        "evaluate_dict": one.evaluate(x, y, verbose=0, return_dict=True),
        "train_on_batch": one.train_on_batch(x, y, weight),
        "test_on_batch": one.test_on_batch(x, y, return_dict=True),
    }
