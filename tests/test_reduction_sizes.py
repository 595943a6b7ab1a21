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
        others = tuple(other for other in range(x.ndim) if other != axis)
        np.testing.assert_allclose(ops.var(view, others), x.var(others), 32 * eps, 1e-12)
        np.testing.assert_allclose(ops.moments(view, axis)[0], x.mean(axis), 8 * eps, 1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_views_with_gaps(dtype: str) -> None:
    x = drawn((12, 10, 14), dtype)
    tolerance = 32 * np.finfo(dtype).eps
    whole = ops.convert_to_tensor(x)
    for cut in np.s_[:, :, 3:10], np.s_[:, ::2], np.s_[2:9, 1:8, ::-1], np.s_[:1, :, 5:6]:
        for order in (0, 1, 2), (2, 0, 1), (1, 2, 0):
            view, part = ops.transpose(whole[cut], order), x[cut].transpose(order)
            for axis in range(3):
                np.testing.assert_array_equal(ops.argmax(view, axis), part.argmax(axis))
                np.testing.assert_array_equal(ops.argmin(view, axis), part.argmin(axis))
                spread = np.log(np.exp(exact(part)).sum(axis))
                np.testing.assert_allclose(ops.logsumexp(view, axis), spread, tolerance)
                np.testing.assert_allclose(ops.var(view, axis), part.var(axis), 4 * tolerance)


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


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool"])
@pytest.mark.parametrize("columns", [511, 512, 513, 1000, 1025, 2047, 2048, 2049, 2300, 5000])
def test_rows_that_are_walked_as_far_as_they_fit(columns: int, dtype: str) -> None:
    x = drawn((397, columns), dtype)
    tolerance = 16 * np.finfo(dtype).eps if dtype.startswith("float") else 0
    beside = np.stack([x[:, ::-1], x], axis=1)  # the result lies in another order than x
    for array, axes in ((x, 0), (x.T, 1), (beside.transpose(0, 2, 1), 0)):
        np.testing.assert_array_equal(ops.max(array, axes), array.max(axes))
        np.testing.assert_allclose(ops.sum(array, axes), exact(array).sum(axes), tolerance)
        counts = np.count_nonzero(array, axis=axes)
        np.testing.assert_array_equal(ops.count_nonzero(array, axes), counts)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tall_sum_has_the_bits_of_its_columns_taken_apart(dtype: str) -> None:
    x = np.random.default_rng(5).standard_normal((5000, 1000)).astype(dtype)
    whole = ops.sum(x, 0).numpy()
    for begin, end in ((0, 512), (200, 712), (488, 1000)):
        part = ops.sum(ops.convert_to_tensor(x)[:, begin:end], 0).numpy()
        assert part.tobytes() == whole[begin:end].tobytes()


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


@pytest.mark.parametrize("columns", [3, 47, 48, 200, 1023, 1024, 3000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_total_of_rows_with_numbers_of_their_own_has_the_bits_of_eager_calls(
    columns: int, dtype: str
) -> None:
    rows = 20000 // columns + 3
    shapes = ((rows, columns), (rows, columns), (rows, 1), (rows, 1), (columns,))
    given = [ops.convert_to_tensor(drawn(shape, dtype, i)) for i, shape in enumerate(shapes)]
    written = [
        lambda x, y, c, d, row: ops.mean(ops.square(x - c)),
        lambda x, y, c, d, row: ops.sum((c - x) * row + ops.maximum(x * y, d)),
        lambda x, y, c, d, row: ops.sum((c * row) * x),
        lambda x, y, c, d, row: ops.sum((c * 2.0) * x + ops.maximum(c, d)),
        lambda x, y, c, d, row: ops.max(ops.where(x > c, x - d, y)),
        lambda x, y, c, d, row: ops.sum(ops.clip(x, c, d)),
    ]
    for formula in written:
        recorded = pylego.function(formula)
        for _ in range(2):
            assert recorded(*given).numpy().tobytes() == formula(*given).numpy().tobytes()


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


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [1, 2, 5, 17, 32, 33])
@pytest.mark.parametrize("rows", [63, 64, 129, 300, 2049])
def test_first_extremes_of_few_columns(rows: int, columns: int, dtype: str) -> None:
    """Several rows are read as one; equal numbers are many, so the first one counts."""
    x = np.random.default_rng(rows).integers(0, 4, (2, rows, columns)).astype(dtype)
    if dtype.startswith("float"):
        x[1, rows // 3 :: 7, ::2] = np.nan
    np.testing.assert_array_equal(ops.argmax(x, 1), x.argmax(1))
    np.testing.assert_array_equal(ops.argmin(x, 1), x.argmin(1))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [2, 7, 17, 32, 33])
@pytest.mark.parametrize("lines", [7, 8, 65, 200])
def test_first_extremes_of_short_lines(lines: int, n: int, dtype: str) -> None:
    """They are the columns of a block; equal numbers are many, so the first one counts."""
    x = np.random.default_rng(n).integers(0, 4, (lines, n)).astype(dtype)
    if dtype.startswith("float"):
        x[3::5, n // 2] = np.nan
    np.testing.assert_array_equal(ops.argmax(x, 1), x.argmax(1))
    np.testing.assert_array_equal(ops.argmin(x, 1), x.argmin(1))


@pytest.mark.parametrize("n", [63, 64, 1000, 10000])
@pytest.mark.parametrize("place", [0, 62, 4095, 4096, -1])
def test_one_bool_settles_a_line(n: int, place: int) -> None:
    x = np.zeros((3, n), bool)
    x[1, min(place, n - 1)] = True
    np.testing.assert_array_equal(ops.any(x, 1), [False, True, False])
    np.testing.assert_array_equal(ops.all(~x, 1), [True, False, True])
    every_second = ops.convert_to_tensor(np.repeat(x, 2, 1))[:, ::2]
    assert bool(ops.any(every_second))
    assert not bool(ops.all(ops.logical_not(every_second)))


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
@pytest.mark.parametrize("columns", [1, 5, 16, 37, 100])
def test_all_of_a_view_with_gaps(columns: int, dtype: str) -> None:
    x = drawn((203, 2 * columns + 1), dtype)
    for cut in (np.s_[:, ::2], np.s_[:, :columns], np.s_[::3, 1::2]):
        view, tolerance = ops.convert_to_tensor(x)[cut], 1e-14 if dtype == "float64" else 1e-6
        np.testing.assert_allclose(ops.sum(view), exact(x[cut]).sum(), tolerance)
        np.testing.assert_array_equal(ops.max(view), x[cut].max())
        assert int(ops.count_nonzero(view)) == np.count_nonzero(x[cut])


@pytest.mark.parametrize("shape", [(2000, 131), (7, 90, 133), (3, 5, 4, 700), (90, 60, 50)])
def test_all_of_the_inner_part(shape: tuple[int, ...]) -> None:
    """Rows are short and apart, in one chunk and in several."""
    x = drawn(shape, "float64")
    inner = (slice(1, -1),) * len(shape)
    view = ops.convert_to_tensor(x)[inner]
    np.testing.assert_allclose(ops.mean(view), exact(x[inner]).mean(), 1e-14)
    np.testing.assert_allclose(ops.norm(view), np.sqrt((exact(x[inner]) ** 2).sum()), 1e-14)
    np.testing.assert_array_equal(ops.min(view), x[inner].min())
    assert int(ops.count_nonzero(view > 50)) == np.count_nonzero(x[inner] > 50)
    x[(-2,) * len(shape)] = np.nan
    assert np.isnan(ops.max(ops.convert_to_tensor(x)[inner]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 15, 37, 63, 127, 128, 129])
@pytest.mark.parametrize("count", [1, 15, 16, 17, 1000])
def test_moments_of_short_lines(count: int, n: int, dtype: str) -> None:
    x = drawn((count, n), dtype) + np.array(100, dtype)
    mean, variance = ops.moments(x, 1)
    last_places = 8 * np.finfo(dtype).eps
    np.testing.assert_allclose(mean, exact(x).mean(1), last_places)
    np.testing.assert_allclose(variance, exact(x).var(1), 1e-6 if dtype == "float32" else 1e-12)
    y = np.asarray(ops.layer_normalization(x, epsilon=1e-3))
    expected = (exact(x) - exact(x).mean(1, keepdims=True)) / np.sqrt(
        exact(x).var(1, keepdims=True) + 1e-3
    )
    np.testing.assert_allclose(y, expected, 0, 1e-3 if dtype == "float32" else 1e-10)


def test_a_line_with_an_infinity_beside_others() -> None:
    x = drawn((40, 11), "float32")
    x[7, 0], x[9, 5] = np.inf, -np.inf
    y = np.asarray(ops.rms_normalization(x))
    assert np.isnan(y[[7, 9], [0, 5]]).all()
    assert np.isfinite(np.delete(y, [7, 9], 0)).all()
    assert (y[7, 1:] == 0).all()
    means = np.asarray(ops.moments(x, 1)[0])
    assert means[[7, 9]].tolist() == [np.inf, -np.inf]
    assert np.isfinite(np.delete(means, [7, 9])).all()


def test_norm_of_zeros_has_no_slope_and_large_ones_do_not_overflow() -> None:
    x = ops.convert_to_tensor([[0.0, 0.0], [3e30, 4e30]])
    np.testing.assert_allclose(ops.norm(x, axis=1), [0, 5e30], 1e-6)
    slope = pylego.grad(lambda x: ops.sum(ops.norm(x, axis=1)))(x)
    np.testing.assert_allclose(slope, [[0, 0], [0.6, 0.8]], 1e-6)


@pytest.mark.parametrize("rows", range(1, 10))
@pytest.mark.parametrize("columns", [2, 8, 13, 37, 600])
def test_few_rows_are_reduced_by_columns(rows: int, columns: int) -> None:
    """Up to three rows that are left beside fours are taken at once."""
    x = drawn((rows, columns), "float32", rows) / 10 + 1
    for cut in (np.s_[:], np.s_[:, 1:]):
        view, exactly = ops.convert_to_tensor(x)[cut], exact(x[cut])
        np.testing.assert_allclose(ops.sum(view, 0), exactly.sum(0), 1e-7)
        np.testing.assert_allclose(ops.prod(view, 0), exactly.prod(0), 1e-7)
        np.testing.assert_allclose(ops.norm(view, axis=0), np.sqrt((exactly**2).sum(0)), 1e-7)
