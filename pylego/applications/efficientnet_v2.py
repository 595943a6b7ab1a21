"""EfficientNetV2, B0 to B3, S, M and L: whole convolutions first, attention to channels later.

Source: Tan and Le, EfficientNetV2: Smaller Models and Faster Training (arXiv:2104.00298).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from pylego import layers
from pylego.applications.efficientnet import DROPPED, weighed
from pylego.applications.imagenet_utils import (
    DEVIATION,
    MEAN,
    decode_predictions as decode_predictions,
    preprocess_nothing as preprocess_input,
)
from pylego.applications.network import Arguments, Network, channels_of
from pylego.applications.weight_files import OLDER, two_files
from pylego.graph.keras_tensor import KerasTensor
from pylego.initializers import VarianceScaling
from pylego.models import Model

__all__ = [
    *(f"EfficientNetV2{word}" for word in ("B0", "B1", "B2", "B3", "L", "M", "S")),
    "decode_predictions",
    "preprocess_input",
]

SQUEEZED = 0.25
MOMENTUM = 0.9


class Stage(NamedTuple):
    """Blocks that are alike: their number, filters, expansion and first stride, and whether each is
    a whole convolution or one for each channel, with attention."""

    repeats: int
    filters: int
    expansion: int
    strides: int
    is_whole: bool


# (filters of the first convolution, stages)
SMALLEST = (
    32,
    (
        Stage(1, 16, 1, 1, True),
        Stage(2, 32, 4, 2, True),
        Stage(2, 48, 4, 2, True),
        Stage(3, 96, 4, 2, False),
        Stage(5, 112, 6, 1, False),
        Stage(8, 192, 6, 2, False),
    ),
)
SMALL = (
    24,
    (
        Stage(2, 24, 1, 1, True),
        Stage(4, 48, 4, 2, True),
        Stage(4, 64, 4, 2, True),
        Stage(6, 128, 4, 2, False),
        Stage(9, 160, 6, 1, False),
        Stage(15, 256, 6, 2, False),
    ),
)
MEDIUM = (
    24,
    (
        Stage(3, 24, 1, 1, True),
        Stage(5, 48, 4, 2, True),
        Stage(5, 80, 4, 2, True),
        Stage(7, 160, 4, 2, False),
        Stage(14, 176, 6, 1, False),
        Stage(18, 304, 6, 2, False),
        Stage(5, 512, 6, 1, False),
    ),
)
LARGE = (
    32,
    (
        Stage(4, 32, 1, 1, True),
        Stage(7, 64, 4, 2, True),
        Stage(7, 96, 4, 2, True),
        Stage(10, 192, 4, 2, False),
        Stage(19, 224, 6, 1, False),
        Stage(25, 384, 6, 2, False),
        Stage(7, 640, 6, 1, False),
    ),
)


class Variant(NamedTuple):
    """What a network is made of, how wide, deep and large it is, and the checksums of its files."""

    plan: tuple[int, tuple[Stage, ...]]
    width: float
    depth: float
    size: int
    checksums: tuple[str, str]


VARIANTS = {
    "B0": Variant(
        SMALLEST,
        1.0,
        1.0,
        224,
        ("21ecbf6da12460d5c40bb2f29ceb2188", "893217f2bb855e2983157299931e43ff"),
    ),
    "B1": Variant(
        SMALLEST,
        1.0,
        1.1,
        240,
        ("069f0534ff22adf035c89e2d9547a9dc", "0e80663031ca32d657f9caa404b6ec37"),
    ),
    "B2": Variant(
        SMALLEST,
        1.1,
        1.2,
        260,
        ("424e49f28180edbde1e94797771950a7", "1dfe2e7a5d45b6632553a8961ea609eb"),
    ),
    "B3": Variant(
        SMALLEST,
        1.2,
        1.4,
        300,
        ("1f1fc43bd98a6e4fd8fdfd551e02c7a0", "f6abf7b5849ac99a89b50dd3fd532856"),
    ),
    "S": Variant(
        SMALL,
        1.0,
        1.0,
        384,
        ("e1d88a8495beba45748fedd0cecbe016", "af0682fb74e8c54910f2d4393339c070"),
    ),
    "M": Variant(
        MEDIUM,
        1.0,
        1.0,
        480,
        ("a3bf6aa3276309f4fc6a34aa114c95cd", "1b8dc055df72dde80d614482840fe342"),
    ),
    "L": Variant(
        LARGE,
        1.0,
        1.0,
        480,
        ("27e6d408b53c7ebc868fefa357689935", "b0b66b5c863aef5b46e8608fe1711615"),
    ),
}


def EfficientNetV2B0(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b0",
) -> Model:
    """Make an EfficientNetV2B0 for pictures of 224 x 224: 7.2 million weights.

    Args:
        include_top: see `resnet.ResNet50`, for the others, too.
        weights: where they come from.
        input_tensor: where it begins.
        input_shape: of a picture.
        pooling: how it ends without the top.
        classes: how many are named.
        classifier_activation: of the layer that names them.
        include_preprocessing: whether pictures have colors from 0 to 255, which the network itself
            prepares.
        name: of the model.

    Raises:
        ValueError: for arguments that do not fit each other.

    >>> EfficientNetV2B0(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 1280)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("B0", arguments, include_preprocessing, name)


def EfficientNetV2B1(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b1",
) -> Model:
    """Make an EfficientNetV2B1 for pictures of 240 x 240: 8.2 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("B1", arguments, include_preprocessing, name)


def EfficientNetV2B2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b2",
) -> Model:
    """Make an EfficientNetV2B2 for pictures of 260 x 260: 10.2 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("B2", arguments, include_preprocessing, name)


def EfficientNetV2B3(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-b3",
) -> Model:
    """Make an EfficientNetV2B3 for pictures of 300 x 300: 14.5 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("B3", arguments, include_preprocessing, name)


def EfficientNetV2S(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-s",
) -> Model:
    """Make an EfficientNetV2S for pictures of 384 x 384: 21.6 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("S", arguments, include_preprocessing, name)


def EfficientNetV2M(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-m",
) -> Model:
    """Make an EfficientNetV2M for pictures of 480 x 480: 54.4 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("M", arguments, include_preprocessing, name)


def EfficientNetV2L(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    include_preprocessing: bool = True,
    name: str = "efficientnetv2-l",
) -> Model:
    """Make an EfficientNetV2L for pictures of 480 x 480: 119.0 million weights.

    See `EfficientNetV2B0`.
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _efficientnet("L", arguments, include_preprocessing, name)


def _efficientnet(word: str, arguments: Arguments, include_preprocessing: bool, name: str) -> Model:
    variant = VARIANTS[word]
    network = Network(f"EfficientNetV2{word}", arguments, variant.size, least=32)
    first, stages = variant.plan
    axis = network.axis
    x = network.input
    if include_preprocessing:
        x = _prepared(x, axis, has_own_colors=word.startswith("B") and channels_of(x, axis) == 3)
    x = _convolved(x, _filters(first, variant.width), 3, 2, "stem_conv")
    x = _activated(x, axis, "stem_bn", "stem_activation")
    done, total = 0, sum(stage.repeats for stage in stages)
    for k, stage in enumerate(stages, start=1):
        for repeat in range(math.ceil(variant.depth * stage.repeats)):
            own = stage._replace(
                filters=_filters(stage.filters, variant.width),
                strides=1 if repeat else stage.strides,
            )
            block = _whole if stage.is_whole else _by_channels
            label = f"block{k}{chr(ord('a') + repeat)}"
            x = _added(x, block(x, own, axis, label), own, DROPPED * done / total, axis, label)
            done += 1
    x = _convolved(x, _filters(1280, variant.width), 1, 1, "top_conv")
    x = _activated(x, axis, "top_bn", "top_activation")
    if arguments.include_top:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = layers.Dropout(0.2, name="top_dropout")(x)
        x = network.classified(x, VarianceScaling(1 / 3, "fan_out", "uniform"))
    else:
        x = network.pooled(x, avg="avg_pool", max="max_pool")
    file = f"efficientnetv2-{word.lower()}"
    return network.model(x, name, two_files(file, f"{OLDER}efficientnet_v2/", variant.checksums))


def _filters(count: int, width: float) -> int:
    """The nearest multiple of 8, which may be far below."""
    return max(8, int(count * width + 4) // 8 * 8)


def _prepared(x: KerasTensor, axis: int, has_own_colors: bool) -> KerasTensor:
    if not has_own_colors:
        return layers.Rescaling(1.0 / 128.0, offset=-1)(x)
    variance = [deviation**2 for deviation in DEVIATION]
    x = layers.Rescaling(1.0 / 255)(x)
    return layers.Normalization(mean=list(MEAN), variance=variance, axis=axis)(x)


def _by_channels(x: KerasTensor, stage: Stage, axis: int, name: str) -> KerasTensor:
    """Widen, convolve each channel, weigh the channels, narrow."""
    channels = channels_of(x, axis)
    middle = channels * stage.expansion
    wide = _convolved(x, middle, 1, 1, f"{name}_expand_conv")
    wide = _activated(wide, axis, f"{name}_expand_bn", f"{name}_expand_activation")
    wide = layers.DepthwiseConv2D(
        3,
        strides=stage.strides,
        depthwise_initializer=VarianceScaling(2.0, "fan_out"),
        padding="same",
        use_bias=False,
        name=f"{name}_dwconv2",
    )(wide)
    wide = _activated(wide, axis, f"{name}_bn", f"{name}_activation")
    wide = weighed(wide, middle, max(1, int(channels * SQUEEZED)), axis, name)
    return _normalized(
        _convolved(wide, stage.filters, 1, 1, f"{name}_project_conv"), axis, f"{name}_project_bn"
    )


def _whole(x: KerasTensor, stage: Stage, axis: int, name: str) -> KerasTensor:
    """Widen by a convolution of 3x3 and narrow; or, where nothing is widened, convolve once."""
    if stage.expansion != 1:
        x = _convolved(
            x, channels_of(x, axis) * stage.expansion, 3, stage.strides, f"{name}_expand_conv"
        )
        x = _activated(x, axis, f"{name}_expand_bn", f"{name}_expand_activation")
        x = _convolved(x, stage.filters, 1, 1, f"{name}_project_conv")
        return _normalized(x, axis, f"{name}_project_bn")
    x = _convolved(x, stage.filters, 3, stage.strides, f"{name}_project_conv")
    return _activated(x, axis, f"{name}_project_bn", f"{name}_project_activation")


def _added(
    x: KerasTensor, y: KerasTensor, stage: Stage, dropped: float, axis: int, name: str
) -> KerasTensor:
    """Add a block to what went in, where the shape stayed; for some pictures it is dropped."""
    if stage.strides != 1 or channels_of(x, axis) != stage.filters:
        return y
    if dropped > 0:
        y = layers.Dropout(dropped, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(y)
    return layers.Add(name=f"{name}_add")([y, x])


def _convolved(x: KerasTensor, filters: int, kernel: int, strides: int, name: str) -> KerasTensor:
    return layers.Conv2D(
        filters,
        kernel,
        strides=strides,
        kernel_initializer=VarianceScaling(2.0, "fan_out"),
        padding="same",
        use_bias=False,
        name=name,
    )(x)


def _normalized(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    return layers.BatchNormalization(axis=axis, momentum=MOMENTUM, name=name)(x)


def _activated(x: KerasTensor, axis: int, normalization: str, activation: str) -> KerasTensor:
    return layers.Activation("swish", name=activation)(_normalized(x, axis, normalization))
