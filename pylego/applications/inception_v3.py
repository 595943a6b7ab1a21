"""InceptionV3: branches of convolutions of several shapes, side by side.

Source: Szegedy and others, Rethinking the Inception Architecture for Computer Vision
(arXiv:1512.00567).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import Arguments, Network
from pylego.applications.weight_files import tf_kernels
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

CHECKSUMS = ("9a0d58056eeedaa3f26cb7ebd46da564", "bcbd6486424b2319ff4ef7d526e38f63")


def InceptionV3(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "inception_v3",
) -> Model:
    """Make an InceptionV3: 23.9 million weights.

    For the arguments see `resnet.ResNet50`.


    >>> InceptionV3(weights=None, include_top=False, input_shape=(75, 75, 3)).output_shape
    (None, 1, 1, 2048)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    network = Network("InceptionV3", arguments, size=299, least=75)
    axis = network.axis
    x = _stem(network.input, axis)
    for block, pooled in enumerate((32, 64, 64)):
        x = _block_of_35(x, pooled, axis, f"mixed{block}")
    x = _reduction_to_17(x, axis)
    for block, middle in enumerate((128, 160, 160, 192), start=4):
        x = _block_of_17(x, middle, axis, f"mixed{block}")
    x = _reduction_to_8(x, axis)
    for block in (0, 1):
        x = _block_of_8(x, axis, block)
    x = network.ended(x)
    return network.model(x, name, tf_kernels("inception_v3", "inception_v3", CHECKSUMS))


def _convolved(
    x: KerasTensor,
    axis: int,
    filters: int,
    rows: int,
    columns: int,
    strides: int = 1,
    padding: str = "same",
) -> KerasTensor:
    """A convolution, normalized without a factor, and relu."""
    convolution = layers.Conv2D(
        filters, (rows, columns), strides=strides, padding=padding, use_bias=False
    )
    x = layers.BatchNormalization(axis=axis, scale=False)(convolution(x))
    return layers.Activation("relu")(x)


def _chain(x: KerasTensor, axis: int, *shapes: tuple[int, int, int]) -> KerasTensor:
    """Convolutions one after another, each of (filters, rows, columns)."""
    for filters, rows, columns in shapes:
        x = _convolved(x, axis, filters, rows, columns)
    return x


def _stem(x: KerasTensor, axis: int) -> KerasTensor:
    x = _convolved(x, axis, 32, 3, 3, strides=2, padding="valid")
    x = _convolved(x, axis, 32, 3, 3, padding="valid")
    x = _convolved(x, axis, 64, 3, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _convolved(x, axis, 80, 1, 1, padding="valid")
    x = _convolved(x, axis, 192, 3, 3, padding="valid")
    return layers.MaxPooling2D(3, strides=2)(x)


def _averaged(x: KerasTensor, axis: int, filters: int) -> KerasTensor:
    x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
    return _convolved(x, axis, filters, 1, 1)


def _block_of_35(x: KerasTensor, pooled: int, axis: int, name: str) -> KerasTensor:
    """1x1; 5x5; 3x3 twice; the mean. Of pictures of 35 x 35."""
    branches = [
        _chain(x, axis, (64, 1, 1)),
        _chain(x, axis, (48, 1, 1), (64, 5, 5)),
        _chain(x, axis, (64, 1, 1), (96, 3, 3), (96, 3, 3)),
        _averaged(x, axis, pooled),
    ]
    return layers.Concatenate(axis=axis, name=name)(branches)


def _reduction_to_17(x: KerasTensor, axis: int) -> KerasTensor:
    branches = [
        _convolved(x, axis, 384, 3, 3, strides=2, padding="valid"),
        _convolved(
            _chain(x, axis, (64, 1, 1), (96, 3, 3)), axis, 96, 3, 3, strides=2, padding="valid"
        ),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    return layers.Concatenate(axis=axis, name="mixed3")(branches)


def _block_of_17(x: KerasTensor, middle: int, axis: int, name: str) -> KerasTensor:
    """1x1; 7x7 as a row and a column; the same twice; the mean. Of pictures of 17 x 17."""
    row, column = (middle, 1, 7), (middle, 7, 1)
    branches = [
        _chain(x, axis, (192, 1, 1)),
        _chain(x, axis, (middle, 1, 1), row, (192, 7, 1)),
        _chain(x, axis, (middle, 1, 1), column, row, column, (192, 1, 7)),
        _averaged(x, axis, 192),
    ]
    return layers.Concatenate(axis=axis, name=name)(branches)


def _reduction_to_8(x: KerasTensor, axis: int) -> KerasTensor:
    three = _chain(x, axis, (192, 1, 1))
    three = _convolved(three, axis, 320, 3, 3, strides=2, padding="valid")
    seven = _chain(x, axis, (192, 1, 1), (192, 1, 7), (192, 7, 1))
    seven = _convolved(seven, axis, 192, 3, 3, strides=2, padding="valid")
    branches = [three, seven, layers.MaxPooling2D(3, strides=2)(x)]
    return layers.Concatenate(axis=axis, name="mixed8")(branches)


def _block_of_8(x: KerasTensor, axis: int, block: int) -> KerasTensor:
    """1x1; 3x3 as a row beside a column; the same behind 3x3; the mean. Of pictures of 8 x 8."""
    one = _chain(x, axis, (320, 1, 1))
    three = _both(_chain(x, axis, (384, 1, 1)), axis, f"mixed9_{block}")
    double = _both(_chain(x, axis, (448, 1, 1), (384, 3, 3)), axis, None)
    branches = [one, three, double, _averaged(x, axis, 192)]
    return layers.Concatenate(axis=axis, name=f"mixed{9 + block}")(branches)


def _both(x: KerasTensor, axis: int, name: str | None) -> KerasTensor:
    halves = [_chain(x, axis, (384, 1, 3)), _chain(x, axis, (384, 3, 1))]
    return layers.Concatenate(axis=axis, name=name)(halves)
