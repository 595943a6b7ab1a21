"""exp, log, tanh and the like: how near to the truth, and what they are at the ends."""

from __future__ import annotations

from collections.abc import Callable
from math import erf, erfc, inf, nan, sqrt

import numpy as np
import pytest

from pylego import config, function, ops

LEAST_NORMAL = np.finfo(np.float32).tiny
# Below, results are taken for 0: of those that multiply a number by a smaller one, already here.
LEAST_RESULTS = dict.fromkeys(("gelu", "silu", "mish"), 100 * LEAST_NORMAL)

# function -> (the truth in float64, units in the last place, an interval where it is hard)
FUNCTIONS: dict[str, tuple[Callable, float, tuple[float, float]]] = {
    "exp": (np.exp, 1.0, (-0.36, 0.36)),
    "exp2": (np.exp2, 1.1, (-1.0, 1.0)),
    "expm1": (np.expm1, 1.25, (-1.1, 1.1)),
    "log": (np.log, 1.0, (0.7, 1.42)),
    "log2": (np.log2, 1.1, (0.7, 1.42)),
    "log10": (np.log10, 1.1, (0.7, 1.42)),
    "log1p": (np.log1p, 1.0, (-0.3, 0.45)),
    "tanh": (np.tanh, 1.1, (0.6, 0.8)),
    "sigmoid": (lambda x: np.exp(-np.logaddexp(0.0, -x)), 1.35, (-30.0, -3.0)),
    "softplus": (lambda x: np.logaddexp(x, 0.0), 1.4, (-1.0, 0.5)),
    "erf": (np.vectorize(erf, otypes=[np.float64]), 1.45, (0.9, 1.1)),
    "normal_cdf": (
        np.vectorize(lambda x: erfc(-x * sqrt(0.5)) / 2, otypes=[np.float64]), 0.7, (-12.9, -2.0)
    ),
    "gelu": (
        lambda x: x / (1 + np.exp(-np.sqrt(8 / np.pi) * x * (1 + 0.044715 * x**2))), 1.5,
        (-10.0, -2.0),
    ),
    "silu": (lambda x: x * np.exp(-np.logaddexp(0.0, -x)), 2.4, (-30.0, -3.0)),
    "mish": (lambda x: x * np.tanh(np.logaddexp(x, 0.0)), 3.0, (-30.0, 3.0)),
    "sin": (np.sin, 0.51, (3.0, 1e4)),
    "cos": (np.cos, 0.51, (1.5, 1e7)),
    "tan": (np.tan, 0.51, (0.78, 1e5)),
    "arcsin": (np.arcsin, 1.3, (-1.0, 1.0)),
    "arccos": (np.arccos, 1.3, (-1.0, 1.0)),
    "arctan": (np.arctan, 1.0, (-3.0, 3.0)),
    "sinh": (np.sinh, 1.4, (-10.0, 10.0)),
    "cosh": (np.cosh, 1.9, (-10.0, 10.0)),
    "arcsinh": (np.arcsinh, 1.8, (-3.0, 3.0)),
    "arccosh": (np.arccosh, 2.0, (1.0, 3.0)),
    "arctanh": (np.arctanh, 1.5, (-1.0, 1.0)),
}  # fmt: skip

# Between which numbers a function is finite, if not everywhere.
DOMAINS = {
    **dict.fromkeys(("log", "log2", "log10"), (0.0, inf)),
    "log1p": (-1.0, inf),
    "arccosh": (1.0, inf),
    **dict.fromkeys(("arcsin", "arccos", "arctanh"), (-1.0, 1.0)),
}

# Where -0 and 0 differ, a dictionary could not hold both.
ENDS: dict[str, list[tuple[float, float]]] = {
    "exp": [
        (inf, inf),
        (-inf, 0.0),
        (0.0, 1.0),
        (88.8, inf),
        (1e38, inf),
        (-104.0, 0.0),
        (-1e38, 0.0),
    ],
    "expm1": [(inf, inf), (-inf, -1.0), (0.0, 0.0), (-0.0, -0.0), (89.0, inf), (-1e38, -1.0)],
    "log": [(inf, inf), (-inf, nan), (0.0, -inf), (-0.0, -inf), (1.0, 0.0), (-1.0, nan)],
    "exp2": [(inf, inf), (-inf, 0.0), (3.0, 8.0), (128.0, inf), (-126.0, 2.0**-126), (-127.0, 0.0)],
    "log2": [(inf, inf), (-inf, nan), (0.0, -inf), (-0.0, -inf), (2.0**100, 100.0), (-1.0, nan)],
    "log10": [(inf, inf), (-inf, nan), (0.0, -inf), (-0.0, -inf), (1e10, 10.0), (-1.0, nan)],
    "log1p": [(inf, inf), (-inf, nan), (0.0, 0.0), (-0.0, -0.0), (-1.0, -inf), (-1.5, nan)],
    "tanh": [(inf, 1.0), (-inf, -1.0), (0.0, 0.0), (-0.0, -0.0), (1e38, 1.0), (-1e38, -1.0)],
    "sigmoid": [(inf, 1.0), (-inf, 0.0), (0.0, 0.5), (1e38, 1.0), (-1e38, 0.0)],
    "softplus": [(inf, inf), (-inf, 0.0), (1e38, 1e38), (-1e38, 0.0)],
    "erf": [(inf, 1.0), (-inf, -1.0), (0.0, 0.0), (-0.0, -0.0), (4.0, 1.0), (-1e38, -1.0)],
    "normal_cdf": [(inf, 1.0), (-inf, 0.0), (0.0, 0.5), (-0.0, 0.5), (1e38, 1.0), (-1e38, 0.0)],
    "sin": [(inf, nan), (-inf, nan), (0.0, 0.0), (-0.0, -0.0), (-1e10, 0.48750603199005127)],
    "cos": [(inf, nan), (-inf, nan), (0.0, 1.0), (-0.0, 1.0), (2.0**100, 0.4891786575317383)],
    "tan": [(inf, nan), (-inf, nan), (0.0, 0.0), (-0.0, -0.0), (-1e10, 0.558349609375)],
    "arcsin": [(inf, nan), (1.5, nan), (0.0, 0.0), (-0.0, -0.0), (-1.0, -1.5707963267948966)],
    "arccos": [(-inf, nan), (1.5, nan), (1.0, 0.0), (-1.0, 3.141592653589793)],
    "arctan": [(inf, 1.5707963267948966), (-1e38, -1.5707963267948966), (0.0, 0.0), (-0.0, -0.0)],
    "sinh": [(inf, inf), (-inf, -inf), (0.0, 0.0), (-0.0, -0.0), (89.42, inf), (-1e38, -inf)],
    "cosh": [(inf, inf), (-inf, inf), (0.0, 1.0), (-0.0, 1.0), (-89.42, inf), (1e38, inf)],
    "arcsinh": [(inf, inf), (-inf, -inf), (0.0, 0.0), (-0.0, -0.0), (1e38, 88.19138071433368)],
    "arccosh": [
        (inf, inf),
        (-inf, nan),
        (1.0, 0.0),
        (-1.5, nan),
        (0.0, nan),
        (1e38, 88.19138071433368),
    ],
    "arctanh": [(inf, nan), (-1.5, nan), (0.0, 0.0), (-0.0, -0.0), (1.0, inf), (-1.0, -inf)],
}


def distances(name: str, x: np.ndarray) -> np.ndarray:
    """How far from the truth, in units of the truth's last place. Numbers too small to be normal
    may be taken for 0, and so may results: one unit of the least normal number."""
    with np.errstate(invalid="ignore", divide="ignore"):
        truth = FUNCTIONS[name][0](x.astype(np.float64))
    truth = np.where(np.abs(x) < LEAST_NORMAL, np.where(np.isfinite(truth), truth, 0.0), truth)
    ours = getattr(ops, name)(x).numpy().astype(np.float64)
    least = LEAST_RESULTS.get(name, LEAST_NORMAL)
    kept = np.isfinite(truth.astype(np.float32)) & (np.abs(truth) >= least)
    unit = np.spacing(np.abs(truth[kept]).astype(np.float32)).astype(np.float64)
    assert (np.abs(ours[np.abs(truth) < least]) <= least).all()
    return np.abs(ours[kept] - truth[kept]) / unit


@pytest.fixture(params=config.isas())
def isa(request: pytest.FixtureRequest):
    before = config.isa()
    config.set_isa(request.param)
    yield
    config.set_isa(before)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_near_to_the_truth_all_over_the_numbers(name: str) -> None:
    """Floats of all sizes and both signs, in steps through their bits."""
    x = np.arange(0, 2**32, 16381, dtype=np.uint64).astype(np.uint32).view(np.float32)
    x = x[np.isfinite(x) & (np.abs(x) >= LEAST_NORMAL)]
    low, high = DOMAINS.get(name, (-inf, inf))
    assert distances(name, x[(x > low) & (x < high)]).max() <= FUNCTIONS[name][1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_near_to_the_truth_where_it_is_hard(name: str) -> None:
    """Every float32 around the ends of an interval, and a dense sweep between."""
    _, most, (low, high) = FUNCTIONS[name]
    ends = [np.float32(low), np.float32(high)]
    x = np.linspace(low, high, 400_000, dtype=np.float32)
    for end in ends:
        x = np.append(
            x, (end.view(np.int32) + np.arange(-20_000, 20_000, dtype=np.int32)).view(np.float32)
        )
    assert distances(name, x).max() <= most


# The same of float64: the truth is a longer float of the machine, where it has one.
LONG = np.longdouble
FUNCTIONS64: dict[str, tuple[Callable, float, tuple[float, float]]] = {
    "exp": (np.exp, 1.05, (-0.36, 0.36)),
    "expm1": (np.expm1, 1.2, (-1.1, 1.1)),
    "log": (np.log, 1.0, (0.7, 1.42)),
    "log1p": (np.log1p, 1.0, (-0.3, 0.45)),
    "tanh": (np.tanh, 1.9, (-0.6, 0.6)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), 1.5, (-10.0, 3.0)),
    "softplus": (lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0), 1.65, (-1.0, 0.5)),
    "sin": (np.sin, 0.8, (3.0, 1e5)),
    "cos": (np.cos, 0.8, (1.5, 1e5)),
    "tan": (np.tan, 0.84, (0.78, 1e5)),
    "arcsin": (np.arcsin, 1.3, (-1.0, 1.0)),
    "arccos": (np.arccos, 1.3, (-1.0, 1.0)),
    "arctan": (np.arctan, 1.0, (-3.0, 3.0)),
    "sinh": (np.sinh, 1.6, (-20.0, 20.0)),
    "cosh": (np.cosh, 1.5, (-20.0, 20.0)),
    "arcsinh": (np.arcsinh, 1.8, (-3.0, 3.0)),
    "arccosh": (np.arccosh, 2.0, (1.0, 3.0)),
    "arctanh": (np.arctanh, 1.5, (-1.0, 1.0)),
}


@pytest.mark.skipif(np.finfo(LONG).nmant <= 52, reason="no float of the machine is longer")
@pytest.mark.parametrize("name", FUNCTIONS64)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_float64_is_near_to_the_truth(name: str) -> None:
    """Numbers of all sizes and both signs, and a sweep over the interval where it is hard."""
    function, most, (low, high) = FUNCTIONS64[name]
    rng = np.random.default_rng(0)
    sizes = np.exp2(rng.uniform(-1022, 1024, 100_000))
    usual = rng.uniform(-750, 750, 100_000)
    x = np.concatenate([sizes, -sizes, usual, rng.uniform(low, high, 300_000)])
    truth = function(x.astype(LONG))
    y = getattr(ops, name)(x).numpy()
    assert (np.isnan(y) == np.isnan(truth)).all()
    rounded, least = truth.astype(np.float64), np.finfo(np.float64).tiny
    assert (y[np.isinf(rounded)] == rounded[np.isinf(rounded)]).all()
    assert (np.abs(y[np.abs(truth) < least]) <= least).all()
    kept = np.isfinite(rounded) & (np.abs(truth) >= least)
    unit = np.spacing(np.abs(rounded[kept])).astype(LONG)
    assert (np.abs(y[kept] - truth[kept]) / unit).max() <= most


# The limits of float64 that differ from those of float32.
ENDS64: dict[str, list[tuple[float, float]]] = {
    "exp": [
        (709.782712893384, 1.797693134862273e308),
        (709.7827128933841, inf),
        (-708.3964185322641, 2.2250738585072626e-308),
        (-708.3964185322642, 0.0),
    ],
    "expm1": [(709.7827128933841, inf), (-37.5, -1.0), (5e-300, 5e-300)],
    "log": [(np.finfo(np.float64).tiny, -708.3964185322641)],
    "exp2": [(1023.0, 2.0**1023), (1024.0, inf), (-1022.0, 2.0**-1022), (-1023.0, 0.0)],
    "log2": [(2.0**-1022, -1022.0)],
    "log10": [(1e300, 300.0)],
    "log1p": [(5e-300, 5e-300), (-5e-300, -5e-300), (2.0**53, 36.7368005696771)],
    "tanh": [(5e-300, 5e-300), (19.0, 0.9999999999999999), (-22.0, -1.0)],
    "sigmoid": [(-708.0, 3.307553003638409e-308), (-709.0, 0.0), (40.0, 1.0)],
    "softplus": [(-708.0, 3.307553003638409e-308), (-709.0, 0.0), (1e300, 1e300)],
    "erf": [(5e-300, 5.641895835477563e-300), (6.0, 1.0), (-0.5, -0.5204998778130465)],
    "normal_cdf": [(-37.5, 4.605353009581954e-308), (-37.6, 0.0), (9.0, 1.0)],
    "sin": [(np.pi, 1.2246467991473532e-16), (1e4, -0.30561438888825215), (5e-300, 5e-300)],
    "cos": [(1e10, 0.873119622676856), (6381956970095103 * 2.0**797, -4.687165924254628e-19)],
    "tan": [(np.pi, -1.2246467991473532e-16), (1e30, -0.009331875232662407), (5e-300, 5e-300)],
    "arcsin": [(5e-300, 5e-300), (0.5, 0.5235987755982989), (1.0000000000000002, nan)],
    "arccos": [(5e-300, 1.5707963267948966), (0.9999999999999999, 1.4901161193847656e-08)],
    "arctan": [(5e-300, 5e-300), (1.0, 0.7853981633974483), (1e300, 1.5707963267948966)],
    "sinh": [(5e-300, 5e-300), (710.4, 1.6663642832806496e308), (-710.476, -inf)],
    "cosh": [(5e-300, 1.0), (-710.4, 1.6663642832806496e308), (710.476, inf)],
    "arcsinh": [(5e-300, 5e-300), (1e300, 691.4686750787737), (-2.0, -1.4436354751788103)],
    "arccosh": [(0.9999999999999999, nan), (1e300, 691.4686750787737)],
    "arctanh": [(5e-300, 5e-300), (0.9999999999999999, 18.714973875118524), (-2.0, nan)],
}


@pytest.mark.parametrize("name", ENDS64)
@pytest.mark.usefixtures("isa")
def test_float64_is_right_at_the_ends(name: str) -> None:
    rows = [row for row in ENDS[name] if abs(row[0]) in (0.0, 1.0, 1.5, 1e38, inf)]
    rows = [row for row in rows if name != "exp" or abs(row[0]) != 1e38] + ENDS64[name]
    given, wanted = np.array([*rows, (nan, nan)]).T
    for x in (given, np.repeat(given, 33)):
        y = getattr(ops, name)(x).numpy()
        expected = np.repeat(wanted, len(x) // len(given))
        np.testing.assert_allclose(y, expected, rtol=3e-16, atol=0.0)
        numbers = ~np.isnan(expected)
        assert (np.signbit(y[numbers]) == np.signbit(expected[numbers])).all()


def test_erf_of_float64_is_near_to_that_of_c() -> None:
    x = np.random.default_rng(0).uniform(-6.5, 6.5, 100_000)
    np.testing.assert_allclose(ops.erf(x).numpy(), [*map(erf, x)], rtol=5e-16)


def test_normal_cdf_of_float64_keeps_its_digits_far_below_0() -> None:
    """erfc of C takes -x / sqrt(2), whose rounding error counts x^2 times."""
    x = np.random.default_rng(0).uniform(-37.0, 9.0, 100_000)
    wanted = np.array([erfc(-a * sqrt(0.5)) / 2 for a in x])
    error = np.abs(ops.normal_cdf(x).numpy() / wanted - 1)
    assert (error <= 2.2e-16 * (x**2 + 15)).all()
    # from tables: P(X <= -1), P(X <= -10), P(X <= -30)
    truth = np.array([0.15865525393145705, 7.619853024160526e-24, 4.906713927148187e-198])
    y = ops.normal_cdf(np.array([-1.0, -10.0, -30.0])).numpy()
    np.testing.assert_allclose(y, truth, rtol=2e-15)


@pytest.mark.parametrize("name", ENDS)
@pytest.mark.usefixtures("isa")
def test_right_at_the_ends(name: str) -> None:
    given, wanted = np.array([*ENDS[name], (nan, nan)], np.float32).T
    for x in (given, np.repeat(given, 33)):  # one by one, and many at once
        y = getattr(ops, name)(x).numpy()
        expected = np.repeat(wanted, len(x) // len(given))
        np.testing.assert_array_equal(y, expected)
        numbers = ~np.isnan(expected)
        assert (np.signbit(y[numbers]) == np.signbit(expected[numbers])).all()


@pytest.mark.usefixtures("isa")
def test_exact_gelu_keeps_its_digits_far_below_0() -> None:
    x = np.linspace(-12.9, 12.9, 400_001, dtype=np.float32)
    truth = x * FUNCTIONS["normal_cdf"][0](x.astype(np.float64))
    y = ops.gelu(x, approximate=False).numpy().astype(np.float64)
    unit = np.spacing(np.abs(truth).astype(np.float32)).astype(np.float64)
    assert (np.abs(y - truth) <= 1.6 * unit).all()


@pytest.mark.usefixtures("isa")
def test_exact_gelu_at_the_ends() -> None:
    x = np.array([inf, -inf, 0.0, -0.0, 16.0, -16.0, -1e38, nan] * 9, np.float32)
    y = ops.gelu(x, approximate=False).numpy()
    np.testing.assert_array_equal(y[:8], np.float32([inf, 0, 0, 0, 16, 0, 0, nan]))
    np.testing.assert_array_equal(y, np.tile(y[:8], 9))  # those behind the last vector, too
    assert np.signbit(y[:7]).tolist() == [False, True, False, True, False, True, True]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.usefixtures("isa")
def test_how_many_numbers_there_are_decides_nothing(dtype: str) -> None:
    """The last ones are computed as one vector, also in place: here between the two flips."""
    x = np.linspace(-2, 2, 40).astype(dtype)
    alone = np.concatenate([ops.exp(ops.exp(x[i : i + 1])).numpy() for i in range(x.size)])
    in_place = function(lambda x: ops.flip(ops.exp(ops.exp(ops.flip(x)))))
    for n in range(1, x.size + 1):
        np.testing.assert_array_equal(ops.exp(ops.exp(x[:n])).numpy(), alone[:n])
        np.testing.assert_array_equal(in_place(x[:n]).numpy(), alone[:n])


# name -> the brick's function and NumPy's, both of a and b
OF_SEVERAL_INPUTS: dict[str, tuple[Callable, Callable]] = {
    "subtract": (ops.subtract, np.subtract),
    "less": (ops.less, np.less),
    "not_equal": (ops.not_equal, np.not_equal),
    "clip": (lambda a, b: ops.clip(a, b, 1), lambda a, b: np.clip(a, b, 1)),
    "where": (lambda a, b: ops.where(a == 1, a, b), lambda a, b: np.where(a == 1, a, b)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
@pytest.mark.parametrize("name", OF_SEVERAL_INPUTS)
@pytest.mark.usefixtures("isa")
def test_how_many_numbers_of_several_inputs_there_are_decides_nothing(
    name: str, dtype: str
) -> None:
    of, expected = OF_SEVERAL_INPUTS[name]
    in_place = function(lambda a, b: ops.flip(of(ops.flip(a), ops.flip(b))))
    draws = np.random.default_rng(1)
    for n in (1, 7, 8, 9, 15, 16, 17, 40, 63, 64, 65, 100, 127, 129, 200):
        a, b = draws.integers(0, 3, (2, n)).astype(dtype)
        for inputs in ((a, b), (a, b[:1]), (a[:1], b), (a[:1], b[:1])):
            np.testing.assert_array_equal(of(*inputs).numpy(), expected(*inputs))
            np.testing.assert_array_equal(
                in_place(*inputs).numpy(), expected(*map(np.flip, inputs))[::-1]
            )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("of", [ops.arctan2, ops.logaddexp], ids=["arctan2", "logaddexp"])
@pytest.mark.usefixtures("isa")
def test_how_many_numbers_of_long_expressions_there_are_decides_nothing(
    of: Callable, dtype: str
) -> None:
    """Whole vectors, the last ones, few numbers, one for all, and in place."""
    in_place = function(lambda a, b: ops.flip(of(ops.flip(a), ops.flip(b))))
    a, b = np.random.default_rng(1).normal(size=(2, 40)).astype(dtype)
    for inputs in ((a, b), (a, b[:1]), (a[:1], b)):
        pairs = zip(*(np.split(x, 40) for x in np.broadcast_arrays(*inputs)))
        alone = np.concatenate([of(*pair).numpy() for pair in pairs])
        for n in range(1, 41):
            some = [x[:n] for x in inputs]
            np.testing.assert_array_equal(of(*some).numpy(), alone[:n])
            np.testing.assert_array_equal(in_place(*some).numpy(), alone[:n])


@pytest.mark.usefixtures("isa")
def test_powers_of_float32_are_rounded_once_and_end_at_infinity_and_0() -> None:
    draws = np.random.default_rng(1)
    a = np.exp(draws.uniform(-80, 80, 200_000)).astype(np.float32)
    b = draws.normal(size=a.size).astype(np.float32) * np.float32(3)
    b[:3] = 1e38, -1e38, 0.0
    with np.errstate(over="ignore", under="ignore"):
        truth = a.astype(np.float64) ** b.astype(np.float64)
        rounded = truth.astype(np.float32)
    y = ops.power(a, b).numpy()
    normal = np.isfinite(rounded) & (rounded >= LEAST_NORMAL)
    unit = np.spacing(rounded[normal]).astype(np.float64)
    assert (np.abs(y[normal] - truth[normal]) <= 0.51 * unit).all()
    assert (y[rounded == inf] == inf).all()
    assert (y[rounded < LEAST_NORMAL] <= LEAST_NORMAL).all()


# What a float outside of an integer's range becomes: the nearest end of it, and 0 for NaN.
LIMITED = [nan, inf, -inf, -0.5, 1.9, -1.9, 254.9, 255.0, 300.0, 2147483520.0, 2.0**31, -(2.0**31),
           -3e9, 3e9, 1e-40]  # fmt: skip


@pytest.mark.parametrize("given", ["float32", "float64"])
@pytest.mark.parametrize("wanted", ["uint8", "int32"])
@pytest.mark.usefixtures("isa")
def test_casts_to_integers_end_at_their_limits(given: str, wanted: str) -> None:
    ends = np.iinfo(wanted)
    numbers = LIMITED + [2147483646.5, 2147483647.5, -2147483648.5] * (given == "float64")
    x = np.array(numbers, given)
    expected = np.trunc(np.clip(np.nan_to_num(x.astype(np.float64), nan=0.0), ends.min, ends.max))
    for repeats in (1, 7):  # one by one, and many at once
        y = ops.cast(np.tile(x, repeats), wanted).numpy()
        np.testing.assert_array_equal(y, np.tile(expected.astype(wanted), repeats))


@pytest.mark.parametrize("place", [0, 31, 1023, 1024, 2990])
@pytest.mark.parametrize("number", [nan, -inf, 2.0**31, -3e9])
@pytest.mark.usefixtures("isa")
def test_one_number_out_of_range_among_many(place: int, number: float) -> None:
    """Blocks in which all numbers fit are converted by a loop of their own."""
    x = np.linspace(-2e9, 2e9, 3001).astype(np.float32)
    expected = x.astype(np.int32)
    x[place], expected[place] = number, np.clip(np.nan_to_num(number), -(2**31), 2**31 - 1)
    for step in (1, 2, -1):
        y = ops.cast(ops.convert_to_tensor(x)[::step], "int32").numpy()
        np.testing.assert_array_equal(y, expected[::step])


@pytest.mark.parametrize("wanted", ["uint8", "int32", "int64", "float32", "float64"])
@pytest.mark.usefixtures("isa")
def test_casts_of_bools_are_0_and_1(wanted: str) -> None:
    x = np.arange(100) % 3 == 1
    np.testing.assert_array_equal(ops.cast(x, wanted).numpy(), x.astype(wanted))
