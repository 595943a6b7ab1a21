"""Models with a graph: what Keras says of them, and what comes out of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from areas.encoding import encode

sys.path.append(str(Path(__file__).parents[2]))
from graph_models import BUILDERS

ROWS = 2


def case(name: str) -> dict[str, Any]:
    """Return the description of a model, its weights, inputs, and outputs for these."""
    keras.utils.clear_session()
    model = BUILDERS[name](keras)
    description = keras.saving.serialize_keras_object(model)
    numbers = np.random.default_rng(3)
    weights = [numbers.uniform(0.25, 1, w.shape).astype(np.float32).round(3) for w in model.weights]
    inputs = [
        numbers.uniform(-1, 1, (ROWS, *x.shape[1:])).astype(np.float32).round(2)
        for x in model.inputs
    ]
    model.set_weights(weights)
    by_tensor = {x.name: numbers for x, numbers in zip(model.inputs, inputs)}
    given = by_tensor if len(inputs) > 1 else inputs[0]
    outputs = keras.tree.flatten(model.predict(given, verbose=0))
    return encode(
        {
            "name": name,
            "is": description,
            "paths": [weight.path for weight in model.weights],
            "weights": weights,
            "inputs": {x._keras_history[0].name: y for x, y in zip(model.inputs, inputs)},
            "outputs": outputs,
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of graphs.json."""
    return {
        "about": "serialize_keras_object and predict of the models of tests/graph_models.py",
        "cases": [case(name) for name in BUILDERS],
    }
