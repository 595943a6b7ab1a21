"""Chains of cheap ops, which run in registers, have the bits of the ops one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pylego
from pylego import ops
from pylego.core.tensor import Tensor

OF_TWO = (ops.add, ops.subtract, ops.multiply, ops.divide, ops.maximum, ops.minimum)
OF_ONE = (ops.negative, ops.absolute, ops.square, ops.sqrt, ops.rsqrt, ops.reciprocal, ops.relu)
SPECIAL = (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-40, 3e38)

# Beside blocks of 32 to 128 numbers, and of tiles.
COLUMNS = (1, 31, 64, 127, 128, 129, 300, 769, 1030)

# An op of an earlier value, one of several others, and where the result is read as well.
links = st.lists(
    st.tuples(st.sampled_from(OF_TWO + OF_ONE), st.integers(0, 30), st.booleans()),
    min_size=3, max_size=14,
)  # fmt: skip


def chain(plan: list[tuple[Callable, int, bool]]) -> Callable:
    """What the plan computes of x, a row, a column and a number: the last value, and one before."""

    def run(*operands: Tensor) -> tuple[Tensor, Tensor]:
        values = [operands[0]]
        for op, other, is_reversed in plan:
            if op in OF_ONE:
                values.append(op(values[-1]))
                continue
            pool = [*operands, *values[:-1]]
            pair = (values[-1], pool[other % len(pool)])
            values.append(op(*(reversed(pair) if is_reversed else pair)))
        return values[-1], values[len(values) // 2]

    return run


def bits(x: Any) -> np.ndarray:
    """The bits of the numbers; those of any NaN are one."""
    numbers = np.array(x)
    numbers[np.isnan(numbers)] = np.nan
    return numbers.view("uint32" if numbers.dtype == np.float32 else "uint64")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@settings(max_examples=4 * settings().max_examples)
@given(
    plan=links, rows=st.sampled_from([1, 2, 7]), columns=st.sampled_from(COLUMNS),
    seed=st.integers(0, 2**31),
)  # fmt: skip
def test_a_chain_has_the_bits_of_its_ops(
    plan: list[tuple[Callable, int, bool]], rows: int, columns: int, seed: int, dtype: str
) -> None:
    draw = np.random.default_rng(seed)
    operands = []
    for shape in ((rows, columns), (columns,), (rows, 1), ()):
        numbers = np.array(draw.normal(size=shape), dtype)
        where = draw.random(shape) < 0.1
        operands.append(np.where(where, draw.choice(SPECIAL, shape), numbers).astype(dtype))
    run = chain(plan)
    tensors = [ops.convert_to_tensor(x) for x in operands]
    for got, wanted in zip(pylego.function(run)(*tensors), run(*tensors)):
        np.testing.assert_array_equal(bits(got), bits(wanted))
