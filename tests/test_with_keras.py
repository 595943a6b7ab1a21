"""Real Keras opens what pylego describes, and pylego what Keras describes, where Keras is there."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import json
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load
from graph_models import BUILDERS
from test_configs import CASES, called, expect_equal

import pylego
from pylego import models, saving
from pylego.graph.function import in_order

keras = pytest.importorskip("keras")


def outputs_of(model: Any, numbers: np.random.Generator) -> list:
    inputs = [numbers.uniform(-1, 1, (3, *x.shape[1:])).astype(np.float32) for x in model.inputs]
    given: Any = inputs if len(inputs) > 1 else inputs[0]
    if model.name == "two_ends":
        given = {"left": inputs[0], "right": inputs[1]}
    return in_order(model.predict(given, verbose=0))


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("direction", ["to Keras", "from Keras"])
def test_a_model_opens_on_the_other_side(name: str, direction: str) -> None:
    here, there = (pylego, keras) if direction == "to Keras" else (keras, pylego)
    model = BUILDERS[name](here)
    again = there.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    assert [weight.name for weight in again.weights] == [weight.name for weight in model.weights]
    ours, others = (outputs_of(one, np.random.default_rng(3)) for one in (model, again))
    for x, y in zip(ours, others, strict=True):
        expect_close(x, y, rtol=2e-5, atol=2e-6)
    assert again.compiled == model.compiled


@pytest.mark.parametrize("case", CASES, ids=called)
def test_keras_makes_every_class_of_our_description(case: dict[str, Any]) -> None:
    made = getattr(getattr(pylego, case["family"]), case["class"])(**case["arguments"])
    described = json.loads(json.dumps(saving.serialize_keras_object(made)))
    again = keras.saving.deserialize_keras_object(described)
    assert type(again).__name__ == case["class"]
    expect_equal(json.loads(json.dumps(keras.saving.serialize_keras_object(again))), described)


def test_a_clone_in_keras_is_a_clone_here() -> None:
    for name in load("graphs")["cases"][0]["name"], "nested":
        text = models.clone_model(BUILDERS[name](pylego)).to_json()
        assert keras.models.model_from_json(text).count_params() > 0
