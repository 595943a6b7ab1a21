"""floor_divide and mod of floats: exact, with NumPy's signs of zeros, vectorized or not."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from pylego import config, ops

ENDS = (0.0, -0.0, inf, -inf, nan, 1.0, -1.0, 2.5, 1e-300, 1e300)


@pytest.fixture(params=config.isas(), autouse=True)
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


def numbers(dtype: str, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Fractions and whole numbers, whose quotients are as large as the size."""
    rng = np.random.default_rng(0)
    a = np.concatenate([rng.normal(0, size, 2000), rng.integers(-99, 99, 2000)])
    b = np.concatenate([rng.normal(0, 1, 2000), rng.choice([-7, -2, 1, 3], 2000)])
    with np.errstate(over="ignore"):
        return a.astype(dtype), b.astype(dtype)


def expect_same(y: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(y, expected)
    kept = ~np.isnan(expected)
    assert (np.signbit(y[kept]) == np.signbit(expected[kept])).all()


@pytest.mark.parametrize("size", [1.0, 1e4, 1e7, 1e9, 1e30])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rests_are_exact(dtype: str, size: float) -> None:
    a, b = numbers(dtype, size)
    expect_same(ops.mod(a, b).numpy(), np.mod(a, b))
    expect_same(ops.mod(a, b[0]).numpy(), np.mod(a, b[0]))
    expect_same(ops.mod(a[0], b).numpy(), np.mod(a[0], b))


@pytest.mark.parametrize("size", [1.0, 1e4, 1e6])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_whole_numbers_are_exact(dtype: str, size: float) -> None:
    a, b = numbers(dtype, size)
    wide = np.floor_divide(a.astype(np.float64), b.astype(np.float64)).astype(dtype)
    expect_same(ops.floor_divide(a, b).numpy(), wide)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_ends_are_numpys(dtype: str) -> None:
    a, b = (part.ravel().astype(dtype) for part in np.meshgrid(ENDS, ENDS))
    for ours, numpys in ((ops.mod, np.mod), (ops.floor_divide, np.floor_divide)):
        expect_same(ours(a, b).numpy(), numpys(a, b))
