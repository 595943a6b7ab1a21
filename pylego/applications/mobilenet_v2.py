"""MobileNetV2: narrow ends with wide middles, added up.

Source: Sandler and others, MobileNetV2: Inverted Residuals and Linear Bottlenecks
(arXiv:1801.04381).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import (
    Arguments,
    Network,
    channels_of,
    corrected_padding,
    divisible,
    trained_side,
)
from pylego.applications.weight_files import OLDER, two_files
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["MobileNetV2", "decode_predictions", "preprocess_input"]

# (filters, strides of the first, count) of blocks that are alike
STAGES = ((16, 1, 1), (24, 2, 2), (32, 2, 3), (64, 2, 4), (96, 1, 3), (160, 2, 3), (320, 1, 1))
EXPANSION = 6
SIDES = (96, 128, 160, 192, 224)
WIDTHS = (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)


def MobileNetV2(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    alpha: float = 1.0,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str | None = None,
) -> Model:
    """Make a MobileNetV2: 3.5 million weights.

    Args:
        input_shape: see `resnet.ResNet50`; weights are published for squares of 96, 128, 160, 192
            and 224.
        alpha: the share of the channels that each layer has.
        include_top: see `resnet.ResNet50`, for the others, too.
        weights: published for an alpha of 0.35, 0.5, 0.75, 1, 1.3 and 1.4.
        input_tensor: where it begins.
        pooling: how it ends without the top.
        classes: how many are named.
        classifier_activation: of the layer that names them.
        name: by default from alpha and the height of the pictures.

    Raises:
        ValueError: for arguments that do not fit each other.

    >>> model = MobileNetV2((64, 64, 3), alpha=0.5, include_top=False, weights=None)
    >>> model.name, model.output_shape
    ('mobilenetv2_0.50_64', (None, 2, 2, 1280))
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    trained = trained_side(input_shape, SIDES)
    network = Network("MobileNetV2", arguments, trained, least=32)
    if weights == "imagenet" and alpha not in WIDTHS:
        raise ValueError(
            f"MobileNetV2: the weights of ImageNet are for an alpha of {list(WIDTHS)}. Received: "
            f"alpha={alpha}"
        )
    axis = network.axis
    x = layers.Conv2D(
        divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1"
    )(network.input)
    x = layers.ReLU(6.0, name="Conv1_relu")(_normalized(x, axis, "bn_Conv1"))
    k = 0
    for filters, first, count in STAGES:
        for block in range(count):
            x = _block(x, divisible(int(filters * alpha)), first if block == 0 else 1, axis, k)
            k += 1
    last = divisible(1280 * alpha) if alpha > 1.0 else 1280
    x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
    x = layers.ReLU(6.0, name="out_relu")(_normalized(x, axis, "Conv_1_bn"))
    x = network.ended(x, None)
    side = trained if weights == "imagenet" else network.side
    file = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{side}"
    files = two_files(file, f"{OLDER}mobilenet_v2/", without="_no_top")
    return network.model(x, name or f"mobilenetv2_{alpha:0.2f}_{side}", files)


def _block(x: KerasTensor, filters: int, strides: int, axis: int, k: int) -> KerasTensor:
    """Widen (all but the first), convolve each channel, narrow; add x where the shape stayed."""
    channels = channels_of(x, axis)
    prefix = f"block_{k}" if k else "expanded_conv"
    wide = x
    if k:
        wide = layers.Conv2D(
            EXPANSION * channels, 1, padding="same", use_bias=False, name=f"{prefix}_expand"
        )(x)
        wide = _normalized(wide, axis, f"{prefix}_expand_BN")
        wide = layers.ReLU(6.0, name=f"{prefix}_expand_relu")(wide)
    if strides == 2:
        padding = corrected_padding(wide, 3, axis)
        wide = layers.ZeroPadding2D(padding, name=f"{prefix}_pad")(wide)
    wide = layers.DepthwiseConv2D(
        3,
        strides=strides,
        use_bias=False,
        padding="same" if strides == 1 else "valid",
        name=f"{prefix}_depthwise",
    )(wide)
    wide = _normalized(wide, axis, f"{prefix}_depthwise_BN")
    wide = layers.ReLU(6.0, name=f"{prefix}_depthwise_relu")(wide)
    narrow = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}_project")(
        wide
    )
    narrow = _normalized(narrow, axis, f"{prefix}_project_BN")
    if channels == filters and strides == 1:
        return layers.Add(name=f"{prefix}_add")([x, narrow])
    return narrow


def _normalized(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    return layers.BatchNormalization(axis=axis, epsilon=1e-3, momentum=0.999, name=name)(x)
