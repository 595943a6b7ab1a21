"""Operations on narrow dtypes: what NumPy helps with, loops, and bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import layers, metrics, ops
from pylego.core.tensor import Tensor

HALVES = ("float16", "bfloat16")
NARROW = ("int8", "int16", "uint16", "uint32", "uint8", *HALVES)
SQUARE = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 2.0]], "float32")
PICTURES = np.linspace(0, 200, 2 * 7 * 6 * 3, dtype="float32").reshape((2, 7, 6, 3))
SIGNAL = np.sin(np.arange(12.0, dtype="float32")).reshape((2, 6))


def close(halves: Any, floats: Any, dtype: str) -> None:
    """Results of halves are halves, and as near to those of float32 as their digits allow."""
    found, wanted = pylego.tree.flatten(halves), pylego.tree.flatten(floats)
    for y, exact in zip(found, wanted, strict=True):
        assert y.dtype == (dtype if "float" in exact.dtype else exact.dtype)
        scale = max(1.0, float(np.abs(exact.numpy()).max()))
        apart = np.abs(ops.cast(y, "float32").numpy() - exact.numpy()).max() / scale
        assert apart < (0.01 if dtype == "float16" else 0.06)


OF_MATRICES: dict[str, Callable] = {
    name: getattr(ops, name)
    for name in ("cholesky", "det", "eigh", "inv", "lu_factor", "norm", "qr", "slogdet", "svd")
} | {
    "lstsq": lambda x: ops.lstsq(x, x[:, 0]),
    "matrix_rank": ops.linalg.matrix_rank,
    "pinv": ops.linalg.pinv,
    "solve": lambda x: ops.solve(x, x[:, :1]),
    "solve_triangular": lambda x: ops.solve_triangular(x, x[:, :1], lower=True),
}


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", OF_MATRICES)
def test_matrices_of_halves(name: str, dtype: str) -> None:
    function = OF_MATRICES[name]
    close(function(ops.cast(SQUARE, dtype)), function(ops.convert_to_tensor(SQUARE)), dtype)


OTHERS: dict[str, tuple[Callable, np.ndarray]] = {
    "adaptive_average_pool": (lambda x: ops.adaptive_average_pool(x, 4), PICTURES),
    "fft": (lambda x: ops.fft((x, x)), SIGNAL),
    "rfft": (ops.rfft, SIGNAL),
    "irfft": (lambda x: ops.irfft((x, x)), SIGNAL),
    "i0": (ops.i0, SIGNAL),
    "sobel_edges": (ops.image.sobel_edges, PICTURES),
    "nan_to_num": (ops.nan_to_num, SIGNAL),
}


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", OTHERS)
def test_constants_of_operations_have_the_dtype_of_halves(name: str, dtype: str) -> None:
    function, x = OTHERS[name]
    close(function(ops.cast(x, dtype)), function(ops.convert_to_tensor(x)), dtype)


@pytest.mark.parametrize("dtype", HALVES)
def test_layers_with_constants_take_halves(dtype: str) -> None:
    sharpened = layers.RandomSharpness(0.5, seed=1, dtype=dtype)(PICTURES, training=True)
    normal = layers.Normalization(mean=[1.0, 2, 3], variance=[1.0, 4, 9], dtype=dtype)(PICTURES)
    weights = metrics.AUC(multi_label=True, num_labels=2, label_weights=[1, 2], dtype=dtype)
    assert sharpened.dtype == normal.dtype == dtype
    assert weights.get_config()["label_weights"] == [1.0, 2.0]
    assert pylego.backend.zeros((2,), dtype).dtype == dtype


# ---- bits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32"])
def test_all_bits_are_turned_over(dtype: str) -> None:
    x = np.array([0, 1, 100], dtype)
    assert (ops.bitwise_not(x).numpy() == ~x).all()
    assert ops.bitwise_not(x).dtype == dtype


def test_bits_of_bfloat16_are_two_bytes() -> None:
    x = ops.cast([[1.0, -2.0], [0.5, 3.0]], "bfloat16")
    bits = ops.view(x, "uint16")
    assert bits.numpy().tolist() == [[0x3F80, 0xC000], [0x3F00, 0x4040]]
    back = ops.view(bits, "bfloat16")
    assert back.dtype == "bfloat16"
    assert ops.all(back == x).item()
    assert ops.view(x, "uint8").shape == (2, 4)
    assert ops.view(x.T, "uint32").shape == (2, 1)


def test_a_view_of_bools_holds_0_and_1() -> None:
    seen = ops.view(np.array([0, 2, 255], "uint8"), "bool")
    assert ops.cast(seen, "int32").numpy().tolist() == [0, 1, 1]


@pytest.mark.parametrize("source", HALVES)
@pytest.mark.parametrize("to", NARROW)
def test_saturated_numbers_lie_within(source: str, to: str) -> None:
    far = ops.cast([-6e4, -300.0, 1.0, 300.0, 6e4], source)
    y = ops.cast(ops.saturate_cast(far, to), "float64").numpy()
    low, high = pylego.core.dtypes.limits(to)
    wanted = np.clip(ops.cast(far, "float64").numpy(), low, high)
    assert ((low <= y) & (y <= high)).all()
    assert (np.abs(y - wanted) <= np.abs(wanted) / 128).all()


def test_the_largest_bfloat16_saturates_to_a_finite_float16() -> None:
    y = ops.saturate_cast(ops.cast([3e38, -3e38], "bfloat16"), "float16")
    assert y.numpy().tolist() == [65280, -65280]


# ---- loops ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", NARROW)
def test_loops_carry_narrow_numbers(dtype: str) -> None:
    x = ops.cast([[1, 2], [3, 4], [5, 6]], dtype)

    def add(total: Tensor, row: Tensor) -> tuple[Tensor, Tensor]:
        return total + row, total

    last, totals = ops.scan(add, x[0], x)
    assert last.dtype == totals.dtype == dtype
    assert ops.cast(last, "int32").numpy().tolist() == [10, 14]
    assert ops.cast(totals, "int32").numpy().tolist() == [[1, 2], [2, 4], [5, 8]]


@pytest.mark.parametrize("dtype", HALVES)
def test_gradients_through_loops_of_halves(dtype: str) -> None:
    x, w = ops.cast([[1, 2], [3, 4]], dtype), pylego.Variable(ops.ones((2,), dtype))
    with pylego.GradientTape() as tape:
        y = ops.sum(ops.scan(lambda total, row: (total * w + row, None), x[0], x)[0])
    slope = tape.gradient(y, w)
    assert slope.dtype == dtype
    assert ops.cast(slope, "float32").numpy().tolist() == [3, 6]


@pytest.mark.parametrize("dtype", HALVES)
def test_own_gradients_are_handed_halves(dtype: str) -> None:
    seen = []

    @ops.custom_gradient
    def doubled(x: Tensor) -> tuple[Tensor, Callable]:
        def gradient(upstream: Tensor) -> Tensor:
            seen.append(upstream.dtype)
            return upstream * 2

        return x * 2, gradient

    x = pylego.Variable(ops.ones((2,), dtype))
    with pylego.GradientTape() as tape:
        y = ops.sum(doubled(x))
    assert tape.gradient(y, x).dtype == dtype
    assert seen == [dtype]


# ---- numbers beside halves, and the ends of their range ---------------------------------------


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize(
    "name", ["dot", "fmax", "fmin", "fmod", "inner", "kron", "outer", "subtract"]
)
def test_whole_numbers_of_python_are_weak_in_compositions(name: str, dtype: str) -> None:
    x, function = ops.cast([1, 2], dtype), getattr(ops, name)
    assert function(x, 2).dtype == function(2, x).dtype == function(x, True).dtype == dtype


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    "name", ["arctan2", "divide_no_nan", "fmax", "fmod", "heaviside", "hypot", "outer"]
)
def test_fractions_of_python_are_weak_in_compositions(name: str, dtype: str) -> None:
    x, function = ops.cast([1, 2], dtype), getattr(ops, name)
    assert function(x, 0.5).dtype == function(0.5, x).dtype == dtype


def test_the_greatest_common_divisor_of_a_weak_number() -> None:
    assert ops.gcd(np.array([12], "int8"), 18).dtype == "int8"


@pytest.mark.parametrize("dtype", HALVES)
def test_the_ends_of_the_range_of_halves(dtype: str) -> None:
    x = ops.cast([-6e4, -300.0, 0.0, 300.0, 6e4], dtype)
    close(ops.squareplus(x), ops.squareplus(ops.cast(x, "float32")), dtype)
    close(ops.sinc(x[1:4]), ops.sinc(ops.cast(x[1:4], "float32")), dtype)
    assert ops.sparsemax(x).dtype == dtype


def test_squareplus_takes_bools() -> None:
    assert ops.squareplus([True, False]).numpy() == pytest.approx([1.618034, 1.0])


@pytest.mark.parametrize("dtype", HALVES)
def test_what_is_all_zeros_stays_so(dtype: str) -> None:
    x = ops.cast([[0.0, 0.0], [3.0, 4.0]], dtype)
    close(ops.normalize(x), ops.normalize(ops.cast(x, "float32")), dtype)
    assert not ops.any(layers.UnitNormalization(dtype=dtype)(x)[0]).item()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64"])
def test_remainders_of_the_lowest_number(dtype: str) -> None:
    low = np.iinfo(dtype).min
    x, y = np.array([low, low, -7, 7, -7, 7], dtype), np.array([127, -5, 3, -3, -3, low], dtype)
    assert (ops.fmod(x, y).numpy() == np.fmod(x, y)).all()
    assert ops.fmod([True, False], np.array([2, 3], dtype)).numpy().tolist() == [1, 0]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "uint16", "uint32", "int64"])
def test_whole_numbers_of_any_dtype_are_counted(dtype: str) -> None:
    assert ops.bincount(np.array([1, 3, 1], dtype)).numpy().tolist() == [0, 2, 0, 1]
    assert ops.bincount(np.array([], dtype), minlength=2).numpy().tolist() == [0, 0]


def test_updates_and_averages_keep_the_dtype() -> None:
    x = ops.convert_to_tensor([True, False])
    assert ops.scatter_update(x, [[1]], [True]).dtype == "bool"
    halves = ops.cast([1.0, 4.0], "bfloat16")
    assert ops.average(halves, weights=np.array([1, 2], "int32")).dtype == "bfloat16"


@pytest.mark.parametrize("number", [2, 0, 2.5, True])
def test_a_number_becomes_a_bool_where_that_is_asked_for(number: float) -> None:
    x = ops.convert_to_tensor(number, "bool")
    assert x.dtype == ops.full((2,), number, "bool").dtype == "bool"
    assert x.item() is bool(number)
    assert ops.full_like([True, False], 1).dtype == "bool"


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int8"])
def test_segments_of_narrow_numbers(dtype: str) -> None:
    ids = np.array([0, 1, 1], dtype)
    assert ops.segment_sum([1.0, 2.0, 3.0], ids).numpy().tolist() == [1, 5]
    assert ops.segment_max([1.0, 2.0, 3.0], ids).numpy().tolist() == [1, 3]


# ---- bools, as Keras computes with them ----------------------------------------------------------

B = np.array([[True, False, True], [False, False, True]])
D = np.array([[False, False, True], [True, False, True]])


@pytest.mark.parametrize(
    "compute",
    [
        lambda x, y: ops.square(x),
        lambda x, y: ops.relu(x),
        lambda x, y: ops.mod(x, y | True),
        lambda x, y: ops.fmod(x, y | True),
        lambda x, y: ops.floor_divide(x, y | True),
        lambda x, y: x**y,
        lambda x, y: ops.left_shift(x, y),
        lambda x, y: ops.right_shift(x, y),
        lambda x, y: ops.clip(x, y, y),
        lambda x, y: ops.bincount(x[0]),
    ],
)
def test_bools_count_as_whole_numbers(compute: Callable) -> None:
    b, d = ops.convert_to_tensor(B), ops.convert_to_tensor(D)
    found, wanted = compute(b, d), compute(ops.cast(b, "int32"), ops.cast(d, "int32"))
    assert found.dtype == wanted.dtype == "int32"
    np.testing.assert_array_equal(found, wanted)


def test_products_of_bools_are_bools() -> None:
    wanted = B @ D.T
    for found in (ops.matmul(B, D.T), ops.dot(B, D.T), ops.einsum("ij,kj->ik", B, D)):
        assert found.dtype == "bool"
        np.testing.assert_array_equal(found, wanted)


def test_nothing_and_single_numbers() -> None:
    assert ops.argsort(3.0).numpy().tolist() == 0
    empty = np.zeros((0, 3), "float32")
    assert ops.logsumexp(empty).item() == -np.inf
    assert ops.logsumexp(empty, axis=0).numpy().tolist() == [-np.inf] * 3
    assert ops.logsumexp(empty, axis=0, keepdims=True).shape == (1, 3)
    x = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")
    np.testing.assert_allclose(
        ops.rms_normalization(x, 2.0), 2 * ops.rms_normalization(x).numpy(), rtol=1e-6
    )
