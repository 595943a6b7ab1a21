"""Normalizing layers and activations as layers: outputs, gradients, moving averages, configs."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode

# label -> (class, arguments, shape of the input)
CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "batch": ("BatchNormalization", {}, (5, 3)),
    "batch of images": ("BatchNormalization", {"momentum": 0.9}, (2, 3, 2, 4)),
    "batch, channels first": ("BatchNormalization", {"axis": 1, "momentum": 0.5}, (2, 3, 2, 4)),
    "batch, axis -2": ("BatchNormalization", {"axis": -2}, (3, 2, 4)),
    "batch, without scale": ("BatchNormalization", {"scale": False, "epsilon": 0.1}, (4, 3)),
    "batch, without center": ("BatchNormalization", {"center": False}, (4, 3)),
    "batch, neither": ("BatchNormalization", {"center": False, "scale": False}, (4, 3)),
    "batch, frozen": ("BatchNormalization", {"trainable": False}, (4, 3)),
    "batch, regularized": (
        "BatchNormalization",
        {"gamma_regularizer": "l2", "beta_regularizer": "l1", "beta_constraint": "non_neg"},
        (4, 3),
    ),
    "layer": ("LayerNormalization", {}, (3, 5)),
    "layer of rank 3": ("LayerNormalization", {"epsilon": 1e-5}, (2, 3, 4)),
    "layer, axis 1": ("LayerNormalization", {"axis": 1}, (2, 3, 4)),
    "layer, axes": ("LayerNormalization", {"axis": [3, 1]}, (2, 3, 2, 4)),
    "layer, axes from behind": ("LayerNormalization", {"axis": [-2, -1]}, (2, 3, 4)),
    "layer, without scale": ("LayerNormalization", {"scale": False}, (3, 5)),
    "layer, without center": ("LayerNormalization", {"center": False}, (3, 5)),
    "group": ("GroupNormalization", {"groups": 2}, (2, 3, 2, 4)),
    "group, channels first": ("GroupNormalization", {"groups": 2, "axis": 1}, (2, 4, 3, 2)),
    "group of each channel": ("GroupNormalization", {"groups": -1}, (2, 3, 4)),
    "group, one": ("GroupNormalization", {"groups": 1, "epsilon": 1e-5}, (2, 3, 4)),
    "group, rank 2": ("GroupNormalization", {"groups": 3, "center": False}, (2, 6)),
    "unit": ("UnitNormalization", {}, (3, 4)),
    "unit, axes": ("UnitNormalization", {"axis": [1, 2]}, (2, 3, 4)),
    "leaky relu": ("LeakyReLU", {}, (3, 4)),
    "leaky relu 0.1": ("LeakyReLU", {"negative_slope": 0.1}, (3, 4)),
    "prelu": ("PReLU", {}, (3, 2, 4)),
    "prelu shared": ("PReLU", {"shared_axes": [1, 2]}, (2, 3, 2, 4)),
    "prelu shared, channels first": ("PReLU", {"shared_axes": [2, 3]}, (2, 4, 3, 2)),
    "prelu, one axis shared": ("PReLU", {"shared_axes": 1, "alpha_regularizer": "l2"}, (2, 3, 4)),
    "elu": ("ELU", {}, (3, 4)),
    "elu 2": ("ELU", {"alpha": 2.0}, (3, 4)),
    "softmax": ("Softmax", {}, (3, 4)),
    "softmax, axis 1": ("Softmax", {"axis": 1}, (2, 3, 4)),
    "softmax, axes": ("Softmax", {"axis": [1, 2]}, (2, 3, 4)),
    "relu": ("ReLU", {}, (3, 4)),
    "relu with all": (
        "ReLU",
        {"max_value": 0.8, "negative_slope": 0.1, "threshold": 0.2},
        (3, 4),
    ),
}


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return reproducible float32 numbers with three decimals."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


def built(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> keras.layers.Layer:
    """Return the layer with weights that are numbers of their own; variances are positive."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    layer.build(shape)
    for i, weight in enumerate(layer.weights):
        values = numbers(weight.shape, 6 + i)
        weight.assign(np.abs(values) + 0.5 if weight.name == "moving_variance" else values)
    return layer


def gradients(layer: keras.layers.Layer, x: np.ndarray, factors: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of sum(layer(x, training=True) * factors) by x and by the weights."""

    def loss(trainable: list, fixed: list, x: Any) -> Any:
        options = {"training": True} if "training" in layer._call_signature.parameters else {}
        y, _ = layer.stateless_call(trainable, fixed, x, **options)
        return (y * factors).sum()

    trainable = [weight.value for weight in layer.trainable_variables]
    fixed = [weight.value for weight in layer.non_trainable_variables]
    by_weights, by_x = jax.grad(loss, argnums=(0, 2))(trainable, fixed, x)
    return [by_x, *by_weights]


def case(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return what a layer gives at inference and while training, and how it trains."""
    layer = built(name, arguments, shape)
    x, factors = numbers(shape, 5), numbers(shape, 4)
    config = layer.get_config()
    facts = {
        "class": name,
        "arguments": arguments,
        "input": x,
        "factors": factors,
        "weights": layer.get_weights(),
        "weight_paths": [weight.path for weight in layer.weights],
        "trainable_weights": len(layer.trainable_weights),
        "output": layer(x),
        "losses": layer.losses,
        "gradients": gradients(layer, x, factors),
        "config": config,
    }
    if name == "BatchNormalization":
        facts["output_of_training"] = layer(x, training=True)
        facts["weights_after_training"] = layer.get_weights()
    return encode(facts)


def fit() -> dict[str, Any]:
    """Return the weights and predictions after a short training of a network that normalizes."""
    keras.utils.clear_session()
    layers = keras.layers
    stack = [
        layers.Dense(4),
        layers.BatchNormalization(momentum=0.8),
        layers.ReLU(),
        layers.Dense(3),
        layers.LayerNormalization(),
        layers.PReLU(),
        layers.Dense(1),
    ]
    model = keras.Sequential(stack)
    model.build((None, 3))
    first = [np.abs(numbers(w.shape, 20 + i)) for i, w in enumerate(model.weights)]
    model.set_weights(first)
    model.compile("sgd", "mse")
    x, y = numbers((10, 3), 1), numbers((10, 1), 2)
    history = model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
    return encode(
        {
            "x": x,
            "y": y,
            "first_weights": first,
            "weights": model.get_weights(),
            "loss": history.history["loss"],
            "predicted": model.predict(x, verbose=0),
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of normalization.json."""
    return {
        "about": "output = layer(input); gradients of sum(layer(input, training=True) * factors)",
        "cases": {label: case(*row) for label, row in CASES.items()},
        "fit": fit(),
    }
