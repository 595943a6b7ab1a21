"""Reductions, scans and softmax at the sizes that their kernels treat specially: shorter than the
lanes of a line, a few numbers more, several pieces, other axes, views; NaNs, infinities and zeros
with a sign at every place."""

from __future__ import annotations

import numpy as np
import pytest

import pylego
from pylego import config, ops
from pylego.core.tensor import apply, apply_all

LENGTHS = (1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 37, 63, 64, 65, 100, 257)
LONG = (2047, 2049, 4095, 4097, 70001)
DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")


def drawn(shape: tuple[int, ...], dtype: str, seed: int = 0) -> np.ndarray:
    numbers = np.random.default_rng(seed).standard_normal(shape) * 50
    return numbers > 20 if dtype == "bool" else np.abs(numbers).astype(dtype)


def layouts(n: int, dtype: str) -> list[tuple[np.ndarray, tuple[int, ...], int]]:
    """Arrays, how they are transposed, and the axis of n numbers in what comes out."""
    return [
        (drawn((n,), dtype), (0,), 0),
        (drawn((9, n), dtype), (0, 1), 1),
        (drawn((n, 9), dtype), (0, 1), 0),
        (drawn((3, n, 21), dtype), (0, 1, 2), 1),
        (drawn((n, 5), dtype), (1, 0), 1),
        (drawn((2, n, 3), dtype), (2, 0, 1), 2),
        (drawn((4, 6, n), dtype), (1, 2, 0), 1),
    ]


def exact(x: np.ndarray) -> np.ndarray:
    return x.astype(np.longdouble) if x.dtype.kind == "f" else x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", LENGTHS)
def test_along_each_axis_of_each_layout(n: int, dtype: str) -> None:
    is_float = dtype.startswith("float")
    for array, order, axis in layouts(n, dtype):
        view = ops.transpose(ops.convert_to_tensor(array), order)
        x = array.transpose(order)
        np.testing.assert_array_equal(ops.max(view, axis), x.max(axis))
        np.testing.assert_array_equal(ops.min(view, axis), x.min(axis))
        np.testing.assert_array_equal(ops.argmax(view, axis), x.argmax(axis))
        np.testing.assert_array_equal(ops.argmin(view, axis), x.argmin(axis))
        sums, running = ops.sum(view, axis), ops.cumsum(view, axis)
        tolerance = 16 * np.finfo(dtype).eps if is_float else 0
        if dtype == "uint8":  # sums are int32, running sums wrap around
            np.testing.assert_array_equal(sums, x.sum(axis, dtype="int32"))
            np.testing.assert_array_equal(running, x.cumsum(axis, dtype="uint8"))
        else:
            np.testing.assert_allclose(sums, exact(x).sum(axis), tolerance)
            np.testing.assert_allclose(running, exact(x).cumsum(axis), tolerance)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", LENGTHS + LONG)
def test_softmax_logsumexp_and_variance_along_each_axis(n: int, dtype: str) -> None:
    eps = np.finfo(dtype).eps
    for array, order, axis in layouts(n, dtype)[: 7 if n < 5000 else 2]:
        view = ops.transpose(ops.convert_to_tensor(array), order)
        x = exact(array.transpose(order))
        shifted = x - x.max(axis, keepdims=True)
        sums = np.exp(shifted).sum(axis, keepdims=True)
        # The difference to the largest number is rounded before its exponential is taken.
        powers = np.exp(shifted) / sums
        np.testing.assert_allclose(ops.softmax(view, axis), powers, 250 * eps, 1e-37)
        np.testing.assert_allclose(
            ops.log_softmax(view, axis), shifted - np.log(sums), 4 * eps, 8 * eps
        )
        total = (x.max(axis, keepdims=True) + np.log(sums)).squeeze(axis)
        np.testing.assert_allclose(ops.logsumexp(view, axis), total, 4 * eps)
        np.testing.assert_allclose(ops.var(view, axis), x.var(axis), 32 * eps, 1e-12)


@pytest.mark.parametrize("n", [*LENGTHS, 4097])
def test_the_first_nan_is_the_extreme_wherever_it_is(n: int) -> None:
    for dtype in ("float32", "float64"):
        for place in {0, n // 2, n - 1}:
            x = np.full((n, 3), -np.inf, dtype)
            x[place:, 1] = np.nan
            for array, axis in ((x, 0), (np.ascontiguousarray(x.T), 1)):
                assert np.isnan(ops.max(array, axis)[1])
                assert np.isnan(ops.min(array, axis)[1])
                np.testing.assert_array_equal(ops.argmax(array, axis), [0, place, 0])
                np.testing.assert_array_equal(ops.argmin(array, axis), [0, place, 0])


def test_an_outlier_does_not_spoil_a_float64_variance() -> None:
    x = np.random.default_rng(3).standard_normal((3, 5000))
    x[:, 0] = 1e9
    np.testing.assert_allclose(ops.var(x, 1), exact(x).var(1), 1e-15)
    np.testing.assert_allclose(ops.moments(x, 1)[1], exact(x).var(1), 1e-15)


@pytest.mark.parametrize("n", [5, 31, 100, 4097, 65535, 65536, 200003])
def test_a_program_reduces_with_the_bits_of_eager_calls(n: int) -> None:
    x = ops.convert_to_tensor(np.random.default_rng(n).standard_normal(n).astype("float32"))

    def reduced(x):
        y = x * 1.5 + 0.25
        return ops.sum(y), ops.mean(y), ops.max(y), ops.min(y), ops.prod(y)

    eager = reduced(x)
    for _ in range(2):
        for one, other in zip(pylego.function(reduced)(x), eager, strict=True):
            assert one.numpy().tobytes() == other.numpy().tobytes()


def test_bits_do_not_depend_on_threads() -> None:
    x = np.random.default_rng(0).standard_normal((37, 300, 41)).astype("float32")

    def results() -> list[bytes]:
        made = [x.reshape(-1), x, x.reshape(370, -1)]
        calls = (ops.sum, ops.softmax, ops.logsumexp, ops.cumsum, ops.var)
        return [call(y, a).numpy().tobytes() for y in made for a in range(y.ndim) for call in calls]

    threads = config.num_threads()
    try:
        config.set_num_threads(1)
        alone = results()
        config.set_num_threads(3)
        assert results() == alone
    finally:
        config.set_num_threads(threads)


@pytest.mark.parametrize("n", [1, 5, 16, 37, 768, 20000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layer_normalization_is_that_of_its_moments(n: int, dtype: str) -> None:
    r = np.random.default_rng(n)
    x, gamma, beta = (r.standard_normal(shape).astype(dtype) for shape in ((4, n), (n,), (n,)))
    centered = exact(x) - exact(x).mean(1, keepdims=True)
    expected = centered / np.sqrt((centered**2).mean(1, keepdims=True) + 1e-3)
    tolerance = 16 * np.finfo(dtype).eps
    plain = ops.layer_normalization(x, epsilon=1e-3)
    np.testing.assert_allclose(plain, expected, tolerance, tolerance)
    y = ops.layer_normalization(x, gamma, beta, epsilon=1e-3)
    np.testing.assert_allclose(y, expected * gamma + beta, tolerance, tolerance)
    scale = 1 / np.sqrt((exact(x) ** 2).mean(1, keepdims=True) + 1e-3)
    np.testing.assert_allclose(
        ops.rms_normalization(x, gamma, epsilon=1e-3), x * scale * gamma, tolerance, tolerance
    )


def test_a_line_of_layer_normalization_is_one_brick() -> None:
    x = ops.convert_to_tensor(np.ones((3, 4), "float32"))
    x.requires_grad = True
    y = ops.layer_normalization(x)
    assert str(y.tape()).count("normalize_lines") >= 1
    with pytest.raises(ValueError, match=r"gamma .* one number"):
        apply_all("normalize_lines", (x, x, x), 3, axis=1, is_centered=1, epsilon=0.1)
    with pytest.raises(ValueError, match="logsumexp"):
        apply("logsumexp", (np.zeros((0, 2), "float32"),), axis=0, keepdims=0)
