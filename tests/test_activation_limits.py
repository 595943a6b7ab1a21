"""Activations at NaN, at the infinities, at the largest and the smallest numbers and at both zeros.

Keras and PyTorch give NaN for several of them, where infinity meets 0; here they have their limits.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import numpy as np
import pytest

from pylego import activations, config, ops
from pylego.autograd import GradientTape

LARGEST, LEAST = float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny)
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # of selu

# name -> what it tends to at -infinity and at infinity, and its slopes there
LIMITS: dict[str, tuple[float, float, float, float]] = {
    "celu": (-1.0, inf, 0.0, 1.0),
    "elu": (-1.0, inf, 0.0, 1.0),
    "exponential": (0.0, inf, 0.0, inf),
    "gelu": (-0.0, inf, 0.0, 1.0),
    "tanh_gelu": (-0.0, inf, 0.0, 1.0),
    "hard_shrink": (-inf, inf, 1.0, 1.0),
    "hard_sigmoid": (0.0, 1.0, 0.0, 0.0),
    "hard_silu": (-0.0, inf, 0.0, 1.0),
    "hard_tanh": (-1.0, 1.0, 0.0, 0.0),
    "leaky_relu": (-inf, inf, 0.2, 1.0),
    "linear": (-inf, inf, 1.0, 1.0),
    "log_sigmoid": (-inf, -0.0, 1.0, 0.0),
    "mish": (-0.0, inf, 0.0, 1.0),
    "relu": (0.0, inf, 0.0, 1.0),
    "relu6": (0.0, 6.0, 0.0, 0.0),
    "selu": (-ALPHA * SCALE, inf, 0.0, SCALE),
    "sigmoid": (0.0, 1.0, 0.0, 0.0),
    "silu": (-0.0, inf, 0.0, 1.0),
    "soft_shrink": (-inf, inf, 1.0, 1.0),
    "softplus": (0.0, inf, 0.0, 1.0),
    "softsign": (-1.0, 1.0, 0.0, 0.0),
    "sparse_plus": (0.0, inf, 0.0, 1.0),
    "sparse_sigmoid": (0.0, 1.0, 0.0, 0.0),
    "squareplus": (0.0, inf, 0.0, 1.0),
    "tanh": (-1.0, 1.0, 0.0, 0.0),
    "tanh_shrink": (-inf, inf, 1.0, 1.0),
    "threshold": (-5.0, inf, 0.0, 1.0),
}
# y = start + slope x around 0
AROUND_0: dict[str, tuple[float, float]] = {
    "exponential": (1.0, 1.0),
    "gelu": (0.0, 0.5),
    "tanh_gelu": (0.0, 0.5),
    "hard_shrink": (0.0, 0.0),
    "hard_sigmoid": (0.5, 1 / 6),
    "hard_silu": (0.0, 0.5),
    "log_sigmoid": (-np.log(2), 0.5),
    "mish": (0.0, 0.6),
    "sigmoid": (0.5, 0.25),
    "silu": (0.0, 0.5),
    "soft_shrink": (0.0, 0.0),
    "softplus": (np.log(2), 0.5),
    "sparse_plus": (0.25, 0.5),
    "sparse_sigmoid": (0.5, 0.5),
    "squareplus": (1.0, 0.5),
    "tanh_shrink": (0.0, 0.0),
    "celu": (0.0, 1.0),
    "elu": (0.0, 1.0),
    "hard_tanh": (0.0, 1.0),
    "linear": (0.0, 1.0),
    "softsign": (0.0, 1.0),
    "tanh": (0.0, 1.0),
}
OVER_MORE_THAN_ONE_NUMBER = {"softmax", "log_softmax", "glu"}
OTHERS: dict[str, Callable] = {
    "tanh_gelu": lambda x: activations.gelu(x, approximate=True),
    "threshold": lambda x: activations.threshold(x, 0.0, -5.0),
}


def activation(name: str) -> Callable:
    return OTHERS.get(name) or activations.get(name)


def value_and_slopes(name: str, numbers: list[float], dtype: str) -> list[np.ndarray]:
    """The value, the slope and the slope's slope at each number."""
    x = ops.convert_to_tensor(np.repeat(np.array(numbers, dtype), 33))
    with GradientTape() as outer:
        outer.watch(x)
        with GradientTape() as inner:
            inner.watch(x)
            y = activation(name)(x)
        slope = inner.gradient(y, x)
    bend = outer.gradient(slope, x) if slope.requires_grad else ops.zeros_like(x)
    return [t.numpy().reshape(-1, 33)[:, ::32] for t in (y, slope, bend)]


@pytest.fixture(params=config.isas(), autouse=True)
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


def test_the_table_has_every_activation() -> None:
    assert {*LIMITS} == {*activations._ACTIVATIONS, "tanh_gelu"} - OVER_MORE_THAN_ONE_NUMBER


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LIMITS)
def test_infinities(name: str, dtype: str) -> None:
    y, slope, _ = value_and_slopes(name, [-inf, inf], dtype)
    low, high, slope_below, slope_above = np.array(LIMITS[name], dtype)
    np.testing.assert_allclose(y.T, [[low, high]] * 2, rtol=1e-6)
    np.testing.assert_allclose(slope.T, [[slope_below, slope_above]] * 2, rtol=1e-6)
    assert (np.signbit(y[0]) == np.signbit(low)).all()


@pytest.mark.parametrize("name", LIMITS)
def test_largest_numbers(name: str) -> None:
    """There the limits of the slopes are reached, and the values lie on lines of such slopes."""
    y, slope, bend = value_and_slopes(name, [-LARGEST, LARGEST], "float32")
    *ends, slope_below, slope_above = LIMITS[name]
    slopes = np.array([slope_below, slope_above])
    lines = slopes * [-LARGEST, LARGEST]
    with np.errstate(over="ignore"):
        expected = np.where(np.isinf(ends), lines, ends).astype(np.float32)
    np.testing.assert_allclose(y.T, [expected] * 2, rtol=1e-6)
    np.testing.assert_allclose(slope.T, [slopes] * 2, rtol=1e-6)
    bends = [0.0, inf if name == "exponential" else 0.0]
    np.testing.assert_array_equal(bend.T, [bends] * 2)


@pytest.mark.parametrize("name", AROUND_0)
def test_smallest_numbers(name: str) -> None:
    x = np.array([-LEAST * 4, -0.0, 0.0, LEAST * 4])
    y, slope, bend = value_and_slopes(name, list(x), "float32")
    start, rise = AROUND_0[name]
    np.testing.assert_allclose(y, np.stack([start + rise * x] * 2, 1), rtol=1e-6, atol=0)
    np.testing.assert_allclose(slope, np.full((4, 2), rise), rtol=1e-6)
    assert np.isfinite(bend).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", sorted({*LIMITS} - {"threshold"}))
def test_nan_stays(name: str, dtype: str) -> None:
    assert np.isnan(value_and_slopes(name, [nan], dtype)[0]).all()


def test_threshold_takes_nan_for_what_is_not_above_it() -> None:
    assert activations.threshold([nan], 0.0, -5.0).item() == -5.0
