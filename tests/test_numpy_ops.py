"""Ops built of bricks: Keras's values, dtypes and gradients; NumPy's at drawn shapes and axes."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

import goldens
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pylego
from pylego import GradientTape, Tensor, ops
from pylego.core.tree import leaves
from pylego.ops import later
from pylego.testing import check_gradients

GOLDEN = goldens.load("numpy_ops")
CASES = {case["expression"]: case for case in GOLDEN["expressions"]}

# Keras adds up sums where the last of them is meant, so that what comes out does not sum to 1.
OWN_VALUES = ("ops.sparsemax(x)", "ops.sparsemax(x, axis=0)")
OWN_GRADIENTS = (
    *OWN_VALUES,
    *("ops.fmax(gaps, x)", "ops.fmin(gaps, x)"),  # equal numbers share it, as those of maximum do
    "ops.lu_factor(a)",  # has none
    'ops.abs(ops.qr(t, mode="complete")[0])',  # is refused
)


def arrays() -> dict[str, np.ndarray]:
    return {n: np.array(x["value"], x["dtype"]) for n, x in GOLDEN["inputs"].items()}


def evaluated(expression: str, given: dict[str, Any]) -> list[Any]:
    return leaves(eval(expression, {"ops": ops, **given}))


@pytest.mark.parametrize("expression", [e for e in CASES if e not in OWN_VALUES])
def test_values_and_dtypes_are_keras_s(expression: str) -> None:
    case = CASES[expression]
    found = evaluated(expression, arrays())
    assert len(found) == len(case["values"])
    for y, value, dtype in zip(found, case["values"], case["dtypes"]):
        assert y.dtype == dtype
        assert y.shape == np.shape(value)
        goldens.expect_close(y, value, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    "expression", [e for e in CASES if CASES[e]["gradients"] and e not in OWN_GRADIENTS]
)
def test_gradients_are_keras_s(expression: str) -> None:
    expected = CASES[expression]["gradients"]
    given = {n: ops.convert_to_tensor(x) for n, x in arrays().items()}
    sources = {name: given[name] for name in expected}
    with GradientTape() as tape:
        tape.watch(sources)
        floats = [y for y in evaluated(expression, given) if y.dtype == "float32"]
        parts = [
            ops.sum((ops.arange(y.size, dtype="float32") + 1.0) * y.reshape(-1)) for y in floats
        ]
        total = sum(parts[1:], parts[0])
    gradients = tape.gradient(total, sources, unconnected_gradients="zero")
    for name, value in expected.items():
        ours, theirs = gradients[name].numpy(), np.array(value)
        at_nan = np.isnan(given[name].numpy()) | np.isnan(theirs)  # no slope, or none that helps
        largest = np.abs(np.where(at_nan, 0.0, theirs)).max(initial=1.0)
        np.testing.assert_allclose(
            np.where(at_nan, 0.0, ours), np.where(at_nan, 0.0, theirs), atol=2e-4 * largest
        )


def test_sparsemax_sums_to_1() -> None:
    x = arrays()["x"]
    for axis in (0, 1, -1):
        y = ops.sparsemax(x, axis).numpy()
        np.testing.assert_allclose(y.sum(axis), 1.0, rtol=1e-6)
        is_kept = y > 0  # all of these are above the rest by the same amount
        gaps = np.where(is_kept, x - y, np.nan)
        assert (np.nanmax(gaps, axis) - np.nanmin(gaps, axis) < 1e-6).all()
        assert (np.where(is_kept, -np.inf, x).max(axis) <= np.nanmax(gaps, axis) + 1e-6).all()


# ---- what NumPy says, at any shape ------------------------------------------------------------

Draw = Callable[[Any], Any]
ALONG: dict[str, Callable] = {
    "cumprod": np.cumprod, "nancumsum": np.nancumsum, "nancumprod": np.nancumprod,
    "nansum": np.nansum, "nanprod": np.nanprod, "diff": np.diff,
}  # fmt: skip
OVER: dict[str, Callable] = {
    "nanmean": np.nanmean, "nanvar": np.nanvar, "nanstd": np.nanstd, "nanmax": np.nanmax,
    "nanmin": np.nanmin, "median": np.median, "nanmedian": np.nanmedian,
}  # fmt: skip
EACH: dict[str, Callable] = {
    "cbrt": np.cbrt, "fabs": np.fabs, "trunc": np.trunc, "signbit": np.signbit,
    "nan_to_num": np.nan_to_num, "isposinf": np.isposinf, "isneginf": np.isneginf,
}  # fmt: skip
PAIRS: dict[str, Callable] = {
    "fmod": np.fmod, "hypot": np.hypot, "fmax": np.fmax, "fmin": np.fmin,
    "logaddexp2": np.logaddexp2, "heaviside": np.heaviside, "isclose": np.isclose,
    "bitwise_and": np.bitwise_and, "gcd": np.gcd, "lcm": np.lcm, "kron": np.kron,
    "isin": np.isin, "append": np.append,
}  # fmt: skip
OF_INTEGERS = ("bitwise_and", "gcd", "lcm")

shapes = st.lists(st.sampled_from((0, 1, 2, 3, 5)), max_size=3).map(tuple)


def drawn(data: Any, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    if dtype != "float64":
        return generator.integers(-9, 9, shape).astype(dtype)
    x = np.asarray(generator.normal(size=shape))
    if data.draw(st.booleans()):
        special = generator.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5], shape)
        x = np.where(generator.random(shape) < 0.3, special, x)
    return x


def expect_numpys(ours: Tensor, theirs: Any) -> None:
    assert ours.shape == np.shape(theirs)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", [*ALONG, *OVER])
@given(data=st.data())
@settings(max_examples=25)
def test_along_axes(name: str, data: Any) -> None:
    x = drawn(data, data.draw(shapes))
    axes = range(-x.ndim, x.ndim)
    axis = data.draw(st.sampled_from([*axes])) if x.ndim else None
    if name in OVER and (not x.size or np.isinf(x).any()):
        return  # they are refused, or NumPy makes NaN of infinities that ops keep
    if axis is None and name == "diff":
        return
    expect_numpys(getattr(ops, name)(x, axis=axis), {**ALONG, **OVER}[name](x, axis=axis))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", EACH)
@given(data=st.data())
@settings(max_examples=25)
def test_each_element(name: str, data: Any) -> None:
    x = drawn(data, data.draw(shapes))
    expect_numpys(getattr(ops, name)(x), EACH[name](x))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", PAIRS)
@given(data=st.data())
@settings(max_examples=25)
def test_pairs(name: str, data: Any) -> None:
    shape = data.draw(shapes)
    other = tuple(1 if data.draw(st.booleans()) else n for n in shape)
    dtype = "int64" if name in OF_INTEGERS else "float64"
    x, y = drawn(data, shape, dtype), drawn(data, other, dtype)
    expect_numpys(getattr(ops, name)(x, y), PAIRS[name](x, y))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_all_is_nan() -> None:
    x = np.array([[np.nan, np.nan], [np.nan, 2.0]])
    for name in (n for n in (*ALONG, *OVER) if n.startswith("nan")):
        expect_numpys(getattr(ops, name)(x, axis=1), {**ALONG, **OVER}[name](x, axis=1))
    for name in ("nanargmax", "nanargmin"):
        np.testing.assert_array_equal(getattr(ops, name)(x, axis=1), [-1, 1])


def test_functions_without_a_formula() -> None:
    x = np.array([-5.0, -0.5, 0.0, 1e-9, 0.7, 2.0, 9.0, 26.0])
    np.testing.assert_allclose(ops.erfc(x), [math.erfc(one) for one in x], rtol=1e-12)
    bessel = np.array([0.0, 1.0, -2.0, 50.0, 700.0])
    np.testing.assert_allclose(ops.i0(bessel), np.i0(bessel), rtol=1e-12)
    shares = np.array([-1 + 1e-15, -0.99, -0.5, 1e-300, 0.0, 0.3, 0.999999, 1 - 1e-12])
    inverse = ops.erfinv(shares).numpy()
    np.testing.assert_allclose([math.erf(one) for one in inverse], shares, rtol=4e-16)
    ends = ops.erfinv([-1.0, 1.0, 1.5]).numpy()
    np.testing.assert_array_equal(ends, [-np.inf, np.inf, np.nan])
    check_gradients(ops.erfinv, [np.array([-0.9, 0.1, 0.5])], order=2)


@given(data=st.data(), k=st.integers(-5, 5))
@settings(max_examples=40)
def test_diagonals(data: Any, k: int) -> None:
    x = drawn(data, (data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4)), 3))
    expect_numpys(ops.diagonal(x, k), np.diagonal(x, k))
    expect_numpys(ops.trace(x, k, 0, 2), np.trace(x, k, 0, 2))
    expect_numpys(ops.diag(x[:, 0, 0] if x.shape[1] else x[:, :, 0].ravel(), k),
                  np.diag(x[:, 0, 0] if x.shape[1] else x[:, :, 0].ravel(), k))  # fmt: skip
    expect_numpys(ops.rot90(x, k, (0, -1)), np.rot90(x, k, (0, -1)))


@given(data=st.data())
@settings(max_examples=40)
def test_lookups(data: Any) -> None:
    numbers = np.sort(drawn(data, (data.draw(st.integers(0, 9)),)))
    values = drawn(data, data.draw(shapes))
    if data.draw(st.booleans()):
        numbers, values = np.append(numbers, [np.nan, np.nan]), np.append(values, np.nan)
    for side in ("left", "right"):
        places = ops.searchsorted(numbers, values, side)
        np.testing.assert_array_equal(places, np.searchsorted(numbers, values, side))
    counted = np.abs(drawn(data, (7,), "int64"))
    np.testing.assert_array_equal(ops.bincount(counted), np.bincount(counted))
    for ours, theirs in zip(
        ops.unique(counted, return_index=True, return_inverse=True, return_counts=True),
        np.unique(counted, True, True, True),
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(data=st.data(), method=st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint"]))
@settings(max_examples=40)
def test_quantiles(data: Any, method: str) -> None:
    x = drawn(data, (data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6))))
    x = np.where(np.isinf(x), 9.0, x)
    q = data.draw(st.sampled_from([0.0, 0.25, 0.3, 1.0, [0.1, 0.9]]))
    for name, reference in (("quantile", np.quantile), ("nanquantile", np.nanquantile)):
        for axis in (None, 0, -1, (0, 1)):
            theirs = reference(x, q, axis=axis, method=method, keepdims=True)
            ours = getattr(ops, name)(x, q, axis=axis, method=method, keepdims=True)
            expect_numpys(ours, theirs)


@given(data=st.data(), length=st.integers(1, 300))
@settings(max_examples=40, deadline=None)
def test_fourier_transforms_of_any_length(data: Any, length: int) -> None:
    generator = np.random.default_rng(length)
    x = generator.normal(size=(2, length)) + 1j * generator.normal(size=(2, length))
    real, imag = ops.fft((x.real, x.imag))
    np.testing.assert_allclose(real.numpy() + 1j * imag.numpy(), np.fft.fft(x), atol=1e-11)
    half = ops.rfft(x.real)
    np.testing.assert_allclose(half[0].numpy() + 1j * half[1].numpy(), np.fft.rfft(x.real),
                               atol=1e-11)  # fmt: skip
    np.testing.assert_allclose(ops.irfft(half, length).numpy(), x.real, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "int32"])
def test_segments(dtype: str) -> None:
    generator = np.random.default_rng(3)
    rows = (generator.normal(size=(9, 2)) * 5).astype(dtype)
    ids = np.array([2, 0, 2, 5, 0, 2, 2, 1, 5])
    of_none = {"max": -np.inf, "min": np.inf, "prod": 1, "sum": 0}
    if dtype == "int32":
        of_none |= {"max": -(2**31), "min": 2**31 - 1}
    for name, reference in (("max", np.max), ("min", np.min), ("prod", np.prod), ("sum", np.sum)):
        found = getattr(ops, f"segment_{name}")(rows, ids, 7).numpy()
        for segment in (0, 1, 2, 5):
            np.testing.assert_allclose(found[segment], reference(rows[ids == segment], axis=0))
        assert (found[[3, 4, 6]] == of_none[name]).all()
    flags = ops.segment_max([True, False], [0, 0], 2), ops.segment_min([True, False], [0, 0], 2)
    assert [y.numpy().tolist() for y in flags] == [[True, False], [False, True]]


MATRIX = np.random.default_rng(1).normal(size=(2, 3, 3)) + 3 * np.eye(3)
POSITIVE = MATRIX @ MATRIX.transpose(0, 2, 1)
HIGH = np.random.default_rng(2).normal(size=(4, 3))
MATRICES: dict[str, tuple[Callable, list[np.ndarray]]] = {
    "solve": (ops.solve, [MATRIX, HIGH[:2]]),
    "solve_triangular": (ops.solve_triangular, [MATRIX, HIGH[:2]]),
    "inv": (ops.inv, [MATRIX]),
    "det": (ops.det, [MATRIX]),
    "slogdet": (lambda x: ops.slogdet(x)[1], [MATRIX]),
    "cholesky": (ops.cholesky, [POSITIVE]),
    "cholesky_inverse": (ops.cholesky_inverse, [POSITIVE]),
    "qr": (ops.qr, [HIGH]),
    "eigh": (lambda x: ops.eigh(x)[0], [POSITIVE]),
    "svd": (lambda x: ops.svd(x, compute_uv=False), [HIGH]),
    "singular vectors": (lambda x: ops.svd(x, full_matrices=False), [HIGH]),
    "pinv": (ops.pinv, [HIGH]),
    "lstsq": (ops.lstsq, [HIGH, HIGH[:, :2] + 1.0]),
}


@pytest.mark.parametrize("name", MATRICES)
def test_gradients_of_matrices_are_slopes_twice(name: str) -> None:
    check_gradients(*MATRICES[name], order=2)


@pytest.mark.parametrize("ord", [2, -2, "nuc"])
@pytest.mark.parametrize("axes", [(1, 2), (0, 2), (2, 0)])
def test_norms_by_singular_values(ord: Any, axes: tuple[int, int]) -> None:
    x = np.random.default_rng(4).normal(size=(2, 3, 4))
    for keepdims in (False, True):
        expect_numpys(ops.norm(x, ord, axes, keepdims), np.linalg.norm(x, ord, axes, keepdims))


# ---- programs and refusals --------------------------------------------------------------------


def test_composites_are_recorded_and_numbers_are_asked_for_by_name() -> None:
    x = np.random.default_rng(0).normal(size=(4, 16)).astype("float32")
    for name in ("rfft", "median", "cumprod", "sparsemax", "erfinv", "histogram", "nanvar"):
        op = getattr(ops, name)
        for a, b in zip(leaves(op(x)), leaves(pylego.function(op)(x)), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
    for name in ("svd", "unique", "eigh", "inv", "pinv"):
        with pytest.raises(TypeError, match="looks at the numbers"):
            pylego.function(lambda y, name=name: getattr(ops, name)(y[:, :4]))(x)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("inv(np.zeros((2, 2)))", "inv: Singular matrix"),
        ("cholesky(-np.eye(2))", "cholesky: Matrix is not positive definite"),
        ("solve(np.eye(3), np.ones(2))", r"solve: a of shape \(..., n, n\)"),
        ("qr(np.eye(2), mode='full')", "mode"),
        ("quantile([], 0.5)", "quantile: there are no elements"),
        ("quantile([1.0], 0.5, method='linea')", "Did you mean 'linear'"),
        ("bincount([-1])", "bincount counts numbers from 0 on"),
        ("bincount([0.5])", "bincount counts whole numbers"),
        ("bitwise_and(1.0, 2)", "bitwise_and does not work on float32"),
        ("searchsorted([1.0], [2.0], side='up')", "side"),
        ("fft([1.0, 2.0, 3.0])", "fft: x is a pair"),
        ("stft(np.ones(9, 'float32'), 4, 2, 3)", "stft: fft_length is at least"),
        ("fold(np.ones((1, 3, 4)), 4, 2)", "fold: columns"),
        ("depth_to_space(np.ones((1, 2, 2, 3)), 2)", "do not divide into blocks"),
        ("rearrange(np.ones((2, 3)), 'a b -> a c')", "both sides"),
        ("rearrange(np.ones((2, 3)), 'a (b c) -> a b c', b=2)", "an axis of length 3"),
        ("vander(np.ones((2, 2)))", "vander: numbers of one axis"),
        ("select([], [])", "select: a choice for each condition"),
        ("segment_max(np.ones(3), [0, 1])", "segment_max: data"),
        ("numpy.relu", "no attribute 'relu'"),
        ("linalg.eigg", "Did you mean: 'eigh'"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(call: str, words: str) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError), match=words):
        eval(f"ops.{call}", {"ops": ops, "np": np})


# ---- families that are loaded later -----------------------------------------------------------


@pytest.mark.parametrize("family", [*later.FAMILIES, *later.FAMILIES_OF_IMAGE])
def test_the_table_of_later_families_is_what_they_offer(family: str) -> None:
    listed = " ".join(
        table[family] for table in (later.FAMILIES, later.FAMILIES_OF_IMAGE) if family in table
    )
    assert sorted(import_module(f"pylego.ops.{family}").__all__) == sorted(listed.split())


def test_later_names_are_listed() -> None:
    for module, name in ((ops, "inv"), (ops, "linalg"), (ops.nn, "psnr"), (ops.image, "ssim"),
                         (ops.linalg, "inv"), (ops.numpy, "median")):  # fmt: skip
        assert name in dir(module)
        assert getattr(module, name) is getattr(module, name)
    assert ops.linalg.inv is ops.inv
    assert ops.nn.psnr is ops.psnr
    assert ops.numpy.median is ops.median


def test_a_program_that_needs_none_loads_none() -> None:
    import subprocess
    import sys

    code = "import sys; from pylego import ops; ops.exp(1.0); print([*sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ast.literal_eval(done.stdout)
    families = {f"pylego.ops.{name}" for name in (*later.FAMILIES, *later.FAMILIES_OF_IMAGE)}
    assert not families & {*loaded}


def test_initial_alone_is_the_extreme_of_an_empty_axis() -> None:
    empty = np.zeros((0, 3), np.int32)
    for function, expected in ((ops.max, np.max), (ops.min, np.min)):
        for axis, keepdims in ((0, False), (0, True), (None, False), (1, False)):
            found = function(empty, axis, keepdims, initial=2)
            np.testing.assert_array_equal(
                found, expected(empty, axis, keepdims=keepdims, initial=2)
            )
            assert found.dtype == "int32"
        assert function(empty, 0, initial=2.5).dtype == "float32"
        with pytest.raises(ValueError, match="is empty"):
            function(empty, axis=0)


@pytest.mark.parametrize("solve", [ops.solve, ops.solve_triangular])
def test_right_sides_are_shared_by_a_stack_of_matrices(solve: Any) -> None:
    a = np.triu(np.arange(1.0, 19.0).reshape(2, 3, 3)).astype(np.float32)
    for b in (np.ones(3), np.ones((2, 3)), np.ones((3, 2)), np.ones((2, 3, 4)), np.ones((3, 1))):
        found = solve(a, b.astype(np.float32)).numpy()
        is_vector = b.shape in {(3,), (2, 3)}
        product = np.einsum("bij,bj->bi" if is_vector else "bij,bjk->bik", a, found)
        np.testing.assert_allclose(product, np.broadcast_to(b, product.shape), atol=1e-5)
    with pytest.raises(ValueError, match="are wanted"):
        solve(a, np.ones(2, np.float32))
