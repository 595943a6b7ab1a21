"""`keras.backend` as Keras 2 had it: on numbers, in graphs, in losses and layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import backend as K, layers, models, utils

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 3)).astype("float32")
Y = RNG.normal(size=(2, 3)).astype("float32")
T = RNG.normal(size=(2, 4, 3)).astype("float32")

# What K computes, and what NumPy does.
CASES: dict[str, tuple[Callable, Any]] = {
    "abs": (lambda: K.abs(X), np.abs(X)),
    "all": (lambda: K.all(X > 0, axis=1), np.all(X > 0, 1)),
    "any": (lambda: K.any(X > 0, axis=1, keepdims=True), np.any(X > 0, 1, keepdims=True)),
    "arange": (lambda: K.arange(2, 8, 2), np.arange(2, 8, 2)),
    "argmax": (lambda: K.argmax(X), X.argmax(-1)),
    "argmin": (lambda: K.argmin(X, axis=0), X.argmin(0)),
    "batch_dot of vectors": (lambda: K.batch_dot(X, Y, axes=1), (X * Y).sum(1, keepdims=True)),
    "batch_dot of matrices": (
        lambda: K.batch_dot(T, T, axes=(2, 2)), np.einsum("aij,akj->aik", T, T),
    ),
    "batch_dot by default": (
        lambda: K.batch_dot(T, np.swapaxes(T, 1, 2)), np.einsum("aij,akj->aik", T, T),
    ),
    "batch_flatten": (lambda: K.batch_flatten(T), T.reshape(2, -1)),
    "bias_add": (lambda: K.bias_add(T, X[0]), T + X[0]),
    "binary_crossentropy": (
        lambda: K.binary_crossentropy(np.float32([0, 1]), np.float32([0.25, 1])),
        np.float32([-np.log(0.75), 0]),
    ),
    "cast": (lambda: K.cast(X, "int32"), X.astype("int32")),
    "clip": (lambda: K.clip(X, 0, None), np.maximum(X, 0)),
    "concatenate": (lambda: K.concatenate([X, Y]), np.concatenate([X, Y], -1)),
    "constant": (lambda: K.constant(2, shape=(2, 2)), np.full((2, 2), 2, "float32")),
    "cumprod": (lambda: K.cumprod(X, axis=1), X.cumprod(1)),
    "cumsum": (lambda: K.cumsum(X, axis=1), X.cumsum(1)),
    "dot": (lambda: K.dot(T, Y.T), T @ Y.T),
    "elu": (lambda: K.elu(X, 0.5), np.where(X > 0, X, 0.5 * np.expm1(X))),
    "equal": (lambda: K.equal(X, X), np.full(X.shape, True)),
    "expand_dims": (lambda: K.expand_dims(X), X[..., None]),
    "flatten": (lambda: K.flatten(X), X.ravel()),
    "foldl": (lambda: K.foldl(lambda total, x: total * 2 + x, X), X[0] * 2 + X[1]),
    "foldr": (lambda: K.foldr(lambda total, x: total * 2 + x, X), X[1] * 2 + X[0]),
    "gather": (lambda: K.gather(X, [1, 0, 1]), X[[1, 0, 1]]),
    "hard_sigmoid": (lambda: K.hard_sigmoid(X * 4), np.clip(0.8 * X + 0.5, 0, 1)),
    "in_top_k": (lambda: K.in_top_k(X, X.argmax(1), 1), [True, True]),
    "l2_normalize": (
        lambda: K.l2_normalize(X, axis=1), X / np.linalg.norm(X, axis=1, keepdims=True),
    ),
    "logsumexp": (lambda: K.logsumexp(X, axis=1), np.log(np.exp(X).sum(1))),
    "map_fn": (lambda: K.map_fn(lambda x: x * 2, X), X * 2),
    "max": (lambda: K.max(X, axis=1, keepdims=True), X.max(1, keepdims=True)),
    "mean": (lambda: K.mean(X > 0), (X > 0).mean()),
    "ndim": (lambda: K.ndim(T), 3),
    "one_hot": (lambda: K.one_hot([0, 2], 3), np.eye(3)[[0, 2]]),
    "permute_dimensions": (lambda: K.permute_dimensions(T, (0, 2, 1)), T.swapaxes(1, 2)),
    "pow": (lambda: K.pow(X, 2), X**2),
    "prod": (lambda: K.prod(X, axis=0), X.prod(0)),
    "relu": (
        lambda: K.relu(X * 3, alpha=0.1, max_value=2.0),
        np.minimum(np.where(X > 0, 3 * X, 0.3 * X), 2),
    ),
    "relu above a threshold": (lambda: K.relu(X, threshold=0.5), np.where(X >= 0.5, X, 0)),
    "repeat_elements": (lambda: K.repeat_elements(X, 2, 1), X.repeat(2, 1)),
    "reshape": (lambda: K.reshape(T, (-1, 3)), T.reshape(-1, 3)),
    "resize_images": (
        lambda: K.resize_images(T[..., None], 2, 3, "channels_last"),
        T[..., None].repeat(2, 1).repeat(3, 2),
    ),
    "reverse": (lambda: K.reverse(X, 1), X[:, ::-1]),
    "softmax": (lambda: K.softmax(X), np.exp(X) / np.exp(X).sum(-1, keepdims=True)),
    "sqrt of what is below 0": (lambda: K.sqrt(X), np.sqrt(np.maximum(X, 0))),
    "squeeze": (lambda: K.squeeze(X[:, None], 1), X),
    "stack": (lambda: K.stack([X, Y], axis=1), np.stack([X, Y], 1)),
    "std": (lambda: K.std(X, axis=1), X.std(1)),
    "switch": (lambda: K.switch(X[:, 0] > 0, X, Y), np.where(X[:, :1] > 0, X, Y)),
    "switch of functions": (lambda: K.switch(K.sum(X) > -100, lambda: X, lambda: Y), X),
    "temporal_padding": (
        lambda: K.temporal_padding(T, (1, 2)), np.pad(T, ((0, 0), (1, 2), (0, 0))),
    ),
    "tile": (lambda: K.tile(X, (2, 1)), np.tile(X, (2, 1))),
    "transpose": (lambda: K.transpose(X), X.T),
    "var": (lambda: K.var(X), X.var()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_numpy(name: str) -> None:
    compute, expected = CASES[name]
    assert np.allclose(K.get_value(compute()), expected, atol=1e-5)


DOCUMENTED = """
    abs all any arange argmax argmin backend batch_dot batch_flatten batch_get_value
    batch_normalization batch_set_value bias_add binary_crossentropy cast cast_to_floatx
    categorical_crossentropy clear_session clip concatenate constant conv1d conv2d
    conv2d_transpose conv3d cos count_params cumprod cumsum depthwise_conv2d dot dropout
    dtype elu epsilon equal eval exp expand_dims eye flatten floatx foldl foldr function
    gather get_session get_uid get_value gradients greater greater_equal hard_sigmoid
    image_data_format in_test_phase in_top_k in_train_phase int_shape is_keras_tensor
    is_placeholder is_sparse is_tensor l2_normalize learning_phase less less_equal log
    manual_variable_initialization map_fn max maximum mean min minimum moving_average_update
    name_scope ndim normalize_batch_in_training not_equal one_hot ones ones_like
    permute_dimensions placeholder pool2d pool3d pow print_tensor prod random_binomial
    random_normal random_normal_variable random_uniform random_uniform_variable relu
    repeat_elements reset_uids reshape resize_images resize_volumes reverse rnn round
    separable_conv2d set_epsilon set_floatx set_image_data_format set_learning_phase
    set_session set_value shape sigmoid sign sin softmax softplus softsign
    sparse_categorical_crossentropy spatial_2d_padding spatial_3d_padding sqrt square
    squeeze stack std stop_gradient sum switch tanh temporal_padding tile to_dense transpose
    truncated_normal update update_add update_sub var variable zeros zeros_like
"""


def test_the_functions_that_keras_2_documented_are_there() -> None:
    documented = DOCUMENTED.split()
    assert not [name for name in documented if name not in K.__all__]
    assert not [name for name in documented if not callable(getattr(K, name))]
    assert not [name for name in documented if not getattr(K, name).__doc__]


def test_a_name_that_is_not_there_is_explained() -> None:
    with pytest.raises(AttributeError, match="Did you mean: 'batch_dot'"):
        K.batch_dott  # noqa: B018


def test_variables_are_read_and_written() -> None:
    v = K.variable([[1.0, 2.0]], name="a/b")
    K.set_value(v, [[3.0, 4.0]])
    assert K.get_value(v).tolist() == [[3.0, 4.0]]
    K.update_add(v, 1.0)
    K.update_sub(v, K.ones((1, 2)))
    K.moving_average_update(v, K.zeros((1, 2)), 0.5)
    assert K.eval(v).tolist() == [[1.5, 2.0]]
    K.batch_set_value([(v, np.zeros((1, 2)))])
    assert K.batch_get_value([v, K.eye(2)])[0].sum() == 0
    assert K.count_params(v) == 2
    assert K.dtype(K.variable(3)) == "float32"
    assert K.get_value(K.constant(3.0)) == 3.0


def test_placeholders_and_functions_of_them() -> None:
    x, y = K.placeholder((None, 3)), K.placeholder((None, 3))
    assert K.int_shape(K.placeholder(ndim=2)) == (None, None)
    assert K.is_placeholder(x)
    assert not K.is_placeholder(x * 2)
    z = K.sum(K.square(x) + K.exp(y), axis=-1)
    single = K.function([x, y], z)
    assert np.allclose(single([X, Y]), (X**2 + np.exp(Y)).sum(-1), atol=1e-5)
    (several,) = K.function([x, y], [z])([X, Y])
    several += 1  # belongs to the caller
    with pytest.raises(ValueError, match="placeholder needs a shape"):
        K.placeholder()


def test_gradients_of_placeholders() -> None:
    x = K.placeholder((None, 3))
    w = K.variable(np.ones((3, 1)))
    loss = K.sum(K.square(K.dot(x * 2, w)))
    of_x, of_w = K.gradients(loss, [x, w])
    assert of_x.shape == (None, 3)
    g, h = K.function([x], [of_x, of_w])([X])
    s = (2 * X).sum(1, keepdims=True)
    assert np.allclose(g, 4 * s * np.ones((1, 3)), atol=1e-5)
    assert np.allclose(h, (2 * s * 2 * X).sum(0)[:, None], atol=1e-5)
    inner = x * 3
    (of_inner,) = K.gradients(K.sum(K.square(inner) + x), inner)
    assert np.allclose(K.function([x], [of_inner])([X])[0], 6 * X, atol=1e-5)
    with pytest.raises(TypeError, match="GradientTape"):
        K.gradients(K.constant(1.0), [x])


def test_the_learning_phase_reaches_layers() -> None:
    model = models.Sequential([layers.Dropout(0.5, input_shape=(100,))])
    f = K.function([model.input, K.learning_phase()], [model.output])
    ones = np.ones((1, 100))
    assert f([ones, 0])[0].tolist() == ones.tolist()
    assert (f([ones, 1])[0] == 0).any()
    assert K.learning_phase() == 0
    assert K.in_train_phase(1, lambda: 2) == 2
    assert K.in_test_phase(1, 2, training=True) == 2
    K.set_learning_phase(1)
    try:
        assert K.in_train_phase(lambda: 1, 2) == 1
    finally:
        K.set_learning_phase(0)
    with pytest.raises(ValueError, match="0 or 1"):
        K.set_learning_phase(2)

    class Noisy(layers.Layer):
        def call(self, x: Any) -> Any:
            return K.in_train_phase(x * 0, x)

    noisy = Noisy()
    assert noisy(ones, training=True).numpy().sum() == 0
    assert noisy(ones).numpy().sum() == 100


def test_recurrent_steps_follow_mask_constants_and_direction() -> None:
    def step(x: Any, states: Any) -> Any:
        h = x + states[0] * states[1]
        return h, [h]

    start, half = np.zeros((2, 3), "float32"), np.float32(0.5)
    mask = np.array([[1, 1, 0, 1], [1, 0, 0, 0]], bool)
    last, outputs, (state,) = K.rnn(step, T, [start], mask=mask, constants=[half])
    expected, h = [], start
    for t in range(4):
        h = np.where(mask[:, t, None], T[:, t] + h * half, h)
        expected.append(h)
    assert np.allclose(outputs, np.stack(expected, 1), atol=1e-6)
    assert np.allclose(last, h, atol=1e-6)
    assert np.allclose(state, h, atol=1e-6)
    _, backwards, _ = K.rnn(step, T, [start], go_backwards=True, constants=[half])
    _, forwards, _ = K.rnn(step, T[:, ::-1], [start], constants=[half])
    assert np.allclose(backwards, forwards, atol=1e-6)


def test_k_in_losses_metrics_and_lambda_layers_is_recorded() -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        return K.mean(K.square(y_pred - y_true), axis=-1) + 0.1 * K.mean(K.abs(y_pred))

    results = []
    for eagerly in (False, True):
        pylego.utils.set_random_seed(1)
        x = layers.Input((3,))
        y = layers.Lambda(lambda t: K.l2_normalize(t, axis=-1))(layers.Dense(2)(x))
        model = models.Model(x, K.concatenate([y, K.relu(y)]))
        model.compile("sgd", loss, metrics=[lambda t, p: K.max(p)], run_eagerly=eagerly)
        history = model.fit(X, np.ones((2, 4)), epochs=2, verbose=0)
        results.append(history.history["loss"])
    assert results[0] == results[1]


def test_settings_in_the_words_of_keras_1() -> None:
    assert (K.backend(), K.image_dim_ordering()) == ("tensorflow", "tf")
    K.set_image_dim_ordering("th")
    try:
        assert K.image_data_format() == "channels_first"
    finally:
        K.set_image_data_format("channels_last")
    with pytest.raises(ValueError, match="dim_ordering"):
        K.set_image_dim_ordering("tff")
    assert [K.get_uid("a"), K.get_uid("a"), K.get_uid("b")] == [1, 2, 1]
    K.clear_session()
    assert layers.Dense(1).name == "dense"


def test_random_numbers() -> None:
    assert K.random_normal((3, 2)).shape == (3, 2)
    drawn = K.get_value(K.random_binomial((1000,), p=0.3))
    assert set(drawn) == {0.0, 1.0}
    assert 0.2 < drawn.mean() < 0.4
    assert K.random_uniform_variable((4,), 2.0, 3.0).numpy().min() >= 2.0
    assert (K.get_value(K.dropout(K.ones((100, 4)), 0.5, noise_shape=(None, 1))) == 0).any(1).any()


def test_a_class_is_left_out_of_the_crossentropy() -> None:
    likely = np.array([[0.2, 0.8], [0.5, 0.5]])
    found = K.sparse_categorical_crossentropy([1, 0], likely, ignore_class=1)
    assert np.allclose(found, [0, -np.log(0.5)])


def test_questions_about_dtypes_are_those_of_keras_3() -> None:
    assert K.result_type("int8", "uint8") == "int16"
    assert K.standardize_dtype(np.float32) == "float32"
    assert (K.is_float_dtype("float16"), K.is_int_dtype("float16")) == (True, False)
    assert (K.is_float_dtype("bool"), K.is_int_dtype("bool")) == (False, False)
    with pytest.raises(TypeError, match="pylego has the dtypes"):
        K.is_int_dtype("float8")


def test_the_inputs_that_a_placeholder_comes_from() -> None:
    a, b = layers.Input((3,)), layers.Input((3,))
    found = utils.get_source_inputs(layers.Add()([layers.Dense(3)(a), b]))
    assert [id(x) for x in found] == [id(a), id(b)]
    with pytest.raises(TypeError, match="called on an Input"):
        utils.get_source_inputs(np.ones(3))


# ---- sequences without places of their labels: what `keras.backend` of TensorFlow 2 gave --------


def probabilities() -> np.ndarray:
    drawn = np.random.default_rng(3).random((3, 8, 5)).astype("float32") ** 3
    return drawn / drawn.sum(-1, keepdims=True)


STEPS = np.array([[8], [7], [6]])


def test_the_cost_of_labels_counts_the_last_class_as_blank() -> None:
    labels, counts = np.array([[0, 1, 1], [2, 3, 0], [1, 1, 1]]), np.array([[3], [2], [1]])
    found = K.ctc_batch_cost(labels, probabilities(), STEPS, counts)
    np.testing.assert_allclose(found, [[20.589193], [9.816081], [13.098674]], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "readings", "scores"),
    [
        (
            {},
            [["2301232", "01331", "012"]],
            [[4.9111547], [5.8017416], [4.8312035]],
        ),
        (
            {"greedy": False, "beam_width": 20, "top_paths": 2},
            [["230123", "3131", "302"], ["23023", "0131", "3012"]],
            [[-3.888941, -4.2204695], [-4.650804, -4.7232843], [-2.9306498, -3.020958]],
        ),
    ],
)
def test_labels_are_read(options: dict[str, Any], readings: list, scores: list) -> None:
    found, found_scores = K.ctc_decode(probabilities(), STEPS[:, 0], **options)
    assert len(found) == len(readings)
    for labels, rows in zip(found, readings):
        padded = [[*map(int, row), *[-1] * (8 - len(row))] for row in rows]
        assert labels.numpy().tolist() == padded
    np.testing.assert_allclose(found_scores, scores, rtol=1e-6)


def test_rows_are_repeated_along_a_new_axis() -> None:
    np.testing.assert_array_equal(K.repeat(X, 4), np.repeat(X[:, None], 4, 1))
