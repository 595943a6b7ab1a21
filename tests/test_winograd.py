"""Winograd's algorithm: as exact as it says, the same bits for any threads, and only by setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from recorded import bits

from pylego import config, ops
from pylego.autograd import GradientTape

ISAS = config.isas()


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    former = config.isa(), config.winograd(), config.num_threads()
    yield
    config.set_isa(former[0])
    config.set_winograd(former[1])
    config.set_num_threads(former[2])


@st.composite
def shapes(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """An image's shape, a kernel's, and the padding."""
    batch, channels, filters = (draw(st.sampled_from(s)) for s in ((1, 3), (48, 64), (48, 80)))
    lengths = draw(st.tuples(st.integers(6, 13), st.integers(6, 13)))
    padding = draw(st.sampled_from(("same", "valid")))
    return (batch, *lengths, channels), (3, 3, channels, filters), padding


def results(tile: int, x: Any, kernel: Any, weights: Any, padding: str) -> list[np.ndarray]:
    """The convolution, and its gradients by its input and by its kernel."""
    config.set_winograd(tile)
    both = [ops.convert_to_tensor(x), ops.convert_to_tensor(kernel)]
    with GradientTape() as tape:
        tape.watch(both)
        y = ops.conv(*both, padding=padding)
        total = ops.sum(y * weights)
    return [np.asarray(a) for a in (y, *tape.gradient(total, both))]


def drawn(x: tuple[int, ...], kernel: tuple[int, ...], padding: str, numbers: Any) -> list:
    lost = 0 if padding == "same" else 2
    y = (x[0], x[1] - lost, x[2] - lost, kernel[-1])
    return [numbers(size=shape) for shape in (x, kernel, y)]


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(case=shapes(), seed=st.integers(0, 2**32))
def test_tiles_of_two_are_as_exact_as_the_sum(case: tuple, seed: int, isa: str, dtype: str) -> None:
    config.set_isa(isa)
    *given_shapes, padding = case
    data = drawn(*given_shapes, padding, np.random.default_rng(seed).normal)
    exact = results(0, *data, padding)
    tolerance = 12 * np.finfo(dtype).eps
    for ours, wanted in zip(
        results(2, *(a.astype(dtype) for a in data), padding), exact, strict=True
    ):
        assert np.std(ours - wanted) < tolerance * np.std(wanted)


@pytest.mark.parametrize("isa", ISAS)
@given(case=shapes(), seed=st.integers(0, 2**32))
def test_small_whole_numbers_give_the_same_bits(case: tuple, seed: int, isa: str) -> None:
    """Tiles of two halve and add, which whole numbers survive: what comes out is the sum itself."""
    config.set_isa(isa)
    *given_shapes, padding = case
    generator = np.random.default_rng(seed)
    data = drawn(*given_shapes, padding, lambda size: generator.integers(-4, 5, size))
    data = [a.astype("float32") for a in data]
    assert bits(results(2, *data, padding)) == bits(results(0, *data, padding))


@pytest.mark.parametrize("isa", ISAS)
@given(case=shapes(), seed=st.integers(0, 2**32))
def test_tiles_of_four_lose_little(case: tuple, seed: int, isa: str) -> None:
    config.set_isa(isa)
    *given_shapes, padding = case
    data = drawn(*given_shapes, padding, np.random.default_rng(seed).normal)
    exact = results(0, *data, padding)
    for ours, wanted in zip(
        results(4, *(a.astype("float32") for a in data), padding), exact, strict=True
    ):
        assert 0 < np.std(ours - wanted) < 1e-5 * np.std(wanted)


@pytest.mark.parametrize("tile", [2, 4])
@pytest.mark.parametrize(
    ("image", "channels", "filters"),
    [
        ((30, 23), 48, 64),
        ((10, 12), 48, 544),  # more than the L2 cache holds: tasks share the kernel's columns
        ((10, 12), 544, 48),  # and its rows, for the gradient by the input
    ],
)
def test_neither_threads_nor_the_batch_change_a_bit(
    image: tuple[int, int], channels: int, filters: int, tile: int
) -> None:
    kernel_shape = (3, 3, channels, filters)
    data = drawn((5, *image, channels), kernel_shape, "same", np.random.default_rng(0).normal)
    data = [a.astype("float32") for a in data]
    config.set_num_threads(1)
    wanted = results(tile, *data, "same")
    x, kernel, weights = data
    alone = results(tile, x[3:4], kernel, weights[3:4], "same")
    assert bits(alone[:2]) == bits([a[3:4] for a in wanted[:2]])
    exact = results(0, *(a.astype("float64") for a in data), "same")
    for ours, sums in zip(wanted, exact, strict=True):
        assert np.abs(ours - sums).max() < 1e-4 * np.abs(sums).max()
    for threads in (2, 3):
        config.set_num_threads(threads)
        assert bits(results(tile, *data, "same")) == bits(wanted)


@pytest.mark.parametrize(
    ("x", "kernel", "arguments"),
    [
        ((2, 8, 8, 15), (3, 3, 15, 16), {}),
        ((2, 8, 8, 16), (3, 3, 16, 17), {}),
        ((2, 8, 8, 16), (3, 3, 16, 16), {"strides": 2}),
        ((2, 9, 9, 16), (3, 3, 16, 16), {"dilation_rate": 2}),
        ((2, 8, 8, 32), (3, 3, 16, 32), {}),
        ((2, 8, 8, 16), (5, 5, 16, 16), {}),
        ((2, 8, 8, 16), (3, 1, 16, 16), {}),
        ((2, 5, 5, 16), (3, 3, 16, 16), {}),
        ((2, 8, 16), (3, 16, 16), {}),
        ((2, 8, 8, 8, 16), (3, 3, 3, 16, 16), {}),
    ],
)
def test_other_convolutions_are_summed_tap_by_tap(
    x: tuple[int, ...], kernel: tuple[int, ...], arguments: dict
) -> None:
    generator = np.random.default_rng(0)
    both = [generator.normal(size=shape).astype("float32") for shape in (x, kernel)]
    found = []
    for tile in (0, 2, 4):
        config.set_winograd(tile)
        found.append(bits([ops.conv(*both, **arguments)]))
    assert found[0] == found[1] == found[2]


def test_frames_of_a_film_are_images_like_any_other() -> None:
    generator = np.random.default_rng(0)
    x, kernel = (
        generator.normal(size=shape).astype("float32")
        for shape in ((2, 3, 8, 9, 48), (1, 3, 3, 48, 48))
    )
    film = ops.conv(x, kernel, padding="same")
    frames = ops.conv(x.reshape(6, 8, 9, 48), kernel[0], padding="same")
    assert bits([film]) == bits([ops.reshape(frames, film.shape)])


@pytest.mark.parametrize(("tile", "reach"), [(0, 1), (2, 2), (4, 4)])
def test_what_is_not_a_number_stays_in_the_tiles_that_see_it(tile: int, reach: int) -> None:
    config.set_winograd(tile)
    kernel = np.ones((3, 3, 48, 48), "float32")
    for row, column in ((9, 9), (10, 11), (0, 8), (12, 19)):
        x = np.ones((1, 20, 20, 48), "float32")
        x[0, row, column, 5] = np.nan
        y = np.asarray(ops.conv(x, kernel, padding="same"))
        rows, columns = np.nonzero(np.isnan(y[0, ..., 0]))
        assert abs(rows - row).max() <= reach
        assert abs(columns - column).max() <= reach
        near = np.isnan(y[0, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2])
        assert near.all()


def test_an_empty_batch_has_no_tiles() -> None:
    x, kernel = np.ones((0, 8, 8, 48), "float32"), np.ones((3, 3, 48, 48), "float32")
    y, dx, dkernel = results(2, x, kernel, np.ones((0, 8, 8, 48), "float32"), "same")
    assert (y.shape, dx.shape, dkernel.any()) == ((0, 8, 8, 48), x.shape, False)


@pytest.mark.parametrize(
    ("tile", "error", "message"),
    [
        (3, ValueError, "2 or 4 outputs a side"),
        (-2, ValueError, "tile must be 0 or more"),
        (2**40, ValueError, "2 or 4 outputs a side"),
        (2.5, TypeError, "tile must be a whole number"),
        (None, TypeError, "tile must be a whole number"),
    ],
)
def test_other_tiles_are_refused(tile: Any, error: type, message: str) -> None:
    before = config.winograd()
    with pytest.raises(error, match=message):
        config.set_winograd(tile)
    assert config.winograd() == before
