"""NASNet: cells of small operations that a search has put together, stacked.

Source: Zoph and others, Learning Transferable Architectures for Scalable Image Recognition
(arXiv:1707.07012).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import Arguments, Network, corrected_padding
from pylego.applications.weight_files import OLDER, WeightFile
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["NASNetLarge", "NASNetMobile", "decode_predictions", "preprocess_input"]


class Variant(NamedTuple):
    """How many filters its cells and its first convolution have, how many cells each stage has,
    whether a stage sees what came before the reduction, its size, and its files."""

    filters: int
    stem: int
    cells: int
    skips_reduction: bool
    size: int
    file: str
    checksums: tuple[str, str]


MOBILE = Variant(
    1056 // 24,
    32,
    4,
    False,
    224,
    "mobile",
    ("020fb642bf7360b370c678b08e0adf61", "1ed92395b5b598bdda52abe5c0dbfd63"),
)
LARGE = Variant(
    4032 // 24,
    96,
    6,
    True,
    331,
    "large",
    ("11577c9a518f0070763c2b964a382f17", "d81d89dc07e6e56530c4e77faddd61b5"),
)


def NASNetMobile(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "nasnet_mobile",
) -> Model:
    """Make a small NASNet for pictures of 224 x 224: 5.3 million weights.

    For the arguments see `resnet.ResNet50`.

    >>> NASNetMobile((32, 32, 3), weights=None, include_top=False).output_shape
    (None, 1, 1, 1056)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _nasnet("NASNetMobile", arguments, MOBILE, name)


def NASNetLarge(  # noqa: N802 - Keras's name
    input_shape: Any = None,
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "nasnet_large",
) -> Model:
    """Make a large NASNet for pictures of 331 x 331: 88.9 million weights. See `NASNetMobile`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _nasnet("NASNetLarge", arguments, LARGE, name)


def _nasnet(owner: str, arguments: Arguments, variant: Variant, name: str) -> Model:
    network = Network(owner, arguments, variant.size, least=32)
    axis, filters, cells = network.axis, variant.filters, variant.cells
    x = layers.Conv2D(
        variant.stem,
        3,
        strides=2,
        use_bias=False,
        name="stem_conv1",
        kernel_initializer="he_normal",
    )(network.input)
    x = _normalized(x, axis, "stem_bn1")
    before: KerasTensor | None = None
    x, before = _reduction_cell(x, before, filters // 4, axis, "stem_1")
    x, before = _reduction_cell(x, before, filters // 2, axis, "stem_2")
    for stage in range(3):
        if stage:
            label = f"reduce_{stage * cells}"
            x, last = _reduction_cell(x, before, filters * 2**stage, axis, label)
            before = before if variant.skips_reduction else last
        first = stage * cells + min(stage, 1)  # the first reduction counts as a cell
        for k in range(first, first + cells):
            x, before = _normal_cell(x, before, filters * 2**stage, axis, f"{k}")
    x = layers.Activation("relu")(x)
    x = network.ended(x, None)

    def file(include_top: bool) -> WeightFile:
        ending = "" if include_top else "_no_top"
        ours = f"nasnet_{variant.file}{ending}.h5"
        published = f"NASNet-{variant.file}{ending.replace('_', '-')}.h5"
        checksum = variant.checksums[0 if include_top else 1]
        return WeightFile(ours, f"{OLDER}nasnet/", checksum, published)

    return network.model(x, name, file)


# ---- cells --------------------------------------------------------------------------------------


def _normal_cell(
    x: KerasTensor, before: KerasTensor | None, filters: int, axis: int, label: str
) -> tuple[KerasTensor, KerasTensor]:
    """Five sums of operations on x and on what came before it, side by side. Returns x, too."""
    p = _adjusted(before, x, filters, axis, label)
    h = layers.Activation("relu")(x)
    h = _projected(h, filters, axis, f"normal_conv_1_{label}", f"normal_bn_1_{label}")

    def separable(y: KerasTensor, kernel: int, place: str) -> KerasTensor:
        return _separable(y, filters, kernel, 1, axis, f"normal_{place}_{label}")

    def averaged(y: KerasTensor, place: str) -> KerasTensor:
        name = f"normal_{place}_{label}"
        return layers.AveragePooling2D(3, strides=1, padding="same", name=name)(y)

    def added(k: int, left: KerasTensor, right: KerasTensor) -> KerasTensor:
        return layers.Add(name=f"normal_add_{k}_{label}")([left, right])

    sums = [
        added(1, separable(h, 5, "left1"), separable(p, 3, "right1")),
        added(2, separable(p, 5, "left2"), separable(p, 3, "right2")),
        added(3, averaged(h, "left3"), p),
        added(4, averaged(p, "left4"), averaged(p, "right4")),
        added(5, separable(h, 3, "left5"), h),
    ]
    return layers.Concatenate(axis=axis, name=f"normal_concat_{label}")([p, *sums]), x


def _reduction_cell(
    x: KerasTensor, before: KerasTensor | None, filters: int, axis: int, label: str
) -> tuple[KerasTensor, KerasTensor]:
    """Four sums of operations that halve the size, side by side. Returns x, too."""
    p = _adjusted(before, x, filters, axis, label)
    h = layers.Activation("relu")(x)
    h = _projected(h, filters, axis, f"reduction_conv_1_{label}", f"reduction_bn_1_{label}")
    padding = corrected_padding(h, 3, axis)
    padded = layers.ZeroPadding2D(padding, name=f"reduction_pad_1_{label}")(h)

    def separable(y: KerasTensor, kernel: int, strides: int, place: str) -> KerasTensor:
        return _separable(y, filters, kernel, strides, axis, f"reduction_{place}_{label}")

    def largest(place: str) -> KerasTensor:
        return layers.MaxPooling2D(3, strides=2, name=f"reduction_{place}_{label}")(padded)

    first = layers.Add(name=f"reduction_add_1_{label}")(
        [separable(h, 5, 2, "left1"), separable(p, 7, 2, "right1")]
    )
    second = layers.Add(name=f"reduction_add_2_{label}")(
        [largest("left2"), separable(p, 7, 2, "right2")]
    )
    mean = layers.AveragePooling2D(3, strides=2, name=f"reduction_left3_{label}")(padded)
    third = layers.Add(name=f"reduction_add3_{label}")([mean, separable(p, 5, 2, "right3")])
    mean = layers.AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{label}")(
        first
    )
    fourth = layers.Add()([second, mean])
    fifth = layers.Add(name=f"reduction_add4_{label}")(
        [separable(first, 3, 1, "left4"), largest("right5")]
    )
    sums = [second, third, fourth, fifth]
    return layers.Concatenate(axis=axis, name=f"reduction_concat_{label}")(sums), x


# ---- what cells are made of ---------------------------------------------------------------------


def _adjusted(
    before: KerasTensor | None, x: KerasTensor, filters: int, axis: int, label: str
) -> KerasTensor:
    """Give what came before x the size of x, and so many filters."""
    if before is None:
        return x
    side = 2 if axis == 3 else 3
    if before.shape[side] != x.shape[side]:
        return _halved(before, filters, axis, label)
    if before.shape[axis] == filters:
        return before
    p = layers.Activation("relu")(before)
    name = f"adjust_conv_projection_{label}"
    return _projected(p, filters, axis, name, f"adjust_bn_{label}")


def _halved(p: KerasTensor, filters: int, axis: int, label: str) -> KerasTensor:
    """Every other pixel, and those one further down and to the right: half the filters each."""
    p = layers.Activation("relu", name=f"adjust_relu_1_{label}")(p)
    shifted = layers.ZeroPadding2D(((0, 1), (0, 1)))(p)
    shifted = layers.Cropping2D(((1, 0), (1, 0)))(shifted)
    halves = []
    for k, half in enumerate((p, shifted), start=1):
        half = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_{k}_{label}")(half)
        half = layers.Conv2D(
            filters // 2,
            1,
            padding="same",
            use_bias=False,
            name=f"adjust_conv_{k}_{label}",
            kernel_initializer="he_normal",
        )(half)
        halves.append(half)
    return _normalized(layers.Concatenate(axis=axis)(halves), axis, f"adjust_bn_{label}")


def _projected(x: KerasTensor, filters: int, axis: int, name: str, bn: str) -> KerasTensor:
    x = layers.Conv2D(
        filters, 1, padding="same", name=name, use_bias=False, kernel_initializer="he_normal"
    )(x)
    return _normalized(x, axis, bn)


def _separable(
    x: KerasTensor, filters: int, kernel: int, strides: int, axis: int, label: str
) -> KerasTensor:
    """Two convolutions with channels and places apart, the first of which may halve the size."""
    x = layers.Activation("relu")(x)
    if strides == 2:
        padding = corrected_padding(x, kernel, axis)
        x = layers.ZeroPadding2D(padding, name=f"separable_conv_1_pad_{label}")(x)
    x = layers.SeparableConv2D(
        filters,
        kernel,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=False,
        name=f"separable_conv_1_{label}",
    )(x)
    x = layers.Activation("relu")(_normalized(x, axis, f"separable_conv_1_bn_{label}"))
    x = layers.SeparableConv2D(
        filters, kernel, padding="same", use_bias=False, name=f"separable_conv_2_{label}"
    )(x)
    return _normalized(x, axis, f"separable_conv_2_bn_{label}")


def _normalized(x: KerasTensor, axis: int, name: str) -> KerasTensor:
    return layers.BatchNormalization(axis=axis, momentum=0.9997, epsilon=1e-3, name=name)(x)
