"""What programs for TensorFlow and for Keras 1 say in passing, under `as_keras()`."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import backend as K, engine, layers, ops
from pylego.autograd import GradientTape
from pylego.older import notes
from pylego.older.initializers import of_shape
from pylego.older.shapes import TensorShape

X = np.arange(6, dtype="float32").reshape(2, 3)


@pytest.fixture
def tf() -> Iterator[Any]:
    notes.forget()
    with pylego.as_keras():
        yield importlib.import_module("tensorflow")


# ---- shapes and numbers ----


def test_shapes_are_lists_too_where_keras_reaches_pylego() -> None:
    with pylego.as_keras():
        tensor, variable = ops.convert_to_tensor(X), pylego.Variable(X)
        placeholder = layers.Dense(4)(layers.Input((3,)))
        for x, shape in ((tensor, [2, 3]), (variable, [2, 3]), (placeholder, [None, 4])):
            assert x.shape.as_list() == shape
            assert x.shape[1:].as_list() == shape[1:]
            assert (x.shape.rank, x.shape.ndims) == (2, 2)
            assert isinstance(x.shape, tuple)
        assert [7] + tensor.shape[1:] == (7, 3) == (7,) + tensor.shape[1:]  # noqa: RUF005
        assert tensor.shape + [5] == (2, 3, 5) == tensor.shape.concatenate([5])  # noqa: RUF005
        assert tensor.shape.num_elements() == 6
        assert placeholder.shape.num_elements() is None
        assert not placeholder.shape.is_fully_defined()
        assert ops.reshape(tensor, tensor.shape[::-1]).shape == (3, 2)
        assert {tensor.shape: 1}[2, 3] == 1
    for x in (ops.convert_to_tensor(X), layers.Input((3,))):
        assert type(x.shape) is tuple


@pytest.mark.parametrize("kind", [3, list, "tuple"])
def test_shapes_are_of_classes_below_tuple(kind: Any) -> None:
    with pytest.raises(TypeError, match="below tuple"):
        engine.set_shape_class(kind)
    assert type(ops.convert_to_tensor(X).shape) is tuple


def test_a_class_of_shapes_that_fails_says_so() -> None:
    class Failing(tuple):
        def __new__(cls, lengths: Any) -> Failing:
            raise RuntimeError("no shape today")

    x = ops.convert_to_tensor(X)
    engine.set_shape_class(Failing)
    try:
        with pytest.raises(RuntimeError, match="no shape today"):
            x.shape  # noqa: B018
    finally:
        engine.set_shape_class(None)
    assert x.shape == (2, 3)


def test_a_shape_stays_one_when_it_is_copied() -> None:
    assert type(TensorShape((1, None))[0:]) is TensorShape
    assert TensorShape((4, 5))[1] == 5


def test_numbers_are_copies_and_those_without_axes_are_keys(tf: Any) -> None:
    x = tf.constant(X)
    numbers = x.numpy()
    numbers[0, 0] = 9.0
    assert x.numpy()[0, 0] == 0
    assert {3: "three"}[tf.constant(3).numpy()] == "three"
    assert np.asarray(tf.constant(3)).shape == ()
    assert "CPU" in x.device


def test_numbers_are_looked_at_otherwise() -> None:
    numbers = ops.convert_to_tensor(X).numpy()
    assert not numbers.flags.writeable
    assert isinstance(ops.convert_to_tensor(3).numpy(), np.ndarray)


def test_texts_are_tensors_of_texts(tf: Any) -> None:
    assert ops.convert_to_tensor(["a", "b"]).numpy().tolist() == [b"a", b"b"]
    assert tf.shape(["a", "b"]) == (2,)
    assert tf.cast(np.array(["a"]), tf.string).tolist() == ["a"]
    assert tf.cast(X, tf.int32).dtype == "int32"
    upper = tf.function(lambda texts: tf.strings.upper(texts))
    assert upper(tf.constant(["a"])).tolist() == ["A"]
    assert upper.get_concrete_function()(tf.constant(["b"])).tolist() == ["B"]


def test_texts_are_no_tensors_otherwise() -> None:
    with pytest.raises(TypeError, match="cannot hold text"):
        ops.convert_to_tensor(["a"])


# ---- tapes and random numbers ----


def test_jacobians_are_those_of_mathematics(tf: Any) -> None:
    x, w = tf.constant(X), tf.constant(np.ones((3, 2), "float32"))
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, w])
        y = tf.matmul(x * x, w)
    of_x, of_w = tape.jacobian(y, [x, w])
    assert (of_x.shape, of_w.shape) == ((2, 2, 2, 3), (2, 2, 3, 2))
    expected = np.zeros((2, 2, 2, 3), "float32")
    for row in range(2):
        expected[row, :, row] = 2 * X[row]
    assert np.array_equal(of_x.numpy(), expected)
    of_samples = tape.batch_jacobian(y, x).numpy()
    assert np.array_equal(of_samples, np.stack([expected[row, :, row] for row in range(2)]))


def test_a_tape_that_is_not_persistent_gives_one_jacobian(tf: Any) -> None:
    x, other = tf.constant(2.0), tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch([x, other])
        y = x * x
    zero = tf.UnconnectedGradients.ZERO
    found = tape.jacobian(y, [x, other], unconnected_gradients=zero)
    assert [one.numpy() for one in found] == [4, 0]
    with pytest.raises(RuntimeError, match="persistent"):
        tape.gradient(y, x)
    assert isinstance(tape, GradientTape)


def test_candidates_are_drawn_by_their_probabilities(tf: Any) -> None:
    draw = tf.random.log_uniform_candidate_sampler
    drawn = draw([[3]], 1, 2000, False, 10, seed=1)
    shares = np.bincount(drawn.sampled_candidates.numpy(), minlength=10) / 2000
    expected = np.diff(np.log(np.arange(1, 12))) / np.log(11)
    assert np.abs(shares - expected).max() < 0.04
    of_tensorflow = draw([[3]], 1, 4, False, 10)[1].numpy().tolist()
    assert of_tensorflow == [[pytest.approx(0.3722323477268219, rel=1e-6)]]
    unique = draw([[3]], 1, 10, True, 10, seed=2).sampled_candidates.numpy()
    assert sorted(unique.tolist()) == [*range(10)]
    again = [draw([[3]], 1, 4, True, 10, seed=5).sampled_candidates.numpy() for _ in range(2)]
    assert np.array_equal(*again)
    uniform = tf.random.uniform_candidate_sampler([[3]], 1, 4, True, 4, seed=3)
    assert sorted(uniform.sampled_candidates.numpy().tolist()) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="there are 3 classes"):
        draw([[0]], 1, 4, True, 3)


def test_bounds_of_a_recording_may_be_tensors(tf: Any) -> None:
    @tf.function
    def drawn(most: Any) -> Any:
        return tf.random.uniform((50,), minval=-most, maxval=most, dtype=tf.int32)

    numbers = drawn(tf.constant(3)).numpy()
    assert numbers.dtype == np.int32
    assert set(numbers.tolist()) <= {-3, -2, -1, 0, 1, 2}


def test_a_whole_number_of_a_recording_is_looked_at(tf: Any) -> None:
    rolled = tf.function(lambda x, shift: tf.roll(x, shift=[shift], axis=[0]))
    with pytest.warns(UserWarning, match="runs in Python"):
        found = rolled(tf.constant([1, 2, 3]), tf.constant(1))
    assert found.numpy().tolist() == [3, 1, 2]


def test_edges_are_those_of_tensorflow(tf: Any) -> None:
    picture = np.arange(12, dtype="float32").reshape(1, 3, 4, 1) ** 2
    expected = [
        [[0, 0], [0, 48], [0, 64], [0, 0]],
        [[288, 0], [320, 80], [384, 96], [416, 0]],
        [[0, 0], [0, 112], [0, 128], [0, 0]],
    ]
    assert tf.image.sobel_edges(picture).numpy()[0, :, :, 0].tolist() == expected


def test_files_may_match_one_of_several_patterns(tf: Any, tmp_path: Any) -> None:
    for name in ("a.csv", "b.csv", "c.txt"):
        (tmp_path / name).write_text("x")
    found = tf.data.Dataset.list_files([f"{tmp_path}/a*", f"{tmp_path}/*.csv"], shuffle=False)
    assert [path[-5:] for path in found] == ["a.csv", "b.csv"]


# ---- words of Keras 1 and 2 ----


def test_merges_share_the_input_of_a_shared_branch(tf: Any) -> None:
    from keras.layers import Dense, Merge
    from keras.models import Sequential

    one, two = (Sequential([Dense(4, input_shape=(3,))]) for _ in range(2))
    sums = Sequential([Merge([one, two], mode="sum")])
    model = Sequential([Merge([sums, two], mode="concat")])
    assert len(model.inputs) == 2
    first, second = np.ones((2, 3)), np.full((2, 3), 2.0)
    of_two = two.predict(second, verbose=0)
    expected = np.concatenate([one.predict(first, verbose=0) + of_two, of_two], -1)
    np.testing.assert_allclose(model.predict([first, second], verbose=0), expected, rtol=1e-6)


def test_functions_of_a_shape_and_a_name_make_weights(tf: Any) -> None:
    from keras.initializations import identity, normal
    from keras.layers import SimpleRNN

    layer = SimpleRNN(
        output_dim=3,
        init=lambda shape, name: normal(shape, scale=0.001, name=name),
        inner_init=lambda shape, name: identity(shape, scale=2.0, name=name),
        input_shape=(4, 2),
    )
    layer.build((None, 4, 2))
    assert np.array_equal(layer.cell.recurrent_kernel.numpy(), 2 * np.eye(3))
    assert 0 < np.abs(layer.cell.kernel.numpy()).max() < 0.01
    today = lambda shape, dtype=None: 0  # noqa: E731
    assert of_shape(today) is today
    assert of_shape("zeros") == "zeros"


def test_arguments_of_functions_of_keras_1(tf: Any) -> None:
    from keras import backend
    from keras.engine.training import slice_X
    from keras.utils.generic_utils import slice_arrays

    assert np.abs(backend.random_normal((100,), std=1e-3).numpy()).max() < 0.1
    assert backend.random_uniform((100,), low=5.0, high=6.0).numpy().min() >= 5
    assert [len(one) for one in slice_X([X, X], 0, 1)] == [1, 1]
    assert slice_arrays(X, [1, 0])[0, 0] == 3
    with pytest.raises(TypeError, match="std"):
        K.random_normal((1,), std=1.0)


def test_reuters_takes_nb_words(tf: Any, tmp_path: Any) -> None:
    from keras.datasets import reuters

    words = np.empty(4, object)
    words[:] = [[1, 2, 50], [3], [4, 60], [5]]
    np.savez(tmp_path / "reuters.npz", x=words, y=np.arange(4))
    (x, _), _ = reuters.load_data(str(tmp_path / "reuters.npz"), nb_words=10)
    assert max(max(row) for row in x) < 10


def test_a_dataset_may_call_its_length_num_batches() -> None:
    class Batches(pylego.utils.Sequence):
        def __init__(self, num_batches: int):
            super().__init__()
            self.num_batches = num_batches

        def __len__(self) -> int:
            return self.num_batches

        def __getitem__(self, index: int) -> Any:
            return X, X

    assert Batches(3).num_batches == len(list(Batches(3))) == 3


def test_attention_looks_back_only_in_the_words_of_keras_2(tf: Any) -> None:
    x = np.arange(6, dtype="float32").reshape(1, 3, 2) / 5
    with pytest.warns(UserWarning, match="use_causal_mask"):
        layer = tf.keras.layers.Attention(causal=True)
    of_tensorflow = [[0.0, 0.2], [0.2394750565, 0.4394750893], [0.5770797729, 0.7770797610]]
    np.testing.assert_allclose(layer([x, x])[0], of_tensorflow, rtol=1e-6)
    assert type(layer).from_config(layer.get_config())._is_causal
    assert "causal" not in layers.Attention().get_config()


def test_states_are_asked_for_with_inputs() -> None:
    layer = layers.GRU(4)
    assert [x.shape for x in layer.get_initial_state(np.ones((5, 3, 2)))] == [(5, 4)]
    assert [x.shape for x in layer.get_initial_state(5)] == [(5, 4)]


def test_a_model_may_hand_itself_to_its_class() -> None:
    class Own(pylego.Model):
        def __init__(self) -> None:
            super().__init__(self)
            self.inner = layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    assert Own()(X).shape == (2, 2)
