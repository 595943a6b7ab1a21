"""How elementwise bricks walk arrays: in the order of their memory, in rows, in tiles."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

import pylego
from pylego import ops
from pylego.core.tensor import Tensor

# Rows of a few numbers and of many, more rows than one tile holds, several axes, none at all.
SHAPES = ((3, 4), (2, 700), (700, 2), (129, 300), (5, 2049), (13, 17, 5), (70, 4, 33), (9000,))
SHAPES += ((2, 3, 5, 7), (40, 300), (0, 3), (3, 0), (1, 1))


def numbers(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    whole = np.random.default_rng(len(shape)).integers(0, 90, shape)
    return whole % 2 == 0 if dtype == "bool" else whole.astype(dtype)


def views(shape: tuple[int, ...], dtype: str) -> Iterator[np.ndarray]:
    """Arrays of this shape, or that are broadcast to it, in every layout."""
    axes = range(len(shape))
    for order in itertools.permutations(axes):
        yield numbers(tuple(shape[i] for i in order), dtype).transpose(np.argsort(order))
    yield numbers(tuple(2 * n for n in shape), dtype)[tuple(slice(None, None, 2) for _ in axes)]
    yield numbers(tuple(n + 3 for n in shape), dtype)[tuple(slice(1, n + 1) for n in shape)]
    yield numbers(shape, dtype)[tuple(slice(None, None, -1) for _ in axes)]
    for is_one in itertools.product((False, True), repeat=len(shape)):
        short = tuple(1 if one else n for one, n in zip(is_one, shape))
        yield numbers(short, dtype)
        yield np.broadcast_to(numbers(short, dtype), shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_layout_gives_numpys_numbers(shape: tuple[int, ...]) -> None:
    draw = np.random.default_rng(0)
    flags = list(views(shape, "bool"))
    for dtype in ("float32", "float64", "int64"):
        layouts = list(views(shape, dtype))
        for x in layouts:
            np.testing.assert_array_equal(ops.negative(x).numpy(), -x)
        for _ in range(40):
            truth = flags[draw.integers(len(flags))]
            a, b = (layouts[draw.integers(len(layouts))] for _ in "ab")
            np.testing.assert_array_equal(ops.add(a, b).numpy(), a + b)
            np.testing.assert_array_equal(ops.greater(a, b).numpy(), a > b)
            np.testing.assert_array_equal(ops.where(truth, a, b).numpy(), np.where(truth, a, b))
    for x, y in itertools.product(flags[:8], flags):
        np.testing.assert_array_equal(ops.logical_xor(x, y).numpy(), x != y)


def steps(x: Tensor) -> tuple[int, ...]:
    array = x.numpy()
    return tuple(step // array.itemsize for step in array.strides)


def test_results_have_the_order_of_transposed_inputs() -> None:
    x = ops.transpose(ops.ones((5, 7, 3)), (2, 0, 1))
    row_major = ops.ones((3, 5, 7))
    assert steps(ops.exp(x)) == steps(x) == (1, 21, 3)
    assert steps(ops.cast(x, "int32")) == steps(x)
    assert steps(x + x * ops.ones((7,)) > 2.0) == steps(x)
    assert steps(x + row_major) == steps(row_major + x) == (35, 7, 1)
    assert steps(ops.ones((7,)) + ops.zeros((3, 5, 1))) == (35, 7, 1)


def test_a_part_of_a_transposed_tensor_becomes_dense_in_its_order() -> None:
    x = ops.transpose(ops.ones((7, 6))[:, 1:5])
    assert steps(x) == (1, 6)
    assert steps(-x) == (1, 4)


def test_programs_follow_the_order_too() -> None:
    def total(x: Tensor, row: Tensor) -> Tensor:
        y = ops.transpose(x) * row
        return ops.sum(ops.exp(y) - ops.transpose(x), axis=0) + ops.prod(y, axis=0)

    draw = np.random.default_rng(0)
    x, row = draw.standard_normal((33, 70)), draw.standard_normal(33)
    now = total(ops.convert_to_tensor(x), ops.convert_to_tensor(row))
    recorded = pylego.function(total)(x, row)
    assert recorded.numpy().tobytes() == now.numpy().tobytes()
