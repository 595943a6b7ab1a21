"""Functions of `keras.backend` that are functions of `ops` under other names: a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import activations, config, losses, ops
from pylego.backend.renaming import functions as made_of
from pylego.core import dtypes
from pylego.core.tensor import cast

ROOMS = frozenset(
    {
        "ctc", "drawing", "dtypes", "graphs", "images", "loops", "phases", "renaming", "settings",
        "table", "tensors", "values",
    }
)  # fmt: skip

_TABLE = """
    abs(x) = absolute(x)
    all(x, axis=None, keepdims=False) = all(x, axis, keepdims)
    any(x, axis=None, keepdims=False) = any(x, axis, keepdims)
    arange(start, stop=None, step=1, dtype="int32") = arange(start, stop, step, dtype)
    argmax(x, axis=-1) = argmax(x, axis)
    argmin(x, axis=-1) = argmin(x, axis)
    batch_flatten(x) = reshape(x, (-1, product(shape(x)[1:])))
    cast(x, dtype) = cast_to(x, dtype)
    cast_to_floatx(x) = to_floatx(x)
    categorical_crossentropy(target, output, from_logits=False, axis=-1) = \
losses.categorical_crossentropy(target, output, from_logits, axis=axis)
    clip(x, min_value, max_value) = bounded(x, min_value, max_value)
    concatenate(tensors, axis=-1) = concatenate(tensors, axis)
    cos(x) = cos(x)
    cumprod(x, axis=0) = cumprod(x, axis)
    cumsum(x, axis=0) = cumsum(x, axis)
    dot(x, y) = dot(x, y)
    elu(x, alpha=1.0) = elu(x, alpha)
    equal(x, y) = equal(x, y)
    exp(x) = exp(x)
    expand_dims(x, axis=-1) = expand_dims(x, axis)
    flatten(x) = reshape(x, (-1,))
    floor(x) = floor(x)
    gather(reference, indices) = take(reference, indices, 0)
    greater(x, y) = greater(x, y)
    greater_equal(x, y) = greater_equal(x, y)
    hard_sigmoid(x) = clip(0.2 * x + 0.5, 0.0, 1.0)
    identity(x) = x * 1
    less(x, y) = less(x, y)
    less_equal(x, y) = less_equal(x, y)
    l2_normalize(x, axis=None) = x * rsqrt(maximum(sum(square(x), axis, True), 1e-12))
    log(x) = log(x)
    logsumexp(x, axis=None, keepdims=False) = logsumexp(x, axis, keepdims)
    max(x, axis=None, keepdims=False) = max(x, axis, keepdims)
    maximum(x, y) = maximum(x, y)
    mean(x, axis=None, keepdims=False) = mean(x, axis, keepdims)
    min(x, axis=None, keepdims=False) = min(x, axis, keepdims)
    minimum(x, y) = minimum(x, y)
    not_equal(x, y) = not_equal(x, y)
    one_hot(indices, num_classes) = one_hot(indices, num_classes)
    ones_like(x, dtype=None) = ones_like(x, dtype)
    permute_dimensions(x, pattern) = transpose(x, pattern)
    pow(x, a) = power(x, a)
    prod(x, axis=None, keepdims=False) = prod(x, axis, keepdims)
    repeat(x, n) = repeat(expand_dims(x, 1), n, 1)
    repeat_elements(x, rep, axis) = repeat(x, rep, axis)
    reshape(x, shape) = reshape(x, tuple(-1 if n is None else n for n in shape))
    reverse(x, axes) = flip(x, axes)
    round(x) = round(x)
    sigmoid(x) = sigmoid(x)
    sign(x) = sign(x)
    sin(x) = sin(x)
    softmax(x, axis=-1) = softmax(x, axis)
    softplus(x) = softplus(x)
    softsign(x) = softsign(x)
    sparse_categorical_crossentropy(target, output, from_logits=False, axis=-1, \
ignore_class=None) = \
losses.sparse_categorical_crossentropy(target, output, from_logits, ignore_class, axis)
    sqrt(x) = sqrt(maximum(x, 0.0))
    square(x) = square(x)
    squeeze(x, axis) = squeeze(x, axis)
    stack(x, axis=0) = stack(x, axis)
    std(x, axis=None, keepdims=False) = std(x, axis, keepdims)
    stop_gradient(variables) = stopped(variables)
    sum(x, axis=None, keepdims=False) = sum(x, axis, keepdims)
    tanh(x) = tanh(x)
    tile(x, n) = tile(x, n)
    transpose(x) = transpose(x)
    var(x, axis=None, keepdims=False) = var(x, axis, keepdims)
    zeros_like(x, dtype=None) = zeros_like(x, dtype)
"""


def functions() -> dict[str, Callable]:
    """Make the functions."""
    names: dict[str, Any] = {
        "activations": activations,
        "bounded": _bounded,
        "cast_to": _cast_to,
        "losses": losses,
        "product": _product,
        "stopped": _stopped,
        "to_floatx": _to_floatx,
        "tuple": tuple,
    }
    return made_of(_TABLE, "pylego.backend", names)


def _bounded(x: Any, least: Any, most: Any) -> Any:
    """Within bounds; None for no bound."""
    least = -np.inf if least is None else least
    return ops.clip(x, least, np.inf if most is None else most)


def _cast_to(x: Any, dtype: Any) -> Any:
    return ops.cast(x, dtype) if hasattr(ops, "cast") else cast(x, dtype)


def _product(lengths: Any) -> int:
    return -1 if None in lengths else int(np.prod(lengths, dtype=np.int64))


def _stopped(x: Any) -> Any:
    return [ops.stop_gradient(one) for one in x] if isinstance(x, list) else ops.stop_gradient(x)


def _to_floatx(x: Any) -> Any:
    is_array = isinstance(x, (np.ndarray, float, int, list))
    return np.asarray(x, dtypes.array_dtype()) if is_array else _cast_to(x, config.floatx())
