"""Convolution layers beyond single outputs: trainings that equal Keras's, and wrong shapes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, optimizers, testing
from pylego.models import Sequential

TRAININGS = load("convolution_layers")["trainings"]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def network(golden: dict[str, Any]) -> Sequential:
    model = Sequential([layers.Input(golden["input_shape"])])
    for name, arguments in golden["layers"]:
        model.add(getattr(layers, name)(**arguments))
    model.set_weights([array(weight) for weight in golden["initial_weights"]])
    return model


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
@pytest.mark.parametrize("label", TRAININGS)
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_training(label: str, optimizer: str, run_eagerly: bool) -> None:
    golden = TRAININGS[label]
    expected = golden[optimizer]
    model = network(golden)
    model.compile(
        getattr(optimizers, optimizer)(**expected["arguments"]),
        "sparse_categorical_crossentropy",
        run_eagerly=run_eagerly,
    )
    x, y = array(golden["x"]), array(golden["y"])
    history = model.fit(x, y, len(x), epochs=len(expected["losses"]), verbose=0, shuffle=False)
    expect_close(history.history["loss"], expected["losses"], rtol=1e-5)
    for ours, last in zip(model.get_weights(), expected["last_weights"]):
        expect_close(ours, last, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("label", TRAININGS)
def test_shapes_and_counts_of_networks(label: str) -> None:
    golden = TRAININGS[label]
    model = network(golden)
    assert model.count_params() == golden["count_params"]
    shapes = [list(model.output_shape_of(layer)) for layer in model.layers]
    assert shapes == golden["output_shapes"]


def test_summary_prints_shapes_and_counts() -> None:
    lines: list[str] = []
    model = Sequential([layers.Conv2D(32, (3, 3), input_shape=(28, 28, 1))])
    model.add(layers.DepthwiseConv2D(3, strides=2))
    model.summary(print_fn=lines.append)
    text = "\n".join(lines)
    assert re.search(r"conv2d \(Conv2D\).*\(None, 26, 26, 32\).* 320 ", text)
    assert re.search(r"depthwise_conv2d.*\(None, 12, 12, 32\).* 320 ", text)


# ---- the layers on their own ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv1D(2, 2, padding="causal", dtype="float64"), (2, 4, 2)),
        (layers.Conv2D(4, 2, groups=2, activation="tanh", dtype="float64"), (1, 3, 3, 2)),
        (layers.Conv2D(2, 2, data_format="channels_first", dtype="float64"), (1, 2, 3, 3)),
        (layers.Conv3D(1, 2, padding="same", strides=2, dtype="float64"), (1, 3, 2, 3, 1)),
        (layers.Conv2DTranspose(2, 3, strides=2, padding="same", dtype="float64"), (1, 2, 2, 2)),
        (layers.DepthwiseConv2D(2, depth_multiplier=2, dtype="float64"), (1, 3, 3, 2)),
        (layers.SeparableConv2D(2, 2, dtype="float64"), (1, 3, 3, 2)),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_gradients(layer: layers.Layer, shape: tuple[int, ...]) -> None:
    testing.check_gradients(layer, [np.random.default_rng(0).normal(size=shape)])


def test_the_layouts_agree() -> None:
    x = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype(np.float32)
    last = layers.Conv2D(4, 3, activation="relu", bias_initializer="ones")
    first = layers.Conv2D(4, 3, activation="relu", data_format="channels_first")
    y = last(x).numpy()
    first.build((None, 3, 5, 6))
    first.set_weights(last.get_weights())
    expect_close(first(x.transpose(0, 3, 1, 2)), y.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("activation", ["relu", "gelu", "sigmoid", "softmax", None])
def test_activations_see_the_layout_as_it_is(activation: str | None) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 6, 5)).astype("float32")
    layer = layers.Conv2D(4, 3, activation=activation, data_format="channels_first")
    y = layer(x)
    before = layers.Conv2D(4, 3, data_format="channels_first", weights=layer.get_weights())(x)
    expect_close(y, layers.Activation(activation)(before), rtol=1e-6, atol=1e-6)


def test_pictures_with_channels_first_are_copied_at_the_door_alone() -> None:
    """Between the layers the channels stay last, and bias and activation end the convolution."""
    settings = {"data_format": "channels_first"}
    first = layers.Conv2D(4, 3, activation="relu", input_shape=(3, 12, 12), **settings)
    model = Sequential([first, layers.Conv2D(8, 3, activation="relu", **settings)])
    model.add(layers.MaxPooling2D(**settings))
    program = model.program("predict", batch_size=2)
    bricks = [[part.brick.name for part in step.ops] for step in program.info.instructions]
    assert bricks[1:3] == [["conv", "add", "relu"]] * 2
    assert [len(parts) for parts in bricks] == [1, 3, 3, 1, 1]


def test_causal_outputs_do_not_see_what_comes_later() -> None:
    x = np.random.default_rng(0).normal(size=(1, 8, 1)).astype(np.float32)
    layer = layers.Conv1D(1, 3, padding="causal", dilation_rate=2)
    before = layer(x).numpy()
    x[0, 5:] = 0
    assert (layer(x).numpy()[0, :5] == before[0, :5]).all()
    assert (layer(x).numpy()[0, 5:] != before[0, 5:]).all()


def test_shape_of_one_sample_may_be_told_in_old_ways() -> None:
    for told in ({"batch_input_shape": (None, 8, 8, 3)}, {"input_shape": (8, 8, 3)}):
        model = Sequential([layers.Conv2D(4, (3, 3), **told)])
        assert model.output_shape == (None, 6, 6, 4)


def test_pictures_of_any_size() -> None:
    model = Sequential([layers.Conv2D(2, 3, input_shape=(None, None, 1))])
    assert model.output_shape == (None, None, None, 2)
    for side in (5, 9):
        assert model.predict(np.ones((1, side, side, 1)), verbose=0).shape[1] == side - 2


def test_grey_pictures_may_leave_out_the_channel() -> None:
    model = Sequential([layers.Conv2D(2, 3, input_shape=(28, 28, 1))])
    x = np.random.default_rng(0).normal(size=(2, 28, 28)).astype(np.float32)
    with_channel = model.predict(x[..., None], verbose=0)
    assert (model.predict(x, verbose=0) == with_channel).all()
    with pytest.raises(ValueError, match=r"^A single .*\(1, 28, 28, 1\).*\(28, 28, 1\), 3 axes"):
        model.predict(x[0][..., None], verbose=0)
    with pytest.raises(ValueError, match=r"x.reshape\(-1, 28, 28, 1\) makes .*\(2, 784\), 2 axes"):
        model.predict(x.reshape(2, 784), verbose=0)


def test_no_samples() -> None:
    assert layers.Conv2D(4, 3)(np.ones((0, 8, 8, 1))).shape == (0, 6, 6, 4)


# ---- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2D(0, 3), "Conv2D: filters must be 1 or more"),
        (lambda: layers.Conv2D(4, (3, 0)), "Conv2D: kernel_size must be 1 or more"),
        (lambda: layers.Conv2D(4, (3, 3, 3)), "Conv2D: kernel_size is a number, or 2 of them"),
        (lambda: layers.Conv1D(4, (3, 3)), r"Conv1D: kernel_size is a number\. Rec"),
        (lambda: layers.Conv2D(4, 3, 0), "Conv2D: strides must be 1 or more"),
        (lambda: layers.Conv2D(4, 3, padding="sam"), "Unknown padding 'sam'. Did you mean 'same'"),
        (lambda: layers.Conv2D(4, 3, padding="causal"), "Unknown padding 'causal'"),
        (lambda: layers.Conv2D(4, 3, data_format="first"), "Unknown data_format 'first'"),
        (lambda: layers.Conv2D(4, 3, 2, dilation_rate=2), r"not both.*\(2, 2\)"),
        (lambda: layers.Conv2D(5, 3, groups=2), "filters=5, groups=2"),
        (lambda: layers.Conv2D(4, 3, groups=2).build((None, 8, 8, 3)), "groups=2 .* 3 channels"),
        (lambda: layers.Conv2D(4, 3).build((None, 8, 8, None)), "how many channels"),
        (lambda: layers.Conv2DTranspose(4, 3, 2, output_padding=2), "output_padding=2"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier=0"),
        (lambda: layers.SeparableConv2D(0, 3), "SeparableConv2D: filters"),
    ],
)
def test_wrong_values(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("size", [2.5, "3", None, (3, "3")])
def test_sizes_are_whole_numbers(size: Any) -> None:
    with pytest.raises(TypeError, match="Conv2D: kernel_size must be a whole number"):
        layers.Conv2D(4, size)


def test_unknown_argument() -> None:
    with pytest.raises(TypeError, match=r"'stride'. It is called 'strides' today"):
        layers.Conv2D(4, 3, stride=2)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (  # the number of samples among the lengths of one
            layers.Conv2D(4, 3),
            (None, 60000, 28, 28, 1),
            r"You gave 4 numbers, one sample has 3: 28, 28, 1\. If 60000 counts the samples, leave "
            r"it out: input_shape=\(28, 28, 1\)",
        ),
        (  # grey pictures without channels
            layers.Conv2D(4, 3),
            (None, 28, 28),
            r"pictures, \(batch, height, width, channels\).*input_shape=\(28, 28, 1\), and "
            r"x.reshape\(-1, 28, 28, 1\)",
        ),
        (layers.Conv2D(4, 3), (60000, 28, 28), r"channel is.*: x.reshape\(60000, 28, 28, 1\)"),
        (
            layers.Conv2D(4, 3, data_format="channels_first"),
            (9, 28, 28),
            r"\(batch, channels, height, width\).*x.reshape\(9, 1, 28, 28\)",
        ),
        (layers.Conv2D(4, 3), (28, 28, 1), r"A single sample x goes in as x\[None\]"),
        (layers.Conv2D(4, 3), (None, 784), r"Rows become pictures by Reshape\(\(28, 28, 1\)\)"),
        (layers.Conv2D(4, 3), (None, 10), r"Reshape\(\(height, width, channels\)\)"),
        (layers.Conv1D(4, 3), (None, 100), r"sequences, .*steps.*input_shape=\(100, 1\)"),
        (layers.Conv3D(4, 3), (None, 9, 9, 9), r"volumes, .*depth.*input_shape=\(9, 9, 9, 1\)"),
        (
            layers.Conv2D(4, 3, name="eye"),
            (None, 2, 2, 64),
            "'eye': a window of 3 x 3 does not fit into pictures of 2 x 2. padding='same'",
        ),
        (
            layers.Conv2D(4, 3, padding="same", name="eye"),
            (None, 0, 5, 3),
            "'eye': pictures of 0 x 5 hold no numbers",
        ),
        (
            layers.Conv2DTranspose(4, 3, name="eye"),
            (None, 5, 0, 3),
            "'eye': pictures of 5 x 0 hold no numbers",
        ),
        (layers.Conv2D(4, 3), (None, 1, 28, 28), "If 1 counts channels, data_format='channels_f"),
        (
            layers.Conv1D(4, 3, dilation_rate=4),
            (None, 8, 1),
            r"a window of 3, 9 with dilation_rate=\(4,\), does not fit into sequences of 8\.",
        ),
    ],
)
def test_shapes_that_do_not_fit(layer: layers.Layer, shape: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer.build(shape)
    with pytest.raises(ValueError, match=message):
        layer.compute_output_shape(shape)


def test_empty_pictures_where_lengths_were_free() -> None:
    layer = layers.Conv2DTranspose(4, 3, name="eye")
    layer.build((None, None, None, 3))
    with pytest.raises(ValueError, match="'eye': pictures of 0 x 5 hold no numbers"):
        layer(np.ones((2, 0, 5, 3), "float32"))


@pytest.mark.parametrize(
    ("layout", "shape", "message"),
    [
        ("channels_last", (1, 8, 8, 1), r"x.repeat\(3, axis=3\) makes 3 channels of one"),
        ("channels_last", (1, 3, 8, 8), "axis 1: data_format='channels_first' says so"),
        ("channels_first", (1, 8, 8, 3), "axis 3: data_format='channels_last' says so"),
        ("channels_last", (1, 8, 8, 4), r"built for 3 channels. .*\(1, 8, 8, 4\), 4 channels"),
    ],
)
def test_wrong_number_of_channels(layout: str, shape: Any, message: str) -> None:
    layer = layers.Conv2D(4, 3, data_format=layout)
    layer.build((None, 3, 8, 8) if layout == "channels_first" else (None, 8, 8, 3))
    with pytest.raises(ValueError, match=message):
        layer(np.ones(shape))


def test_a_model_names_the_layer_that_does_not_fit() -> None:
    model = Sequential([layers.Conv2D(8, 3, input_shape=(5, 5, 1)), layers.Conv2D(8, 3)])
    with pytest.raises(ValueError, match=r"'conv2d_2'.*'conv2d_1'.*\(None, 1, 1, 8\): .* 1 x 1"):
        model.add(layers.Conv2D(8, 3))
    with pytest.raises(ValueError, match="one sample has 3: 28, 28, 1"):
        Sequential([layers.Conv2D(8, 3, input_shape=(60000, 28, 28, 1))])
