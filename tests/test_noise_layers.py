"""Layers that draw while training: what they draw, when, and that a seed settles it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pylego import layers, ops, utils
from pylego.models import Sequential

ONES = np.ones((40, 50, 20), np.float32)

NOISES: list[tuple[str, dict[str, Any]]] = [
    ("GaussianNoise", {"stddev": 0.5}),
    ("GaussianDropout", {"rate": 0.2}),
    ("AlphaDropout", {"rate": 0.2}),
    ("SpatialDropout1D", {"rate": 0.2}),
]


@pytest.mark.parametrize(("name", "arguments"), NOISES)
def test_noise_comes_in_training_only_and_follows_from_the_seed(
    name: str, arguments: dict[str, Any]
) -> None:
    layer = getattr(layers, name)(**arguments, seed=3)
    assert (layer(ONES).numpy() == ONES).all()
    first, second = layer(ONES, training=True).numpy(), layer(ONES, training=True).numpy()
    assert (first != ONES).any()
    assert (first != second).any()
    again = getattr(layers, name)(**arguments, seed=3)
    assert (again(ONES, training=True).numpy() == first).all()
    nothing = getattr(layers, name)(0.0)
    assert (nothing(ONES, training=True).numpy() == ONES).all()


@pytest.mark.parametrize(
    ("layer", "mean", "stddev"),
    [
        (layers.GaussianNoise(0.5, seed=1), 1, 0.5),
        (layers.GaussianDropout(0.2, seed=1), 1, 0.5),  # sqrt(0.2 / 0.8)
    ],
)
def test_moments_of_gaussian_noise(layer: layers.Layer, mean: float, stddev: float) -> None:
    y = layer(ONES, training=True).numpy()
    assert abs(y.mean() - mean) < 0.01
    assert abs(y.std() - stddev) < 0.01


def test_alpha_dropout_keeps_mean_and_variance() -> None:
    x = np.random.default_rng(0).normal(size=(200, 500)).astype(np.float32)
    y = layers.AlphaDropout(0.3, seed=1)(x, training=True).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.std() - 1) < 0.02
    counts = np.unique(y, return_counts=True)[1]
    assert abs(counts.max() / y.size - 0.3) < 0.01  # all that is dropped becomes one value


def test_alpha_dropout_shares_its_choice_along_noise_shape() -> None:
    rows = layers.AlphaDropout(0.5, noise_shape=(None, 1), seed=1)(np.ones((9, 8)), training=True)
    assert len({len(set(row)) for row in rows.numpy().tolist()}) == 1


@pytest.mark.parametrize(
    ("layer", "shape", "space"),
    [
        (layers.SpatialDropout1D(0.5, seed=1), (4, 3, 16), (1,)),
        (layers.SpatialDropout2D(0.5, seed=1), (4, 3, 2, 16), (1, 2)),
        (layers.SpatialDropout2D(0.5, "channels_first", seed=1), (4, 16, 3, 2), (2, 3)),
        (layers.SpatialDropout3D(0.5, seed=1), (4, 3, 2, 2, 16), (1, 2, 3)),
        (layers.SpatialDropout3D(0.5, "channels_first", seed=1), (4, 16, 3, 2, 2), (2, 3, 4)),
    ],
)
def test_spatial_dropout_drops_whole_channels(
    layer: layers.Layer, shape: tuple[int, ...], space: tuple[int, ...]
) -> None:
    y = layer(np.ones(shape, np.float32), training=True).numpy()
    assert (y.min(axis=space) == y.max(axis=space)).all()
    assert set(np.unique(y)) == {0.0, 2.0}


def test_noise_is_new_in_each_recorded_step() -> None:
    utils.set_random_seed(1)
    model = Sequential([layers.GaussianNoise(1.0, input_shape=(4,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.zeros((8, 4), np.float32), np.zeros((8, 1), np.float32)
    losses = [model.train_on_batch(x, y) for _ in range(3)]
    assert len(set(losses)) == 3
    assert model.evaluate(x, np.broadcast_to(model.predict(x, verbose=0), y.shape), verbose=0) == 0


def test_gradient_passes_through_noise() -> None:
    x = ops.convert_to_tensor(ONES)
    x.requires_grad = True
    ops.sum(layers.GaussianNoise(0.5, seed=1)(x, training=True)).backward()
    assert (x.grad.numpy() == 1).all()


def test_repeat_vector_of_no_samples() -> None:
    assert layers.RepeatVector(2)(np.ones((0, 3))).shape == (0, 2, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Permute((0, 1)), r"counted from 1.*\(0, 1\)"),
        (lambda: layers.Permute((1, 3)), r"counted from 1.*\(1, 3\)"),
        (lambda: layers.Permute((2, 1))(np.ones((2, 3))), "'permute.* 3 axes"),
        (lambda: layers.RepeatVector(0), "RepeatVector: n must be 1 or more.*n=0"),
        (lambda: layers.RepeatVector(2)(np.ones((2, 3, 4))), "'repeat_vector.* 2 axes"),
        (lambda: layers.GaussianNoise(-0.1), "GaussianNoise: stddev.*from 0 to 1"),
        (lambda: layers.GaussianNoise(2), "GaussianNoise: stddev.*from 0 to 1"),
        (lambda: layers.GaussianDropout(1), "GaussianDropout: rate must be below 1"),
        (lambda: layers.AlphaDropout(1.0), "AlphaDropout: rate must be below 1"),
        (lambda: layers.AlphaDropout(0.5, (1,))(ONES, training=True), r"noise_shape=\(1,\) has 1"),
        (lambda: layers.SpatialDropout2D(0.5, "last"), "'last'"),
        (lambda: layers.SpatialDropout2D(0.5)(ONES), "4 axes"),
        (lambda: layers.SpatialDropout1D(1.5), "SpatialDropout1D needs a rate from 0 to 1"),
    ],
)
def test_wrong_values(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rate", [np.float32(0.5), np.float64(0.5), np.int64(0), 1])
def test_rates_of_dropout_may_be_numpys(rate: float) -> None:
    layer = layers.Dropout(rate, seed=1)
    wanted = layers.Dropout(float(rate), seed=1)(np.ones(8, "float32"), training=True)
    np.testing.assert_array_equal(layer(np.ones(8, "float32"), training=True), wanted)
    assert isinstance(layer.get_config()["rate"], (int, float))
