"""Tensors and variables: made of anything, indexed as NumPy does it, handed to NumPy and others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from pylego import GradientTape, Tensor, Variable, config, dtypes, ops


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
        (np.ones(3, np.float16), "float32"),
        (np.ones(3, np.int8), "int32"),
        (np.ones(3, np.uint8), "uint8"),
        (np.ones(3, np.uint16), "int32"),
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
        config.set_floatx("float16")


def test_lists_may_hold_tensors() -> None:
    x = Variable([1.0, 2.0])
    with GradientTape() as tape:
        y = ops.sum(ops.convert_to_tensor([x, x * 2.0]))
    assert tape.gradient(y, x).numpy().tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("numbers", "error", "sentence"),
    [
        ([[1, 2], [3]], ValueError, "rows are of unequal length"),
        (np.array([[1], [2, 3]], object), TypeError, "dtype object.*is a list"),
        (["a"], TypeError, "text, such as 'a'"),
        (1j, TypeError, "complex128"),
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


def test_sparse_and_ragged_tensors_and_unknown_dtypes_are_refused() -> None:
    with pytest.raises(ValueError, match="no sparse or ragged"):
        ops.convert_to_tensor([1.0], sparse=True)
    with pytest.raises(TypeError, match=r"float32.*Received: dtype='flaot32'"):
        ops.cast([1.0], "flaot32")


def test_dtypes_go_by_many_names() -> None:
    assert {dtypes.standardize_dtype(name) for name in (None, float, "float", np.float32)} == {
        "float32"
    }
    named = (int, bool, np.dtype("int64"), "uint8", "double")
    assert [dtypes.standardize_dtype(name) for name in named] == [
        "int32",
        "bool",
        "int64",
        "uint8",
        "float64",
    ]
    with pytest.raises(TypeError, match="float16"):
        dtypes.standardize_dtype("float16")


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


# ---- as a number, as a sequence -------------------------------------------------------------


def test_a_tensor_of_one_element_is_a_number() -> None:
    x = ops.convert_to_tensor([[2.5]])
    assert (float(x), int(x), bool(x), x.item(), f"{x:.1f}") == (2.5, 2, True, 2.5, "2.5")
    assert list("abc")[ops.convert_to_tensor(1)] == "b"
    with pytest.raises(TypeError, match="float32"):
        list("abc")[ops.convert_to_tensor(1.0)]
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
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
        (True, TypeError, "True is no index"),
    ],
    ids=repr,
)
def test_wrong_indices_are_refused(key: Any, error: type, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        tensor(2, 3)[key]


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


def test_dlpack_works_both_ways_without_a_copy() -> None:
    x = tensor(2, 3)
    array = np.from_dlpack(x)
    np.testing.assert_array_equal(array, x.numpy())
    assert array.ctypes.data == x.numpy().ctypes.data
    assert x.__dlpack_device__() == (1, 0)
    back = ops.convert_to_tensor(np.from_dlpack(x))
    assert back.numpy().ctypes.data == x.numpy().ctypes.data


def test_what_speaks_only_dlpack_is_read_without_a_copy() -> None:
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
    assert x.numpy().tolist() == [7, 1, 2, 3, 4, 5]


def test_dlpack_reaches_torch() -> None:
    torch = pytest.importorskip("torch")
    x = tensor(2, 3)
    theirs = torch.from_dlpack(x)
    np.testing.assert_array_equal(theirs.numpy(), x.numpy())
    np.testing.assert_array_equal(ops.convert_to_tensor(torch.ones(2)).numpy(), [1.0, 1.0])


def test_the_buffer_is_read_only() -> None:
    view = tensor(2, 3).__buffer__(0)
    assert (view.shape, view.format, view.readonly) == ((2, 3), "f", True)


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
