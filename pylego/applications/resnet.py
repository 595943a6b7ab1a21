"""Residual networks: ResNet50, ResNet101, ResNet152.

Source: He and others, Deep Residual Learning for Image Recognition (arXiv:1512.03385).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_caffe as preprocess_input,
)
from pylego.applications.network import Arguments, Network
from pylego.applications.weight_files import tf_kernels
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

EPSILON = 1.001e-5
FILTERS = (64, 128, 256, 512)

# name -> blocks of each stage, and the checksums of its files with the top and without
VARIANTS: dict[str, tuple[tuple[int, ...], tuple[str, str]]] = {
    "resnet50": (
        (3, 4, 6, 3),
        ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
    ),
    "resnet101": (
        (3, 4, 23, 3),
        ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
    ),
    "resnet152": (
        (3, 8, 36, 3),
        ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
    ),
}


def ResNet50(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet50",
) -> Model:
    """Make a residual network of 50 layers: 25.6 million weights.

    Args:
        include_top: whether it ends with the layer that names classes.
        weights: 'imagenet', for numbers trained on ImageNet, looked for in Keras's folder of models
            and in ours, and downloaded once; the path of a file; or None, for random numbers.
        input_tensor: a placeholder of pictures, what comes out of other layers, too.
        input_shape: of a picture; (224, 224, 3) with the top, any size from 32 without.
        pooling: without the top, 'avg' or 'max' leaves one number for each channel.
        classes: how many are named.
        classifier_activation: of the layer that names them; None gives the numbers before softmax.
        name: of the model.

    Raises:
        ValueError: for arguments that do not fit each other.
        ConnectionError: where weights are to be downloaded and there is no network.

    >>> model = ResNet50(weights=None, include_top=False, input_shape=(64, 64, 3))
    >>> model.output_shape
    (None, 2, 2, 2048)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet50", arguments, name)


def ResNet101(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet101",
) -> Model:
    """Make a residual network of 101 layers: 44.7 million weights. See `ResNet50`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet101", arguments, name)


def ResNet152(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet152",
) -> Model:
    """Make a residual network of 152 layers: 60.4 million weights. See `ResNet50`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet152", arguments, name)


def _resnet(owner: str, arguments: Arguments, name: str) -> Model:
    network = Network(owner, arguments, size=224, least=32)
    x = layers.ZeroPadding2D(((3, 3), (3, 3)), name="conv1_pad")(network.input)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = normalized(x, network.axis, "conv1")
    x = layers.Activation("relu", name="conv1_relu")(x)
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    blocks, checksums = VARIANTS[owner.lower()]
    for stage, (filters, count) in enumerate(zip(FILTERS, blocks), start=2):
        for block in range(1, count + 1):
            strides = 2 if block == 1 and stage > 2 else 1
            x = _block(x, filters, strides, block == 1, network.axis, f"conv{stage}_block{block}")
    return finished(network, x, name, owner.lower(), checksums)


def _block(
    x: KerasTensor, filters: int, strides: int, is_first: bool, axis: int, name: str
) -> KerasTensor:
    """Add to x what three convolutions make of it: 1x1, 3x3, 1x1 to four times as many channels.

    The first block of a stage changes the number of channels, so x goes through a 1x1 convolution.
    """
    shortcut = x
    if is_first:
        shortcut = layers.Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(x)
        shortcut = normalized(shortcut, axis, f"{name}_0")
    x = layers.Conv2D(filters, 1, strides=strides, name=f"{name}_1_conv")(x)
    x = layers.Activation("relu", name=f"{name}_1_relu")(normalized(x, axis, f"{name}_1"))
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = layers.Activation("relu", name=f"{name}_2_relu")(normalized(x, axis, f"{name}_2"))
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    x = layers.Add(name=f"{name}_add")([shortcut, normalized(x, axis, f"{name}_3")])
    return layers.Activation("relu", name=f"{name}_out")(x)


def normalized(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    """Return x normalized by a layer whose name ends with `_bn`."""
    return layers.BatchNormalization(axis=axis, epsilon=EPSILON, name=f"{name}_bn")(x)


def finished(
    network: Network, x: KerasTensor, name: str, file: str, checksums: tuple[str, str]
) -> Model:
    """Return the model of a residual network that ends with x.

    Args:
        network: what it began with.
        x: of shape (batch, height, width, channels).
        name: of the model.
        file: how the names of its files begin.
        checksums: of its files with the top and without.
    """
    x = network.ended(x, avg="avg_pool", max="max_pool")
    return network.model(x, name, tf_kernels(file, "resnet", checksums))
