"""Outputs, shapes, weight paths, configs and mistakes of the first layers and of Sequential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from areas.encoding import encode

L2 = {"class_name": "L2", "config": {"l2": 0.5}}

# label -> (class, arguments, shape of the input)
CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "dense": ("Dense", {"units": 3}, (2, 4)),
    "dense relu": ("Dense", {"units": 3, "activation": "relu"}, (2, 4)),
    "dense softmax": ("Dense", {"units": 3, "activation": "softmax"}, (2, 4)),
    "dense without bias": ("Dense", {"units": 3, "use_bias": False}, (2, 4)),
    "dense rank 3": ("Dense", {"units": 2, "activation": "tanh"}, (2, 3, 4)),
    "dense one column": ("Dense", {"units": 2}, (3, 1)),
    "dense regularized": (
        "Dense",
        {
            "units": 3,
            "kernel_regularizer": "l1",
            "bias_regularizer": L2,
            "activity_regularizer": "l2",
        },
        (2, 4),
    ),
    "dense regularized, without bias": (
        "Dense",
        {"units": 2, "use_bias": False, "kernel_regularizer": "L1L2", "bias_regularizer": L2},
        (2, 4),
    ),
    "dense all arguments": (
        "Dense",
        {
            "units": 2,
            "activation": "sigmoid",
            "kernel_initializer": "he_normal",
            "bias_initializer": "ones",
            "kernel_constraint": "non_neg",
            "bias_constraint": "max_norm",
            "name": "named",
        },
        (2, 4),
    ),
    "dense not trainable": ("Dense", {"units": 2, "trainable": False}, (2, 4)),
    "activation": ("Activation", {"activation": "relu"}, (2, 4)),
    "activation softmax": ("Activation", {"activation": "softmax"}, (2, 2, 3)),
    "activation regularized": (
        "Activation",
        {"activation": "tanh", "activity_regularizer": "l1"},
        (2, 4),
    ),
    "dropout": ("Dropout", {"rate": 0.5}, (2, 4)),
    "dropout 0": ("Dropout", {"rate": 0.0}, (2, 4)),
    "dropout noise shape": ("Dropout", {"rate": 0.3, "noise_shape": [None, 1], "seed": 7}, (2, 4)),
    "flatten": ("Flatten", {}, (2, 3, 2)),
    "flatten rank 4": ("Flatten", {}, (2, 2, 2, 2)),
    "flatten channels_first": ("Flatten", {"data_format": "channels_first"}, (2, 2, 2, 3)),
    "flatten rank 2": ("Flatten", {}, (2, 3)),
    "flatten rank 1": ("Flatten", {}, (3,)),
    "reshape": ("Reshape", {"target_shape": [2, 2]}, (2, 4)),
    "reshape -1": ("Reshape", {"target_shape": [-1, 2]}, (2, 3, 4)),
    "reshape only -1": ("Reshape", {"target_shape": [-1]}, (2, 3, 2)),
    "reshape to nothing": ("Reshape", {"target_shape": []}, (3, 1)),
}

CONFIGS_OF = (
    "dense", "dense regularized", "dense all arguments", "activation", "dropout noise shape",
    "flatten channels_first", "reshape -1",
)  # fmt: skip

# class, arguments, input shape with None -> compute_output_shape
SHAPES: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    ("Dense", {"units": 3}, (None, 4)),
    ("Dense", {"units": 3}, (None, None, 4)),
    ("Flatten", {}, (None, 3, 2)),
    ("Flatten", {}, (None, None, 2)),
    ("Flatten", {}, (None,)),
    ("Reshape", {"target_shape": [-1, 2]}, (None, 3, 4)),
    ("Reshape", {"target_shape": [-1, 2]}, (None, None, 4)),
    ("Dropout", {"rate": 0.5}, (None, 4)),
    ("Activation", {"activation": "relu"}, (None, 4)),
]


def make(name: str, arguments: dict[str, Any]) -> keras.layers.Layer:
    """Return the layer; names count from a cleared session."""
    keras.utils.clear_session()
    return getattr(keras.layers, name)(**arguments)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return reproducible float32 numbers with three decimals."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


def case(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return everything a layer shows after one call at inference time."""
    layer = make(name, arguments)
    x = numbers(shape, 5)
    layer.build(shape)
    layer.set_weights([numbers(w.shape, 6 + i) for i, w in enumerate(layer.weights)])
    weights = encode(layer.get_weights())
    y = layer(x)
    return {
        "class": name,
        "arguments": encode(arguments),
        "input": encode(x),
        "weights": weights,
        "output": encode(np.asarray(y)),
        "dtype": keras.backend.standardize_dtype(y.dtype),
        "losses": encode(layer.losses),
        "weight_names": [weight.name for weight in layer.weights],
        "weight_paths": [weight.path for weight in layer.weights],
        "trainable_weights": len(layer.trainable_weights),
        "count_params": layer.count_params(),
    }


def config(label: str) -> dict[str, Any]:
    """Return the config of a case's layer before it is built."""
    name, arguments, _ = CASES[label]
    return encode(make(name, arguments).get_config())


def output_shapes() -> list[dict[str, Any]]:
    """Return what compute_output_shape gives for shapes with unknown sizes."""
    return [
        {
            "class": name,
            "arguments": arguments,
            "input_shape": list(shape),
            "output_shape": list(make(name, arguments).compute_output_shape(shape)),
        }
        for name, arguments, shape in SHAPES
    ]


def input_layers() -> dict[str, Any]:
    """Return what InputLayer and Input keep of their arguments."""
    keras.utils.clear_session()
    batch = keras.layers.InputLayer(shape=(4, 2), batch_size=3, dtype="int32", name="first")
    plain = keras.layers.InputLayer(shape=(4,))
    tensor = keras.Input((5,))
    return {
        "shape=(4, 2), batch_size=3, dtype=int32, name=first": encode(batch.get_config()),
        "shape=(4,)": encode(plain.get_config()),
        "Input((5,))": {"shape": list(tensor.shape), "dtype": tensor.dtype, "name": tensor.name},
    }


def sequential() -> dict[str, Any]:
    """Return names, paths, shapes and the config of a small Sequential."""
    keras.utils.clear_session()
    model = keras.Sequential(
        [
            keras.layers.Dense(3, activation="relu", input_dim=4),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2, name="out"),
        ]
    )
    unbuilt = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)])
    facts = {
        "name": model.name,
        "layers": [layer.name for layer in model.layers],
        "input_shape": list(model.input_shape),
        "output_shape": list(model.output_shape),
        "weight_paths": [weight.path for weight in model.weights],
        "weight_shapes": [list(weight.shape) for weight in model.get_weights()],
        "count_params": model.count_params(),
        "config": encode(model.get_config()),
        "second_model": {
            "name": unbuilt.name,
            "layers": [layer.name for layer in unbuilt.layers],
            "built": unbuilt.built,
            "weights": len(unbuilt.weights),
        },
    }
    unbuilt(np.zeros((1, 5), "float32"))
    facts["second_model"]["weight_paths_after_a_call"] = [w.path for w in unbuilt.weights]
    model.pop()
    facts["after_pop"] = {"layers": [x.name for x in model.layers], "shape": model.output_shape}
    model.layers[0].trainable = False
    facts["trainable_weights_after_freezing_all"] = len(model.trainable_weights)
    return encode(facts)


def errors() -> dict[str, Any]:
    """Return the exception type, and which of the listed facts its message mentions."""
    layers, zeros = keras.layers, np.zeros
    # label -> (call, facts that a message might mention)
    calls: dict[str, tuple[Callable[[], Any], list[str]]] = {
        "Dense(0)": (lambda: layers.Dense(0), ["units", "0"]),
        "Dense('3')": (lambda: layers.Dense("3"), ["units", "3"]),
        "Dense(3.0)": (lambda: layers.Dense(3.0), ["units", "3.0"]),
        "Dense, unknown activation": (
            lambda: layers.Dense(3, activation="rellu"),
            ["rellu", "relu"],
        ),
        "Dense, unknown initializer": (
            lambda: layers.Dense(3, kernel_initializer="glorot"),
            ["glorot", "glorot_uniform"],
        ),
        "Dense, unknown argument": (lambda: layers.Dense(3, unit=4), ["unit", "units"]),
        "Dense on 5 columns after 4": (dense_on_another_width, ["dense", "4", "5", "(2, 5)"]),
        "Dense on rank 1": (lambda: make("Dense", {"units": 2})(zeros(3)), ["dense", "ndim", "1"]),
        "Dense, kernel before build": (lambda: make("Dense", {"units": 2}).kernel, ["build"]),
        "Dense, wrong weights": (wrong_weights, ["dense", "(4, 2)", "(3, 2)"]),
        "Dense, too few weights": (too_few_weights, ["dense", "1", "2"]),
        "Dropout(1.5)": (lambda: layers.Dropout(1.5), ["rate", "1.5"]),
        "Dropout(1)": (lambda: layers.Dropout(1).rate, []),
        "Flatten, data_format": (lambda: layers.Flatten("last"), ["last", "channels_last"]),
        "Reshape does not fit": (
            lambda: make("Reshape", {"target_shape": (3, 3)})(zeros((2, 4))),
            ["(4,)", "(3, 3)"],
        ),
        "Reshape, two -1": (
            lambda: make("Reshape", {"target_shape": (-1, -1)})(zeros((2, 4))),
            ["-1"],
        ),
        "Reshape to batch size": (lambda: make("Reshape", {"target_shape": (0, 4)}).name, ["0"]),
        "Input without shape": (lambda: keras.Input(), ["shape"]),
        "InputLayer, shape and batch_shape": (
            lambda: layers.InputLayer(shape=(4,), batch_shape=(2, 4)),
            ["shape", "batch_shape"],
        ),
        "Input of negative size": (lambda: keras.Input((-1,)), ["-1"]),
        "Sequential, summary before build": (summary_before_build, []),
        "Sequential, weights before build": (lambda: unbuilt().get_weights(), []),
        "Sequential, add a number": (lambda: unbuilt().add(3), ["3", "int"]),
        "Sequential, same name twice": (same_name_twice, ["a"]),
        "Sequential, empty, predict": (empty_predict, ["Sequential"]),
        "Sequential, pop from empty": (lambda: keras.Sequential().pop(), []),
        "get_layer, wrong name": (lambda: unbuilt().get_layer("out"), ["out", "one"]),
        "get_layer, index": (lambda: unbuilt().get_layer(index=5), ["5"]),
    }
    return {label: mistake(call, words) for label, (call, words) in calls.items()}


def mistake(call: Callable[[], Any], words: list[str]) -> dict[str, Any]:
    """Return the exception type and the words its message contains, or the accepted value."""
    try:
        value = call()
    except Exception as error:
        found = [word for word in words if word in str(error)]
        return {"raises": type(error).__name__, "mentions": found}
    return {"accepted": encode(value)}


def unbuilt() -> keras.Sequential:
    """Return a Sequential that does not know its input yet."""
    return keras.Sequential([keras.layers.Dense(2, name="one")])


def dense_on_another_width() -> None:
    """Call a layer that was built for 4 columns with 5."""
    layer = make("Dense", {"units": 2})
    layer.build((None, 4))
    layer(np.zeros((2, 5)))


def wrong_weights() -> None:
    """Set a kernel of the wrong shape."""
    layer = make("Dense", {"units": 2})
    layer.build((None, 4))
    layer.set_weights([np.zeros((3, 2)), np.zeros(2)])


def too_few_weights() -> None:
    """Set one array on a layer that has two."""
    layer = make("Dense", {"units": 2})
    layer.build((None, 4))
    layer.set_weights([np.zeros((4, 2))])


def summary_before_build() -> None:
    """Print the summary of a model whose shapes are unknown."""
    unbuilt().summary(print_fn=lambda text: None)


def same_name_twice() -> None:
    """Add two layers of one name."""
    keras.Sequential([keras.layers.Dense(2, name="a"), keras.layers.Dense(2, name="a")])


def empty_predict() -> None:
    """Predict with a model without layers."""
    keras.Sequential().predict(np.zeros((2, 3)), verbose=0)


def facts() -> dict[str, Any]:
    """Return the content of layers.json."""
    return {
        "about": "output = layer(input) at inference, after set_weights(weights)",
        "cases": {label: case(*row) for label, row in CASES.items()},
        "configs": {label: config(label) for label in CONFIGS_OF},
        "output_shapes": output_shapes(),
        "input_layers": input_layers(),
        "sequential": sequential(),
        "errors": errors(),
    }
