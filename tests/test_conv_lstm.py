"""Recurrent layers whose products are convolutions: Keras's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, ops
from pylego.autograd import GradientTape
from pylego.core.tree import leaves
from pylego.models import Sequential, load_model

CASES = load("conv_lstm")["cases"]
every_case = pytest.mark.parametrize("name", CASES)


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def made(case: dict[str, Any]) -> layers.Layer:
    layer = getattr(layers, case["class"])(**case["arguments"])
    layer.build(np.shape(case["inputs"]))
    layer.set_weights([array(weight) for weight in case["weights"]])
    return layer


def expect_all(ours: Any, golden: list[Any], rtol: float = 1e-5) -> None:
    for mine, theirs in zip(leaves(ours), golden, strict=True):
        expect_close(mine, theirs, rtol=rtol, atol=1e-5)


@every_case
def test_outputs_states_and_gradients(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    x = ops.convert_to_tensor(array(case["inputs"]))
    with GradientTape() as tape:
        tape.watch(x)
        outputs = layer(x)
        loss = sum(ops.sum(ops.square(y)) for y in leaves(outputs))
    expect_all(outputs, case["outputs"])
    expect_all(tape.gradient(loss, [x, *layer.trainable_weights]), case["gradients"], rtol=1e-4)


@every_case
def test_shapes_names_and_configs(name: str) -> None:
    case = CASES[name]
    unbuilt = getattr(layers, case["class"])(**case["arguments"])
    shape = (None, *np.shape(case["inputs"])[1:])
    assert leaves(unbuilt.compute_output_shape(shape)) == leaves(case["output_shape"])
    names.reset_names()
    layer = made(case)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    config = layer.get_config()
    assert set(config) == set(case["config"]) - {"unroll"}
    again = type(layer).from_config(config)
    assert again.get_config() == config


def test_a_model_is_trained_and_saved(tmp_path: Any) -> None:
    model = Sequential(
        [
            layers.Input((3, 4, 5, 1)),
            layers.ConvLSTM2D(2, 2, dropout=0.2, recurrent_dropout=0.1),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(4, 3, 4, 5, 1)).astype("float32")
    y = np.ones((4, 1))
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=30, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before  # without dropout: no noise
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_mask_at_the_end_is_a_shorter_sequence() -> None:
    """Keras itself cannot mask these layers where it runs on jax."""
    layer = layers.ConvLSTM1D(2, 2)
    x = np.random.default_rng(0).normal(size=(2, 4, 5, 1)).astype("float32")
    mask = np.array([[True, True, False, False]] * 2)
    np.testing.assert_array_equal(layer(x, mask=mask), layer(x[:, :2]))


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="not both"):
        layers.ConvLSTM2D(1, 2, strides=2, dilation_rate=2)
    with pytest.raises(ValueError, match="lengths of the axes of space"):
        layers.ConvLSTM1D(1, 2).build((None, 3, None, 1))
