"""The network of 16 layers of weights by the Visual Geometry Group; see `vgg`."""

from __future__ import annotations

from typing import Any

from pylego.applications.imagenet_utils import (
    decode_predictions as decode_predictions,
    preprocess_caffe as preprocess_input,
)
from pylego.applications.network import Arguments
from pylego.applications.vgg import vgg
from pylego.models import Model

__all__ = ["VGG16", "decode_predictions", "preprocess_input"]

BLOCKS = (2, 2, 3, 3, 3)
CHECKSUMS = ("64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc")


def VGG16(  # noqa: N802 - Keras's name
    include_top: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "vgg16",
) -> Model:
    """Make a network of 16 layers of weights: 138.4 million, most of them in the top.

    For the arguments see `resnet.ResNet50`.

    >>> VGG16(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 512)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return vgg("VGG16", arguments, name, BLOCKS, CHECKSUMS)
