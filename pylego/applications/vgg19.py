"""The network of 19 layers of weights by the Visual Geometry Group; see `vgg`."""

from __future__ import annotations

from typing import Any

from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_caffe as preprocess_input,
)
from pylego.applications.network import Arguments
from pylego.applications.vgg import vgg
from pylego.models import Model

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

BLOCKS = (2, 2, 4, 4, 4)
CHECKSUMS = ("cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6")


def VGG19(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "vgg19",
) -> Model:
    """Make a network of 19 layers of weights: 143.7 million, most of them in the top.

    For the arguments see `resnet.ResNet50`.

    >>> VGG19(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 512)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return vgg("VGG19", arguments, name, BLOCKS, CHECKSUMS)
