"""Models that compute with numbers of 16 bits: dtypes of what comes out, and losses in training."""

from __future__ import annotations

import base64
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from areas.encoding import encode
from areas.normalization import numbers

MIXED = ("mixed_float16", "mixed_bfloat16")


def dense() -> Any:
    """Two layers, the second of which is wider than the policy says."""
    layers = keras.layers
    return keras.Sequential(
        [layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(1, dtype="float32")]
    )


def convolution() -> Any:
    """Images, with normalization by batches and by samples."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(3, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.LayerNormalization(),
            layers.Dense(1),
        ]
    )


def recurrent() -> Any:
    """Sequences."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((3, 2)),
            layers.LSTM(4, return_sequences=True),
            layers.GRU(3),
            layers.Dense(1),
        ]
    )


MODELS: dict[str, Callable[[], Any]] = {
    "dense": dense, "convolution": convolution, "recurrent": recurrent,
}  # fmt: skip

# jax has no QR decomposition of float16, by which recurrent weights begin.
POLICIES = {
    "dense": (*MIXED, "float16", "bfloat16"),
    "convolution": (*MIXED, "float16", "bfloat16"),
    "recurrent": MIXED,
}
SHAPES = {"dense": (4,), "convolution": (6, 6, 2), "recurrent": (3, 2)}


def trained(name: str, policy: str) -> dict[str, Any]:
    """Return dtypes, the losses of six epochs, and predictions; weights begin as `numbers`."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)
    model = MODELS[name]()
    keras.config.set_dtype_policy("float32")
    model.set_weights([0.5 * numbers(w.shape, 20 + i) for i, w in enumerate(model.weights)])
    model.compile(keras.optimizers.SGD(0.05), "mse")
    x, y = numbers((8, *SHAPES[name]), 1), numbers((8, 1), 2)
    history = model.fit(x, y, epochs=6, batch_size=4, shuffle=False, verbose=0)
    return {
        "model": name,
        "policy": policy,
        "optimizer": type(model.optimizer).__name__,
        "weights": [keras.backend.standardize_dtype(w.dtype) for w in model.weights],
        "outputs": [keras.backend.standardize_dtype(y.dtype) for y in outputs_of(model, x)],
        "losses": history.history["loss"],
        "predicted": np.asarray(model.predict(x, verbose=0), "float32"),
    }


def outputs_of(model: Any, x: Any) -> list[Any]:
    """Return what each layer gives."""
    found = []
    for layer in model.layers:
        x = layer(x)
        found.append(x)
    return found


def described() -> list[dict[str, Any]]:
    """Return how policies and layers with one describe themselves."""
    policies = keras.dtype_policies
    by_path = policies.DTypePolicyMap("float32", {"encoder/.*": policies.DTypePolicy("bfloat16")})
    layer = keras.layers.Dense(2, dtype="mixed_bfloat16", name="dense")
    return [
        policies.serialize(policies.DTypePolicy("mixed_float16")),
        policies.serialize(by_path),
        keras.saving.serialize_keras_object(layer),
    ]


def files() -> list[dict[str, Any]]:
    """Return small models in files, and what they predict."""
    found = []
    for policy in (*MIXED, "float16", "bfloat16"):
        keras.utils.clear_session()
        layers = keras.layers
        stack = [layers.Input((3,)), layers.Dense(2, dtype=policy, name="dense")]
        model = keras.Sequential(stack, name="small")
        model.set_weights([numbers(w.shape, 3 + i) for i, w in enumerate(model.weights)])
        x = numbers((2, 3), 1)
        facts = {"policy": policy, "predicted": np.asarray(model.predict(x, verbose=0), "float32")}
        with tempfile.TemporaryDirectory() as folder:
            for ending in ("keras", "weights.h5"):
                path = Path(folder) / f"model.{ending}"
                write = model.save if ending == "keras" else model.save_weights
                write(path)
                facts[ending] = base64.b64encode(zlib.compress(path.read_bytes(), 9)).decode()
        found.append(facts)
    return found


def facts() -> dict[str, Any]:
    """Return the content of mixed_precision.json."""
    return encode(
        {
            "about": "weights begin as 0.5 numbers(shape, 20 + i), x is numbers(shape, 1)",
            "models": [trained(name, policy) for name in MODELS for policy in POLICIES[name]],
            "described": described(),
            "files": files(),
        }
    )
