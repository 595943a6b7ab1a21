"""Models for prediction, with normalization and padding folded into convolutions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego as keras
from pylego import layers
from pylego.utils import fold_for_inference

RNG = np.random.default_rng(0)


def trained(model: Any) -> Any:
    """The model, with averages, scales and offsets that are not round numbers."""
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            for weight in layer.weights:
                weight.assign(RNG.uniform(0.5, 2.0, weight.shape))
    return model


def kinds_of(model: Any) -> Counter[str]:
    return Counter(type(layer).__name__ for layer in model._flatten_layers())


def check_same(model: Any, folded: Any) -> None:
    x = RNG.normal(size=(2, *model.input_shape[1:])).astype("float32")
    expected = model.predict(x, verbose=0)
    np.testing.assert_allclose(folded.predict(x, verbose=0), expected, rtol=1e-5, atol=1e-5)


Build = Callable[[], Any]
BEFORE: dict[str, tuple[tuple[int, ...], Build]] = {
    "conv": ((9, 8, 6), lambda: layers.Conv2D(8, 3, use_bias=False)),
    "bias": ((9, 8, 6), lambda: layers.Conv2D(8, 3, bias_initializer="random_normal")),
    "groups": ((9, 8, 6), lambda: layers.Conv2D(8, 3, groups=2, use_bias=False)),
    "depthwise": ((9, 8, 6), lambda: layers.DepthwiseConv2D(3, use_bias=False)),
    "several": ((9, 8, 6), lambda: layers.DepthwiseConv2D(3, depth_multiplier=3)),
    "conv1d": ((9, 6), lambda: layers.Conv1D(8, 3, padding="causal")),
    "depthwise1d": ((9, 6), lambda: layers.DepthwiseConv1D(3)),
    "conv3d": ((5, 6, 7, 2), lambda: layers.Conv3D(4, 2)),
    "dense": ((6,), lambda: layers.Dense(8)),
}


@pytest.mark.parametrize("name", BEFORE)
def test_normalization_is_part_of_the_layer_before(name: str) -> None:
    shape, layer = BEFORE[name]
    stack = [layers.Input(shape), layer(), layers.BatchNormalization(), layers.ReLU()]
    model = trained(keras.Sequential(stack))
    folded = fold_for_inference(model)
    assert [type(layer).__name__ for layer in folded.layers[1:]] == ["Identity", "ReLU"]
    check_same(model, folded)


@pytest.mark.parametrize("options", [{"scale": False}, {"center": False}, {"epsilon": 0.1}])
def test_normalization_of_any_kind(options: dict) -> None:
    stack = [layers.Input((9, 8, 6)), layers.Conv2D(8, 3), layers.BatchNormalization(**options)]
    model = trained(keras.Sequential(stack))
    check_same(model, fold_for_inference(model))


def test_channels_first() -> None:
    x = inputs = keras.Input((4, 8, 7))
    x = layers.Conv2D(6, 3, data_format="channels_first")(x)
    model = trained(keras.Model(inputs, layers.BatchNormalization(axis=1)(x)))
    folded = fold_for_inference(model)
    assert kinds_of(folded)["BatchNormalization"] == 0
    check_same(model, folded)


def read_twice(x: Any) -> Any:
    y = layers.Conv2D(6, 3)(x)
    return layers.Add()([y, layers.BatchNormalization()(y)])


def called_twice(x: Any) -> Any:
    conv = layers.Conv2D(6, 3, padding="same")
    return conv(layers.BatchNormalization()(conv(x)))


# Where a normalization cannot be folded.
OTHERS: dict[str, Callable[[Any], Any]] = {
    "read twice": read_twice,
    "called twice": called_twice,
    "activation": lambda x: layers.BatchNormalization()(layers.Conv2D(6, 3, activation="relu")(x)),
    "another axis": lambda x: layers.BatchNormalization(axis=1)(layers.Conv2D(6, 3)(x)),
    "pooling": lambda x: layers.BatchNormalization()(layers.MaxPooling2D()(x)),
    "float16": lambda x: layers.BatchNormalization()(layers.Conv2D(6, 3, dtype="mixed_float16")(x)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_cannot_be_folded_stays(name: str) -> None:
    inputs = keras.Input((8, 8, 6))
    model = trained(keras.Model(inputs, OTHERS[name](inputs)))
    folded = fold_for_inference(model)
    assert kinds_of(folded) == kinds_of(model)
    check_same(model, folded)


def test_an_output_is_not_folded() -> None:
    inputs = keras.Input((8, 8, 6))
    y = layers.Conv2D(6, 3)(inputs)
    model = keras.Model(inputs, [y, layers.BatchNormalization()(y)])
    assert kinds_of(fold_for_inference(model)) == kinds_of(model)


@pytest.mark.parametrize(
    ("shape", "border", "strides", "is_same"),
    [
        ((8, 8, 3), ((0, 1), (0, 1)), 2, True),
        ((9, 9, 3), 1, 2, True),
        ((8, 8, 3), 1, 1, True),
        ((8, 8, 3), 1, 2, False),
        ((8, 9, 3), ((0, 1), (1, 1)), 2, True),
        ((8, 8, 3), 2, 1, False),
        ((None, 8, 3), 1, 1, False),
    ],
)
@pytest.mark.parametrize("conv", [layers.Conv2D, layers.DepthwiseConv2D])
def test_padding_is_part_of_the_convolution(
    conv: Any, shape: tuple, border: Any, strides: int, is_same: bool
) -> None:
    args = (4, 3) if conv is layers.Conv2D else (3,)
    stack = [layers.Input(shape), layers.ZeroPadding2D(border), conv(*args, strides=strides)]
    model = keras.Sequential(stack)
    folded = fold_for_inference(model)
    assert kinds_of(folded)["ZeroPadding2D"] == (0 if is_same else 1)
    if None not in shape:
        assert folded.output_shape == model.output_shape
        check_same(model, folded)


@pytest.mark.parametrize("name", ["ResNet50", "MobileNetV2", "EfficientNetB0", "DenseNet121"])
def test_pretrained_networks(name: str) -> None:
    network = getattr(keras.applications, name)
    model = trained(network(weights=None, input_shape=(32, 32, 3), include_top=False))
    folded = fold_for_inference(model)
    left = {"DenseNet121": 62}.get(name, 0)
    assert kinds_of(folded)["BatchNormalization"] == left
    check_same(model, folded)


def test_the_loops_of_folded_networks_are_whole_patterns() -> None:
    model = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), include_top=False)
    text = str(fold_for_inference(model).program("predict"))
    assert "bias_relu6" in text
    assert "normalize" not in text


def test_models_inside_of_models(tmp_path: Any) -> None:
    base = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), include_top=False)
    base.trainable = False
    stack = [layers.Input((32, 32, 3)), base, layers.GlobalAveragePooling2D(), layers.Dense(3)]
    model = trained(keras.Sequential(stack))
    folded = fold_for_inference(model)
    assert kinds_of(folded)["BatchNormalization"] == 0
    assert len(folded.trainable_weights) == 2
    check_same(model, folded)
    folded.save(tmp_path / "folded.keras")
    check_same(model, keras.models.load_model(tmp_path / "folded.keras"))


def test_the_copy_has_weights_of_its_own() -> None:
    stack = [layers.Input((4,)), layers.Dense(3), layers.BatchNormalization()]
    model = trained(keras.Sequential(stack))
    folded = fold_for_inference(model)
    x = RNG.normal(size=(2, 4))
    former = folded.predict(x, verbose=0)
    model.layers[0].kernel.assign(np.zeros((4, 3)))
    np.testing.assert_array_equal(folded.predict(x, verbose=0), former)


def test_what_is_no_graph_is_refused() -> None:
    class Own(keras.Model):
        def call(self, x: Any) -> Any:
            return x

    with pytest.raises(TypeError, match="takes a model"):
        fold_for_inference(layers.Dense(1))
    with pytest.raises(ValueError, match="has no graph"):
        fold_for_inference(Own())
