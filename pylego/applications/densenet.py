"""Densely connected networks: each layer sees what all before it made.

Source: Huang and others, Densely Connected Convolutional Networks (arXiv:1608.06993).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_torch as preprocess_input,
)
from pylego.applications.network import Arguments, Network, channels_of
from pylego.applications.weight_files import tf_kernels
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["DenseNet121", "DenseNet169", "DenseNet201", "decode_predictions", "preprocess_input"]

EPSILON = 1.001e-5
GROWTH = 32  # channels that each layer adds
KEPT = 0.5  # of the channels, between blocks

# name -> layers of each block, and the checksums of its files with the top and without
VARIANTS: dict[str, tuple[tuple[int, ...], tuple[str, str]]] = {
    "densenet121": (
        (6, 12, 24, 16),
        ("9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738"),
    ),
    "densenet169": (
        (6, 12, 32, 32),
        ("d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b"),
    ),
    "densenet201": (
        (6, 12, 48, 32),
        ("1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1"),
    ),
}


def DenseNet121(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet121",
) -> Model:
    """Make a densely connected network of 121 layers: 8.1 million weights.

    For the arguments see `resnet.ResNet50`.


    >>> DenseNet121(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 1024)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _densenet("DenseNet121", arguments, name)


def DenseNet169(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet169",
) -> Model:
    """Make a densely connected network of 169 layers: 14.3 million weights.

    See `resnet.ResNet50`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _densenet("DenseNet169", arguments, name)


def DenseNet201(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet201",
) -> Model:
    """Make a densely connected network of 201 layers: 20.2 million weights.

    See `resnet.ResNet50`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _densenet("DenseNet201", arguments, name)


def _densenet(owner: str, arguments: Arguments, name: str) -> Model:
    network = Network(owner, arguments, size=224, least=32)
    axis = network.axis
    x = layers.ZeroPadding2D(((3, 3), (3, 3)))(network.input)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = _activated(x, axis, "conv1_bn", "conv1_relu")
    x = layers.ZeroPadding2D(((1, 1), (1, 1)))(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    blocks, checksums = VARIANTS[owner.lower()]
    for stage, count in enumerate(blocks, start=2):
        for k in range(1, count + 1):
            x = _layer(x, axis, f"conv{stage}_block{k}")
        if stage < 5:
            x = _transition(x, axis, f"pool{stage}")
    x = _activated(x, axis, "bn", "relu")
    x = network.ended(x, avg="avg_pool", max="max_pool")
    return network.model(x, name, tf_kernels(owner.lower(), "densenet", checksums))


def _layer(x: KerasTensor, axis: int, label: str) -> KerasTensor:
    """Put 32 channels, made of all those of x, behind them."""
    y = _activated(x, axis, f"{label}_0_bn", f"{label}_0_relu")
    y = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{label}_1_conv")(y)
    y = _activated(y, axis, f"{label}_1_bn", f"{label}_1_relu")
    y = layers.Conv2D(GROWTH, 3, padding="same", use_bias=False, name=f"{label}_2_conv")(y)
    return layers.Concatenate(axis=axis, name=f"{label}_concat")([x, y])


def _transition(x: KerasTensor, axis: int, label: str) -> KerasTensor:
    """Half of the channels, and half of the size."""
    x = _activated(x, axis, f"{label}_bn", f"{label}_relu")
    kept = int(channels_of(x, axis) * KEPT)
    x = layers.Conv2D(kept, 1, use_bias=False, name=f"{label}_conv")(x)
    return layers.AveragePooling2D(2, strides=2, name=f"{label}_pool")(x)


def _activated(x: KerasTensor, axis: int, normalization: str, activation: str) -> KerasTensor:
    x = layers.BatchNormalization(axis=axis, epsilon=EPSILON, name=normalization)(x)
    return layers.Activation("relu", name=activation)(x)
