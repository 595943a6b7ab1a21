"""Residual networks that normalize first: ResNet50V2, ResNet101V2, ResNet152V2.

Source: He and others, Identity Mappings in Deep Residual Networks (arXiv:1603.05027).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import Arguments, Network
from pylego.applications.resnet import FILTERS, finished, normalized
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]

# name -> blocks of each stage, and the checksums of its files with the top and without
VARIANTS: dict[str, tuple[tuple[int, ...], tuple[str, str]]] = {
    "resnet50v2": (
        (3, 4, 6, 3),
        ("3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"),
    ),
    "resnet101v2": (
        (3, 4, 23, 3),
        ("6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"),
    ),
    "resnet152v2": (
        (3, 8, 36, 3),
        ("a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"),
    ),
}


def ResNet50V2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet50v2",
) -> Model:
    """Make a residual network of 50 layers: 25.6 million weights.

    For the arguments see `resnet.ResNet50`.

    >>> ResNet50V2(weights=None, include_top=False, input_shape=(64, 64, 3)).output_shape
    (None, 2, 2, 2048)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet50V2", arguments, name)


def ResNet101V2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet101v2",
) -> Model:
    """Make a residual network of 101 layers: 44.7 million weights. See `resnet.ResNet50`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet101V2", arguments, name)


def ResNet152V2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "resnet152v2",
) -> Model:
    """Make a residual network of 152 layers: 60.4 million weights. See `resnet.ResNet50`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _resnet("ResNet152V2", arguments, name)


def _resnet(owner: str, arguments: Arguments, name: str) -> Model:
    network = Network(owner, arguments, size=224, least=32)
    x = layers.ZeroPadding2D(((3, 3), (3, 3)), name="conv1_pad")(network.input)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    blocks, checksums = VARIANTS[owner.lower()]
    for stage, (filters, count) in enumerate(zip(FILTERS, blocks), start=2):
        for block in range(1, count + 1):
            strides = 2 if block == count and stage < 5 else 1
            x = _block(x, filters, strides, block == 1, network.axis, f"conv{stage}_block{block}")
    x = layers.Activation("relu", name="post_relu")(normalized(x, network.axis, "post"))
    return finished(network, x, name, owner.lower(), checksums)


def _block(
    x: KerasTensor, filters: int, strides: int, is_first: bool, axis: int, name: str
) -> KerasTensor:
    """Add to x what three convolutions make of it, each after a normalization.

    The first block of a stage changes the number of channels, the last one the size.
    """
    before = layers.Activation("relu", name=f"{name}_preact_relu")(
        normalized(x, axis, f"{name}_preact")
    )
    shortcut = x
    if is_first:
        shortcut = layers.Conv2D(4 * filters, 1, strides=strides, name=f"{name}_0_conv")(before)
    elif strides > 1:
        shortcut = layers.MaxPooling2D(1, strides=strides)(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    x = layers.Activation("relu", name=f"{name}_1_relu")(normalized(x, axis, f"{name}_1"))
    x = layers.ZeroPadding2D(((1, 1), (1, 1)), name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=f"{name}_2_conv")(x)
    x = layers.Activation("relu", name=f"{name}_2_relu")(normalized(x, axis, f"{name}_2"))
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return layers.Add(name=f"{name}_out")([shortcut, x])
