"""ConvNeXt: a residual network with the habits of transformers.

Source: Liu and others, A ConvNet for the 2020s (arXiv:2201.03545).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pylego import initializers, layers
from pylego.applications.imagenet_utils import (
    DEVIATION,
    MEAN,
    decode_predictions as decode_predictions,
    preprocess_nothing as preprocess_input,
)
from pylego.applications.network import Arguments, Network
from pylego.applications.weight_files import OLDER, two_files
from pylego.core.tensor import Tensor
from pylego.graph.keras_tensor import KerasTensor
from pylego.models import Model, Sequential

__all__ = [
    *(f"ConvNeXt{word}" for word in ("Base", "Large", "Small", "Tiny", "XLarge")),
    "decode_predictions",
    "preprocess_input",
]

EPSILON = 1e-6


class Variant(NamedTuple):
    """How many blocks and filters each stage has, and the checksums of its files."""

    blocks: tuple[int, int, int, int]
    filters: tuple[int, int, int, int]
    checksums: tuple[str, str]


VARIANTS = {
    "tiny": Variant(
        (3, 3, 9, 3),
        (96, 192, 384, 768),
        (
            "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
            "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        ),
    ),
    "small": Variant(
        (3, 3, 27, 3),
        (96, 192, 384, 768),
        (
            "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
            "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
        ),
    ),
    "base": Variant(
        (3, 3, 27, 3),
        (128, 256, 512, 1024),
        (
            "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
            "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
        ),
    ),
    "large": Variant(
        (3, 3, 27, 3),
        (192, 384, 768, 1536),
        (
            "070c5ed9ed289581e477741d3b34beffa920db8cf590899d6d2c67fba2a198a6",
            "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd",
        ),
    ),
    "xlarge": Variant(
        (3, 3, 27, 3),
        (256, 512, 1024, 2048),
        (
            "c1f5ccab661354fc3a79a10fa99af82f0fbf10ec65cb894a3ae0815f17a889ee",
            "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05",
        ),
    ),
}


class LayerScale(layers.Layer):
    """Multiply each channel by a weight that begins small.

    Source: Touvron and others, Going deeper with Image Transformers (arXiv:2103.17239).

    Args:
        init_values: what the weights begin with.
        projection_dim: how many channels there are.
        **kwargs: see `Layer`.

    >>> LayerScale(0.5, 2)([[2.0, 4.0]]).numpy().tolist()
    [[1.0, 2.0]]
    """

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.init_values = init_values
        self.projection_dim = projection_dim

    def build(self, input_shape: Any = None) -> None:
        begin = initializers.Constant(self.init_values)
        self.gamma = self.add_weight((self.projection_dim,), begin)

    def call(self, x: Tensor) -> Tensor:
        return x * self.gamma

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "init_values": self.init_values,
            "projection_dim": self.projection_dim,
        }


def ConvNeXtTiny(  # noqa: N802 - Keras's name
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "convnext_tiny",
) -> Model:
    """Make a ConvNeXtTiny: 28.6 million weights.

    Args:
        include_top: see `resnet.ResNet50`, for the others, too.
        include_preprocessing: whether pictures have colors from 0 to 255, which the network itself
            prepares.
        weights: where they come from.
        input_tensor: where it begins.
        input_shape: of a picture.
        pooling: how it ends without the top.
        classes: how many are named.
        classifier_activation: of the layer that names them.
        name: of the model, and of its layers before a dash.

    Raises:
        ValueError: for arguments that do not fit each other.

    >>> ConvNeXtTiny(weights=None, include_top=False, input_shape=(32, 32, 3)).output_shape
    (None, 1, 1, 768)
    """
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _convnext("tiny", arguments, include_preprocessing, name)


def ConvNeXtSmall(  # noqa: N802 - Keras's name
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "convnext_small",
) -> Model:
    """Make a ConvNeXtSmall: 50.2 million weights. See `ConvNeXtTiny`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _convnext("small", arguments, include_preprocessing, name)


def ConvNeXtBase(  # noqa: N802 - Keras's name
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "convnext_base",
) -> Model:
    """Make a ConvNeXtBase: 88.6 million weights. See `ConvNeXtTiny`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _convnext("base", arguments, include_preprocessing, name)


def ConvNeXtLarge(  # noqa: N802 - Keras's name
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "convnext_large",
) -> Model:
    """Make a ConvNeXtLarge: 197.8 million weights. See `ConvNeXtTiny`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _convnext("large", arguments, include_preprocessing, name)


def ConvNeXtXLarge(  # noqa: N802 - Keras's name
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: Any = "imagenet",
    input_tensor: Any = None,
    input_shape: Any = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "convnext_xlarge",
) -> Model:
    """Make a ConvNeXtXLarge: 350.2 million weights. See `ConvNeXtTiny`."""
    arguments = Arguments(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation
    )
    return _convnext("xlarge", arguments, include_preprocessing, name)


def _convnext(key: str, arguments: Arguments, include_preprocessing: bool, name: str) -> Model:
    variant = VARIANTS[key]
    network = Network(f"ConvNeXt{key}", arguments, size=224, least=32)
    x = network.input
    if include_preprocessing and x.shape[network.axis] == 3:
        x = _prepared(x, name)
    stages = zip(variant.blocks, variant.filters)
    for stage, (count, filters) in enumerate(stages):
        x = (_halving(stage - 1, filters, name) if stage else _stem(filters, name))(x)
        for k in range(count):
            x = _block(x, filters, f"{name}_stage_{stage}_block_{k}")
    if arguments.include_top:
        x = layers.GlobalAveragePooling2D(name=f"{name}_head_gap")(x)
        x = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_head_layernorm")(x)
        x = network.classified(x, name=f"{name}_head_dense")
    else:
        x = layers.LayerNormalization(epsilon=EPSILON)(network.pooled(x))
    files = two_files(f"convnext_{key}", f"{OLDER}convnext/", variant.checksums)
    return network.model(x, name, files)


def _prepared(x: KerasTensor, name: str) -> KerasTensor:
    mean = [255 * color for color in MEAN]
    variance = [(255 * color) ** 2 for color in DEVIATION]
    label = f"{name}_prestem_normalization"
    return layers.Normalization(mean=mean, variance=variance, name=label)(x)


def _stem(filters: int, name: str) -> Sequential:
    """Patches of 4x4 pixels."""
    patches = layers.Conv2D(filters, 4, strides=4, name=f"{name}_stem_conv")
    normalization = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_stem_layernorm")
    return Sequential([patches, normalization], name=f"{name}_stem")


def _halving(k: int, filters: int, name: str) -> Sequential:
    label = f"{name}_downsampling"
    normalization = layers.LayerNormalization(epsilon=EPSILON, name=f"{label}_layernorm_{k}")
    patches = layers.Conv2D(filters, 2, strides=2, name=f"{label}_conv_{k}")
    return Sequential([normalization, patches], name=f"{label}_block_{k}")


def _block(x: KerasTensor, filters: int, name: str) -> KerasTensor:
    """Add to x a convolution of 7x7 of each channel, and two layers across channels."""
    y = layers.Conv2D(filters, 7, padding="same", groups=filters, name=f"{name}_depthwise_conv")(x)
    y = layers.LayerNormalization(epsilon=EPSILON, name=f"{name}_layernorm")(y)
    y = layers.Dense(4 * filters, name=f"{name}_pointwise_conv_1")(y)
    y = layers.Activation("gelu", name=f"{name}_gelu")(y)
    y = layers.Dense(filters, name=f"{name}_pointwise_conv_2")(y)
    y = LayerScale(1e-6, filters, name=f"{name}_layer_scale")(y)
    y = layers.Activation("linear", name=f"{name}_identity")(y)
    return x + y
