"""Small weights beside large ones (LoRA): Keras's names, order and numbers; training and files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

import pylego
from pylego import layers
from pylego.layers import Layer
from pylego.models import Sequential

CASES = load("adapters")["cases"]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['class']} {c['arguments']}")


def numbers(shape: Any) -> np.ndarray:
    return (np.arange(np.prod(shape)).reshape(shape) % 5 - 2).astype("float32") / 4


def made(case: dict[str, Any]) -> tuple[Layer, np.ndarray]:
    layer = getattr(layers, case["class"])(**case["arguments"])
    shape = case["shape"]
    is_text = case["class"] == "Embedding"
    return layer, np.arange(np.prod(shape)).reshape(shape) % 6 if is_text else numbers(shape)


@each_case
def test_weights_and_outputs_are_keras_s(case: dict[str, Any]) -> None:
    layer, x = made(case)
    before = layer(x).numpy()
    layer.enable_lora(2, lora_alpha=3)
    np.testing.assert_allclose(layer(x).numpy(), before, atol=1e-6)
    assert [[w.name, list(w.shape), w.trainable] for w in layer.weights] == case["weights"]
    layer.set_weights([numbers(weight.shape) for weight in layer.weights])
    expect_close(layer(x), case["output"])
    store: dict[str, Any] = {}
    layer.save_own_variables(store)
    assert store.keys() == case["stored"].keys()
    for key, value in case["stored"].items():
        expect_close(store[key], value)
    config = layer.get_config()
    assert (config["lora_rank"], config["lora_alpha"]) == (case["lora_rank"], case["lora_alpha"])
    again = type(layer).from_config(config)
    again(x)
    assert [w.name for w in again.weights] == [w.name for w in layer.weights]


@each_case
def test_training_changes_the_small_weights_and_files_hold_the_sum(
    case: dict[str, Any], tmp_path: Path
) -> None:
    layer, x = made(case)
    target = np.ones(layer(x).shape, "float32")
    layer.enable_lora(2)
    model = Sequential([layer])
    model.compile("sgd", "mse")
    kernel = layer.weights[0].numpy()
    first = model.evaluate(x, target, verbose=0)
    model.fit(x, target, epochs=5, verbose=0)
    assert model.evaluate(x, target, verbose=0) < first
    assert (layer.weights[0].numpy() == kernel).all()
    y = model.predict(x, verbose=0)
    path = str(tmp_path / "model.keras")
    model.save(path)
    np.testing.assert_allclose(pylego.models.load_model(path).predict(x, verbose=0), y, atol=1e-6)
    model.fit(x, target, epochs=2, verbose=0)
    model.load_weights(path)
    np.testing.assert_allclose(model.predict(x, verbose=0), y, atol=1e-6)


def test_what_cannot_be_adapted_is_refused() -> None:
    with pytest.raises(ValueError, match="build it before"):
        layers.Dense(2).enable_lora(2)
    bound = layers.Dense(2, kernel_constraint="non_neg")
    bound.build((None, 3))
    with pytest.raises(ValueError, match="kernel_constraint cannot hold"):
        bound.enable_lora(2)
    layer = layers.Dense(2, lora_rank=1)
    layer.build((None, 3))
    with pytest.raises(ValueError, match="was called before"):
        layer.enable_lora(2)
    with pytest.raises(ValueError, match="rank"):
        layers.Embedding(2, 3, lora_rank=0).build()


def test_a_frozen_layer_that_trains_again_leaves_its_kernel_frozen() -> None:
    layer = layers.Dense(2, lora_rank=1)
    layer.build((None, 3))
    layer.trainable = False
    layer.trainable = True
    assert [w.name for w in layer.trainable_weights] == ["bias", "lora_kernel_a", "lora_kernel_b"]
