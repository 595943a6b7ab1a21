"""The laws of matmul's numbers: each is one sum in one order, wherever it lies in the result."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

import pylego
from pylego import config, ops

LENGTHS = st.sampled_from([1, 2, 3, 5, 6, 7, 8, 10, 13, 16, 17, 31, 33, 64, 65, 100, 130])
DEPTHS = st.one_of(LENGTHS, st.sampled_from([255, 256, 257, 520]))
CUT_INTO_BLOCKS = [  # rows, depth, columns: by gemm.c, each for another reason
    (2305, 9, 70),  # many blocks come in fours
    (2600, 40, 600),  # wide ones; of an epilogue, parts of long rows
    (128, 1500, 128),  # of an epilogue: a single one is halved,
    (512, 1100, 128),  # and so are tall ones
    (130, 1000, 520),
    (1100, 600, 600),  # of rows that lie transposed, some are packed together
    (65, 300, 1),
    (600, 130, 2),  # few columns become rows
    (70, 300, 3),
]
OF_ITSELF = [  # one block, several, many; whole panels and not; a batch
    (48, 32),
    (65, 517),
    (130, 64),
    (397, 300),
    (517, 70),
    (48, 512),
    (3, 70, 50),
    (2, 3, 130, 33),
]
BY_COLUMNS = [(300, 1000), (512, 600), (70, 2500), (9, 200), (3, 300), (1000, 5), (63, 3)]
VECTOR_DEPTH = 64  # gemm.c: from there on a single column has an order of its own
DTYPES = st.sampled_from(["uint8", "int32", "int64", "float32", "float64"])

every_set = pytest.mark.parametrize("isa", config.isas())


@pytest.fixture(autouse=True)
def _same_settings_afterwards() -> Iterator[None]:
    isa, threads = config.isa(), config.num_threads()
    yield
    config.set_isa(isa)
    config.set_num_threads(threads)


def in_any_layout(data: Any, x: np.ndarray) -> np.ndarray:
    """The same matrix, its rows or its columns lying side by side, forwards or backwards."""
    layout = data.draw(st.sampled_from(["rows", "columns", "backwards", "every second"]))
    if layout == "columns":
        return np.asfortranarray(x)
    if layout == "backwards":
        return np.ascontiguousarray(x[::-1])[::-1]
    if layout == "every second":
        return np.repeat(x, 2, axis=1)[:, ::2]
    return x


def operands(data: Any, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    rows, depth, columns = data.draw(LENGTHS), data.draw(DEPTHS), data.draw(LENGTHS)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    a = 8 * rng.standard_normal((rows, depth))
    b = 8 * rng.standard_normal((depth, columns))
    return a.astype("int64").astype(dtype) if dtype[0] != "f" else a.astype(dtype), b.astype(dtype)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.array(ops.matmul(a, b))


def transposed(x: Any) -> Any:
    return ops.swapaxes(x, -1, -2)


def some(data: Any, length: int) -> slice:
    begin = data.draw(st.integers(0, length - 1))
    return slice(begin, data.draw(st.integers(begin + 1, length)))


@every_set
@given(data=st.data())
def test_values_are_numpys(isa: str, data: Any) -> None:
    config.set_isa(isa)
    dtype = data.draw(DTYPES)
    a, b = operands(data, dtype)
    y = product(in_any_layout(data, a), in_any_layout(data, b))
    if dtype.startswith("float"):
        wanted = a.astype("float64") @ b.astype("float64")
        error = np.finfo(dtype).eps * (np.abs(a) @ np.abs(b)) * 16
        assert (np.abs(y - wanted) <= error).all()
    else:
        np.testing.assert_array_equal(y, a @ b)


@every_set
@given(data=st.data())
def test_a_part_of_a_product_has_the_bits_of_the_whole(isa: str, data: Any) -> None:
    config.set_isa(isa)
    a, b = operands(data, data.draw(st.sampled_from(["float32", "float64"])))
    rows, columns = some(data, a.shape[0]), some(data, b.shape[1])
    whole = product(in_any_layout(data, a), in_any_layout(data, b))
    part = product(in_any_layout(data, a[rows]), in_any_layout(data, b[:, columns]))
    assume(part.shape[1] > 1 or whole.shape[1] == 1 or a.shape[1] < VECTOR_DEPTH)
    assert part.tobytes() == whole[rows, columns].tobytes()


@every_set
@pytest.mark.parametrize("shape", CUT_INTO_BLOCKS)
def test_blocks_have_the_bits_of_small_products(isa: str, shape: tuple[int, int, int]) -> None:
    """Eagerly, also of rows that lie transposed, and with an epilogue: its blocks differ."""
    config.set_isa(isa)
    rows, depth, columns = shape
    rng = np.random.default_rng(rows)
    a = ops.convert_to_tensor(rng.standard_normal((rows, depth), np.float32))
    b = ops.convert_to_tensor(rng.standard_normal((depth, columns), np.float32))
    one = ops.convert_to_tensor(np.ones(columns, np.float32))
    with_epilogue = pylego.function(lambda a, b: ops.matmul(a, b) + one)
    whole = product(a, b)
    for row in range(0, rows, 37):
        assert product(a[row : row + 37], b).tobytes() == whole[row : row + 37].tobytes()
    assert product(np.asfortranarray(a), b).tobytes() == whole.tobytes()
    assert np.array(with_epilogue(a, b)).tobytes() == (whole + 1).tobytes()


@every_set
@given(data=st.data())
def test_a_matrix_times_a_vector_has_the_same_bits_in_any_layout(isa: str, data: Any) -> None:
    config.set_isa(isa)
    a, b = operands(data, data.draw(st.sampled_from(["float32", "float64"])))
    y = product(a, b[:, :1].copy())
    again = product(in_any_layout(data, a), in_any_layout(data, b[:, :1]))
    assert again.tobytes() == y.tobytes()


@every_set
@given(data=st.data())
def test_pairs_of_a_batch_have_the_bits_of_single_products(isa: str, data: Any) -> None:
    """Small ones, which are run one after another by the same tile, and others."""
    config.set_isa(isa)
    dtype = data.draw(DTYPES)
    pairs = [operands(data, dtype)]
    pairs += [(pairs[0][0] + k, pairs[0][1] * k) for k in range(2, data.draw(st.integers(3, 6)))]
    a, b = (np.stack(matrices) for matrices in zip(*pairs))
    if data.draw(st.booleans()):
        a = np.ascontiguousarray(a.swapaxes(1, 2)).swapaxes(1, 2)
    if data.draw(st.booleans()):
        b = np.ascontiguousarray(b.swapaxes(1, 2)).swapaxes(1, 2)
    every = product(a, b)
    for one, (x, y) in zip(every, pairs):
        assert one.tobytes() == product(x, y).tobytes()


@every_set
@pytest.mark.parametrize("dtype", ["int64", "float32", "float64"])
@pytest.mark.parametrize(("depth", "columns"), BY_COLUMNS)
def test_a_row_times_columns_side_by_side_has_the_bits_of_one_row_of_many(
    isa: str, dtype: str, depth: int, columns: int
) -> None:
    """gemv.c computes it in the order of gemm.c: alone, in a batch, and with an epilogue."""
    config.set_isa(isa)
    rng = np.random.default_rng(depth)
    shapes = ((4, depth), (columns, depth))
    rows, b = ((9 * rng.standard_normal(shape)).astype(dtype) for shape in shapes)
    many = product(rows, b.T.copy())
    one = ops.convert_to_tensor(np.ones((1, columns), dtype))
    with_epilogue = pylego.function(lambda a, b: ops.matmul(a, transposed(b)) + one)
    for threads in (1, 2):
        config.set_num_threads(threads)
        every = ops.convert_to_tensor(rows[:, None, :]), ops.convert_to_tensor(np.stack([b] * 4))
        batch = product(every[0], transposed(every[1]))
        assert batch.tobytes() == many.tobytes()
        for row, wanted in zip(rows[:, None], many):
            row = ops.convert_to_tensor(row)
            assert product(row, transposed(ops.convert_to_tensor(b))).tobytes() == wanted.tobytes()
            assert with_epilogue(row, b).numpy().tobytes() == (wanted + one.numpy()).tobytes()


@every_set
@pytest.mark.parametrize("dtype", ["int32", "float32", "float64"])
@pytest.mark.parametrize("depth", [64, 700, 2048, 2049, 5000])
def test_a_vector_whose_numbers_lie_apart_gives_the_bits_of_its_copy(
    isa: str, dtype: str, depth: int
) -> None:
    """gemv.c copies short ones."""
    config.set_isa(isa)
    rng = np.random.default_rng(depth)
    a, x = ((9 * rng.standard_normal(shape)).astype(dtype) for shape in ((9, depth), (depth, 1)))
    wanted = product(a, x).tobytes()
    sparse_a, sparse_x = np.repeat(a, 3, axis=1)[:, ::3], np.repeat(x, 2, axis=1)[:, ::2]
    for matrix, vector in itertools.product((a, sparse_a), (x, sparse_x)):
        assert product(matrix, vector).tobytes() == wanted
    rows = ops.convert_to_tensor(np.repeat(x, 4, axis=1))[:, 2:3]
    assert product(ops.convert_to_tensor(a), rows).tobytes() == wanted


@given(data=st.data())
def test_products_of_integers_are_the_same_for_all_sets(data: Any) -> None:
    a, b = operands(data, data.draw(st.sampled_from(["uint8", "int32", "int64"])))
    seen = []
    for isa in config.isas():
        config.set_isa(isa)
        seen.append(product(a, b).tobytes())
    assert all(bits == seen[0] for bits in seen)


@every_set
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", OF_ITSELF)
def test_a_matrix_times_itself_has_the_bits_of_one_times_its_copy(
    isa: str, dtype: str, shape: tuple[int, ...]
) -> None:
    """gemm_gram.c computes half of it: alone, before an epilogue that keeps it, and one that does
    not."""
    config.set_isa(isa)
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    programs = [
        lambda a, b: [ops.matmul(a, transposed(b)), ops.matmul(transposed(a), b)],
        lambda a, b: [ops.exp(0.01 * ops.matmul(a, transposed(b)))],
        lambda a, b: [y := ops.matmul(transposed(a), b), y[..., :1] + 2.0 * y],
    ]
    a, b = ops.convert_to_tensor(x), ops.convert_to_tensor(x.copy())
    for threads, program in itertools.product((1, 2), programs):
        config.set_num_threads(threads)
        of_itself, of_copy = pylego.function(program)(a, a), program(a, b)
        for one, other in zip(of_itself, of_copy):
            is_same = one.numpy().tobytes() == other.numpy().tobytes()
            assert is_same  # pytest would take minutes to compare them in words
    wanted = x @ x.swapaxes(-1, -2)
    np.testing.assert_allclose(programs[0](a, a)[0].numpy(), wanted, rtol=1e-4, atol=1e-4)


@every_set
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", OF_ITSELF)
def test_half_of_a_matrix_times_itself_is_a_mirror_image(
    isa: str, dtype: str, shape: tuple[int, ...]
) -> None:
    """Each row begins with a NaN of its own. A product of two NaNs is one of the two, the left or
    the right one, so what is not copied from below the diagonal tells that it was computed."""
    config.set_isa(isa)
    whole = {"float32": np.uint32, "float64": np.uint64}[dtype]
    x = np.ones(shape, dtype)
    nans = np.full(shape[:-1], np.nan, dtype).view(whole) + np.arange(shape[-2], dtype=whole)
    x[..., 0] = nans.view(dtype)
    a, b = ops.convert_to_tensor(x), ops.convert_to_tensor(x.copy())
    of_itself, of_copy = (ops.matmul(a, transposed(y)).numpy().view(whole) for y in (a, b))
    assert (of_copy != of_copy.swapaxes(-1, -2)).any()
    np.testing.assert_array_equal(of_itself, of_itself.swapaxes(-1, -2))
