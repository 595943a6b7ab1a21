"""MobileNet: convolutions in two steps, one for each channel and one across channels.

Source: Howard and others, MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications (arXiv:1704.04861).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import Arguments, Network, trained_side
from pylego.applications.weight_files import OLDER, two_files
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["MobileNet", "decode_predictions", "preprocess_input"]

# (filters, strides) of each block
BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1)),
)
SIDES = (128, 160, 192, 224)
WIDTHS = {0.25: "2_5", 0.5: "5_0", 0.75: "7_5", 1.0: "1_0"}  # in the names of files


def MobileNet(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    alpha: float = 1.0,
    depth_multiplier: int = 1,
    dropout: float = 1e-3,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """Make a MobileNet: 4.3 million weights.

    Args:
        input_shape: see `resnet.ResNet50`; weights are published for squares of 128, 160, 192 and
            224.
        alpha: the share of the channels that each layer has.
        depth_multiplier: how many channels a convolution makes of each.
        dropout: the rate in front of the top.
        include_top: see `resnet.ResNet50`, for the others, too.
        weights: published for an alpha of 0.25, 0.5, 0.75 and 1.
        input_tensor: where it begins.
        pooling: how it ends without the top.
        classes: how many are named.
        classifier_activation: of the layer that names them.
        name: by default from alpha and the height of the pictures.

    Raises:
        ValueError: for arguments that do not fit each other.

    >>> model = MobileNet((64, 64, 3), alpha=0.5, include_top=False, weights=None)
    >>> model.name, model.output_shape
    ('mobilenet_0.50_64', (None, 2, 2, 512))
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    trained = trained_side(input_shape, SIDES)
    network = Network("MobileNet", arguments, trained, least=32)
    if weights == "imagenet" and (alpha not in WIDTHS or depth_multiplier != 1):
        raise ValueError(
            f"MobileNet: the weights of ImageNet are for depth_multiplier=1 and an alpha of "
            f"{list(WIDTHS)}. Received: alpha={alpha}, depth_multiplier={depth_multiplier}"
        )
    x = layers.Conv2D(int(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="conv1")(
        network.input
    )
    x = _activated(x, network.axis, "conv1")
    for k, (filters, strides) in enumerate(BLOCKS, start=1):
        x = _block(x, int(filters * alpha), strides, depth_multiplier, network.axis, k)
    x = _ended(network, x, dropout)
    side = trained if weights == "imagenet" else network.side
    width = WIDTHS.get(alpha, "")
    files = two_files(f"mobilenet_{width}_{side}_tf", f"{OLDER}mobilenet/", without="_no_top")
    return network.model(x, name or f"mobilenet_{alpha:0.2f}_{side}", files)


def _block(
    x: KerasTensor, filters: int, strides: int, multiplier: int, axis: int, k: int
) -> KerasTensor:
    """A convolution of each channel, and one across channels."""
    if strides == 2:
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{k}")(x)
    x = layers.DepthwiseConv2D(
        3,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        depth_multiplier=multiplier,
        use_bias=False,
        name=f"conv_dw_{k}",
    )(x)
    x = _activated(x, axis, f"conv_dw_{k}")
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{k}")(x)
    return _activated(x, axis, f"conv_pw_{k}")


def _activated(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    x = layers.BatchNormalization(axis=axis, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _ended(network: Network, x: KerasTensor, dropout: float) -> KerasTensor:
    """The top is a convolution of pictures of one pixel."""
    arguments = network.arguments
    if not arguments.include_top:
        return network.pooled(x)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    x = layers.Conv2D(arguments.classes, 1, padding="same", name="conv_preds")(x)
    x = layers.Reshape((arguments.classes,), name="reshape_2")(x)
    return layers.Activation(arguments.classifier_activation, name="predictions")(x)
