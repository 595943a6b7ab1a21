"""InceptionResNetV2: Inception's branches, added to what went in.

Source: Szegedy and others, Inception-v4, Inception-ResNet and the Impact of Residual Connections on
Learning (arXiv:1602.07261).
"""

from __future__ import annotations

from typing import Any

from pylego import layers
from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_tf as preprocess_input,
)
from pylego.applications.network import Arguments, Network, channels_of
from pylego.applications.weight_files import tf_kernels
from pylego.core.tensor import Tensor
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]

CHECKSUMS = ("e693bd0210a403b3192acc6073ad2e96", "d19885ff4a710c122648d3b5c3b684e4")

Shape = tuple[int, int, int]  # of a convolution: filters, rows, columns

# name of a residual block -> its branches, and by how much their sum is scaled
BLOCKS: dict[str, tuple[tuple[tuple[Shape, ...], ...], float]] = {
    "block35": (
        (
            ((32, 1, 1),),
            ((32, 1, 1), (32, 3, 3)),
            ((32, 1, 1), (48, 3, 3), (64, 3, 3)),
        ),
        0.17,
    ),
    "block17": ((((192, 1, 1),), ((128, 1, 1), (160, 1, 7), (192, 7, 1))), 0.1),
    "block8": ((((192, 1, 1),), ((192, 1, 1), (224, 1, 3), (256, 3, 1))), 0.2),
}


class CustomScaleLayer(layers.Layer):
    """Add the second of two tensors, multiplied by a number, to the first.

    Args:
        scale: the number.
        **kwargs: see `Layer`.

    >>> CustomScaleLayer(0.5)([1.0, 4.0]).item()
    3.0
    """

    def __init__(self, scale: float, **kwargs: Any):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs: Any) -> Tensor:
        return inputs[0] + inputs[1] * self.scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


def InceptionResNetV2(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "inception_resnet_v2",
) -> Model:
    """Make an InceptionResNetV2: 55.9 million weights.

    For the arguments see `resnet.ResNet50`.

    >>> InceptionResNetV2(weights=None, include_top=False, input_shape=(75, 75, 3)).output_shape
    (None, 1, 1, 1536)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    network = Network("InceptionResNetV2", arguments, size=299, least=75)
    axis = network.axis
    x = _stem(network.input, axis)
    for k in range(1, 11):
        x = _residual(x, axis, "block35", k)
    x = _reduction_to_17(x, axis)
    for k in range(1, 21):
        x = _residual(x, axis, "block17", k)
    x = _reduction_to_8(x, axis)
    for k in range(1, 11):
        x = _residual(x, axis, "block8", k, is_last=k == 10)
    x = _convolved(x, axis, (1536, 1, 1), name="conv_7b")
    x = network.ended(x)
    files = tf_kernels("inception_resnet_v2", "inception_resnet_v2", CHECKSUMS)
    return network.model(x, name, files)


def _convolved(
    x: KerasTensor,
    axis: int,
    shape: Shape,
    strides: int = 1,
    padding: str = "same",
    name: str | None = None,
) -> KerasTensor:
    """A convolution, normalized without a factor, and relu."""
    filters, rows, columns = shape
    x = layers.Conv2D(
        filters, (rows, columns), strides=strides, padding=padding, use_bias=False, name=name
    )(x)
    x = layers.BatchNormalization(axis=axis, scale=False, name=name and f"{name}_bn")(x)
    return layers.Activation("relu", name=name and f"{name}_ac")(x)


def _chain(x: KerasTensor, axis: int, *shapes: Shape) -> KerasTensor:
    for shape in shapes:
        x = _convolved(x, axis, shape)
    return x


def _halved(x: KerasTensor, axis: int, *shapes: Shape) -> KerasTensor:
    """Convolutions one after another, the last of which halves the size."""
    *before, last = shapes
    return _convolved(_chain(x, axis, *before), axis, last, strides=2, padding="valid")


def _stem(x: KerasTensor, axis: int) -> KerasTensor:
    x = _convolved(x, axis, (32, 3, 3), strides=2, padding="valid")
    x = _convolved(x, axis, (32, 3, 3), padding="valid")
    x = _convolved(x, axis, (64, 3, 3))
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _convolved(x, axis, (80, 1, 1), padding="valid")
    x = _convolved(x, axis, (192, 3, 3), padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    branches = [
        _chain(x, axis, (96, 1, 1)),
        _chain(x, axis, (48, 1, 1), (64, 5, 5)),
        _chain(x, axis, (64, 1, 1), (96, 3, 3), (96, 3, 3)),
        _chain(layers.AveragePooling2D(3, strides=1, padding="same")(x), axis, (64, 1, 1)),
    ]
    return layers.Concatenate(axis=axis, name="mixed_5b")(branches)


def _reduction_to_17(x: KerasTensor, axis: int) -> KerasTensor:
    branches = [
        _halved(x, axis, (384, 3, 3)),
        _halved(x, axis, (256, 1, 1), (256, 3, 3), (384, 3, 3)),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    return layers.Concatenate(axis=axis, name="mixed_6a")(branches)


def _reduction_to_8(x: KerasTensor, axis: int) -> KerasTensor:
    branches = [
        _halved(x, axis, (256, 1, 1), (384, 3, 3)),
        _halved(x, axis, (256, 1, 1), (288, 3, 3)),
        _halved(x, axis, (256, 1, 1), (288, 3, 3), (320, 3, 3)),
        layers.MaxPooling2D(3, strides=2)(x),
    ]
    return layers.Concatenate(axis=axis, name="mixed_7a")(branches)


def _residual(x: KerasTensor, axis: int, kind: str, k: int, is_last: bool = False) -> KerasTensor:
    """Add to x what its branches make of it, scaled down. The last block is neither scaled nor
    activated."""
    shapes, scale = BLOCKS[kind]
    branches = [_chain(x, axis, *branch) for branch in shapes]
    mixed = layers.Concatenate(axis=axis, name=f"{kind}_{k}_mixed")(branches)
    change = layers.Conv2D(channels_of(x, axis), 1, padding="same", name=f"{kind}_{k}_conv")(mixed)
    x = CustomScaleLayer(1.0 if is_last else scale)([x, change])
    return x if is_last else layers.Activation("relu", name=f"{kind}_{k}_ac")(x)
