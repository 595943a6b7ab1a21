"""EfficientNet, B0 to B7: depth, width and size of pictures grow together.

Source: Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks
(arXiv:1905.11946).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pylego import layers
from pylego.applications.imagenet_utils import (
    DEVIATION,
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
from pylego.applications.weight_files import NEWER, two_files
from pylego.graph.keras_tensor import KerasTensor
from pylego.initializers import VarianceScaling
from pylego.models import Model

__all__ = [
    *(f"EfficientNetB{k}" for k in range(8)),
    "decode_predictions",
    "preprocess_input",
]

SQUEEZED = 0.25
DROPPED = 0.2  # of the residual blocks, at most


class Stage(NamedTuple):
    """Blocks that are alike: their window, their number, filters, expansion and first stride."""

    kernel: int
    repeats: int
    filters: int
    expansion: int
    strides: int


STAGES = (
    Stage(3, 1, 16, 1, 1),
    Stage(3, 2, 24, 6, 2),
    Stage(5, 2, 40, 6, 2),
    Stage(3, 3, 80, 6, 2),
    Stage(5, 3, 112, 6, 1),
    Stage(5, 4, 192, 6, 2),
    Stage(3, 1, 320, 6, 1),
)


class Variant(NamedTuple):
    """How wide, deep and large a network is, its dropout, and the checksums of its files."""

    width: float
    depth: float
    size: int
    dropout: float
    checksums: tuple[str, str]


VARIANTS = {
    "EfficientNetB0": Variant(
        1.0, 1.0, 224, 0.2, ("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d")
    ),
    "EfficientNetB1": Variant(
        1.0, 1.1, 240, 0.2, ("1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432")
    ),
    "EfficientNetB2": Variant(
        1.1, 1.2, 260, 0.3, ("b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39")
    ),
    "EfficientNetB3": Variant(
        1.2, 1.4, 300, 0.3, ("ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226")
    ),
    "EfficientNetB4": Variant(
        1.4, 1.8, 380, 0.4, ("18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba")
    ),
    "EfficientNetB5": Variant(
        1.6, 2.2, 456, 0.4, ("ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f")
    ),
    "EfficientNetB6": Variant(
        1.8, 2.6, 528, 0.5, ("165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743")
    ),
    "EfficientNetB7": Variant(
        2.0, 3.1, 600, 0.5, ("8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a")
    ),
}


def EfficientNetB0(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb0",
) -> Model:
    """Make an EfficientNetB0 for pictures of 224 x 224: 5.3 million weights.

    Pictures have colors from 0 to 255: the network itself prepares them. For the arguments see
    `resnet.ResNet50`.

    >>> EfficientNetB0(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 1280)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB0", arguments, name)


def EfficientNetB1(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb1",
) -> Model:
    """Make an EfficientNetB1 for pictures of 240 x 240: 7.9 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB1", arguments, name)


def EfficientNetB2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb2",
) -> Model:
    """Make an EfficientNetB2 for pictures of 260 x 260: 9.2 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB2", arguments, name)


def EfficientNetB3(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb3",
) -> Model:
    """Make an EfficientNetB3 for pictures of 300 x 300: 12.3 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB3", arguments, name)


def EfficientNetB4(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb4",
) -> Model:
    """Make an EfficientNetB4 for pictures of 380 x 380: 19.5 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB4", arguments, name)


def EfficientNetB5(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb5",
) -> Model:
    """Make an EfficientNetB5 for pictures of 456 x 456: 30.6 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB5", arguments, name)


def EfficientNetB6(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb6",
) -> Model:
    """Make an EfficientNetB6 for pictures of 528 x 528: 43.3 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB6", arguments, name)


def EfficientNetB7(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "efficientnetb7",
) -> Model:
    """Make an EfficientNetB7 for pictures of 600 x 600: 66.7 million weights.

    See `EfficientNetB0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("EfficientNetB7", arguments, name)


def _efficientnet(owner: str, arguments: Arguments, name: str) -> Model:
    variant = VARIANTS[owner]
    network = Network(owner, arguments, variant.size, least=32)
    axis = network.axis
    x = _stem(network, _filters(32, variant), arguments.weights == "imagenet")
    counts = [math.ceil(variant.depth * stage.repeats) for stage in STAGES]
    done = 0
    for k, (stage, count) in enumerate(zip(STAGES, counts), start=1):
        for repeat in range(count):
            own = stage._replace(
                filters=_filters(stage.filters, variant), strides=stage.strides if not repeat else 1
            )
            dropped = DROPPED * done / sum(counts)
            x = _block(x, own, dropped, axis, f"block{k}{chr(ord('a') + repeat)}")
            done += 1
    x = layers.Conv2D(
        _filters(1280, variant), 1, padding="same", name="top_conv", **_of_convolutions()
    )(x)
    x = _activated(x, axis, "top_bn", "top_activation")
    x = _ended(network, x, variant.dropout)
    return network.model(x, name, two_files(owner.lower(), NEWER, variant.checksums))


def _filters(filters: int, variant: Variant) -> int:
    return divisible(filters * variant.width)


def _of_convolutions() -> dict[str, Any]:
    """Arguments of all convolutions that a normalization follows."""
    return {"use_bias": False, "kernel_initializer": VarianceScaling(2.0, "fan_out")}


def _stem(network: Network, filters: int, is_imagenet: bool) -> KerasTensor:
    """Prepare pictures, and halve them. The weights of ImageNet were trained on colors that were
    divided by their variances, where the layer divides by deviations."""
    axis = network.axis
    x = layers.Rescaling(1.0 / 255.0)(network.input)
    x = layers.Normalization(axis=axis)(x)
    if is_imagenet:
        x = layers.Rescaling([1.0 / math.sqrt(deviation) for deviation in DEVIATION])(x)
    x = layers.ZeroPadding2D(corrected_padding(x, 3, axis), name="stem_conv_pad")(x)
    x = layers.Conv2D(filters, 3, strides=2, name="stem_conv", **_of_convolutions())(x)
    return _activated(x, axis, "stem_bn", "stem_activation")


def _block(x: KerasTensor, stage: Stage, dropped: float, axis: int, name: str) -> KerasTensor:
    """Widen, convolve each channel, weigh the channels, narrow; add x where the shape stayed."""
    channels = channels_of(x, axis)
    middle = channels * stage.expansion
    wide = x
    if stage.expansion != 1:
        wide = layers.Conv2D(
            middle, 1, padding="same", name=f"{name}_expand_conv", **_of_convolutions()
        )(x)
        wide = _activated(wide, axis, f"{name}_expand_bn", f"{name}_expand_activation")
    if stage.strides == 2:
        padding = corrected_padding(wide, stage.kernel, axis)
        wide = layers.ZeroPadding2D(padding, name=f"{name}_dwconv_pad")(wide)
    wide = layers.DepthwiseConv2D(
        stage.kernel,
        strides=stage.strides,
        padding="same" if stage.strides == 1 else "valid",
        use_bias=False,
        depthwise_initializer=VarianceScaling(2.0, "fan_out"),
        name=f"{name}_dwconv",
    )(wide)
    wide = _activated(wide, axis, f"{name}_bn", f"{name}_activation")
    wide = weighed(wide, middle, max(1, int(channels * SQUEEZED)), axis, name)
    narrow = layers.Conv2D(
        stage.filters, 1, padding="same", name=f"{name}_project_conv", **_of_convolutions()
    )(wide)
    narrow = layers.BatchNormalization(axis=axis, name=f"{name}_project_bn")(narrow)
    if stage.strides != 1 or channels != stage.filters:
        return narrow
    if dropped > 0:  # the whole block, for some pictures
        narrow = layers.Dropout(dropped, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(narrow)
    return layers.Add(name=f"{name}_add")([narrow, x])


def weighed(x: KerasTensor, filters: int, squeezed: int, axis: int, name: str) -> KerasTensor:
    """Multiply each channel by a weight from 0 to 1 made of the means of all."""
    weight = layers.GlobalAveragePooling2D(name=f"{name}_se_squeeze")(x)
    one_pixel = (1, 1, filters) if axis == 3 else (filters, 1, 1)
    weight = layers.Reshape(one_pixel, name=f"{name}_se_reshape")(weight)
    for count, activation, word in ((squeezed, "swish", "reduce"), (filters, "sigmoid", "expand")):
        weight = layers.Conv2D(
            count,
            1,
            padding="same",
            activation=activation,
            kernel_initializer=VarianceScaling(2.0, "fan_out"),
            name=f"{name}_se_{word}",
        )(weight)
    return layers.Multiply(name=f"{name}_se_excite")([x, weight])


def _activated(x: KerasTensor, axis: int, normalization: str, activation: str) -> KerasTensor:
    x = layers.BatchNormalization(axis=axis, name=normalization)(x)
    return layers.Activation("swish", name=activation)(x)


def _ended(network: Network, x: KerasTensor, dropout: float) -> KerasTensor:
    if not network.arguments.include_top:
        return network.pooled(x, avg="avg_pool", max="max_pool")
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    x = layers.Dropout(dropout, name="top_dropout")(x)
    return network.classified(x, VarianceScaling(1 / 3, "fan_out", "uniform"))
