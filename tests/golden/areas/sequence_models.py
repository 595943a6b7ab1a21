"""Small models of sequences: their masks, and weights after some training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode
from areas.normalization import numbers

WORDS = np.array([[1, 2, 0, 0], [3, 0, 4, 0], [0, 5, 1, 2], [0, 0, 0, 0]])
STEPS = numbers((4, 3, 2), 1) * np.array([[[1]], [[0]], [[1]], [[1]]])


def embedding() -> Any:
    """Words, of which 0 is none, read from both ends."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Embedding(6, 3, mask_zero=True),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            layers.GRU(2),
            layers.Dense(1),
        ]
    ), WORDS


def masking() -> Any:
    """Vectors, of which zeros are none, and the sequence of outputs."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Masking(0.0),
            layers.SimpleRNN(3, return_sequences=True),
            layers.TimeDistributed(layers.Dense(2)),
            layers.LSTM(2, go_backwards=True),
            layers.Dense(1),
        ]
    ), STEPS.astype("float32")


def trained(make: Any) -> dict[str, Any]:
    """Return weights before and after three epochs, and predictions."""
    keras.utils.clear_session()
    model, x = make()
    model.build(x.shape)
    first = [numbers(w.shape, 20 + i) for i, w in enumerate(model.weights)]
    model.set_weights(first)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    y = numbers((4, 1), 3)
    history = model.fit(x, y, epochs=3, batch_size=2, shuffle=False, verbose=0)
    return encode(
        {
            "x": x,
            "y": y,
            "first": first,
            "weights": model.get_weights(),
            "losses": history.history["loss"],
            "predicted": model.predict(x, verbose=0),
        }
    )


def every_step(weights: Any) -> dict[str, Any]:
    """Outputs at each step, of which the masked ones count neither in the loss nor in metrics."""
    keras.utils.clear_session()
    layers = keras.layers
    model = keras.Sequential([layers.Embedding(6, 3, mask_zero=True), layers.Dense(2)])
    model.build(WORDS.shape)
    first = [numbers(w.shape, 20 + i) for i, w in enumerate(model.weights)]
    model.set_weights(first)
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"], weighted_metrics=["mse"])
    y = numbers((*WORDS.shape, 2), 3)
    results = model.evaluate(WORDS, y, sample_weight=weights, batch_size=2, verbose=0)
    history = model.fit(
        WORDS, y, sample_weight=weights, epochs=2, batch_size=2, shuffle=False, verbose=0
    )
    return encode(
        {
            "y": y,
            "first": first,
            "sample_weight": weights,
            "results": results,
            "losses": history.history["loss"],
            "weights": model.get_weights(),
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of sequence_models.json."""
    return {
        "embedding": trained(embedding),
        "masking": trained(masking),
        "words": encode(WORDS),
        "every_step": {
            "plain": every_step(None),
            "steps": every_step(np.abs(numbers(WORDS.shape, 9))),
        },
    }
