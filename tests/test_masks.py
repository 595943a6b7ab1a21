"""Masks, from layer to layer: what Keras passes on, and what it lets fall."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, ops
from pylego.core.tensor import Tensor
from pylego.models import Model, Sequential

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


# ---- in graphs ----


class Shares(layers.Layer):
    """Shares of the steps that count, as in Keras's guide to masking: it cannot do without one."""

    supports_masking = True

    def call(self, inputs, mask=None):
        assert mask is not None
        counted = ops.exp(inputs) * ops.cast(ops.expand_dims(mask, -1), "float32")
        return counted / ops.sum(counted, axis=1, keepdims=True)


def test_placeholders_carry_masks_to_layers_that_cannot_do_without():
    inputs = layers.Input((None,), dtype="int32")
    embedded = layers.Embedding(10, 4, mask_zero=True)(inputs)
    assert embedded._keras_mask.shape == (None, None)
    assert embedded._keras_mask.dtype == "bool"
    shares = Shares()(layers.Dense(1)(embedded))
    assert shares._keras_mask is not None
    model = Model(inputs, shares)
    found = model.predict(np.array([[1, 2, 0], [3, 0, 0]]), verbose=0)[..., 0]
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    assert found[0, 2] == found[1, 1] == found[1, 2] == 0
    with pytest.raises(AssertionError):
        Shares()(layers.Input((None, 1)))


def test_a_mask_is_a_part_of_the_graph_like_any_other():
    inputs = layers.Input((3, 2))
    mask = layers.Masking()(inputs)._keras_mask
    counts = Model(inputs, ops.sum(ops.cast(mask, "int32"), axis=1))
    x = np.array([[[1, 0], [0, 0], [0, 2]]], "float32")
    assert counts.predict(x, verbose=0).tolist() == [2]


def test_masks_in_graphs_end_where_a_layer_ends_them():
    embedded = layers.Embedding(10, 4, mask_zero=True)(layers.Input((5,)))
    every = layers.LSTM(3, return_sequences=True)(embedded)
    last = layers.LSTM(3)(every)
    assert every._keras_mask is not None
    assert getattr(last, "_keras_mask", None) is None
