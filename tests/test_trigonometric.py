"""sin, cos and tan: few large angles among many small ones are computed apart."""

from __future__ import annotations

import numpy as np
import pytest

import pylego
from pylego import config, ops
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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_large_angles_in_a_program_that_overwrites_them(name: str) -> None:
    """A fused loop may write a result where its argument was."""
    function = getattr(ops, name)

    def chain(x: Tensor) -> Tensor:
        return function(function(x * 2) * 1e9) + 1

    x = ops.convert_to_tensor(mixed(1000, "float32"))
    np.testing.assert_array_equal(pylego.function(chain)(x).numpy(), chain(x).numpy())
