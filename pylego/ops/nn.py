"""What neural networks add to mathematics: activations and cross-entropies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pylego import lazy
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply
from pylego.ops.activations import (
    celu,
    elu,
    gelu,
    glu,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softsign,
    swish,
    tanh,
    threshold,
)
from pylego.ops.core import convert_to_tensor
from pylego.ops.indexing import multi_hot, one_hot
from pylego.ops.labels import whole_labels
from pylego.ops.statistics import normalize

__all__ = [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "celu",
    "conv",
    "conv_transpose",
    "ctc_decode",
    "ctc_loss",
    "depth_to_space",
    "depthwise_conv",
    "dot_product_attention",
    "elu",
    "fold",
    "gelu",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "layer_normalization",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "multi_hot",
    "normalize",
    "one_hot",
    "psnr",
    "relu",
    "relu6",
    "rms_normalization",
    "selu",
    "separable_conv",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "unfold",
]


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Tensor:
    """Compute -(t log(p) + (1 - t) log(1 - p)) for each element.

    Args:
        target: what should have come out, t, from 0 to 1.
        output: the probabilities p, kept `config.epsilon()` away from 0 and 1; or logits.
        from_logits: whether `output` holds logits, p = sigmoid(output). That is exact and stable.

    Raises:
        ValueError: when the shapes differ.

    >>> print(binary_crossentropy([0.0, 1.0], [0.5, 0.5]))
    Tensor(shape=(2,), dtype=float32, [0.6931472 0.6931472])
    """
    return apply("binary_crossentropy", (target, output), from_logits=bool(from_logits))


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Compute -sum(t log(p)) over the classes.

    Args:
        target: the probabilities t that were wanted, for example one-hot rows.
        output: the probabilities p, which are scaled to sum 1; or logits.
        from_logits: whether `output` holds logits, p = softmax(output). That is exact and stable.
        axis: where the classes lie; the last axis by default. The result does not have it.

    Raises:
        ValueError: when the shapes differ.

    >>> print(categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]))
    Tensor(shape=(1,), dtype=float32, [0.6931472])
    """
    return apply(
        "categorical_crossentropy", (target, output), from_logits=bool(from_logits), axis=axis
    )


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Compute -log(p[label]): the categorical cross-entropy with labels for one-hot rows.

    Args:
        target: whole numbers, the labels; a last axis of length 1 is dropped.
        output: the probabilities p, which are scaled to sum 1; or logits.
        from_logits: whether `output` holds logits, p = softmax(output). That is exact and stable.
        axis: where the classes lie; the last axis by default. The result does not have it.

    Raises:
        ValueError: when the shapes do not fit.
        IndexError: for a label that is not a class.

    >>> print(sparse_categorical_crossentropy([1], [[0.5, 0.5]]))
    Tensor(shape=(1,), dtype=float32, [0.6931472])
    """
    labels, output = convert_to_tensor(target), convert_to_tensor(output)
    labels = whole_labels(labels) if dtypes.is_float(labels.dtype) else labels
    if labels.ndim == output.ndim and labels.shape[-1] == 1:
        labels = labels.reshape(labels.shape[:-1])
    return apply(
        "sparse_categorical_crossentropy",
        (labels, output),
        from_logits=bool(from_logits),
        axis=axis,
    )


if TYPE_CHECKING:
    from pylego.ops.adaptive_pooling import adaptive_average_pool, adaptive_max_pool
    from pylego.ops.attention import dot_product_attention
    from pylego.ops.blocks import depth_to_space, fold, space_to_depth, unfold
    from pylego.ops.convolution import conv, conv_transpose, depthwise_conv, separable_conv
    from pylego.ops.ctc import ctc_decode, ctc_loss
    from pylego.ops.image_quality import psnr
    from pylego.ops.normalization import (
        batch_normalization,
        layer_normalization,
        moments,
        rms_normalization,
    )
    from pylego.ops.pooling import average_pool, max_pool
    from pylego.ops.shrinkage import (
        hard_shrink,
        hard_tanh,
        soft_shrink,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        squareplus,
        tanh_shrink,
    )
else:
    _LATER = [name for name in __all__ if name not in globals()]
    __getattr__, __dir__ = lazy.loaded_when_asked(__name__, dict.fromkeys(_LATER, __package__))
