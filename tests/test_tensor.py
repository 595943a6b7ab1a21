"""Tensors and variables: made of anything, indexed as NumPy does it, handed to NumPy and others."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pylego import (
    GradientTape,
    Sequential,
    Tensor,
    Variable,
    config,
    engine,
    function,
    initializers,
    layers,
    ops,
)
from pylego.core import dtypes
from pylego.core.tree import leaves
from pylego.graph.function import Function
from pylego.graph.keras_tensor import KerasTensor
from pylego.training.data import read_rows
from pylego.training.row_adapter import RowAdapter


def tensor(*shape: int) -> Tensor:
    return ops.convert_to_tensor(np.arange(np.prod(shape), dtype=np.float32).reshape(shape))


# ---- making ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "dtype"),
    [
        (1, "int32"),
        (2**40, "int64"),
        (1.5, "float32"),
        (True, "bool"),
        ([1, 2], "int32"),
        ([2**40], "int64"),
        ([1, 2.5], "float32"),
        ([True, False], "bool"),
        ([[]], "float32"),
        (range(3), "int64"),
        (np.float32(1), "float32"),
        ([np.float64(1)], "float64"),
        (np.arange(3), "int64"),
        (np.ones(3), "float64"),
        (np.ones(3, np.float16), "float16"),
        (np.ones(3, np.int8), "int8"),
        (np.ones(3, np.uint8), "uint8"),
        (np.ones(3, np.uint16), "uint16"),
        (np.ones(3, np.uint32), "uint32"),
        (np.ones(3, np.uint64), "int64"),
        (np.ones(3, ">i4"), "int32"),
    ],
    ids=repr,
)
def test_numbers_keep_a_dtype_that_holds_them(numbers: Any, dtype: str) -> None:
    x = ops.convert_to_tensor(numbers)
    assert x.dtype == dtype
    np.testing.assert_array_equal(x.numpy(), np.asarray(numbers))


def test_floats_become_what_floatx_says() -> None:
    config.set_floatx("float64")
    try:
        assert ops.convert_to_tensor(1.5).dtype == "float64"
        assert ops.convert_to_tensor([1.5]).dtype == "float64"
    finally:
        config.set_floatx("float32")
    with pytest.raises(ValueError, match="float16"):
        config.set_floatx("int16")


def test_lists_may_hold_tensors() -> None:
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = ops.sum(ops.convert_to_tensor([x, x * 2.0]))
    assert tape.gradient(y, x).numpy().tolist() == [3.0, 3.0]


def test_lists_may_hold_tensors_at_any_depth() -> None:
    angle = Variable(0.3)
    with GradientTape() as tape:
        turn = ops.convert_to_tensor(
            [[ops.cos(angle), -ops.sin(angle)], [ops.sin(angle), ops.cos(angle)]]
        )
        y = ops.sum(ops.matmul(turn, [1.0, 2.0]))
    np.testing.assert_allclose(tape.gradient(y, angle).numpy(), -1.8419, atol=1e-4)


FOUR = Variable(4.0)


@pytest.mark.parametrize(
    "table",
    [
        lambda a: [[a, 1.0], [2, True]],
        lambda a: [[1.0, 2.0], [3.0, a]],
        lambda a: ([[a], [2.0]], ((a,), np.array([3.0], np.float32))),
        lambda a: [[[a, 0.0]], [[0.0, a]], [[0.0, 0.0]]],
        lambda a: [[1.0, 2.0], ops.stack([a, a])],
        lambda a: [np.float32(1.0), a, FOUR],
    ],
)
def test_nested_lists_are_numpys_and_pass_gradients(table: Callable) -> None:
    a = Variable(7.0)
    with GradientTape() as tape:
        x = ops.convert_to_tensor(table(a))
        y = ops.sum(x)
    expected = np.array(table(np.float32(7.0)), np.float32)
    assert x.dtype == "float32"
    np.testing.assert_array_equal(x.numpy(), expected)
    assert tape.gradient(y, a).item() == (expected == 7.0).sum()
    recorded = function(lambda a: ops.convert_to_tensor(table(a)))(ops.convert_to_tensor(7.0))
    np.testing.assert_array_equal(recorded.numpy(), expected)


def test_nested_lists_go_wherever_arrays_do() -> None:
    a = Variable(3.0)
    calls: list[Callable] = [
        lambda: ops.matmul([[a, 0.0], [0.0, 1.0]], [1.0, 1.0]),
        lambda: ops.exp([[a, 1.0]]),
        lambda: ops.ones((1, 2)) * [[a, 1.0]],
        lambda: ops.where([[True, False]], [[a, a]], 0.0),
        lambda: ops.cast([[a]], "float64"),
        lambda: ops.concatenate([[[a]], [[2.0]]]),
        lambda: ops.mean([[a, 1.0], [2.0, 3.0]], axis=1),
    ]
    for call in calls:
        with GradientTape() as tape:
            y = ops.sum(call())
        assert tape.gradient(y, a).item() != 0.0


def test_numbers_in_lists_take_the_dtype_of_the_tensors_beside_them() -> None:
    wide = ops.convert_to_tensor(0.5, "float64")
    x = ops.convert_to_tensor([[wide, 0.1], [0.1, 1]])
    assert x.dtype == "float64"
    assert x.numpy()[:, 1].tolist() == [0.1, 1.0]
    assert x.numpy()[1, 0] == 0.1
    whole = ops.convert_to_tensor(1, "int64")
    assert ops.convert_to_tensor([[whole, 2], [3, 4]]).dtype == "int64"


@pytest.mark.parametrize(
    "table",
    [
        lambda a: [[a, a], [a]],
        lambda a: [[a, 1.0], [2.0]],
        lambda a: [a, [1.0, 2.0]],
        lambda a: [[1.0, [2.0]], [a, a]],
    ],
)
def test_ragged_lists_with_tensors_are_refused(table: Callable) -> None:
    with pytest.raises(ValueError, match="rows are of unequal length"):
        ops.convert_to_tensor(table(ops.convert_to_tensor(1.0)))


@pytest.mark.parametrize(
    ("numbers", "error", "sentence"),
    [
        ([[1, 2], [3]], ValueError, "rows are of unequal length"),
        (np.array([[1], [2, 3]], object), TypeError, "dtype object.*is of type list"),
        (["a"], TypeError, "text, such as 'a'"),
        (1j, TypeError, "complex128"),
        (np.clongdouble(1j), TypeError, "complex"),
        (np.array([1], "m8[s]"), TypeError, "timedelta64"),
        (np.zeros(2, [("a", "f4")]), TypeError, "cannot hold"),
        (b"ab", TypeError, "text"),
        (None, TypeError, "NoneType"),
        ({"a": 1}, TypeError, "dict"),
        (2**70, ValueError, "int64 cannot hold"),
        (np.array([2**63], np.uint64), ValueError, "int64 cannot hold"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "datetime64"),
    ],
    ids=repr,
)
def test_what_is_no_table_of_numbers_is_refused(numbers: Any, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        ops.convert_to_tensor(numbers)


def test_long_doubles_are_rounded_to_float64() -> None:
    x = np.array([1.0, 0.1], np.longdouble) / 3
    for numbers in (x, [x[0], x[1]], x[1]):
        assert ops.convert_to_tensor(numbers).dtype == "float64"
        np.testing.assert_array_equal(ops.convert_to_tensor(numbers), np.asarray(numbers, float))
    assert Variable(x, dtype="float32").dtype == "float32"
    assert ops.add(x, 1.0).dtype == "float64"


def test_numbers_are_cast_as_tensors_of_them_are() -> None:
    for number, dtype in [
        (300, "uint8"),
        (-1, "uint8"),
        (5, "bool"),
        (2.7, "int32"),
        (0.1, "bool"),
    ]:
        ours, theirs = ops.cast(number, dtype), ops.cast(ops.convert_to_tensor(number), dtype)
        assert (ours.dtype, ours.item()) == (dtype, theirs.item())
    with pytest.raises(ValueError, match="uint8 cannot hold 300"):
        ops.convert_to_tensor(300, "uint8")


def test_a_cast_to_its_own_dtype_is_the_tensor_itself() -> None:
    for dtype in engine.DTYPES:
        x = ops.cast([0, 1, 2], dtype)
        assert ops.cast(x, dtype) is x
        assert [ops.cast(x, other).dtype for other in engine.DTYPES] == list(engine.DTYPES)
    with pytest.raises(TypeError, match="2 arguments"):
        engine.in_dtype(x)
    with pytest.raises(TypeError):
        engine.in_dtype(x, "float32")
    with pytest.raises(TypeError, match="99"):
        engine.in_dtype(x, 99)
    assert engine.in_dtype([1.0], 0) is None


def test_sparse_and_ragged_tensors_and_unknown_dtypes_are_refused() -> None:
    with pytest.raises(ValueError, match="no sparse or ragged"):
        ops.convert_to_tensor([1.0], sparse=True)
    with pytest.raises(TypeError, match=r"float32.*Received: dtype='flaot32'"):
        ops.cast([1.0], "flaot32")


def test_dtypes_go_by_many_names() -> None:
    assert {dtypes.standardize_dtype(name) for name in (None, float, "float", np.float32)} == {
        "float32"
    }
    named = (
        int,
        bool,
        np.dtype("int64"),
        "uint8",
        "double",
        "half",
        np.int16,
        SimpleNamespace(name="bfloat16"),
    )
    assert [dtypes.standardize_dtype(name) for name in named] == [
        "int32",
        "bool",
        "int64",
        "uint8",
        "float64",
        "float16",
        "int16",
        "bfloat16",
    ]
    with pytest.raises(TypeError, match="float16"):
        dtypes.standardize_dtype("float8")


# ---- Python's operators ---------------------------------------------------------------------

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "@": lambda a, b: a @ b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
A = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
B = np.array([[2.0, 2.0], [1.0, 3.0]], np.float32)


@pytest.mark.parametrize("sign", OPERATORS)
def test_operators_are_numpys_from_both_sides(sign: str) -> None:
    compute = OPERATORS[sign]
    a, b = ops.convert_to_tensor(A), ops.convert_to_tensor(B)
    for ours in (compute(a, b), compute(a, B), compute(A, b)):
        assert isinstance(ours, Tensor)
        np.testing.assert_allclose(ours.numpy(), compute(A, B), rtol=1e-6)
    if sign != "@":
        np.testing.assert_allclose(compute(a, 2).numpy(), compute(A, 2), rtol=1e-6)
        np.testing.assert_allclose(compute(2, a).numpy(), compute(2, A), rtol=1e-6)
        assert compute(a, 2.0).dtype == compute(np.float64(2), a).dtype == compute(a, b).dtype


def test_signs_in_front_and_logic() -> None:
    a = ops.convert_to_tensor(A)
    np.testing.assert_array_equal((-a).numpy(), -A)
    np.testing.assert_array_equal(abs(-a).numpy(), A)
    assert +a is a
    small, large = a < 3, a > 1
    for ours, numpys in (
        (small & large, (A < 3) & (A > 1)),
        (small | ~large, (A < 3) | ~(A > 1)),
        (small ^ large, (A < 3) ^ (A > 1)),
        ([True, False] & small, [True, False] & (A < 3)),
        ([True, False] | small, [True, False] | (A < 3)),
        ([True, False] ^ small, [True, False] ^ (A < 3)),
    ):
        np.testing.assert_array_equal(ours.numpy(), numpys)


@pytest.mark.parametrize("dtype", ["int8", "int32", "int64", "uint8", "uint32"])
def test_logic_of_whole_numbers_is_bit_by_bit(dtype: str) -> None:
    numbers = np.array([0, 1, 6, 100], dtype)
    x = ops.convert_to_tensor(numbers)
    for compute in (
        lambda x: x & 3,
        lambda x: 3 & x,
        lambda x: x | 3,
        lambda x: 3 | x,
        lambda x: x ^ 3,
        lambda x: 3 ^ x,
        lambda x: ~x,
        lambda x: x & (x > 1),
        lambda x: (x > 1) | x,
    ):
        expected, found = compute(numbers), compute(x)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.numpy(), expected)
    with pytest.raises(TypeError, match="bitwise_and"):
        ops.ones(3) & 1


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
def test_logic_in_a_graph_and_of_variables_is_about_truth(dtype: str) -> None:
    """As Keras has it, whose tensors of whole numbers are combined bit by bit."""
    numbers = np.array([0, 1, 6, 0], dtype)
    placeholder, variable = KerasTensor((4,), dtype), Variable(numbers)
    for compute, wanted in (
        (lambda x: x & 2, [0, 1, 1, 0]),
        (lambda x: 2 & x, [0, 1, 1, 0]),
        (lambda x: x | False, [0, 1, 1, 0]),
        (lambda x: 0 | x, [0, 1, 1, 0]),
        (lambda x: x ^ True, [1, 0, 0, 1]),
        (lambda x: 3 ^ x, [1, 0, 0, 1]),
    ):
        for found in (compute(variable), Function(placeholder, compute(placeholder))(numbers)):
            assert found.dtype == "bool"
            assert found.numpy().tolist() == wanted
    assert Function(placeholder, ~placeholder)(numbers).numpy().tolist() == [1, 0, 0, 1]


def test_bytes_of_bools_become_zero_and_one() -> None:
    raw = np.array([[0, 2], [255, 1]], np.uint8).view(bool)
    for memory in (raw, raw.T, raw[:, ::-1]):
        x = ops.convert_to_tensor(memory)
        np.testing.assert_array_equal(x.numpy().view(np.uint8), memory.view(np.uint8) != 0)
        assert ops.sum(ops.cast(x, "int32")).item() == 3


def test_numbers_beside_tensors_are_weak() -> None:
    whole, small = ops.convert_to_tensor([1, 2]), ops.convert_to_tensor(np.ones(2, np.uint8))
    assert (whole + 1).dtype == "int32"
    assert (whole + 1.0).dtype == "float32"
    assert (small + 1).dtype == "uint8"
    assert (ops.convert_to_tensor([True]) + 1).dtype == "int32"
    assert (ops.convert_to_tensor(np.ones(1)) + 1.0).dtype == "float64"
    with pytest.raises(ValueError, match="uint8 cannot hold 300"):
        small + 300


def test_a_tensor_is_equal_to_no_none_and_hashes_by_identity() -> None:
    x = tensor(2)
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert len({x, x, tensor(2)}) == 2


COMPARISONS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}
COMPARED: dict[str, list] = {
    "bool": [False, True],
    "uint8": [0, 1, 2, 255],
    "int32": [-(2**31), -1, 0, 2, 2**31 - 1],
    "int64": [-(2**63), -1, 0, 2, 2**63 - 1],
    "float32": [-math.inf, -1.0, 0.0, 2.5, math.inf, math.nan],
    "float64": [-math.inf, -1.0, 0.0, 2.5, 1e300, math.inf, math.nan],
}
NUMBERS = [
    True, -1, 0, 2, 255, 256, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, 2**63,
    -(2**63), -(2**63) - 1, 10**30, -(10**30), 10**400, -(10**400), 0.5, -0.5, 2.5, 255.5, 1e30,
    -1e30, math.inf, -math.inf, math.nan,
]  # fmt: skip


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize("dtype", COMPARED)
def test_tensors_are_compared_with_any_number(dtype: str, name: str) -> None:
    python, brick = COMPARISONS[name], getattr(ops, name)
    array = np.array(COMPARED[dtype], dtype)
    x = ops.convert_to_tensor(array)
    for number in NUMBERS:
        forward = [python(one, number) for one in COMPARED[dtype]]
        backward = [python(number, one) for one in COMPARED[dtype]]
        for y in (python(x, number), brick(x, number), brick(array, number)):
            assert (y.dtype, y.numpy().tolist()) == ("bool", forward), number
        for y in (python(number, x), brick(number, x)):
            assert y.numpy().tolist() == backward, number


def test_what_is_recorded_compares_with_any_number() -> None:
    x = ops.convert_to_tensor(np.array([0, 255], np.uint8))
    compared = function(lambda x: [x == -1, x != 300, x < 10**30, x < -1, x >= 0.5, x != math.nan])
    answers = [y.numpy().tolist() for y in compared(x)]
    both, none = [True, True], [False, False]
    assert answers == [none, both, both, none, [False, True], both]


def test_two_numbers_are_compared_as_python_does() -> None:
    assert not ops.equal(-1, 10**30).item()
    assert ops.less(2**31, 2**31 + 0.5).item()


# ---- as a number, as a sequence -------------------------------------------------------------


def test_a_tensor_of_one_element_is_a_number() -> None:
    x = ops.convert_to_tensor([[2.5]])
    assert (float(x), int(x), bool(x), x.item(), f"{x:.1f}") == (2.5, 2, True, 2.5, "2.5")
    assert list("abc")[ops.convert_to_tensor(1)] == "b"
    with pytest.raises(TypeError, match="float32"):
        list("abc")[ops.convert_to_tensor(1.0)]
    with pytest.raises(ValueError, match=r"one element.*\(2,\)"):
        float(tensor(2))


def test_a_tensor_is_a_sequence_along_its_first_axis() -> None:
    x = tensor(3, 2)
    assert len(x) == 3
    assert [row.numpy().tolist() for row in x] == x.numpy().tolist()
    with pytest.raises(TypeError, match="without axes"):
        len(ops.convert_to_tensor(1.0))


def test_print_says_shape_dtype_and_values() -> None:
    assert repr(tensor(2)) == "Tensor(shape=(2,), dtype=float32, [0. 1.])"
    assert str(tensor(1, 2)) == "Tensor(shape=(1, 2), dtype=float32, [[0. 1.]])"
    assert repr(ops.convert_to_tensor(3)) == "Tensor(shape=(), dtype=int32, 3)"
    assert len(repr(tensor(1000, 1000))) < 1000


# ---- indexing -------------------------------------------------------------------------------

SHAPE = (4, 3, 5)


@st.composite
def keys(draw: Any) -> Any:
    """What NumPy takes between brackets for SHAPE: of arrays one, the others would part axes."""
    items: list[Any] = []
    has_array = False
    for length in SHAPE[: draw(st.integers(0, 3))]:
        number = st.integers(-length, length - 1)
        ends = st.one_of(st.none(), st.integers(-length - 2, length + 2))
        steps = st.sampled_from((None, 1, 2, -1, -3))
        kinds = [number, st.builds(slice, ends, ends, steps)]
        if not has_array:
            kinds.append(st.lists(number, max_size=4).map(lambda x: np.array(x, np.int64)))
        item = draw(st.one_of(kinds))
        has_array = has_array or isinstance(item, np.ndarray)
        items += [None] * draw(st.sampled_from((0, 0, 0, 1)))
        items.append(item)
    if draw(st.booleans()):
        items.insert(draw(st.integers(0, len(items))) if len(items) < 3 else len(items), ...)
    return tuple(items)


@given(keys())
def test_indexing_is_numpys(key: Any) -> None:
    array = np.arange(60.0).reshape(SHAPE)
    try:
        expected = array[key]
    except IndexError:
        with pytest.raises(IndexError):
            ops.convert_to_tensor(array)[key]
        return
    has_number_beside_array = any(isinstance(i, np.ndarray) for i in key) and any(
        isinstance(i, int) for i in key
    )
    ours = ops.convert_to_tensor(array)[key].numpy()
    if has_number_beside_array:  # NumPy moves such axes to the front when they are apart
        np.testing.assert_array_equal(np.sort(ours, axis=None), np.sort(expected, axis=None))
    else:
        np.testing.assert_array_equal(ours, expected)


def test_masks_and_several_arrays_pick_elements() -> None:
    array = np.arange(12.0).reshape(3, 4)
    x = ops.convert_to_tensor(array)
    for key in (array > 5, (slice(None), np.array([True, False, True, True])), ([0, 2], [1, -1])):
        np.testing.assert_array_equal(x[key].numpy(), array[key])
    np.testing.assert_array_equal(x[x > 5].numpy(), array[array > 5])
    np.testing.assert_array_equal(x[ops.convert_to_tensor([2, 0])].numpy(), array[[2, 0]])
    assert x[np.int64(1), ops.convert_to_tensor(2)].item() == 6.0


@pytest.mark.parametrize(
    ("key", "error", "sentence"),
    [
        (3, IndexError, "index 3 is out of bounds for axis 0 with size 2"),
        ((0, -4), IndexError, "axis 1 with size 3"),
        ((0, 0, 0), IndexError, "3 indices for a tensor of 2 axes"),
        ([0, 5], IndexError, "index 5"),
        (np.array([True]), IndexError, "mask has 1 values for axis 0 with size 2"),
        ((..., ...), IndexError, "only one"),
        (1.0, TypeError, "integers, slices"),
        ("a", TypeError, "'a'"),
        (np.array([1.0]), TypeError, "float64"),
        (True, TypeError, "True is not an index"),
    ],
    ids=repr,
)
def test_wrong_indices_are_refused(key: Any, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        tensor(2, 3)[key]


def test_other_kinds_of_keys() -> None:
    class Index(int):
        pass

    array = np.arange(12.0).reshape(3, 4)
    x = ops.convert_to_tensor(array)
    assert x[:: 2**70].numpy().tolist() == array[:1].tolist()
    assert x[Index(-1), np.uint8(3)].item() == 11.0
    one, two = ops.convert_to_tensor(1), ops.convert_to_tensor(2)
    assert x[one:two].numpy().tolist() == array[1:2].tolist()
    assert x[:] is x
    assert x[(None,) * 6].shape == (1,) * 6 + (3, 4)
    with pytest.raises(ValueError, match="at most 8 axes"):
        x[(None,) * 7]
    with pytest.raises(IndexError, match="indices"):
        x[(None,) * 100]
    with pytest.raises(IndexError, match="mask has 3 values for axis 1 with size 4"):
        x[0, np.array([True, False, True])]
    with pytest.raises(ValueError, match="step"):
        x[::0]


def test_a_key_may_drop_its_tensor() -> None:
    """Asked for its number, a bound of a slice may run any code, while x[key] reads x."""

    class Bound:
        def __index__(self) -> int:
            held.clear()
            return 1

    held = [ops.convert_to_tensor(np.arange(3.0))]
    assert held[0][Bound() :].numpy().tolist() == [1.0, 2.0]


def test_a_key_may_give_its_variable_another_tensor() -> None:
    class Bound:
        def __index__(self) -> int:
            x._handle = ops.zeros(3)._handle
            return 1

    x = ops.convert_to_tensor(np.arange(3.0)) + 1.0
    assert x[Bound() :].numpy().tolist() == [2.0, 3.0]
    assert x.numpy().tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("key", [1, slice(1, 3), (..., 0), (slice(None, None, -1), 1), None])
def test_a_view_of_a_variable_does_not_follow_it(key: Any) -> None:
    x = Variable(np.arange(12.0).reshape(4, 3))
    before = x.numpy()[key].copy()
    view = x[key]
    x.assign(ops.zeros((4, 3)))
    assert view.numpy().tolist() == before.tolist()


def test_a_view_lies_as_a_new_tensor_of_its_shape_where_it_can() -> None:
    """Programs are kept by the strides of what goes in."""
    x = tensor(4, 3)
    assert x[None]._handle.layout == tensor(1, 4, 3)._handle.layout
    assert x[::4]._handle.layout == tensor(1, 3)._handle.layout
    assert x[2, None]._handle.layout == tensor(1, 3)._handle.layout


def test_only_a_handle_is_held() -> None:
    x = tensor(2)
    handle = x._handle
    for wrong in (None, x, 1):
        with pytest.raises(TypeError, match="Handle"):
            x._handle = wrong
    with pytest.raises(TypeError, match="Handle"):
        del x._handle
    assert x._handle is handle
    with pytest.raises(AttributeError, match="_handle"):
        Tensor.__new__(Tensor).shape  # noqa: B018 - asking raises


def test_views_of_keys_have_gradients_and_are_recorded() -> None:
    def f(x: Any) -> Any:
        return x[1, ..., None, ::-2, None] * ops.convert_to_tensor([[1.0], [10.0]])

    x = ops.convert_to_tensor(np.arange(8.0).reshape(2, 4))
    x.requires_grad = True
    ops.sum(f(x)).backward()
    assert x.grad is not None
    assert x.grad.numpy().tolist() == [[0.0] * 4, [0.0, 10.0, 0.0, 1.0]]
    assert function(f)(x).numpy().tobytes() == f(x).numpy().tobytes()


@pytest.mark.parametrize(
    ("begin", "shape"), [((0, 0), (4, 3)), ((1, 2), (3, 1)), ((4, 0), (0, 3)), ((9, 0), (0, 2))]
)
def test_blocks_are_views_that_gradients_reach(begin: Any, shape: Any) -> None:
    x = ops.convert_to_tensor(np.arange(24.0).reshape(4, 6))[:, ::2]
    ends = tuple(first + length for first, length in zip(begin, shape))
    expected = x.numpy()[tuple(map(slice, begin, ends))]
    plain = ops.slice(x, begin, shape)
    assert plain.numpy().tolist() == expected.tolist()
    assert plain.shape == shape
    x.requires_grad = True
    ops.sum(ops.slice(x, begin, shape)).backward()
    assert x.grad is not None
    assert x.grad.numpy().sum() == expected.size
    recorded = function(lambda x: ops.slice(x, begin, shape))(x)
    assert recorded.numpy().tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("begin", "shape"), [((0, 1), (4, 3)), ((-1, 0), (1, 1)), ((0, 0), (-2, 1)), ((0,), (1,)),
                         ((2**70, 0), (1, 1)), ((0, 2**63 - 1), (1, 2))],
)  # fmt: skip
def test_blocks_that_leave_the_tensor_are_refused(begin: Any, shape: Any) -> None:
    with pytest.raises(ValueError, match="slice"):
        ops.slice(tensor(4, 3), begin, shape)


def test_repeated_indices_add_up_their_gradients() -> None:
    x = Variable([1.0, 2.0, 3.0])
    with GradientTape() as tape:
        y = ops.sum(x[[0, 0, 2]] * [1.0, 10.0, 100.0])
    assert tape.gradient(y, x).numpy().tolist() == [11.0, 0.0, 100.0]


def test_tensors_are_not_written_in_place() -> None:
    with pytest.raises(TypeError, match="slice_update"):
        tensor(2)[0] = 1.0


# ---- NumPy and others -----------------------------------------------------------------------


def test_numpy_takes_tensors() -> None:
    x = tensor(2, 3)
    np.testing.assert_array_equal(np.asarray(x), x.numpy())
    assert np.asarray(x).ctypes.data == x.numpy().ctypes.data
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert np.array(x).flags.writeable
    assert np.sum(x) == 15.0
    assert np.exp(x).shape == (2, 3)


def test_dlpack_works_both_ways() -> None:
    x = tensor(2, 3)
    array = np.from_dlpack(x)
    np.testing.assert_array_equal(array, x.numpy())
    assert array.ctypes.data == x.numpy().ctypes.data
    assert x.__dlpack_device__() == (1, 0)
    back = ops.convert_to_tensor(np.from_dlpack(x))
    np.testing.assert_array_equal(back.numpy(), x.numpy())


def test_what_speaks_only_dlpack_is_copied() -> None:
    class Exporter:
        def __init__(self, array: np.ndarray):
            self.array = array

        def __dlpack__(self, **options: Any) -> Any:
            return self.array.__dlpack__(**options)

        def __dlpack_device__(self) -> tuple[int, int]:
            return self.array.__dlpack_device__()

    array = np.arange(6, dtype=np.float32)
    x = ops.convert_to_tensor(Exporter(array))
    array[0] = 7
    assert x.numpy().tolist() == [0, 1, 2, 3, 4, 5]


def test_dlpack_reaches_torch() -> None:
    torch = pytest.importorskip("torch")
    x = tensor(2, 3)
    theirs = torch.from_dlpack(x)
    np.testing.assert_array_equal(theirs.numpy(), x.numpy())
    np.testing.assert_array_equal(ops.convert_to_tensor(torch.ones(2)).numpy(), [1.0, 1.0])


def test_the_buffer_is_read_only() -> None:
    view = tensor(2, 3).__buffer__(0)
    assert (view.shape, view.format, view.readonly) == ((2, 3), "f", True)


# ---- memory of others -----------------------------------------------------------------------

VIEWS: dict[str, Callable] = {
    "convert_to_tensor": ops.convert_to_tensor,
    "same dtype": lambda x: ops.cast(x, "float32"),
    "asked dtype": lambda x: ops.convert_to_tensor(x, "float32"),
    "reshape": lambda x: ops.reshape(x, (4, 3)),
    "transpose": ops.transpose,
    "broadcast_to": lambda x: ops.broadcast_to(x, (2, 3, 4)),
    "slice": lambda x: ops.slice(x, (0, 0), (2, 2)),
    "split": lambda x: ops.split(x, 2, axis=1),
    "unstack": ops.unstack,
    "expand_dims": lambda x: ops.expand_dims(x, 0),
    "one number alone": lambda x: ops.sum(x[:1], axis=0),
    "clip": lambda x: ops.clip(x, None, None),
    "stop_gradient": ops.stop_gradient,
    "logits": lambda x: ops.softmax(x).logits[1],
    "memory of a view": lambda x: ops.convert_to_tensor(x[::2]),
    "transposed": lambda x: ops.convert_to_tensor(x.T),
    "a broadcast look": lambda x: ops.convert_to_tensor(np.broadcast_to(x, (2, 3, 4))),
    "a read-only look": lambda x: ops.convert_to_tensor(read_only(x[:])),
    "a memoryview": lambda x: ops.convert_to_tensor(memoryview(x)),
    "in a list": lambda x: ops.convert_to_tensor([x, ops.ones((3, 4))]),
    "a variable": Variable,
    "a variable's assignment": lambda x: Variable(np.ones((3, 4))).assign(x),
    "a layer": lambda x: layers.Flatten()(x),
    "a model": lambda x: Sequential([layers.Flatten()])(x),
    "a function": function(lambda x: x),
    "a function's view": function(lambda x: ops.reshape(x, -1)),
    "an initializer": lambda x: initializers.get(x)((3, 4)),
}  # fmt: skip


def read_only(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x


@pytest.mark.parametrize("name", VIEWS)
def test_tensors_do_not_change_when_arrays_are_written(name: str) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    made = leaves(VIEWS[name](array))
    before = [np.array(y) for y in made]
    array[:] = 777.0
    for y, kept in zip(made, before):
        np.testing.assert_array_equal(np.array(y), kept)


def test_no_operation_gives_a_view_of_an_array() -> None:
    functions = [getattr(ops, name) for name in ops.__all__]
    count = 0
    for f in functions:
        array = np.arange(1.0, 17.0, dtype=np.float32).reshape(4, 4)
        try:
            made = [y for y in leaves(f(array)) if isinstance(y, Tensor)]
        except (TypeError, ValueError, IndexError):
            continue  # it wants something else
        before = [np.array(y) for y in made]
        array[:] = 777.0
        for y, kept in zip(made, before):
            np.testing.assert_array_equal(np.array(y), kept, err_msg=f.__name__)
        count += 1
    assert count > 60


@pytest.mark.parametrize("brick", ["multiply", "divide", "power", "maximum", "matmul", "where"])
def test_a_tape_keeps_the_numbers_that_it_saw(brick: str) -> None:
    def gradient(is_written: bool) -> np.ndarray:
        array = np.array([[2.0, 3.0], [0.5, 4.0]], np.float32)
        mask = np.array([[True, False], [True, True]])
        w = Variable([[1.5, 2.5], [3.5, 1.0]])
        with GradientTape() as tape:
            if brick == "where":
                y = ops.where(mask, w, array)
            else:
                y = getattr(ops, brick)(w, array) + getattr(ops, brick)(array, w)
        if is_written:
            array[:], mask[:] = 50.0, False
        return tape.gradient(ops.sum(y), w).numpy()

    np.testing.assert_array_equal(gradient(True), gradient(False))


def test_a_tape_keeps_the_numbers_beside_a_list_that_it_watches() -> None:
    for brick in (ops.multiply, ops.matmul):
        array, w = np.array([[2.0]], np.float32), Variable(1.0)
        with GradientTape() as tape:
            y = ops.sum(brick([[w]], array) + brick(array, [[w]]))
        array[:] = 50.0
        assert tape.gradient(y, w).item() == 4.0


def test_a_layer_under_a_tape_keeps_its_inputs() -> None:
    array, layer = np.array([[2.0]], np.float32), layers.Dense(1, use_bias=False)
    layer.build((None, 1))
    for call in (layer, Sequential([layer])):
        array[:] = 2.0
        with GradientTape() as tape:
            y = ops.sum(call(array))
        array[:] = 50.0
        assert tape.gradient(y, layer.kernel).item() == 2.0


def test_what_was_asked_for_by_hand_keeps_its_numbers() -> None:
    array, x = np.array([2.0], np.float32), ops.convert_to_tensor([3.0])
    x.requires_grad = True
    y = x * array
    array[:] = 50.0
    y.backward()
    assert x.grad.item() == 2.0


def test_a_program_keeps_the_constants_that_it_saw() -> None:
    array, view = np.array([2.0], np.float32), np.array([[1.0, 2.0]], np.float32)
    times = function(lambda x: (x * array, ops.transpose(view) + x, ops.convert_to_tensor(array)))
    x = ops.convert_to_tensor([1.0])
    first = [y.numpy().tolist() for y in times(x)]
    program = times.program
    array[:], view[:] = 50.0, 50.0
    assert [y.numpy().tolist() for y in program((x,), {})] == first
    assert times(x)[0].item() == 50.0  # which is another program


def test_what_nobody_can_write_is_not_copied() -> None:
    array = read_only(np.arange(4, dtype=np.float32))
    assert np.shares_memory(ops.convert_to_tensor(array).numpy(), array)
    assert np.shares_memory(ops.convert_to_tensor(array[1:]).numpy(), array)
    look = np.frombuffer(b"\x00\x00\x80?", np.float32)
    assert np.shares_memory(ops.convert_to_tensor(look).numpy(), look)
    theirs = ops.convert_to_tensor([1.0, 2.0]).numpy()
    assert np.shares_memory(ops.convert_to_tensor(theirs).numpy(), theirs)


def test_memory_that_others_can_write_is_copied() -> None:
    words = bytearray(4)
    x = ops.convert_to_tensor(np.frombuffer(memoryview(words).toreadonly(), np.float32))
    words[3] = 64
    assert x.numpy().tolist() == [0.0]


def test_columns_of_pandas_are_copied() -> None:
    pandas = pytest.importorskip("pandas")
    column = pandas.Series([1.0, 2.0])
    x = ops.convert_to_tensor(column)
    column.iloc[0] = 50.0
    assert x.numpy().tolist() == [1.0, 2.0]


def test_tensors_of_torch_are_copied() -> None:
    torch = pytest.importorskip("torch")
    theirs = torch.ones(2)
    x = ops.convert_to_tensor(theirs)
    theirs += 50.0
    assert x.numpy().tolist() == [1.0, 1.0]


def test_rows_to_train_on_are_not_copied() -> None:
    x = np.zeros((64, 256), np.float32)
    adapter = RowAdapter(read_rows(x), 32)
    assert np.shares_memory(engine.array_over(adapter.handles[0]), x)


# ---- variables ------------------------------------------------------------------------------


def test_a_variable_is_written_by_assign_alone() -> None:
    first = np.array([1.0, 2.0], np.float32)
    v = Variable(first)
    first[:] = 9.0
    assert v.numpy().tolist() == [1.0, 2.0]
    seen = v.numpy()
    v.assign([3.0, 4.0]).assign_add([1.0, 1.0])
    v.assign_sub([0.5, 0.5])
    assert v.numpy().tolist() == [3.5, 4.5]
    assert seen.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"'variable.*\(2,\).*\(3,\)"):
        v.assign([1.0, 2.0, 3.0])


def test_what_is_added_to_a_variable_takes_its_shape_and_dtype() -> None:
    v = Variable(np.ones((2, 3), "float32"))
    before = v.value
    v.assign_add(np.array([1.0, 2.0, 3.0])).assign_sub(0.5).assign_add(v)
    assert v.numpy().tolist() == [[3.0, 5.0, 7.0]] * 2
    assert before.numpy().tolist() == [[1.0] * 3] * 2
    whole = Variable(np.array([1, 2], "int32"))
    assert whole.assign_add(1.7).numpy().tolist() == [2, 3]  # the sum is cut, not the number
    for wider in (np.ones((4, 2, 3), "float32"), np.ones(2, "float32")):
        with pytest.raises(ValueError, match="shape"):
            v.assign_add(wider)
    assert v.numpy().tolist() == [[3.0, 5.0, 7.0]] * 2


def test_a_tape_sees_what_is_added_to_a_variable() -> None:
    v, x = Variable([2.0]), Variable([3.0])
    with GradientTape() as tape:
        y = v * x
        v.assign_add(x)
        y = y + v * x
    with pytest.raises(ValueError, match="assigned to after it had been used"):
        tape.gradient(y, x)


def test_a_variable_may_be_assigned_a_view_of_itself() -> None:
    v = Variable([1.0, 2.0, 3.0])
    v.assign(v[::-1])
    assert v.numpy().tolist() == [3.0, 2.0, 1.0]


def test_a_variable_keeps_its_dtype() -> None:
    v = Variable(0, dtype="int64")
    v.assign(1.9)
    assert (v.dtype, v.numpy().item()) == ("int64", 1)


def test_a_variable_is_made_by_a_function_of_shape_and_dtype() -> None:
    v = Variable(lambda shape, dtype: ops.ones(shape, dtype), shape=(2,), dtype="float64", name="w")
    assert (v.shape, v.dtype, v.name, v.path) == ((2,), "float64", "w", "w")
    assert repr(v) == "<Variable path=w, shape=(2,), dtype=float64, value=[1. 1.]>"
    with pytest.raises(ValueError, match="needs a shape"):
        Variable(lambda shape, dtype: ops.ones(shape, dtype))


@pytest.mark.parametrize("shape", [(6,), (3, -1), (1, 6, 1)])
def test_reshape_takes_lengths_or_a_shape(shape: tuple[int, ...]) -> None:
    x = tensor(2, 3)
    assert x.reshape(shape).shape == x.reshape(*shape).shape == x.numpy().reshape(shape).shape
    assert x.T.shape == (3, 2)
    assert x.astype("int32").dtype == "int32"


def test_numbers_of_numpy_beyond_the_dtype_compare_as_pythons_do() -> None:
    x = ops.convert_to_tensor(np.array([0, 255], "uint8"))
    for big in (np.uint64(2**63), np.int64(-5), np.int16(300)):
        assert (x == big).numpy().tolist() == [False, False]
        assert (x < big).numpy().tolist() == [int(big) > 0] * 2
        assert (big >= x).numpy().tolist() == [int(big) > 0] * 2
    assert (x == np.uint64(255)).numpy().tolist() == [False, True]


# Dtypes together

# The lattice behind keras.backend.result_type of Keras 3.15, before it cuts 64 bits to 32.
PROMOTED = {
    "bool": "bool uint8 int32 int64 float32 float64",
    "uint8": "uint8 uint8 int32 int64 float32 float64",
    "int32": "int32 int32 int32 int64 float32 float64",
    "int64": "int64 int64 int64 int64 float32 float64",
    "float32": "float32 float32 float32 float32 float32 float64",
    "float64": "float64 float64 float64 float64 float64 float64",
}


@pytest.mark.parametrize("first", PROMOTED)
def test_dtypes_are_promoted_as_in_keras(first: str) -> None:
    for second, expected in zip(PROMOTED, PROMOTED[first].split()):
        a, b = ops.ones(2, first), ops.ones(2, second)
        assert dtypes.common(first, second) == expected
        if expected != "bool":
            assert (a + b).dtype == expected
        assert ops.concatenate([a, b]).dtype == expected
        assert ops.convert_to_tensor([a, b]).dtype == expected
