"""What neural networks add to mathematics: activations and cross-entropies."""

from __future__ import annotations

import math
from typing import Any

from pylego import dtypes
from pylego.ops.arguments import Axes
from pylego.ops.convolution import conv, conv_transpose, depthwise_conv, separable_conv
from pylego.ops.core import cast, convert_to_tensor, where
from pylego.ops.elementwise import absolute, clip, exp, expm1, normal_cdf
from pylego.ops.indexing import one_hot
from pylego.ops.normalization import (
    batch_normalization,
    layer_normalization,
    moments,
    rms_normalization,
)
from pylego.ops.pooling import average_pool, max_pool
from pylego.ops.statistics import logsumexp, normalize
from pylego.tensor import Tensor, apply

__all__ = [
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "conv",
    "conv_transpose",
    "depthwise_conv",
    "elu",
    "gelu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "layer_normalization",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "max_pool",
    "moments",
    "normalize",
    "one_hot",
    "relu",
    "relu6",
    "rms_normalization",
    "selu",
    "separable_conv",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "sparse_categorical_crossentropy",
    "swish",
    "tanh",
    "threshold",
]

# Klambauer et al., "Self-normalizing neural networks", NIPS 2017: outputs keep mean 0, variance 1.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


# ---- activations ----------------------------------------------------------------------------


def relu(x: Any) -> Tensor:
    """Compute max(x, 0). The gradient at 0 is 0, and NaN stays NaN.

    >>> print(relu([-1.0, 0.0, 2.0]))
    Tensor(shape=(3,), dtype=float32, [0. 0. 2.])
    """
    return apply("relu", (x,))


def relu6(x: Any) -> Tensor:
    """Compute min(max(x, 0), 6).

    >>> print(relu6([-1.0, 2.0, 8.0]))
    Tensor(shape=(3,), dtype=float32, [0. 2. 6.])
    """
    return clip(x, 0.0, 6.0)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Compute x above 0 and negative_slope * x below.

    >>> print(leaky_relu([-1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [-0.2  2. ])
    """
    x = convert_to_tensor(x)
    return where(x > 0, x, x * negative_slope)


def sigmoid(x: Any) -> Tensor:
    """Compute 1 / (1 + exp(-x)).

    >>> print(sigmoid([0.0]))
    Tensor(shape=(1,), dtype=float32, [0.5])
    """
    x = convert_to_tensor(x)
    y = apply("sigmoid", (x,))
    y.logits = ("sigmoid", x)
    return y


def hard_sigmoid(x: Any) -> Tensor:
    """Compute relu6(x + 3) / 6: a sigmoid of three straight lines.

    >>> print(hard_sigmoid([-4.0, 0.0, 4.0]))
    Tensor(shape=(3,), dtype=float32, [0.  0.5 1. ])
    """
    return relu6(convert_to_tensor(x) + 3.0) / 6.0


def log_sigmoid(x: Any) -> Tensor:
    """Compute log(sigmoid(x)) = -softplus(-x).

    >>> print(log_sigmoid([-1000.0]))
    Tensor(shape=(1,), dtype=float32, [-1000.])
    """
    return -softplus(-convert_to_tensor(x))


def tanh(x: Any) -> Tensor:
    """Compute the hyperbolic tangent.

    >>> print(tanh([0.0]))
    Tensor(shape=(1,), dtype=float32, [0.])
    """
    return apply("tanh", (x,))


def softplus(x: Any) -> Tensor:
    """Compute log(1 + exp(x)), also for large x.

    >>> print(softplus([1000.0]))
    Tensor(shape=(1,), dtype=float32, [1000.])
    """
    return apply("softplus", (x,))


def softsign(x: Any) -> Tensor:
    """Compute x / (1 + |x|).

    >>> print(softsign([-1.0, 3.0]))
    Tensor(shape=(2,), dtype=float32, [-0.5   0.75])
    """
    x = convert_to_tensor(x)
    return x / (1.0 + absolute(x))


def silu(x: Any) -> Tensor:
    """Compute x * sigmoid(x), also called swish (Ramachandran et al., arXiv 1710.05941).

    >>> print(silu([0.0, 100.0]))
    Tensor(shape=(2,), dtype=float32, [  0. 100.])
    """
    x = convert_to_tensor(x)
    return x * sigmoid(x)


def swish(x: Any) -> Tensor:
    """Compute x * sigmoid(x): another name of `silu`."""
    return silu(x)


def hard_silu(x: Any) -> Tensor:
    """Compute x * hard_sigmoid(x), also called hard swish.

    >>> print(hard_silu([-4.0, 1.0, 4.0]))
    Tensor(shape=(3,), dtype=float32, [-0.         0.6666667  4.       ])
    """
    x = convert_to_tensor(x)
    return x * hard_sigmoid(x)


def hard_swish(x: Any) -> Tensor:
    """Compute x * hard_sigmoid(x): another name of `hard_silu`."""
    return hard_silu(x)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Compute x above 0 and alpha * (exp(x) - 1) below (Clevert et al., arXiv 1511.07289).

    >>> print(elu([-1000.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [-1.  2.])
    """
    x = convert_to_tensor(x)
    # exp sees no large x, whose infinity times 0 would make the gradient NaN.
    return where(x > 0, x, alpha * expm1(where(x > 0, 0.0, x)))


def selu(x: Any) -> Tensor:
    """Compute 1.0507 * elu(x, 1.6733) (Klambauer et al., arXiv 1706.02515).

    >>> print(selu([1.0]))
    Tensor(shape=(1,), dtype=float32, [1.050701])
    """
    return SELU_SCALE * elu(x, SELU_ALPHA)


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """Compute x P(X <= x) for normal X (Hendrycks, Gimpel, arXiv 1606.08415).

    Args:
        x: the numbers.
        approximate: whether the probability is taken from a tanh (the default) or is exact.

    >>> print(gelu([0.0, 100.0]))
    Tensor(shape=(2,), dtype=float32, [  0. 100.])
    """
    x = convert_to_tensor(x)
    if approximate:
        # (1 + tanh u) / 2 = sigmoid(2 u), which keeps its digits where it is small.
        cubic = x * (x * x * 0.044715 + 1.0)
        return x * apply("sigmoid", (cubic * math.sqrt(8.0 / math.pi),))
    return x * normal_cdf(x)


def softmax(x: Any, axis: Axes = -1) -> Tensor:
    """Compute exp(x) / sum(exp(x)): positive numbers whose sum is 1.

    Args:
        x: the numbers; integers become floats.
        axis: over which axis the sum runs, or over which axes; None: all.

    >>> print(softmax([0.0, 0.0, 1000.0]))
    Tensor(shape=(3,), dtype=float32, [0. 0. 1.])
    """
    if not isinstance(axis, int):
        return exp(log_softmax(x, axis))
    x = convert_to_tensor(x)
    y = apply("softmax", (x,), axis=axis)
    if axis in (-1, x.ndim - 1):
        y.logits = ("softmax", x)
    return y


def log_softmax(x: Any, axis: Axes = -1) -> Tensor:
    """Compute log(softmax(x)) = x - log(sum(exp(x))); arguments as for `softmax`.

    >>> print(log_softmax([0.0, 1000.0]))
    Tensor(shape=(2,), dtype=float32, [-1000.     0.])
    """
    if isinstance(axis, int):
        return apply("log_softmax", (x,), axis=axis)
    x = convert_to_tensor(x)
    return x - logsumexp(x, axis, keepdims=True)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """Compute x above the threshold and default_value elsewhere.

    >>> print(threshold([-1.0, 2.0], 0.0, 9.0))
    Tensor(shape=(2,), dtype=float32, [9. 2.])
    """
    x = convert_to_tensor(x)
    return where(x > threshold, x, default_value)


# ---- cross-entropies ------------------------------------------------------------------------


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
        IndexError: for a label that is no class.

    >>> print(sparse_categorical_crossentropy([1], [[0.5, 0.5]]))
    Tensor(shape=(1,), dtype=float32, [0.6931472])
    """
    labels, output = convert_to_tensor(target), convert_to_tensor(output)
    labels = cast(labels, "int64") if dtypes.is_float(labels.dtype) else labels
    if labels.ndim == output.ndim and labels.shape[-1] == 1:
        labels = labels.reshape(labels.shape[:-1])
    return apply(
        "sparse_categorical_crossentropy",
        (labels, output),
        from_logits=bool(from_logits),
        axis=axis,
    )
