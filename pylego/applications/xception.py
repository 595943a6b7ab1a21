"""Xception: Inception driven to its end, channels and places apart.

Source: Chollet, Xception: Deep Learning with Depthwise Separable Convolutions (arXiv:1610.02357).
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

__all__ = ["Xception", "decode_predictions", "preprocess_input"]

CHECKSUMS = ("0a58e3b7378bc2990ea3b43d5981f1f6", "b0042744bf5b25fce3cb969f33bebb97")
# the filters of both convolutions of the blocks that halve the size; the first of them has no
# activation in front
ENTRY = ((128, 128), (256, 256), (728, 728))
MIDDLE = 8
EXIT = (728, 1024)
LAST = (1536, 2048)


def Xception(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "xception",
) -> Model:
    """Make an Xception: 22.9 million weights.

    For the arguments see `resnet.ResNet50`.


    >>> Xception(weights=None, include_top=False, input_shape=(71, 71, 3)).output_shape
    (None, 3, 3, 2048)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    network = Network("Xception", arguments, size=299, least=71)
    x, axis = network.input, network.axis
    for k, (filters, strides) in enumerate(((32, 2), (64, 1)), start=1):
        label = f"block1_conv{k}"
        x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=label)(x)
        x = layers.BatchNormalization(axis=axis, name=f"{label}_bn")(x)
        x = _activated(x, label)
    for block, both in enumerate(ENTRY, start=2):
        x = _halved(x, both, axis, f"block{block}", is_first=block == 2)
    for block in range(5, 5 + MIDDLE):
        x = _residual(x, axis, f"block{block}")
    x = _halved(x, EXIT, axis, "block13")
    for k, filters in enumerate(LAST, start=1):
        x = _activated(_separable(x, filters, axis, f"block14_sepconv{k}"), f"block14_sepconv{k}")
    x = network.ended(x)
    return network.model(x, name, tf_kernels("xception", "xception", CHECKSUMS))


def _halved(
    x: KerasTensor, filters: tuple[int, int], axis: int, block: str, is_first: bool = False
) -> KerasTensor:
    """Two convolutions and a pooling, added to x at half the size."""
    shortcut = layers.Conv2D(filters[1], 1, strides=2, padding="same", use_bias=False)(x)
    shortcut = layers.BatchNormalization(axis=axis)(shortcut)
    for k in (1, 2):
        label = f"{block}_sepconv{k}"
        x = x if is_first and k == 1 else _activated(x, label)
        x = _separable(x, filters[k - 1], axis, label)
    x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"{block}_pool")(x)
    return layers.Add()([x, shortcut])


def _residual(x: KerasTensor, axis: int, block: str) -> KerasTensor:
    """Three convolutions, added to x."""
    shortcut = x
    for k in (1, 2, 3):
        label = f"{block}_sepconv{k}"
        x = _separable(_activated(x, label), 728, axis, label)
    return layers.Add()([x, shortcut])


def _separable(x: KerasTensor, filters: int, axis: int, label: str) -> KerasTensor:
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=label)(x)
    return layers.BatchNormalization(axis=axis, name=f"{label}_bn")(x)


def _activated(x: KerasTensor, label: str) -> KerasTensor:
    return layers.Activation("relu", name=f"{label}_act")(x)
