"""Sorting is NumPy's: values, places, ties and NaN; choices, segments, and divisions by 0."""

from __future__ import annotations

import numpy as np
import pytest

import pylego
from pylego import GradientTape, ops
from pylego.core.tensor import apply_all

DTYPES = ("bool", "uint8", "int32", "int64", "float32", "float64")
# 64 numbers are sorted by insertion, more by their bytes.
SHAPES = [((5,), 0), ((3, 64), 1), ((65, 3), 0), ((2, 300, 4), 1), ((0, 3), 1), ((3, 0), 1)]


def numbers(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    x = (np.random.default_rng(0).normal(size=shape) * 5).astype(dtype)
    if dtype.startswith("float") and x.size > 5:
        special = [np.nan, -np.inf, np.inf, -0.0, 0.0, 1e-310, -np.nan, 1e-42]
        x.flat[: len(special)] = special[: x.size]
    return x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("shape", "axis"), SHAPES)
def test_sorting_is_numpys(shape: tuple[int, ...], axis: int, dtype: str) -> None:
    x = numbers(shape, dtype)
    for view in (x, np.flip(x, axis)):
        ours = ops.convert_to_tensor(view)
        assert ops.sort(ours, axis).dtype == dtype
        np.testing.assert_array_equal(ops.sort(ours, axis), np.sort(view, axis, "stable"))
        np.testing.assert_array_equal(ops.argsort(ours, axis), np.argsort(view, axis, "stable"))


def test_flattened() -> None:
    x = np.array([[3, 1], [2, 0]])
    np.testing.assert_array_equal(ops.sort(x, axis=None), [0, 1, 2, 3])
    np.testing.assert_array_equal(ops.argsort(x, axis=None), [3, 1, 2, 0])


@pytest.mark.parametrize("k", [0, 1, 3, 64, 65, 200])
def test_the_largest_come_first_and_ties_in_their_order(k: int) -> None:
    x = np.random.default_rng(1).integers(0, 20, (4, 200)).astype("float32")
    x[:, 7] = np.nan
    values, places = ops.top_k(x, k)
    order = np.argsort(-np.nan_to_num(x, nan=99), axis=-1, kind="stable")[:, :k]
    np.testing.assert_array_equal(places, order)
    np.testing.assert_array_equal(values, np.take_along_axis(x, order, -1))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("count", [1, 5, 40])
def test_the_first_of_a_long_line_whatever_else_passes_by(count: int, dtype: str) -> None:
    x = np.tile(numbers((9, 40), dtype), 11)  # ties at every distance
    x[3] = 0  # the last one that is kept is 0, and others pass by it
    x[3, 70::50] = numbers((1, 8), dtype)
    x[4, ::3] = np.iinfo(dtype).max if dtype.startswith(("int", "uint")) else np.abs(x[4, ::3])
    for axis, view in ((1, x), (0, x.T)):
        for descending in (0, 1):
            attributes = {"axis": axis, "descending": descending, "count": count}
            values, places = apply_all("sort", (ops.convert_to_tensor(view),), 2, **attributes)
            ahead = np.flip(view, axis) if descending else view
            order = np.argsort(ahead, axis, "stable")
            order = view.shape[axis] - 1 - np.flip(order, axis) if descending else order
            order = np.take(order, range(count), axis)
            np.testing.assert_array_equal(places, order)
            np.testing.assert_array_equal(values, np.take_along_axis(view, order, axis))


def test_gradients_go_back_to_where_numbers_came_from() -> None:
    x = ops.convert_to_tensor([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0]])
    with GradientTape() as tape:
        tape.watch(x)
        values, _ = ops.top_k(x, 2)
        loss = ops.sum(values * ops.convert_to_tensor([[10.0, 20.0], [30.0, 40.0]]))
    np.testing.assert_array_equal(tape.gradient(loss, x), [[10.0, 0.0, 20.0], [30.0, 40.0, 0.0]])


def test_what_cannot_be_taken_is_refused() -> None:
    with pytest.raises(ValueError, match="no 4 numbers along axis 1"):
        ops.top_k(np.ones((2, 3)), 4)
    with pytest.raises(ValueError, match="axis"):
        ops.sort(np.ones((2, 3)), axis=2)


def test_sorting_in_a_program_and_on_threads() -> None:
    x = np.random.default_rng(2).normal(size=(300, 500)).astype("float32")
    program = pylego.function(lambda x: ops.sort(x))
    former = pylego.config.num_threads()
    try:
        for threads in (1, 2):
            pylego.config.set_num_threads(threads)
            np.testing.assert_array_equal(program(x), np.sort(x))
    finally:
        pylego.config.set_num_threads(former)


# ---- choices ---------------------------------------------------------------------------------


def test_the_function_that_is_meant_is_called() -> None:
    for pred in (True, ops.convert_to_tensor(True), np.bool_(True)):
        assert ops.cond(pred, lambda: 1, lambda: 2) == 1
        assert ops.cond(not pred, lambda: 1, lambda: 2) == 2


def test_choices_in_a_program() -> None:
    count = pylego.Variable(0.0)
    other = pylego.Variable(10.0)

    def add(x):
        count.assign_add(1.0)
        return {"y": x + 1.0, "none": None}

    def subtract(x):
        other.assign(count * 100.0)
        return {"y": x - 1.0, "none": None}

    @pylego.function
    def step(x):
        return ops.cond(ops.sum(x) > 0, lambda: add(x), lambda: subtract(x))["y"]

    np.testing.assert_array_equal(step(np.array([1.0, 2.0], "float32")), [2.0, 3.0])
    assert (float(count), float(other)) == (1.0, 10.0)
    np.testing.assert_array_equal(step(np.array([-1.0, -2.0], "float32")), [-2.0, -3.0])
    assert (float(count), float(other)) == (1.0, 100.0)
    with pytest.raises(ValueError, match="same structure and shapes"):
        pylego.function(lambda x: ops.cond(x > 0, lambda: x, lambda: [x]))(np.ones(1))
    with pytest.raises(ValueError, match="one boolean"):
        pylego.function(lambda x: ops.cond(x > 0, lambda: x, lambda: x))(np.ones(2))


def test_gradients_of_choices() -> None:
    @pylego.function
    def slope(x):
        with GradientTape() as tape:
            tape.watch(x)
            y = ops.cond(x > 1.0, lambda: x * x, lambda: 5.0 * x)
        return tape.gradient(y, x)

    found = [slope(np.array([x], "float32")).item() for x in (3.0, 0.5)]
    assert found == [6.0, 5.0]


def test_places_that_are_not_0() -> None:
    x = np.array([[0, 3], [4, 0]])
    for ours, numpys in zip(ops.nonzero(x), np.nonzero(x), strict=True):
        np.testing.assert_array_equal(ours, numpys)
        assert ours.dtype == "int32"
    with pytest.raises(TypeError, match="numbers"):
        pylego.function(ops.nonzero)(x)


# ---- sums over segments, and divisions by 0 --------------------------------------------------


def test_segments() -> None:
    rows = np.arange(8.0).reshape(4, 2)
    sums = ops.segment_sum(rows, [2, 0, 2, 0])
    np.testing.assert_array_equal(sums, [[8.0, 10.0], [0.0, 0.0], [4.0, 6.0]])
    assert ops.segment_sum(rows, [0, 0, 0, 0], num_segments=5).shape == (5, 2)
    with pytest.raises(IndexError):
        ops.segment_sum(rows, [0, 1, 2, 5], num_segments=3)
    with pytest.raises(ValueError, match="segment_sum"):
        ops.segment_sum(rows, [0, 1])


def test_what_is_divided_by_0_is_0_and_has_no_slope() -> None:
    a, b = ops.convert_to_tensor([1.0, 3.0, 0.0]), ops.convert_to_tensor([2.0, 0.0, 0.0])
    with GradientTape() as tape:
        tape.watch([a, b])
        y = ops.divide_no_nan(a, b)
    np.testing.assert_array_equal(y, [0.5, 0.0, 0.0])
    da, db = tape.gradient(ops.sum(y), [a, b])
    np.testing.assert_array_equal(da, [0.5, 0.0, 0.0])
    np.testing.assert_array_equal(db, [-0.25, 0.0, 0.0])
