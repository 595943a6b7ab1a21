"""Normalizing layers over several steps: masks, renormalization, regularizers, lists of axes."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode
from areas.normalization import numbers

BATCH, LAYER, GROUP = "BatchNormalization", "LayerNormalization", "GroupNormalization"
CLIPPED = {"rmax": 1.2, "rmin": 0.8, "dmax": 0.3}
WEIGHTS = {
    "beta_initializer": {"class_name": "Constant", "config": {"value": 0.5}},
    "gamma_initializer": {"class_name": "Constant", "config": {"value": -1.5}},
    "beta_regularizer": {"class_name": "L2", "config": {"l2": 0.1}},
    "gamma_regularizer": {"class_name": "L1", "config": {"l1": 0.2}},
    "beta_constraint": "non_neg",
    "gamma_constraint": "unit_norm",
}
AVERAGES = {
    "moving_mean_initializer": {"class_name": "Constant", "config": {"value": 0.3}},
    "moving_variance_initializer": {"class_name": "Constant", "config": {"value": 2.25}},
}

# label -> (class, arguments, shape of the input, whether there is a mask)
CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...], bool]] = {
    "batch": (BATCH, {"momentum": 0.7}, (4, 3), False),
    "batch, all weights": (BATCH, {"epsilon": 0.05, **WEIGHTS, **AVERAGES}, (4, 3), False),
    "batch, of sequences": (BATCH, {"momentum": 0.5, "axis": 1}, (3, 2, 4), False),
    "batch, masked": (BATCH, {"momentum": 0.5}, (3, 5, 2), True),
    "batch, masked, axis 1": (BATCH, {"momentum": 0.5, "axis": 1}, (3, 5, 2), True),
    "batch, masked, without gamma": (BATCH, {"scale": False}, (2, 3, 2, 2), True),
    "renorm": (BATCH, {"renorm": True, "momentum": 0.8, "renorm_momentum": 0.6}, (4, 3), False),
    "renorm, clipped": (
        BATCH,
        {"renorm": True, "renorm_clipping": CLIPPED, "renorm_momentum": 0.5, **AVERAGES},
        (4, 3),
        False,
    ),
    "renorm, one bound": (BATCH, {"renorm": True, "renorm_clipping": {"dmax": 0.1}}, (4, 3), False),
    "renorm, without gamma": (BATCH, {"renorm": True, "scale": False}, (3, 2, 2), False),
    "renorm, without beta": (
        BATCH,
        {"renorm": True, "center": False, "axis": 1, "epsilon": 0.1},
        (3, 2, 2),
        False,
    ),
    "renorm, masked": (BATCH, {"renorm": True, "momentum": 0.5}, (3, 5, 2), True),
    "renorm, frozen": (BATCH, {"renorm": True, "trainable": False}, (4, 3), False),
    "layer": (LAYER, {"epsilon": 0.02, **WEIGHTS}, (3, 4), False),
    "layer, all axes": (LAYER, {"axis": [1, 2, 3]}, (2, 3, 2, 2), False),
    "layer, axes apart": (LAYER, {"axis": [1, -1], "center": False}, (2, 3, 2, 2), False),
    "layer, axis 0": (LAYER, {"axis": 0, "scale": False}, (3, 4), False),
    "layer, neither": (LAYER, {"center": False, "scale": False}, (3, 4), False),
    "layer, by deviation": (LAYER, {"rms_scaling": True, "epsilon": 0.1}, (3, 4), False),
    "layer, by deviation, axes": (
        LAYER,
        {"rms_scaling": True, "axis": [1, 2], "scale": False, "center": False},
        (2, 3, 2),
        False,
    ),
    "group": (GROUP, {"groups": 2, "epsilon": 0.02, **WEIGHTS}, (2, 3, 4), False),
    "group, axis 2": (GROUP, {"groups": 2, "axis": 2}, (2, 3, 4, 2), False),
    "group, neither": (GROUP, {"groups": 2, "center": False, "scale": False}, (2, 3, 4), False),
    "rms": ("RMSNormalization", {}, (3, 4), False),
    "rms, epsilon": ("RMSNormalization", {"axis": 2, "epsilon": 0.1}, (2, 3, 4), False),
    "rms, axes": ("RMSNormalization", {"axis": [1, 2]}, (2, 3, 4), False),
}
STEPS = 3


def options(layer: keras.layers.Layer, mask: np.ndarray | None) -> dict[str, Any]:
    """Return what the layer is called with beside its inputs."""
    training = {"training": True} if "training" in layer._call_signature.parameters else {}
    return training if mask is None else {**training, "mask": mask}


def gradients(
    layer: keras.layers.Layer, x: np.ndarray, factors: np.ndarray, mask: np.ndarray | None
) -> list[np.ndarray]:
    """Return the gradients of sum(layer(x, ...) * factors) by x and by the weights."""

    def loss(trainable: list, fixed: list, x: Any) -> Any:
        y, _ = layer.stateless_call(trainable, fixed, x, **options(layer, mask))
        return (y * factors).sum()

    trainable = [weight.value for weight in layer.trainable_variables]
    fixed = [weight.value for weight in layer.non_trainable_variables]
    by_weights, by_x = jax.grad(loss, argnums=(0, 2))(trainable, fixed, x)
    return [by_x, *by_weights]


def case(
    name: str, arguments: dict[str, Any], shape: tuple[int, ...], is_masked: bool
) -> dict[str, Any]:
    """Return what a layer gives in each of several steps, and what becomes of its weights."""
    keras.utils.clear_session()
    layer = getattr(keras.layers, name)(**arguments)
    layer.build(shape)
    first_weights = layer.get_weights()
    mask = np.random.default_rng(7).random(shape[:-1]) < 0.6 if is_masked else None
    factors = numbers(shape, 4)
    steps = []
    for step in range(STEPS):
        x = numbers(shape, 30 + step) * (step + 1) + step
        found = gradients(layer, x, factors, mask)
        output = layer(x, **options(layer, mask))
        steps.append(
            {"input": x, "gradients": found, "output": output, "weights": layer.get_weights()}
        )
    return encode(
        {
            "class": name,
            "arguments": arguments,
            "mask": None if mask is None else mask.astype(int),
            "factors": factors,
            "weight_paths": [weight.path for weight in layer.weights],
            "first_weights": first_weights,
            "steps": steps,
            "inference": layer(x),
            "losses": layer.losses,
            "config": layer.get_config(),
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of normalization_steps.json."""
    return {
        "about": "each step is layer(input, training=True, mask=mask), and its gradients before",
        "cases": {label: case(*row) for label, row in CASES.items()},
    }
