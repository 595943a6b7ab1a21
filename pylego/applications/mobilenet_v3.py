"""MobileNetV3: MobileNetV2's blocks with attention to channels and a cheap activation.

Source: Howard and others, Searching for MobileNetV3 (arXiv:1905.02244).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_nothing as preprocess_input,
)
from pylego.applications.network import (
    Arguments,
    Network,
    channels_of,
    corrected_padding,
    divisible,
)
from pylego.applications.weight_files import OLDER, two_files
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["MobileNetV3Large", "MobileNetV3Small", "decode_predictions", "preprocess_input"]

SQUEEZED = 0.25


class Block(NamedTuple):
    """How much wider its middle is, its filters, stride, and what it has of the newer ideas: wide
    windows, attention to channels, hard swish."""

    expansion: float
    filters: int
    strides: int
    is_wide: bool
    is_attentive: bool
    is_swish: bool


SMALL = (
    Block(1, 16, 2, False, True, False),
    Block(72 / 16, 24, 2, False, False, False),
    Block(88 / 24, 24, 1, False, False, False),
    Block(4, 40, 2, True, True, True),
    Block(6, 40, 1, True, True, True),
    Block(6, 40, 1, True, True, True),
    Block(3, 48, 1, True, True, True),
    Block(3, 48, 1, True, True, True),
    Block(6, 96, 2, True, True, True),
    Block(6, 96, 1, True, True, True),
    Block(6, 96, 1, True, True, True),
)
LARGE = (
    Block(1, 16, 1, False, False, False),
    Block(4, 24, 2, False, False, False),
    Block(3, 24, 1, False, False, False),
    Block(3, 40, 2, True, True, False),
    Block(3, 40, 1, True, True, False),
    Block(3, 40, 1, True, True, False),
    Block(6, 80, 2, False, False, True),
    Block(2.5, 80, 1, False, False, True),
    Block(2.3, 80, 1, False, False, True),
    Block(2.3, 80, 1, False, False, True),
    Block(6, 112, 1, False, True, True),
    Block(6, 112, 1, False, True, True),
    Block(6, 160, 2, True, True, True),
    Block(6, 160, 1, True, True, True),
    Block(6, 160, 1, True, True, True),
)
# what the names of files say -> their checksums with the top and without
CHECKSUMS = {
    "large_224_0.75": ("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
    "large_224_1.0": ("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
    "large_minimalistic_224_1.0": (
        "675e7b876c45c57e9e63e6d90a36599c",
        "ec5221f64a2f6d1ef965a614bdae7973",
    ),
    "small_224_0.75": ("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
    "small_224_1.0": ("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
    "small_minimalistic_224_1.0": (
        "99cd97fb2fcdad2bf028eb838de69e37",
        "cde8136e733e811080d9fcd8a252f7e4",
    ),
}


class _Kind(NamedTuple):
    """What the two networks have apart, and what the user wants of them."""

    word: str
    blocks: tuple[Block, ...]
    last: int
    alpha: float
    minimalistic: bool
    dropout_rate: float
    include_preprocessing: bool


def MobileNetV3Small(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    classes: int = 1000,
    pooling: str | None = None,
    dropout_rate: float = 0.2,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "MobileNetV3Small",
) -> Model:
    """Make a small MobileNetV3: 2.6 million weights.

    Args:
        input_shape: see `resnet.ResNet50`; any size from 32.
        alpha: the share of the channels that each layer has.
        minimalistic: whether it goes without wide windows, attention and hard swish.
        include_top: see `resnet.ResNet50`, for the others, too.
        weights: published for an alpha of 1 and, where not minimalistic, of 0.75.
        input_tensor: where it begins.
        classes: how many are named.
        pooling: how it ends without the top.
        dropout_rate: in front of the top.
        classifier_activation: of the layer that names them.
        include_preprocessing: whether pictures go from 0 to 255; else they go from -1 to 1.
        name: of the model.

    Raises:
        ValueError: for arguments that do not fit each other.

    >>> MobileNetV3Small((32, 32, 3), include_top=False, weights=None).output_shape
    (None, 1, 1, 576)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    kind = _Kind("small", SMALL, 1024, alpha, minimalistic, dropout_rate, include_preprocessing)
    return _mobilenet("MobileNetV3Small", arguments, kind, name)


def MobileNetV3Large(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    alpha: float = 1.0,
    minimalistic: bool = False,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    classes: int = 1000,
    pooling: str | None = None,
    dropout_rate: float = 0.2,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "MobileNetV3Large",
) -> Model:
    """Make a large MobileNetV3: 5.5 million weights. See `MobileNetV3Small`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    kind = _Kind("large", LARGE, 1280, alpha, minimalistic, dropout_rate, include_preprocessing)
    return _mobilenet("MobileNetV3Large", arguments, kind, name)


def _mobilenet(owner: str, arguments: Arguments, kind: _Kind, name: str) -> Model:
    network = Network(owner, arguments, size=None, least=32)
    files = _files(owner, arguments, kind)
    axis, is_swish = network.axis, not kind.minimalistic
    x = network.input
    if kind.include_preprocessing:
        x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _activated(_normalized(x, axis, "conv_bn"), is_swish)
    for k, block in enumerate(kind.blocks):
        own = block
        if kind.minimalistic:
            own = block._replace(is_wide=False, is_attentive=False, is_swish=False)
        x = _block(x, own._replace(filters=divisible(block.filters * kind.alpha)), axis, k)
    wide = divisible(channels_of(x, axis) * 6)
    x = layers.Conv2D(wide, 1, padding="same", use_bias=False, name="conv_1")(x)
    x = _activated(_normalized(x, axis, "conv_1_bn"), is_swish)
    if arguments.include_top:
        x = _classified(x, arguments, kind)
    else:
        x = network.pooled(x, avg="avg_pool", max="max_pool")
    return network.model(x, name, files)


def _files(owner: str, arguments: Arguments, kind: _Kind) -> Any:
    minimalistic = "_minimalistic" if kind.minimalistic else ""
    word = f"{kind.word}{minimalistic}_224_{float(kind.alpha)}"
    if arguments.weights == "imagenet" and word not in CHECKSUMS:
        raise ValueError(
            f"{owner}: the weights of ImageNet are for an alpha of 1 and, where not minimalistic, "
            f"of 0.75. Received: alpha={kind.alpha}, minimalistic={kind.minimalistic}"
        )
    name = f"weights_mobilenet_v3_{word}_float"
    checksums = CHECKSUMS.get(word, (None, None))
    return two_files(name, f"{OLDER}mobilenet_v3/", checksums, without="_no_top_v2")


def _classified(x: KerasTensor, arguments: Arguments, kind: _Kind) -> KerasTensor:
    """The top: convolutions of pictures of one pixel."""
    last = divisible(kind.last * kind.alpha) if kind.alpha > 1.0 else kind.last
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(last, 1, padding="same", name="conv_2")(x)
    x = _activated(x, not kind.minimalistic)
    if kind.dropout_rate > 0:
        x = layers.Dropout(kind.dropout_rate)(x)
    x = layers.Conv2D(arguments.classes, 1, padding="same", name="logits")(x)
    x = layers.Flatten()(x)
    return layers.Activation(arguments.classifier_activation, name="predictions")(x)


def _block(x: KerasTensor, block: Block, axis: int, k: int) -> KerasTensor:
    """Widen, convolve each channel, weigh the channels, narrow. The first does not widen."""
    channels = channels_of(x, axis)
    prefix = f"expanded_conv_{k}" if k else "expanded_conv"
    middle = divisible(channels * block.expansion)
    wide = x
    if k:
        wide = layers.Conv2D(middle, 1, padding="same", use_bias=False, name=f"{prefix}_expand")(x)
        wide = _normalized(wide, axis, f"{prefix}_expand_bn")
        wide = _activated(wide, block.is_swish)
    kernel = 5 if block.is_wide else 3
    if block.strides == 2:
        padding = corrected_padding(wide, kernel, axis)
        wide = layers.ZeroPadding2D(padding, name=f"{prefix}_depthwise_pad")(wide)
    wide = layers.DepthwiseConv2D(
        kernel,
        strides=block.strides,
        padding="same" if block.strides == 1 else "valid",
        use_bias=False,
        name=f"{prefix}_depthwise",
    )(wide)
    wide = _normalized(wide, axis, f"{prefix}_depthwise_bn")
    wide = _activated(wide, block.is_swish)
    if block.is_attentive:
        wide = _weighed(wide, middle, f"{prefix}_squeeze_excite")
    narrow = layers.Conv2D(
        block.filters, 1, padding="same", use_bias=False, name=f"{prefix}_project"
    )(wide)
    narrow = _normalized(narrow, axis, f"{prefix}_project_bn")
    if block.strides == 1 and channels == block.filters:
        return layers.Add(name=f"{prefix}_add")([x, narrow])
    return narrow


def _weighed(x: KerasTensor, filters: int, prefix: str) -> KerasTensor:
    """Multiply each channel by a weight from 0 to 1 made of the means of all."""
    weight = layers.GlobalAveragePooling2D(keepdims=True, name=f"{prefix}_avg_pool")(x)
    squeezed = divisible(filters * SQUEEZED)
    weight = layers.Conv2D(squeezed, 1, padding="same", name=f"{prefix}_conv")(weight)
    weight = layers.ReLU(name=f"{prefix}_relu")(weight)
    weight = layers.Conv2D(filters, 1, padding="same", name=f"{prefix}_conv_1")(weight)
    weight = layers.ReLU(6.0)(weight + 3.0) * (1.0 / 6.0)  # the hard sigmoid
    return layers.Multiply(name=f"{prefix}_mul")([x, weight])


def _activated(x: KerasTensor, is_swish: bool) -> KerasTensor:
    return layers.Activation("hard_swish")(x) if is_swish else layers.ReLU()(x)


def _normalized(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    return layers.BatchNormalization(axis=axis, epsilon=1e-3, momentum=0.999, name=name)(x)
