"""Activations: the functions behind `Dense(64, activation="relu")`, by name or to be called."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pylego import lazy, ops, registry
from pylego.core.tensor import Tensor
from pylego.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_swish as hard_swish,
    hard_tanh,
    log_sigmoid,
    log_softmax,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    swish as swish,
    tanh,
    tanh_shrink,
    threshold,
)


def linear(x: Any) -> Tensor:
    """Return x as it is.

    >>> linear(3.0).item()
    3.0
    """
    return ops.convert_to_tensor(x)


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Tensor:
    """Compute x above the threshold, at most max_value, and below negative_slope * (x - threshold).

    With the defaults that is max(x, 0). NaN stays NaN.

    Args:
        x: the numbers.
        negative_slope: of the part below the threshold.
        max_value: upper bound; None for no bound.
        threshold: up to which the output is small.

    >>> relu([-10.0, 0.0, 10.0]).numpy().tolist()
    [0.0, 0.0, 10.0]
    >>> relu([-10.0, 0.0, 10.0], negative_slope=0.5, max_value=6.0).numpy().tolist()
    [-5.0, 0.0, 6.0]
    """
    x = ops.convert_to_tensor(x)
    if threshold:
        below = negative_slope * (x - threshold) if negative_slope else 0.0
        y = ops.where(x <= threshold, below, x)
    else:
        y = ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    return y if max_value is None else ops.minimum(y, max_value)


def softmax(x: Any, axis: int = -1) -> Tensor:
    """Compute exp(x) / sum(exp(x)): positive numbers whose sum is 1.

    A single number becomes 1 whatever it is, so a layer of one unit learns nothing; a warning says
    so.

    >>> softmax([0.0, 0.0, 1000.0]).numpy().tolist()
    [0.0, 0.0, 1.0]
    """
    x = ops.convert_to_tensor(x)
    if axis == -1 and x.shape[-1:] == (1,):
        warnings.warn(
            "softmax over a single number is always 1: nothing can be learnt. To tell two classes "
            "apart by one unit use activation='sigmoid'",
            stacklevel=2,
        )
    return ops.softmax(x, axis)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """Compute x above 0 and negative_slope * x below (Maas et al., ICML 2013 workshop).

    >>> leaky_relu([-10.0, 10.0]).numpy().tolist()
    [-2.0, 10.0]
    """
    return relu(x, negative_slope=negative_slope)


def gelu(x: Any, approximate: bool = False) -> Tensor:
    """Compute x P(X <= x) for normal X (Hendrycks, Gimpel, arXiv 1606.08415).

    Args:
        x: the numbers.
        approximate: whether the probability is taken from a tanh; by default it is exact.

    >>> gelu([0.0, 100.0]).numpy().tolist()
    [0.0, 100.0]
    """
    return ops.gelu(x, approximate=approximate)


def exponential(x: Any) -> Tensor:
    """Compute exp(x).

    >>> exponential([0.0]).numpy().tolist()
    [1.0]
    """
    return ops.exp(x)


def hard_sigmoid_of_keras_2(x: Any) -> Tensor:
    """Compute x / 5 + 1/2, at least 0 and at most 1: what `hard_sigmoid` was until Keras 2.

    Models of that time are opened with it; Keras 3's own is flatter, x / 6 + 1/2.

    >>> hard_sigmoid_of_keras_2([-3.0, 0.0, 1.0]).numpy().tolist()
    [0.0, 0.5, 0.699999988079071]
    """
    return ops.clip(0.2 * ops.convert_to_tensor(x) + 0.5, 0.0, 1.0)


_ACTIVATIONS = {
    activation.__name__: activation
    for activation in (
        celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh,
        leaky_relu, linear, log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu,
        soft_shrink, softmax, softplus, softsign, sparse_plus, sparse_sigmoid, squareplus, tanh,
        tanh_shrink, threshold,
    )
}  # fmt: skip
_TABLE = {
    **_ACTIVATIONS,
    "hard_sigmoid_of_keras_2": hard_sigmoid_of_keras_2,
    "hard_swish": hard_silu,
    "sparsemax": sparsemax,
    "swish": silu,
}
_JOINING = (glu, log_softmax, softmax)  # numbers along an axis


def is_elementwise(activation: Any) -> bool:
    """Return whether each output is known to depend on one input alone, so that axes may move.

    >>> is_elementwise(relu), is_elementwise(softmax)
    (True, False)
    """
    return activation in _ACTIVATIONS.values() and activation not in _JOINING


def get(identifier: Any) -> Any:
    """Return the activation for a name, a function or a layer; `linear` for None.

    Raises:
        ValueError: for an unknown name, with the nearest ones.
        TypeError: for what is neither a name nor a function.

    >>> get("relu") is relu, get(None) is linear
    (True, True)
    """
    return linear if identifier is None else registry.get("activation", identifier, _TABLE)


def serialize(activation: Any) -> Any:
    """Return the name of an activation, or the description of a layer or a function used as one.

    Raises:
        TypeError: for a lambda, which has no name that it could be found by again.

    >>> serialize(relu), serialize(None)
    ('relu', 'linear')
    """
    activation = linear if activation is None else activation
    name = getattr(activation, "__name__", "")
    return name if _TABLE.get(name) is activation else registry.serialize(activation)


def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """Return the activation that `serialize` described."""
    with registry.reading(config, custom_objects):
        return get(config)


if not TYPE_CHECKING:
    __getattr__ = lazy.refuse_others(__name__)
