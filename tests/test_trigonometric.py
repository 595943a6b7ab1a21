"""sin, cos and tan: few large angles among many small ones are computed apart. arctan2, sinc."""

from __future__ import annotations

import numpy as np
import pytest

import pylego
from pylego import Variable, config, ops
from pylego.core.tensor import Tensor

FUNCTIONS = ("sin", "cos", "tan")
SIZES = (1, 7, 255, 256, 257, 1000)  # around the blocks of 256


def mixed(size: int, dtype: str) -> np.ndarray:
    """Small angles, and large ones at the ends and here and there, one of them infinite."""
    x = np.linspace(-9, 9, size).astype(dtype)
    x[::97] *= 1e9
    x[-1] = -1e25
    x[size // 2] = np.inf
    return x


@pytest.fixture(params=config.isas())
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_number_does_not_depend_on_its_neighbours(name: str, dtype: str) -> None:
    function = getattr(ops, name)
    for size in SIZES:
        x = mixed(size, dtype)
        alone = np.concatenate([function(x[i : i + 1]).numpy() for i in range(size)])
        np.testing.assert_array_equal(function(x).numpy(), alone)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_view_has_the_bits_of_its_copy(name: str, dtype: str) -> None:
    function = getattr(ops, name)
    for size in SIZES:
        x = ops.convert_to_tensor(np.stack([mixed(size, dtype), np.ones(size, dtype)], axis=1))
        expected = function(mixed(size, dtype)).numpy()
        np.testing.assert_array_equal(function(x[:, 0]).numpy(), expected)
        row = ops.convert_to_tensor(mixed(size, dtype))
        np.testing.assert_array_equal(function(row[::-1]).numpy(), expected[::-1])
        same = ops.broadcast_to(row[:1], (size,))
        np.testing.assert_array_equal(function(same).numpy(), np.repeat(expected[:1], size))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="no type has more digits")
@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_next_to_the_multiples_of_a_quarter_turn(name: str) -> None:
    """Nearly all bits of x cancel there; with k of 14 bits, of 27, and beyond."""
    half_pi = np.longdouble("1.5707963267948966192313216916397514")
    k = np.concatenate((np.arange(1, 20_000), np.random.default_rng(0).integers(1, 9e7, 20_000)))
    x = (k * half_pi).astype("float64")
    truth = getattr(np, name)(x.astype(np.longdouble))
    distance = np.abs(getattr(ops, name)(x).numpy() - truth)
    assert (distance / np.spacing(np.abs(truth).astype("float64"))).max() < 0.8


@pytest.mark.parametrize("name", FUNCTIONS)
def test_large_angles_in_a_program_that_overwrites_them(name: str) -> None:
    """A fused loop may write a result where its argument was."""
    function = getattr(ops, name)

    def chain(x: Tensor) -> Tensor:
        return function(function(x * 2) * 1e9) + 1

    x = ops.convert_to_tensor(mixed(1000, "float32"))
    np.testing.assert_array_equal(pylego.function(chain)(x).numpy(), chain(x).numpy())


@pytest.mark.usefixtures("isa")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_arctan2_of_all_pairs_of_special_numbers(dtype: str) -> None:
    most, least = np.finfo(dtype).max, np.finfo(dtype).tiny
    sizes = [0.0, 1.0, 0.546, 0.547, 2.0, np.inf, np.nan, most, most / 3, 1e30, 4 * least]
    numbers = np.array([*sizes, *np.negative(sizes)], dtype)
    y, x = (part.ravel() for part in np.meshgrid(numbers, numbers))
    wanted = np.arctan2(y.astype(np.longdouble), x.astype(np.longdouble)).astype(dtype)
    wanted[np.abs(wanted) < least] *= 0  # keeps the sign
    ours = ops.arctan2(y, x).numpy()
    np.testing.assert_allclose(ours, wanted, rtol=2 * np.finfo(dtype).eps, atol=0)
    numbers = ~np.isnan(wanted)
    assert (np.signbit(ours[numbers]) == np.signbit(wanted[numbers])).all()
    assert (ops.arctan2(y[::-1], x[::-1]).numpy()[::-1][numbers] == ours[numbers]).all()


@pytest.mark.parametrize(("dtype", "wider"), [("float32", "float64"), ("float64", "longdouble")])
def test_arctan2_is_near_to_the_truth(dtype: str, wider: str) -> None:
    if np.finfo(wider).nmant <= np.finfo(dtype).nmant:
        pytest.skip("no float of the machine is longer")
    y, x = np.random.default_rng(0).normal(size=(2, 400_000)).astype(dtype)
    truth = np.arctan2(y.astype(wider), x.astype(wider))
    unit = np.spacing(np.abs(truth.astype(dtype))).astype(wider)
    assert (np.abs(ops.arctan2(y, x).numpy() - truth) / unit).max() <= 1.6


def test_slope_of_arcsin_keeps_its_digits() -> None:
    """At the ends, where 1 - x^2 would have lost them."""
    x = Variable(np.array([0.9999999, -0.9999999], np.float32))
    with pylego.GradientTape() as tape:
        y = ops.arcsin(x)
    truth = 1 / np.sqrt(1 - x.numpy().astype(np.float64) ** 2)
    np.testing.assert_allclose(tape.gradient(y, x).numpy(), truth, rtol=3e-7)


def test_sinc_and_degrees() -> None:
    x = np.array([0.0, -0.25, 1e-3, 3.5])
    np.testing.assert_allclose(ops.sinc(x).numpy(), np.sinc(x), rtol=1e-15)
    zero = Variable(np.zeros(1, np.float32))
    with pylego.GradientTape() as tape:
        y = ops.sinc(zero)
    assert tape.gradient(y, zero).numpy() == 0
    np.testing.assert_allclose(ops.deg2rad([90, 180]).numpy(), np.deg2rad([90, 180]), rtol=1e-6)
    np.testing.assert_allclose(ops.rad2deg(x).numpy(), np.rad2deg(x), rtol=1e-15)
    assert ops.arctan2([1, 2], [3, 4]).dtype == "float32"
