"""pylego.utils: one-hot rows and normalizing, as Keras does them, and what they refuse."""

from collections import OrderedDict, defaultdict, deque

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from pylego import Tensor, Variable, constraints, initializers, name_scope, ops, tree
from pylego.utils import normalize, np_utils, to_categorical

LABEL_DTYPES = ["int64", "int32", "uint8", "float32", "float16", ">i4", "bool", object]
label_arrays = hnp.arrays(
    st.sampled_from(["int64", "uint8", ">i2", "float64"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    elements=st.integers(0, 9),
)


@given(label_arrays)
def test_one_hot_rows_give_the_labels_back(labels):
    before = labels.copy()
    rows = to_categorical(labels, 10)
    squeezed = labels.ndim > 1 and labels.shape[-1] == 1
    expected_labels = labels[..., 0] if squeezed else labels
    assert rows.shape == (*expected_labels.shape, 10)
    assert rows.dtype == np.float64
    assert np.array_equal(rows.argmax(-1), expected_labels)
    assert np.array_equal(rows.sum(-1), np.ones(expected_labels.shape))
    assert np.array_equal(labels, before)


@given(st.lists(st.integers(0, 50), min_size=1))
def test_classes_are_counted_by_the_greatest_label(labels):
    assert to_categorical(labels).shape == (len(labels), max(labels) + 1)


# Shapes that keras.utils.to_categorical of Keras 3.15.1 gives.
@pytest.mark.parametrize(
    ("x", "num_classes", "shape"),
    [
        ([0, 2, 1], None, (3, 3)),
        ([[0], [2]], None, (2, 3)),
        ([[0, 1], [2, 1]], None, (2, 2, 3)),
        (3, None, (4,)),
        ([], 3, (0, 3)),
        ([5], None, (1, 6)),
        ([[[1]]], None, (1, 1, 2)),
        ([True, False], None, (2, 2)),
    ],
)
def test_shapes_are_those_of_keras(x, num_classes, shape):
    assert to_categorical(x, num_classes).shape == shape


@pytest.mark.parametrize("dtype", LABEL_DTYPES)
def test_any_dtype_that_holds_whole_numbers_is_accepted(dtype):
    rows = to_categorical(np.array([1, 0, 1], dtype), np.int32(2))
    assert rows.tolist() == [[0, 1], [1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("x", "num_classes", "message"),
    [
        ([0, 1, -2], None, r"x\[2\] is -2, which is negative"),
        ([[0, 1], [7, 9]], 5, r"x\[1, 0\] is 7, which does not fit num_classes=5.* 0 to 4"),
        (4, 4, r"x is 4, which does not fit num_classes=4"),
        ([0.0, 0.5], None, r"x\[1\] is 0.5, which is not a whole number"),
        ([0, np.nan], None, r"x\[1\] is nan, which is not a whole number"),
        ([np.inf], 3, r"x\[0\] is inf, which is not a whole number"),
        ([], None, "no labels to count"),
        ([0], 0, "num_classes of 1 or more, got 0"),
        ([], -3, "num_classes of 1 or more, got -3"),
        ([[0, 1], [2]], None, "the labels form no array"),
    ],
)
def test_bad_labels_are_refused_with_their_place(x, num_classes, message):
    with pytest.raises(ValueError, match=message):
        to_categorical(x, num_classes)


@pytest.mark.parametrize("x", [["cat", "dog"], ["1", "2"], [1j], [None], [b"1"]])
def test_labels_that_are_no_numbers_are_refused(x):
    with pytest.raises(TypeError, match="needs whole numbers as labels"):
        to_categorical(x)


@pytest.mark.parametrize("num_classes", [2.0, "3"])
def test_num_classes_must_be_an_integer(num_classes):
    with pytest.raises(TypeError):
        to_categorical([0], num_classes)


def test_absurd_labels_are_an_error_and_no_crash():
    with pytest.raises((MemoryError, ValueError)):
        to_categorical([2**62, 0])


@given(
    hnp.arrays(
        st.sampled_from(["float32", "float64"]),
        hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=4),
        elements=st.floats(-100, 100, width=16),
    ),
    st.data(),
)
def test_normalized_vectors_have_length_one_and_point_the_same_way(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    order = data.draw(st.sampled_from([1, 2, np.inf]))
    y = normalize(x, axis, order)
    length = np.linalg.norm(x.astype("float64"), order, axis, keepdims=True)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y * length, x, rtol=1e-4, atol=1e-6)


def test_zero_vectors_stay_zero_and_integers_become_floats():
    y = normalize([[0, 0], [6, 8]])
    assert y.tolist() == [[0, 0], [0.6, 0.8]]


def test_one_vector_comes_back_as_one_row_as_in_keras():
    assert normalize([3.0, 4.0]).tolist() == [[0.6, 0.8]]


def test_normalize_along_an_axis_that_is_not_there():
    with pytest.raises(IndexError, match="axis 2"):
        normalize(np.ones((2, 2)), axis=2)
    with pytest.raises(TypeError):
        normalize(np.ones((2, 2)), axis=None)


def test_np_utils_of_old_tutorials():
    assert np_utils.to_categorical([1]).tolist() == [[0, 1]]
    assert np_utils.normalize is normalize


def test_classes_in_a_tensor_give_a_tensor():
    rows = to_categorical(ops.convert_to_tensor([[2], [0]]))
    assert isinstance(rows, Tensor)
    assert rows.dtype == "float32"
    assert rows.numpy().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_deques_and_ordered_and_default_dictionaries_are_structures():
    queue = deque([1, [2]], maxlen=3)
    assert tree.flatten(queue) == [1, 2]
    assert tree.map_structure(lambda x: -x, queue) == deque([-1, [-2]])
    assert tree.map_structure(lambda x: -x, queue).maxlen == 3
    assert tree.pack_sequence_as(queue, [3, 4]) == deque([3, [4]])
    ordered = OrderedDict([("b", 1), ("a", 2)])
    assert tree.flatten(ordered) == [1, 2]
    assert tree.flatten(dict(ordered)) == [2, 1]
    assert tree.pack_sequence_as(ordered, [3, 4]) == OrderedDict([("b", 3), ("a", 4)])
    mapped = tree.map_structure(str, defaultdict(list, a=1))
    assert mapped == {"a": "1"}
    assert mapped["new"] == []


def test_what_a_variable_is_told_is_checked_at_once():
    v = Variable([1.0])
    for name in ("constraint", "regularizer"):
        with pytest.raises(ValueError, match=f"{name} of a variable is a function"):
            setattr(v, name, "l2")
        setattr(v, name, abs)
        setattr(v, name, None)
    with pytest.raises(TypeError, match="True or False"):
        v.overwrite_with_gradient = "yes"
    with pytest.raises(ValueError, match="without '/'"):
        name_scope("a/b")


def test_keras_s_other_names_of_two_initializers_and_the_base_of_constraints():
    assert initializers.IdentityInitializer is initializers.Identity
    assert isinstance(initializers.get("OrthogonalInitializer"), initializers.Orthogonal)
    assert constraints.Constraint()(3.0) == 3.0
