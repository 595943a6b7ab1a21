"""Small weights beside large ones: names, order, shapes and outputs of layers after enable_lora."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

# Class, arguments, shape of the inputs and of the small weights' first dtype.
CASES: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Dense", {"units": 3}, (2, 4)),
    ("Dense", {"units": 3, "use_bias": False}, (2, 4)),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": (None, 2, 3)}, (2, 4, 5)),
    ("Embedding", {"input_dim": 6, "output_dim": 3}, (2, 4)),
    ("Conv1D", {"filters": 3, "kernel_size": 2}, (2, 5, 2)),
    ("Conv2D", {"filters": 2, "kernel_size": 2, "groups": 2}, (1, 4, 4, 4)),
]


def numbers(shape: tuple[int, ...]) -> np.ndarray:
    """Return numbers that both sides make in the same way."""
    return (np.arange(np.prod(shape)).reshape(shape) % 5 - 2).astype("float32") / 4


def described(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return what a layer has, and computes, with two columns and alpha 3."""
    layer = getattr(keras.layers, name)(**arguments)
    x = np.arange(np.prod(shape)).reshape(shape) % 6 if name == "Embedding" else numbers(shape)
    layer(x)
    layer.enable_lora(2, lora_alpha=3)
    layer.set_weights([numbers(weight.shape) for weight in layer.weights])
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    return {
        "class": name,
        "arguments": arguments,
        "shape": shape,
        "weights": [[w.name, list(w.shape), w.trainable] for w in layer.weights],
        "output": encode(np.asarray(layer(x))),
        "stored": {key: encode(np.asarray(value)) for key, value in store.items()},
        "lora_rank": layer.get_config()["lora_rank"],
        "lora_alpha": layer.get_config()["lora_alpha"],
    }


def facts() -> dict[str, Any]:
    """Return the content of adapters.json."""
    return {
        "about": "layers after enable_lora(2, lora_alpha=3), all weights from numbers(shape)",
        "cases": [described(*case) for case in CASES],
    }
