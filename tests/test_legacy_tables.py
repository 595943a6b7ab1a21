"""Words and arrays of Keras 1 and 2 become today's, also of layers that are not there yet."""

from __future__ import annotations

import json
from typing import Any

import h5py
import numpy as np
import pytest
from old_files import SHARED, needs_old_models, numbered_file, old_file, sequential, weights_file

from pylego import layers, models
from pylego.saving import legacy
from pylego.saving.legacy.layer_configs import Origin, modern_layer
from pylego.saving.legacy.layer_weights import Source, Target, modern_arrays

ONE = Origin(1)
KERAS_1 = Source(1)
random = np.random.default_rng(0)


def draw(*shape: int) -> np.ndarray:
    return random.normal(size=shape).astype("float32")


# ---- words ----

RECURRENT = {
    "name": "r",
    "output_dim": 5,
    "init": "glorot_uniform",
    "inner_init": "orthogonal",
    "activation": "tanh",
    "W_regularizer": {"name": "L1L2Regularizer", "l1": 0.0, "l2": 0.5},
    "U_regularizer": None,
    "b_regularizer": None,
    "dropout_W": 0.25,
    "dropout_U": 0.5,
    "input_dim": 3,
    "input_length": None,
    "consume_less": "cpu",
}


@pytest.mark.parametrize(
    ("old", "config", "new", "expected"),
    [
        (
            "LSTM",
            {**RECURRENT, "forget_bias_init": "one", "inner_activation": "hard_sigmoid"},
            "LSTM",
            {
                "units": 5,
                "recurrent_activation": "hard_sigmoid_of_keras_2",
                "recurrent_initializer": "orthogonal",
                "unit_forget_bias": True,
                "dropout": 0.25,
                "recurrent_dropout": 0.5,
                "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
            },
        ),
        ("GRU", RECURRENT, "GRU", {"units": 5, "reset_after": False}),
        ("SimpleRNN", RECURRENT, "SimpleRNN", {"units": 5, "activation": "tanh"}),
        (
            "CuDNNGRU",
            {"units": 4, "name": "g"},
            "GRU",
            {"reset_after": True, "recurrent_activation": "sigmoid"},
        ),
        (
            "Embedding",
            {"input_dim": 9, "output_dim": 4, "init": "uniform", "dropout": 0.2, "mask_zero": True},
            "Embedding",
            {"input_dim": 9, "output_dim": 4, "mask_zero": True},
        ),
        (
            "Convolution2D",
            {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "border_mode": "same", "subsample": [2, 1]},
            "Conv2D",
            {"filters": 4, "kernel_size": (3, 2), "padding": "same", "strides": [2, 1]},
        ),
        (
            "AtrousConvolution2D",
            {"nb_filter": 4, "nb_row": 3, "nb_col": 2, "atrous_rate": [2, 2], "dim_ordering": "th"},
            "Conv2D",
            {"dilation_rate": [2, 2], "data_format": "channels_first"},
        ),
        (
            "AtrousConvolution1D",
            {"nb_filter": 4, "filter_length": 3, "atrous_rate": 2, "subsample_length": 1},
            "Conv1D",
            {"kernel_size": 3, "strides": 1, "dilation_rate": 2, "data_format": "channels_last"},
        ),
        (
            "Convolution3D",
            {"nb_filter": 1, "kernel_dim1": 2, "kernel_dim2": 3, "kernel_dim3": 4},
            "Conv3D",
            {"kernel_size": (2, 3, 4)},
        ),
        (
            "SeparableConvolution2D",
            {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "init": "he_normal", "bias": False},
            "SeparableConv2D",
            {
                "depthwise_initializer": "he_normal",
                "pointwise_initializer": "he_normal",
                "use_bias": False,
            },
        ),
        (
            "MaxPooling1D",
            {"pool_length": 3, "stride": 2, "border_mode": "valid"},
            "MaxPooling1D",
            {"pool_size": 3, "strides": 2, "padding": "valid"},
        ),
        ("TimeDistributedDense", {"output_dim": 3, "bias": True}, "Dense", {"units": 3}),
        ("Dropout", {"p": 0.3}, "Dropout", {"rate": 0.3}),
        ("GaussianNoise", {"sigma": 0.3}, "GaussianNoise", {"stddev": 0.3}),
        ("UpSampling1D", {"length": 3}, "UpSampling1D", {"size": 3}),
        ("LeakyReLU", {"alpha": 0.3}, "LeakyReLU", {"negative_slope": 0.3}),
        ("ThresholdedReLU", {"theta": 0.5}, "ReLU", {"threshold": 0.5}),
        ("PReLU", {"init": "zero"}, "PReLU", {}),
        ("Flatten", {}, "Flatten", {"data_format": "channels_last"}),
        (
            "ZeroPadding2D",
            {"padding": [1, 2, 3, 4]},
            "ZeroPadding2D",
            {"padding": [[1, 2], [3, 4]]},
        ),
        (
            "ReLU",
            {"max_value": {"type": "ndarray", "value": 6.0}, "name": "r"},
            "ReLU",
            {"max_value": 6.0},
        ),
        (
            "Dense",
            {"output_dim": 2, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}},
            "Dense",
            {"kernel_constraint": {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}}},
        ),
        (
            "Dense",
            {"output_dim": 2, "init": "normal"},
            "Dense",
            {
                "kernel_initializer": {
                    "class_name": "RandomNormal",
                    "config": {"mean": 0.0, "stddev": 0.05},
                }
            },
        ),
        (
            "BatchNormalizationV1",
            {"axis": [3], "epsilon": 0.01, "fused": True},
            "BatchNormalization",
            {"axis": 3, "epsilon": 0.01},
        ),
        ("Merge", {"mode": "concat", "concat_axis": 2}, "Concatenate", {"axis": 2}),
        ("Merge", {"mode": "cos", "dot_axes": 1}, "Dot", {"axes": 1, "normalize": True}),
        ("Merge", {"mode": "ave"}, "Average", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_layer_in_old_words(
    old: str, config: dict[str, Any], new: str, expected: dict[str, Any]
) -> None:
    layer = modern_layer(old, config, ONE)
    assert layer.class_name == new
    assert {key: layer.config.get(key) for key in expected} == expected
    left_over = {"nb_filter", "init", "p", "W_regularizer", "border_mode", "output_dim", "alpha"}
    assert not left_over.intersection(layer.config) or old == "Embedding"


def test_a_layer_inside_of_a_wrapper() -> None:
    config = {"layer": {"class_name": "LSTM", "config": RECURRENT}, "merge_mode": "sum"}
    layer = modern_layer("Bidirectional", config, ONE)
    assert layer.config["merge_mode"] == "sum"
    assert layer.config["layer"]["config"]["units"] == 5


# ---- arrays ----


def gates(names: str, *shapes: tuple[int, ...]) -> dict[str, list[np.ndarray]]:
    return {name: [draw(*shape) for shape in shapes] for name in names}


@pytest.mark.parametrize(
    ("class_name", "old", "new"), [("LSTM", "icfo", "ifco"), ("GRU", "zrh", "zrh")]
)
def test_gates_of_keras_1_are_put_side_by_side(class_name: str, old: str, new: str) -> None:
    found = gates(old, (3, 4), (4, 4), (4,))
    width = 4 * len(old)
    target = Target(class_name, {}, [(3, width), (4, width), (width,)])
    arrays = modern_arrays(target, [a for name in old for a in found[name]], KERAS_1)
    for kind, array in enumerate(arrays):
        expected = np.concatenate([found[name][kind] for name in new], axis=-1)
        np.testing.assert_array_equal(array, expected)


def test_both_directions_are_turned_by_themselves() -> None:
    halves = [gates("icfo", (3, 2), (2, 2), (2,)) for _ in range(2)]
    stored = [a for half in halves for name in "icfo" for a in half[name]]
    shapes = [(3, 8), (2, 8), (8,)] * 2
    target = Target("Bidirectional", {"layer": {"class_name": "LSTM", "config": {}}}, shapes)
    arrays = modern_arrays(target, stored, KERAS_1)
    assert [array.shape for array in arrays] == shapes
    expected = np.concatenate([halves[1][name][2] for name in "ifco"])
    np.testing.assert_array_equal(arrays[5], expected)


def test_cudnn_kept_two_biases() -> None:
    kernel, recurrent, bias = draw(3, 16), draw(4, 16), draw(32)
    target = Target("LSTM", {}, [(3, 16), (4, 16), (16,)])
    arrays = modern_arrays(target, [kernel, recurrent, bias], Source(2))
    np.testing.assert_allclose(arrays[2], bias[:16] + bias[16:])
    np.testing.assert_array_equal(arrays[1][:, :4], recurrent[:, :4].T)
    first = kernel[:, :4]
    np.testing.assert_array_equal(arrays[0][:, :4], first.T.reshape(3, 4, order="F"))


def lstm(x: np.ndarray, arrays: list[np.ndarray]) -> np.ndarray:
    """The last output of Keras 1's LSTM, by the arrays as they are today."""
    kernel, recurrent, bias = arrays
    units = recurrent.shape[0]
    h = c = np.zeros((len(x), units))
    for step in range(x.shape[1]):
        i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=-1)
        i, f, o = (np.clip(0.2 * gate + 0.5, 0, 1) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    return h


@needs_old_models
def test_an_old_lstm_computes_what_keras_1_said() -> None:
    """The layer is not there yet: NumPy computes with the arrays as the layer will have them."""
    with h5py.File(SHARED / "simple_lstm_th_keras_1_model.h5") as file:
        group = file["model_weights/lstm_1"]
        stored = [group[name][()] for name in group.attrs["weight_names"]]
        kernel, bias = (file[f"model_weights/dense_1/dense_1_{name}"][()] for name in "Wb")
    target = Target("LSTM", {}, [(1, 200), (50, 200), (200,)])
    arrays = modern_arrays(target, stored, Source(1, flips=True))
    with h5py.File(SHARED / "simple_lstm_th_keras_1_inputs_and_outputs.h5") as file:
        x = file["inputs/lstm_input_1"][()]
        expected = file["activations/lstm_1"][()], file["predictions/dense_1"][()]
    hidden = lstm(x, arrays)
    np.testing.assert_allclose(hidden, expected[0], atol=1e-4)
    np.testing.assert_allclose(hidden @ kernel + bias, expected[1], atol=1e-4)


@pytest.mark.parametrize("flips", [False, True])
@pytest.mark.parametrize("ordering", ["tf", "th"])
def test_kernels_of_images(ordering: str, flips: bool) -> None:
    kernel = draw(3, 2, 4, 5)
    stored = kernel[::-1, ::-1] if flips else kernel
    if ordering == "th":
        stored = stored.transpose(3, 2, 0, 1)
    data_format = {"tf": "channels_last", "th": "channels_first"}[ordering]
    target = Target("Conv2D", {"data_format": data_format}, [(3, 2, 4, 5), (5,)])
    arrays = modern_arrays(target, [stored, draw(5)], Source(1, flips))
    np.testing.assert_array_equal(arrays[0], kernel)


@pytest.mark.parametrize("is_early", [False, True])
def test_kernels_along_time(is_early: bool) -> None:
    kernel = draw(3, 4, 5)
    stored = kernel.transpose(2, 1, 0)[..., None] if is_early else kernel[:, None]
    arrays = modern_arrays(Target("Conv1D", {}, [(3, 4, 5)]), [stored], KERAS_1)
    np.testing.assert_array_equal(arrays[0], kernel)


# ---- whole files, in the forms of each version ----


def dense_pair(kernel: np.ndarray, bias: np.ndarray, end: str = "") -> dict[str, np.ndarray]:
    return {f"dense_1_W{end}": kernel, f"dense_1_b{end}": bias}


def test_a_plain_list_with_a_bias_by_another_name() -> None:
    kernel, bias = draw(3, 2), draw(2)
    config = sequential(
        ("Dense", {"name": "dense_1", "output_dim": 2, "input_dim": 3, "activation": "linear"})
    )
    model = legacy.load(old_file(config, {"dense_1": dense_pair(kernel, bias, ":0")}))
    x = draw(4, 3)
    np.testing.assert_allclose(model.predict(x, verbose=0), x @ kernel + bias, rtol=1e-5)


def test_layers_under_layers_and_a_state_of_keras_2() -> None:
    kernel, bias = draw(3, 2), draw(2)
    layer = {"name": "dense_1", "units": 2, "batch_input_shape": [None, 3], "dtype": "float32"}
    config = {
        "class_name": "Sequential",
        "config": {"name": "stack", "layers": [{"class_name": "Dense", "config": layer}]},
    }
    settings = {"lr": 0.1, "beta_1": 0.9, "beta_2": 0.999, "decay": 0.0, "epsilon": None}
    training = {
        "optimizer_config": {"class_name": "Adam", "config": settings},
        "loss": "mse",
        "metrics": ["acc"],
        "sample_weight_mode": None,
        "loss_weights": None,
    }
    state = {
        "Adam/iterations:0": np.array(7, "int64"),
        **{f"training/Adam/Variable_{i}:0": draw(*s) for i, s in enumerate([(3, 2), (2,)] * 2)},
        **{f"training/Adam/Variable_{i}:0": np.zeros(1) for i in (4, 5)},
    }
    file = old_file(
        config,
        {"dense_1": {"dense_1/kernel:0": kernel, "dense_1/bias:0": bias}},
        "2.2.4",
        "tensorflow",
        training,
        state,
    )
    model = legacy.load(file)
    assert model.name == "stack"
    assert int(model.optimizer.iterations) == 7
    momentum, velocity = model.optimizer.variables[2:4]
    np.testing.assert_array_equal(momentum.numpy(), state["training/Adam/Variable_0:0"])
    np.testing.assert_array_equal(velocity.numpy(), state["training/Adam/Variable_2:0"])


@pytest.mark.parametrize("where", ["batch_input_shape", "build_input_shape"])
def test_a_shape_as_tensorflow_wrote_it(where: str) -> None:
    shape = {where: {"class_name": "TensorShape", "items": [None, 3]}}
    dense = {"name": "d", "units": 2, **(shape if where[1] == "a" else {})}
    listed = {"layers": [{"class_name": "Dense", "config": dense}], "name": "s", **shape}
    weights = {"d": {"d/kernel:0": draw(3, 2), "d/bias:0": draw(2)}}
    config = {"class_name": "Sequential", "config": listed}
    assert legacy.load(old_file(config, weights, "2.3.0-tf", "tensorflow")).count_params() == 8


def test_a_list_of_layers_of_keras_0() -> None:
    dense = {"name": "Dense", "custom_name": "d", "output_dim": 2, "input_dim": 3}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [dense]}}
    kernel, bias = draw(3, 2), draw(2)
    model = legacy.load(old_file(config, {"d": {"d_W": kernel, "d_b": bias}}))
    assert model.layers[0].name == "d"
    np.testing.assert_array_equal(model.get_weights()[0], kernel)


def test_a_description_in_json_and_its_weights() -> None:
    dense = {"name": "dense_1", "output_dim": 2, "batch_input_shape": [None, 3]}
    config = {**sequential(("Dense", dense)), "keras_version": "1.2.2"}
    model = models.model_from_json(json.dumps(config))
    kernel, bias = draw(3, 2), draw(2)
    legacy.load_weights(model, weights_file({"dense_1": dense_pair(kernel, bias)}))
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    config = {**sequential(("Highway", {"name": "h"})), "keras_version": "1.2.2"}
    with pytest.raises(ValueError, match="cannot be made of its JSON text: the layer 'h'"):
        models.model_from_json(json.dumps(config))


def test_weights_of_keras_0_have_numbers_for_names() -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(2), layers.ReLU()])
    kernel, bias = draw(3, 2), draw(2)
    legacy.load_weights(model, numbered_file([[kernel, bias], []]))
    np.testing.assert_array_equal(model.get_weights()[0], kernel)


def test_weights_of_theano_are_loaded_into_images_in_todays_order() -> None:
    model = models.Sequential([layers.Input((5, 5, 2)), layers.Conv2D(4, 3)])
    kernel, bias = draw(3, 3, 2, 4), draw(4)
    stored = kernel[::-1, ::-1].transpose(3, 2, 0, 1)
    file = weights_file(
        {"convolution2d_1": {"convolution2d_1_W": stored, "convolution2d_1_b": bias}}
    )
    legacy.load_weights(model, file)
    np.testing.assert_array_equal(model.get_weights()[0], kernel)


@pytest.mark.parametrize(
    ("mode", "merge"),
    [
        ("sum", np.add),
        ("mul", np.multiply),
        ("max", np.maximum),
        ("ave", lambda a, b: (a + b) / 2),
        ("concat", lambda a, b: np.concatenate([a, b], axis=-1)),
        ("dot", lambda a, b: (a * b).sum(axis=-1, keepdims=True)),
    ],
)
def test_branches_that_a_merge_joins(mode: str, merge: Any) -> None:
    def branch(number: int) -> dict[str, Any]:
        dense = {"name": f"dense_{number}", "output_dim": 4, "batch_input_shape": [None, 3]}
        return sequential(("Dense", dense))

    merged = {"name": "m", "mode": mode, "mode_type": "raw", "concat_axis": -1, "dot_axes": 1}
    config = sequential(("Merge", {**merged, "layers": [branch(1), branch(2)]}))
    kernels = draw(3, 4), draw(3, 4)
    bias = np.zeros(4, "float32")
    weights = {
        f"dense_{i}": {f"dense_{i}_W": kernel, f"dense_{i}_b": bias}
        for i, kernel in enumerate(kernels, 1)
    }
    model = legacy.load(old_file(config, weights))
    a, b = draw(2, 3), draw(2, 3)
    expected = merge(a @ kernels[0], b @ kernels[1])
    np.testing.assert_allclose(model.predict([a, b], verbose=0), expected, rtol=1e-5, atol=1e-6)


def test_the_old_hard_sigmoid() -> None:
    config = sequential(
        ("Activation", {"activation": "hard_sigmoid", "batch_input_shape": [None, 3]})
    )
    model = legacy.load(old_file(config, {}))
    x = np.array([[-3.0, 1.0, 2.6]], "float32")
    np.testing.assert_allclose(model.predict(x, verbose=0), [[0.0, 0.7, 1.0]], atol=1e-6)


# ---- classes and functions of one's own ----


class Twice(layers.Layer):
    """A layer that a user wrote."""

    def call(self, inputs: Any) -> Any:
        return 2 * inputs


def half(x: Any) -> Any:
    return x / 2


@pytest.mark.parametrize("name", ["Twice", "Custom>Twice"])
def test_layers_and_functions_of_ones_own(name: str) -> None:
    kernel, bias = draw(3, 2), draw(2)
    dense = {"name": "d", "units": 2, "activation": "half", "batch_input_shape": [None, 3]}
    config = sequential(("Dense", dense), (name, {"name": "t", "trainable": True}))
    file = old_file(config, {"d": {"d/kernel:0": kernel, "d/bias:0": bias}}, "2.2.4", "tensorflow")
    with pytest.raises(ValueError, match="Twice"):
        legacy.load(file)
    model = legacy.load(file, custom_objects={"Twice": Twice, "half": half})
    x = draw(4, 3)
    np.testing.assert_allclose(model.predict(x, verbose=0), x @ kernel + bias, rtol=1e-5)


def test_theanos_padding_is_warned_of() -> None:
    convolution = {
        "name": "c",
        "nb_filter": 2,
        "nb_row": 3,
        "nb_col": 3,
        "subsample": [2, 2],
        "border_mode": "same",
        "dim_ordering": "tf",
        "batch_input_shape": [None, 6, 6, 1],
    }
    weights = {"c": {"c_W": draw(3, 3, 1, 2), "c_b": draw(2)}}
    with pytest.warns(UserWarning, match="pads at other sides .* layers 'c'"):
        legacy.load(old_file(sequential(("Convolution2D", convolution)), weights))


def test_an_unknown_loss_leaves_the_model_without() -> None:
    dense = {"name": "d", "units": 2, "batch_input_shape": [None, 3]}
    training = {"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}}, "loss": "mine"}
    weights = {"d": {"d/kernel:0": draw(3, 2), "d/bias:0": draw(2)}}
    file = old_file(sequential(("Dense", dense)), weights, "2.2.4", "tensorflow", training)
    with pytest.warns(UserWarning, match="opened but not compiled: Unknown loss 'mine'"):
        model = legacy.load(file)
    assert not model.compiled
    loaded = legacy.load(file, custom_objects={"mine": lambda y, p: (y - p) ** 2})
    assert float(loaded.optimizer.learning_rate) == pytest.approx(0.1)


def test_policies_of_older_files_are_those_of_today() -> None:
    policy = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    for given, kept in ((policy, "mixed_float16"), ("bfloat16", "bfloat16"), ("int32", None)):
        layer = modern_layer("Dense", {"units": 2, "dtype": given}, Origin(2))
        assert layer.config.get("dtype") == kept
