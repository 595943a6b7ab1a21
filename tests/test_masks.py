"""Masks, from layer to layer: what Keras passes on, and what it lets fall."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, ops
from pylego.core.tensor import Tensor
from pylego.models import Sequential

GOLDEN = load("masks")
MASK = np.array(GOLDEN["mask"], bool)


def masked(x: Any) -> Tensor:
    x = ops.convert_to_tensor(x)
    x._keras_mask = ops.convert_to_tensor(MASK)
    return x


class Nonzero(layers.Layer):
    """Makes a mask: the steps that are not all zeros."""

    def call(self, inputs: Tensor) -> Tensor:
        return inputs * 1.0

    def compute_mask(self, inputs: Tensor, previous_mask: Any) -> Tensor:
        return ops.any(inputs != 0.0, axis=-1)


@pytest.mark.parametrize("case", GOLDEN["carried"], ids=lambda case: case["class"])
def test_masks_go_on_or_fall_with_a_warning(case: dict[str, Any]) -> None:
    layer = getattr(layers, case["class"])(**case["arguments"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        y = layer(masked(np.ones((3, 5, 2), np.float32)))
    assert layer.supports_masking == case["supports_masking"]
    mask = getattr(y, "_keras_mask", None)
    assert (mask is not None) == case["passes_on"]
    assert mask is None or (mask.numpy() == MASK).all()
    assert [str(w.message) for w in caught if layer.name in str(w.message)] == [
        str(w.message) for w in caught
    ]
    assert bool(caught) == case["warns"]


@pytest.mark.parametrize("case", GOLDEN["averaged"], ids=lambda case: str(case["arguments"]))
def test_means_over_steps_that_count(case: dict[str, Any]) -> None:
    layer = layers.GlobalAveragePooling1D(**case["arguments"])
    x = array(case["input"])
    expect_close(layer(x, mask=MASK), case["output"])
    expect_close(layer(masked(x)), case["output"])
    assert layer(masked(x)).shape == layer(x).shape


def test_a_mask_that_is_given_goes_before_one_that_is_carried() -> None:
    x = np.arange(30.0).reshape(3, 5, 2)
    layer = layers.GlobalAveragePooling1D()
    every = np.ones((3, 5), bool)
    assert (layer(masked(x), mask=every).numpy() == layer(x).numpy()).all()
    assert (layer(masked(x), every).numpy() == layer(x).numpy()).all()


def test_a_mask_that_is_given_goes_on_too() -> None:
    x = ops.ones((*MASK.shape, 3))
    steps = layers.LSTM(2, return_sequences=True)(x, mask=MASK)
    assert steps._keras_mask.numpy().tolist() == MASK.tolist()
    mean = layers.GlobalAveragePooling1D()(steps).numpy()
    wanted = (steps.numpy() * MASK[..., None]).sum(1) / MASK.sum(1, keepdims=True)
    np.testing.assert_allclose(mean, wanted, rtol=1e-5)


def test_a_mask_lives_through_a_cast() -> None:
    layer = layers.GlobalAveragePooling1D(dtype="float64")
    x = np.arange(30.0, dtype=np.float32).reshape(3, 5, 2)
    assert (layer(masked(x)).numpy() == layer(x, mask=MASK).numpy()).all()


@pytest.mark.parametrize("eager", [False, True])
def test_a_model_uses_the_masks_that_its_layers_make(eager: bool) -> None:
    x = np.random.default_rng(0).normal(size=(6, 4, 3)).astype(np.float32)
    x[:, 2:] = 0.0
    stack = [Nonzero(), layers.BatchNormalization(), layers.GlobalAveragePooling1D()]
    model = Sequential(stack)
    model.compile("sgd", "mse", run_eagerly=eager)
    model.fit(x, np.zeros((6, 3), np.float32), epochs=1, verbose=0, batch_size=6)
    moved = stack[1].moving_mean.numpy() / 0.01
    np.testing.assert_allclose(moved, x[:, :2].mean((0, 1)), rtol=1e-4)
    ours = model.predict(x, verbose=0)
    np.testing.assert_allclose(ours, stack[1](x).numpy()[:, :2].mean(1), rtol=1e-4, atol=1e-6)


def test_a_model_hands_out_the_mask_of_its_last_layer() -> None:
    x = np.ones((3, 5, 2), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = Sequential([layers.Dense(2), layers.ReLU()])(masked(x))
        z = Sequential([layers.GlobalAveragePooling1D()])(masked(x))
    assert (y._keras_mask.numpy() == MASK).all()
    assert not hasattr(z, "_keras_mask")
