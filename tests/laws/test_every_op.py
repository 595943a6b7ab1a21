"""Every op on every dtype: the dtype that comes out is Keras's, and the numbers are NumPy's.

The golden file has an expression for each op. Its words say what arrays are drawn: here they have
rank 0 to 3, and axes of 0 (`tests/golden/areas/op_dtypes.py` lists them). An op without an
expression fails by its name.
"""

from __future__ import annotations

import ast
import warnings
from functools import cache
from typing import Any

import goldens
import numpy as np
import pytest
from every_op import REFERENCES
from hypothesis import given, settings, strategies as st

from pylego import Tensor, ops
from pylego.core import dtypes
from pylego.core.tree import leaves
from pylego.testing import check_gradients

GOLDEN = goldens.load("op_dtypes")
LETTERS: dict[str, str] = GOLDEN["letters"]
FLOAT64 = [*LETTERS].index("float64")
EXPRESSIONS: dict[str, str] = {name: expression for name, (expression, _) in GOLDEN["ops"].items()}
# Keras does not have them.
EXPRESSIONS |= {
    "lerp": "ops.lerp(x, z, 0.25)",
    "mish": "ops.mish(x)",
    "normal_cdf": "ops.normal_cdf(x)",
    "tanh_normal_cdf": "ops.tanh_normal_cdf(x)",
}
NO_FUNCTION_OF_ARRAYS = {"custom_gradient", "elastic_transform"}  # which draws random numbers
REFUSALS = (ValueError, TypeError, IndexError)
LENGTHS = (0, 1, 2, 3)

Arrays = dict[str, Any]


@cache
def words(expression: str) -> frozenset[str]:
    """The names that an expression reads."""
    return frozenset(n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name))


def test_every_op_has_an_expression() -> None:
    names = {*ops.__all__, *ops.image.__all__}
    assert names - NO_FUNCTION_OF_ARRAYS == EXPRESSIONS.keys()
    assert all(f"{name}(" in expression for name, expression in EXPRESSIONS.items())


# ---- arrays -----------------------------------------------------------------------------------


def narrowed(data: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape that can be broadcast to this one."""
    lengths = [data.draw(st.sampled_from((1, n))) for n in shape]
    return tuple(lengths[data.draw(st.integers(0, len(shape))) :])


def shapes(data: Any, needed: frozenset[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of all arrays that an expression can read."""
    least = 1 if "axis" in needed else 0
    x = tuple(data.draw(st.lists(st.sampled_from(LENGTHS), min_size=least, max_size=3)))
    long, size, batch = (data.draw(st.sampled_from(n)) for n in ((3, 6), (1, 2, 3), (0, 1, 2)))
    return {
        **dict.fromkeys(("x", "z", "pos", "unit", "j", "t"), x),
        **{
            "y": narrowed(data, x),
            "v": (long,),
            "u": (long,),
            "w": (5,),
            "k": (4,),
            "rows": (2, 3),
        },
        **{"m": (2, 3, 4), "r": (2, 4, size), "a": (2, size, size), "s": (2, size, size)},
        **{"c": (2, size, 2), "picture": (batch, 4, 4, 3), "corners": (batch, 4, 2)},
        **{"kernel": (2, 2, 3, 2), "deep": (2, 2, 3, 1), "point": (1, 1, 3, 2), "i": (4,)},
    }


LOWEST = {"y": 1.0, "pos": 1.0, "unit": 0.125, "k": 0.0, "rows": 0.0, "deep": 0.0, "point": 0.0}
HIGHEST = {"unit": 0.875, "k": 4.0}


def numbers(name: str, shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """Numbers that every float holds: halves, or eighths."""
    if name == "i":  # each segment has rows
        return generator.permutation(np.array([0, 1, 2, 2], "int32"))
    if name == "j":
        return np.asarray(generator.integers(0, 3, shape), "int32")
    if name == "t":
        return np.asarray(generator.random(shape) < 0.5)
    low, high = LOWEST.get(name, -3.0), HIGHEST.get(name, 3.0)
    step = 8 if name == "unit" else 1 if name == "k" else 2
    drawn = generator.integers(round(low * step), round(high * step) + 1, shape) / step
    if name in ("a", "s"):
        drawn = np.round(drawn) + 9 * np.eye(shape[-1])
        return np.round((drawn + drawn.swapaxes(1, 2)) / 2) if name == "s" else drawn
    return np.asarray(drawn)


class Drawn:
    """The arrays of an example, without a dtype."""

    def __init__(self, data: Any, expression: str):
        self.needed = words(expression)
        every = shapes(data, self.needed)
        generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
        self.arrays = {n: numbers(n, every[n], generator) for n in every if n in self.needed}
        rank = len(every["x"])
        self.axes = {"axes": None, "axis": None}
        if rank:
            axis = st.integers(-rank, rank - 1)
            self.axes["axis"] = data.draw(axis)
            some = st.sets(st.integers(0, rank - 1), min_size=1).map(tuple)
            self.axes["axes"] = data.draw(st.one_of(st.none(), axis, some))

    def as_dtype(self, dtype: str) -> Arrays:
        """All as arrays of NumPy, wide ones, that hold what tensors of the dtype hold."""
        held = {n: x if n in ("i", "j", "t") else hold(x, dtype) for n, x in self.arrays.items()}
        return {**held, **self.axes, "dtype": dtype}


def hold(x: np.ndarray, dtype: str) -> np.ndarray:
    if dtype == "bool":
        return np.asarray(x != 0)
    if dtypes.is_float(dtype):
        return x
    return np.asarray(np.round(np.abs(x) if dtype.startswith("u") else x), "int64")


def tensors(arrays: Arrays, dtype: str) -> Arrays:
    """The same arrays as tensors of the dtype."""
    return {
        n: ops.cast(x, dtype) if isinstance(x, np.ndarray) and n not in ("i", "j", "t") else x
        for n, x in arrays.items()
    }


def evaluated(expression: str, namespace: Any, arrays: Arrays) -> list[Any]:
    found = leaves(eval(expression, {"ops": namespace, **arrays}))
    return [y for y in found if y is not None]


# ---- results ----------------------------------------------------------------------------------

# Where Keras answers otherwise. Its means of whole numbers, its slopes and likenesses are rounded
# to whole numbers, which says nothing; JAX refuses some of them.
FLOATS = "f f f f f d f f f f e E"
OWN: dict[str, str] = {
    "layer_normalization": FLOATS, "rms_normalization": FLOATS, "ssim": FLOATS,
    "sobel_edges": FLOATS, "dot_product_attention": FLOATS,
    # Counts are whole numbers, as NumPy's.
    "histogram": "if if if if if id if if if if ie iE",
    # Keras makes one_hot of the targets in float32, whatever the outputs are.
    "sparse_categorical_crossentropy": FLOATS,
    # JAX's own labels are int64 beside scores of float64.
    "ctc_decode": "if if if if if id if if if if if if",
    "multi_hot": "! f f f f f f f f f f f",  # as one_hot
    "convert_to_numpy": "? B i l f d b h H I e .",  # which NumPy alone does not have
}  # fmt: skip
# The wide dtype has other ones.
WITHOUT_NUMBERS = ("empty", "view", "dtype", "is_tensor", "histogram")
DIGITS = {"float64": 1e-9, "float32": 4e-5, "float16": 0.02, "bfloat16": 0.15}


def letter(value: Any) -> str:
    return LETTERS.get(str(getattr(value, "dtype", "")), ".")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", GOLDEN["ops"])
@given(data=st.data())
@settings(max_examples=2)
def test_dtypes_are_keras_s_and_numbers_numpy_s(name: str, data: Any) -> None:
    expression, row = GOLDEN["ops"][name]
    drawn = Drawn(data, expression)
    for dtype, letters in zip(LETTERS, OWN.get(name, row).split(), strict=True):
        arrays = drawn.as_dtype(dtype)
        exact = expected(expression, arrays)
        try:
            found = evaluated(expression, ops, tensors(arrays, dtype))
        except REFUSALS:
            assert letters == "!" or exact is None, f"{dtype} is refused"
            continue
        if letters == "!":
            continue  # Keras refuses it, and more is no harm
        ours = "".join(map(letter, found))
        assert set(letters) == {"."} or ours == letters, f"of {dtype}"
        if name not in WITHOUT_NUMBERS:
            assert exact is not None, f"of {dtype}: NumPy refuses"
            for y, wanted in zip(found, exact, strict=True):
                expect_close(y, wanted)


def expected(expression: str, arrays: Arrays) -> list[Any] | None:
    """What NumPy says, or None where it refuses."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return evaluated(expression, REFERENCES, arrays)
        except REFUSALS:
            return None


def expect_close(y: Any, exact: Any) -> None:
    """A result is what NumPy says, as far as its dtype has digits."""
    if not isinstance(y, Tensor):
        np.testing.assert_array_equal(np.asarray(y, "float64"), np.asarray(exact, "float64"))
        return
    assert y.shape == np.shape(exact)
    if not dtypes.is_float(y.dtype):
        wrapped = ops.cast(np.asarray(exact).astype("int64"), y.dtype)
        np.testing.assert_array_equal(y.numpy(), wrapped.numpy())
        return
    held = ops.cast(np.asarray(exact, "float64"), y.dtype)
    ours, theirs = (ops.cast(x, "float64").numpy() for x in (y, held))
    largest = np.abs(theirs[np.isfinite(theirs)]).max(initial=1.0)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=DIGITS[y.dtype] * largest)


# ---- gradients --------------------------------------------------------------------------------

# They say in words that they have none, or their gradient is not the slope along single numbers.
WITHOUT_GRADIENTS = {
    "lu_factor", "nextafter", "view", "convert_to_numpy", "stop_gradient", "ctc_decode",
    "unravel_index", "histogram", "jvp",
}  # fmt: skip
OF_FLOATS = [
    name
    for name, (_, row) in GOLDEN["ops"].items()
    if "d" in row.split()[FLOAT64] and name not in WITHOUT_GRADIENTS
]


@pytest.mark.parametrize("name", OF_FLOATS)
@given(data=st.data())
@settings(max_examples=2)
def test_gradients_are_slopes(name: str, data: Any) -> None:
    """At numbers that lie on no corner: a little beside those of the other law."""
    expression = EXPRESSIONS[name]
    arrays = Drawn(data, expression).as_dtype("float64")
    generator = np.random.default_rng(7)
    moved = {n: x for n, x in arrays.items() if getattr(x, "dtype", None) == "float64"}
    if not moved:
        return
    near = [x + generator.uniform(0.02, 0.1, x.shape) for x in moved.values()]

    def function(*inputs: Tensor) -> list[Tensor]:
        found = evaluated(expression, ops, {**arrays, **dict(zip(moved, inputs))})
        return [y for y in found if isinstance(y, Tensor) and dtypes.is_float(y.dtype)]

    try:
        outputs = function(*map(ops.convert_to_tensor, near))
    except REFUSALS:
        return
    if all(np.isfinite(y.numpy()).all() for y in outputs):  # means of nothing have no slope
        check_gradients(function, near, rtol=1e-4, atol=1e-6)
