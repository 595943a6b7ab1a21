"""power: how near to the truth, its special values, and that only the two numbers decide."""

from __future__ import annotations

import math
from math import inf, nan

import numpy as np
import pytest

from pylego import config, grad, ops

HALVES = (-2.0, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0)
# Units in the last place: of the exponents that are multiplied out, and of all others.
MOST = {"float32": (1.5, 0.51), "float64": (2.0, 2.0)}


@pytest.fixture(params=config.isas())
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far a ** b is from the truth, in units of the truth's last place."""
    y = ops.power(a, b).numpy()
    with np.errstate(all="ignore"):
        truth = np.power(a.astype(np.longdouble), b.astype(np.longdouble))
        rounded = truth.astype(a.dtype)
    assert y.dtype == a.dtype
    least, most = (1 + 1e-6) * np.finfo(a.dtype).tiny, (1 - 1e-6) * np.finfo(a.dtype).max
    normal = (np.abs(truth) >= least) & (np.abs(truth) <= most)
    assert normal.mean() > 0.4
    unit = 2 * np.spacing(np.abs(rounded[normal]) / 2).astype(np.longdouble)
    return np.abs(y[normal] - truth[normal]) / unit


def numbers(dtype: str, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Bases of all sizes with exponents whose powers are of all sizes, too."""
    rng = np.random.default_rng(0)
    most = math.log(float(np.finfo(dtype).max)) * 0.98
    logs = np.concatenate([rng.uniform(-most, most, n), rng.uniform(-0.4, 0.4, n)])
    a = np.exp(np.append(logs, rng.uniform(-1e-3, 1e-3, n))).astype(dtype)
    a = a[a != 1]
    b = (rng.uniform(-most, most, a.size) / np.log(a.astype(np.float64))).astype(dtype)
    return a, b


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="no longer float")
@pytest.mark.parametrize("dtype", MOST)
def test_powers_are_near_to_the_truth(dtype: str) -> None:
    a, b = numbers(dtype, 40_000)
    assert distances(a, b).max() <= MOST[dtype][1]
    # and where results are the largest and the least of all
    for edge in (np.finfo(dtype).max, np.finfo(dtype).tiny):
        near = (0.99999 * math.log(float(edge)) / np.log(a.astype(np.float64))).astype(dtype)
        assert distances(a, near).max() <= MOST[dtype][1]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="no longer float")
@pytest.mark.parametrize("b", HALVES)
@pytest.mark.parametrize("dtype", MOST)
def test_whole_and_half_powers_are_near_to_the_truth(dtype: str, b: float) -> None:
    most = math.log(float(np.finfo(dtype).max)) * 0.98 / max(abs(b), 1)
    logs = np.random.default_rng(0).uniform(-most, most, 40_000)
    a = np.append(np.exp(logs), np.linspace(0.5, 2.0, 40_000)).astype(dtype)
    assert distances(a, np.full_like(a, b)).max() <= MOST[dtype][0]


@pytest.mark.parametrize("dtype", MOST)
def test_few_whole_powers_are_products(dtype: str) -> None:
    """Of float32 they are rounded once; then they are as near to the truth as can be."""
    x = np.random.default_rng(0).normal(size=1000).astype(dtype)
    wide = x.astype(np.float64)
    for b, product in ((2.0, wide * wide), (3.0, wide * wide * wide), (-1.0, 1 / wide)):
        np.testing.assert_array_equal(ops.power(x, b).numpy(), product.astype(dtype))


SIZES = [0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 2.25, 3.0, 4.0, 5.0, 6.0, 1e30, 1e-30, inf]
SIZES += [2.0**23 - 0.5, 2.0**23 + 1, 2.0**24, 2.0**52 + 1, 2.0**53]
SPECIAL = [*SIZES, *(-x for x in SIZES), nan]


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.usefixtures("isa")
def test_special_values_are_those_of_ieee_754(dtype: str) -> None:
    a, b = (x.ravel() for x in np.meshgrid(np.array(SPECIAL, dtype), np.array(SPECIAL, dtype)))
    with np.errstate(all="ignore"):
        wanted = np.power(a.astype(np.float64), b.astype(np.float64)).astype(dtype)
    tiny = np.finfo(dtype).tiny
    wanted = np.where(np.abs(wanted) < tiny, np.copysign(0, wanted), wanted).astype(dtype)
    at_once = ops.power(a, b).numpy()
    one_by_one = [ops.power(a[i : i + 1], b[i : i + 1]).numpy() for i in range(a.size)]
    np.testing.assert_array_equal(at_once, np.concatenate(one_by_one))
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(at_once, wanted, rtol=2 * eps, atol=0.0)
    known = ~np.isnan(wanted)
    assert (np.signbit(at_once[known]) == np.signbit(wanted[known])).all()


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8"])
@pytest.mark.parametrize("n", [1, 7, 128, 129, 300])
def test_only_the_two_numbers_decide(dtype: str, n: int) -> None:
    """One exponent, many equal ones, one among others, numbers that do not lie side by side."""
    rng = np.random.default_rng(n)
    a = rng.uniform(0.1, 9, (n, 3)).astype(dtype)
    exponents = HALVES if dtype.startswith("float") else range(9)
    b = rng.choice([*exponents, *exponents, 5, 7], n).astype(dtype)
    mixed = ops.power(a, b[:, None])
    rows = [ops.power(a[i], b[i]).numpy() for i in range(n)]
    np.testing.assert_array_equal(mixed.numpy(), np.stack(rows))
    x = ops.convert_to_tensor(a)
    for column in range(3):
        apart = ops.power(x[:, column], b).numpy()
        np.testing.assert_array_equal(apart, mixed.numpy()[:, column])
    for exponent in np.unique(b):
        full = ops.power(a, np.full_like(a, exponent)).numpy()
        np.testing.assert_array_equal(full, ops.power(a, exponent).numpy())
        np.testing.assert_array_equal(full[b == exponent], mixed.numpy()[b == exponent])


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("b", HALVES)
def test_a_half_is_found_among_other_exponents(dtype: str, b: float) -> None:
    a = np.random.default_rng(0).uniform(0.1, 9, 100).astype(dtype)
    exponents = np.full_like(a, 0.3)
    exponents[::2] = b
    np.testing.assert_array_equal(ops.power(a, exponents).numpy()[::2], ops.power(a[::2], b))


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_integers_wrap_around_as_numpys(dtype: str) -> None:
    a = np.arange(-60 if dtype != "uint8" else 0, 250, 7).astype(dtype)
    for b in (0, 1, 2, 3, 5, 11, 40, 63):
        wanted = np.power(a, np.array(b, dtype))
        np.testing.assert_array_equal(ops.power(a, np.array(b, dtype)).numpy(), wanted)
        np.testing.assert_array_equal(ops.power(a, np.full_like(a, b)).numpy(), wanted)


def test_a_negative_exponent_is_named_by_its_place() -> None:
    exponents = ops.transpose(ops.convert_to_tensor(np.array([[1, 2, -7], [3, 4, 5]])))
    with pytest.raises(ValueError, match=r"power of -7 \(element 4 of the exponents\)"):
        ops.power(ops.convert_to_tensor(np.ones((3, 2), int)), exponents)


@pytest.mark.parametrize("x", [0.0, 2.0, inf, nan])
def test_a_power_of_0_is_constant(x: float) -> None:
    assert grad(lambda x: ops.sum(ops.power(x, 0.0)))(ops.convert_to_tensor([x])).numpy() == [0.0]


def test_gradients_of_powers() -> None:
    x = ops.convert_to_tensor([0.0, 1.5, -2.0])
    for b in (1.0, 2.0, 3.0, 4.0, 5.0):
        slopes = grad(lambda x: ops.sum(ops.power(x, b)))(x).numpy()  # noqa: B023
        np.testing.assert_allclose(slopes, b * np.array([0.0, 1.5, -2.0]) ** (b - 1), rtol=1e-6)
