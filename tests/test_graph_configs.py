"""Models with a graph are described as Keras describes them, and made again of that."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load
from graph_models import BUILDERS
from test_configs import as_json, expect_equal

import pylego
from pylego import Input, layers, models, names, saving
from pylego.graph.function import in_order

CASES = load("graphs")["cases"]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def meaning(description: Any) -> Any:
    """What a description says, without what goes without saying: None and training=False in calls,
    and the shapes that layers without weights were built for."""
    if isinstance(description, list):
        return [meaning(one) for one in description]
    if not isinstance(description, dict):
        return description
    said = {key: meaning(value) for key, value in description.items()}
    said.pop("jit_compile", None)  # Keras looks at the machine
    if "kwargs" in said:
        said["kwargs"] = {key: value for key, value in said["kwargs"].items() if value}
    if said.get("class_name") in ("Add", "Concatenate", "ELU", "Flatten", "Dropout"):
        said.pop("build_config", None)
    return said


def outputs_of(model: Any, case: dict[str, Any]) -> list:
    model.set_weights([array(weight) for weight in case["weights"]])
    inputs = {name: array(numbers) for name, numbers in case["inputs"].items()}
    given = inputs if len(inputs) > 1 else next(iter(inputs.values()))
    return in_order(model.predict(given, verbose=0))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_model_is_described_as_keras_does(case: dict[str, Any]) -> None:
    model = BUILDERS[case["name"]](pylego)
    expect_equal(meaning(as_json(saving.serialize_keras_object(model))), meaning(case["is"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_model_is_made_of_keras_description(case: dict[str, Any]) -> None:
    model = models.model_from_json(json.dumps(case["is"]))
    assert [weight.path for weight in model.weights] == case["paths"]
    for ours, golden in zip(outputs_of(model, case), case["outputs"], strict=True):
        expect_close(ours, golden, rtol=2e-5, atol=2e-6)
    expect_equal(meaning(json.loads(model.to_json())), meaning(case["is"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@pytest.mark.parametrize("recursive", [False, True])
def test_a_clone_computes_the_same(case: dict[str, Any], recursive: bool) -> None:
    model = BUILDERS[case["name"]](pylego)
    clone = models.clone_model(model, recursive=recursive)
    assert type(clone) is type(model)
    assert not {*map(id, clone.weights)} & {*map(id, model.weights)}
    assert [x.get_config() for x in clone.layers] == [x.get_config() for x in model.layers]
    for ours, golden in zip(outputs_of(clone, case), case["outputs"], strict=True):
        expect_close(ours, golden, rtol=2e-5, atol=2e-6)


def test_what_keras_writes_into_each_call_is_no_wish() -> None:
    image = Input((4, 4, 3))
    model = models.Model(image, layers.RandomFlip()(image))
    described = json.loads(model.to_json())
    described["config"]["layers"][1]["inbound_nodes"][0]["kwargs"] = {"training": True}  # as Keras
    again = models.model_from_json(json.dumps(described))
    pictures = np.arange(48.0, dtype="float32").reshape(1, 4, 4, 3)
    for _ in range(5):
        np.testing.assert_array_equal(again.predict(pictures, verbose=0), pictures)


def test_a_wish_for_a_call_is_kept() -> None:
    x = Input((4,))
    frozen = layers.BatchNormalization()(x, training=False)
    noisy = layers.Dropout(0.5)(x, training=True)
    model = models.model_from_json(models.Model(x, [frozen, noisy]).to_json())
    ones = np.ones((64, 4), "float32") * np.arange(64, dtype="float32")[:, None]
    same, noise = model(ones, training=True)
    np.testing.assert_allclose(same.numpy(), ones / np.sqrt(1 + 1e-3), rtol=1e-5)
    assert (model.predict(ones, verbose=0)[1] != ones).any()
    assert (noise.numpy() != ones).any()


def test_dropout_of_keras_description_drops_in_training() -> None:
    (case,) = (case for case in CASES if case["name"] == "two_ends")
    model = models.model_from_json(json.dumps(case["is"]))  # it says training=False in the call
    inputs = {name: array(numbers) for name, numbers in case["inputs"].items()}
    quiet, training = model(inputs, training=False), model(inputs, training=True)
    assert (quiet["kind"].numpy() != training["kind"].numpy()).any()


def test_outputs_in_a_tuple_come_in_a_tuple_of_the_clone_too() -> None:
    x = Input((3,))
    model = models.Model(x, {"both": (layers.Dense(2)(x), layers.Dense(1)(x)), "all": [x]})
    for again in (models.Model.from_config(model.get_config()), models.clone_model(model)):
        found = again(np.ones((2, 3), np.float32))
        assert [type(one) for one in found.values()] == [tuple, list]
