"""Activations: functions of single numbers between the layers, and softmax over many."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply
from pylego.ops.arguments import Axes, is_one_axis
from pylego.ops.core import convert_to_tensor, where
from pylego.ops.shapes import along_one_axis, split

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
    "threshold",
]


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
    return apply("relu6", (x,))


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Compute x from 0 on and negative_slope * x below.

    >>> print(leaky_relu([-1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [-0.2  2. ])
    """
    return apply("leaky_relu", (x, negative_slope))


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
    return apply("hard_sigmoid", (x,))


def log_sigmoid(x: Any) -> Tensor:
    """Compute log(sigmoid(x)) = -softplus(-x).

    >>> print(log_sigmoid([-1000.0]))
    Tensor(shape=(1,), dtype=float32, [-1000.])
    """
    return apply("log_sigmoid", (x,))


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
    return apply("softsign", (x,))


def silu(x: Any) -> Tensor:
    """Compute x * sigmoid(x), also called swish (Ramachandran et al., arXiv 1710.05941).

    >>> print(silu([0.0, 100.0]))
    Tensor(shape=(2,), dtype=float32, [  0. 100.])
    """
    return apply("silu", (x,))


def swish(x: Any) -> Tensor:
    """Compute x * sigmoid(x): another name of `silu`."""
    return silu(x)


def hard_silu(x: Any) -> Tensor:
    """Compute x * hard_sigmoid(x), also called hard swish.

    >>> print(hard_silu([-4.0, 1.0, 4.0]))
    Tensor(shape=(3,), dtype=float32, [-0.         0.6666667  4.       ])
    """
    return apply("hard_silu", (x,))


def hard_swish(x: Any) -> Tensor:
    """Compute x * hard_sigmoid(x): another name of `hard_silu`."""
    return hard_silu(x)


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """Compute x above 0 and alpha * (exp(x) - 1) below (Clevert et al., arXiv 1511.07289).

    >>> print(elu([-1000.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [-1.  2.])
    """
    return apply("elu", (x, alpha))


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Compute x above 0 and alpha * (exp(x / alpha) - 1) below (Barron, arXiv 1704.07483).

    >>> print(celu([-1000.0, 2.0], alpha=3.0))
    Tensor(shape=(2,), dtype=float32, [-3.  2.])
    """
    return apply("celu", (x, alpha))


def selu(x: Any) -> Tensor:
    """Compute 1.0507 * elu(x, 1.6733) (Klambauer et al., arXiv 1706.02515).

    >>> print(selu([1.0]))
    Tensor(shape=(1,), dtype=float32, [1.050701])
    """
    return apply("selu", (x,))


def gelu(x: Any, approximate: bool = True) -> Tensor:
    """Compute x P(X <= x) for normal X (Hendrycks, Gimpel, arXiv 1606.08415).

    Args:
        x: the numbers.
        approximate: whether the probability is taken from a tanh (the default) or is exact.

    >>> print(gelu([0.0, 100.0]))
    Tensor(shape=(2,), dtype=float32, [  0. 100.])
    """
    return apply("tanh_gelu" if approximate else "gelu", (x,))


def mish(x: Any) -> Tensor:
    """Compute x * tanh(softplus(x)) (Misra, arXiv 1908.08681).

    >>> print(mish([0.0, 100.0]))
    Tensor(shape=(2,), dtype=float32, [  0. 100.])
    """
    return apply("mish", (x,))


def softmax(x: Any, axis: Axes = -1) -> Tensor:
    """Compute exp(x) / sum(exp(x)): positive numbers whose sum is 1.

    Args:
        x: the numbers; integers become floats.
        axis: over which axis the sum runs, or over which axes; None: all.

    >>> print(softmax([0.0, 0.0, 1000.0]))
    Tensor(shape=(3,), dtype=float32, [0. 0. 1.])
    """
    x = convert_to_tensor(x)
    if not is_one_axis(axis):
        return along_one_axis(softmax, x, axis)
    y = apply("softmax", (x,), axis=axis)
    if axis in (-1, x.ndim - 1):
        y.logits = ("softmax", x)
    return y


def log_softmax(x: Any, axis: Axes = -1) -> Tensor:
    """Compute log(softmax(x)) = x - log(sum(exp(x))); arguments as for `softmax`.

    >>> print(log_softmax([0.0, 1000.0]))
    Tensor(shape=(2,), dtype=float32, [-1000.     0.])
    """
    if is_one_axis(axis):
        return apply("log_softmax", (x,), axis=axis)
    return along_one_axis(log_softmax, convert_to_tensor(x), axis)


def glu(x: Any, axis: int = -1) -> Tensor:
    """Compute a * sigmoid(b) for the halves a, b of x (Dauphin et al., arXiv 1612.08083).

    Args:
        x: the numbers; their length along the axis must be even.
        axis: along which x is halved.

    >>> print(glu([3.0, 100.0]))
    Tensor(shape=(1,), dtype=float32, [3.])
    """
    a, b = split(x, 2, axis=axis)
    return a * sigmoid(b)


def threshold(x: Any, threshold: float, default_value: float) -> Tensor:
    """Compute x above the threshold and default_value elsewhere.

    >>> print(threshold([-1.0, 2.0], 0.0, 9.0))
    Tensor(shape=(2,), dtype=float32, [9. 2.])
    """
    x = convert_to_tensor(x)
    return where(x > threshold, x, default_value)
