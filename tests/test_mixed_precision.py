"""Layers that compute with 16 bits: policies, what bricks read, and training as in Keras."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import config, layers, models, optimizers

GOLDEN = load("mixed_precision")
# How far a loss may be from Keras's: some roundings of a number of 11 bits, or of 8.
TOLERANCES = {"float16": 4e-3, "bfloat16": 3e-2}


@pytest.fixture(autouse=True)
def own_policy() -> Iterator[None]:
    yield
    config.set_dtype_policy(None)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The numbers that the golden file was made with."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


# ---- training as in Keras --------------------------------------------------------------------


def dense() -> Any:
    return [layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(1, dtype="float32")]


def convolution() -> Any:
    return [
        layers.Input((6, 6, 2)),
        layers.Conv2D(3, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.LayerNormalization(),
        layers.Dense(1),
    ]


def recurrent() -> Any:
    return [
        layers.Input((3, 2)),
        layers.LSTM(4, return_sequences=True),
        layers.GRU(3),
        layers.Dense(1),
    ]


MODELS = {"dense": dense, "convolution": convolution, "recurrent": recurrent}
SHAPES = {"dense": (4,), "convolution": (6, 6, 2), "recurrent": (3, 2)}


def model_of(name: str, policy: str) -> Any:
    config.set_dtype_policy(policy)
    model = models.Sequential(MODELS[name]())
    model.set_weights([0.5 * numbers(w.shape, 20 + i) for i, w in enumerate(model.weights)])
    return model


@pytest.mark.parametrize("facts", GOLDEN["models"], ids=lambda f: f"{f['model']} {f['policy']}")
def test_models_learn_as_in_keras(facts: dict[str, Any]) -> None:
    name, policy = facts["model"], facts["policy"]
    model = model_of(name, policy)
    model.compile(optimizers.SGD(0.05), "mse")
    x, y = numbers((8, *SHAPES[name]), 1), numbers((8, 1), 2)
    history = model.fit(x, y, epochs=6, batch_size=4, shuffle=False, verbose=0)
    tolerance = TOLERANCES["bfloat16" if "bfloat16" in policy else "float16"]
    np.testing.assert_allclose(history.history["loss"], facts["losses"], rtol=tolerance)
    predicted = np.asarray(model.predict(x, verbose=0), "float32")
    np.testing.assert_allclose(predicted, facts["predicted"], atol=4 * tolerance)
    assert type(model.optimizer).__name__ == facts["optimizer"]
    assert [weight.dtype for weight in model.weights] == facts["weights"]
    outputs = []
    for layer in model.layers:
        x = layer(x)
        outputs.append(x.dtype)
    assert outputs == facts["outputs"]
