"""Functions of tensors that need more than another name."""

from __future__ import annotations

from typing import Any

from pylego import config, ops

__all__ = [
    "batch_dot", "batch_normalization", "binary_crossentropy", "in_top_k",
    "normalize_batch_in_training", "relu", "switch",
]  # fmt: skip


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Multiply the samples of two batches, summing over an axis of each.

    Args:
        x: of shape (batch, ...), with at least two axes.
        y: the same.
        axes: one, or one for each, counted with the batch axis. By default the last of x and the
            second last of y; where y has two, its last.

    Returns the rest of the axes of x, and then those of y; with one axis at least: (batch, 1).

    >>> import numpy as np
    >>> batch_dot(np.ones((2, 3)), np.ones((2, 3)), axes=1).shape
    (2, 1)
    >>> batch_dot(np.ones((2, 4, 3)), np.ones((2, 3, 5))).shape
    (2, 4, 5)
    """
    last = len(x.shape) - 1, max(len(y.shape) - 2, 1)
    of_x, of_y = last if axes is None else (axes, axes) if isinstance(axes, int) else axes
    of_x, of_y = of_x % len(x.shape), of_y % len(y.shape)
    letters = "abcdefghijk"
    names_x = [letters[n] for n in range(len(x.shape))]
    names_y = ["a", *(letters[len(x.shape) + n] for n in range(len(y.shape) - 1))]
    names_y[of_y] = names_x[of_x]
    rest = [n for n in names_x[1:] + names_y[1:] if n != names_x[of_x]]
    product = ops.einsum(f"{''.join(names_x)},{''.join(names_y)}->a{''.join(rest)}", x, y)
    return product if rest else ops.expand_dims(product, -1)


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Compute x above the threshold, and alpha * (x - threshold) below, at most max_value."""
    if not threshold:
        y = ops.leaky_relu(x, alpha) if alpha else ops.relu(x)
    else:
        y = ops.where(x >= threshold, x, alpha * (x - threshold))
    return y if max_value is None else ops.minimum(y, max_value)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Compute -(t log(o) + (1 - t) log(1 - o)), element by element."""
    if from_logits:
        return ops.binary_crossentropy(target, output, from_logits=True)
    least = config.epsilon()
    return ops.binary_crossentropy(target, ops.clip(output, least, 1.0 - least))


def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """Choose by a condition, element by element; expressions may be functions that return them."""
    then, other = (_value(x) for x in (then_expression, else_expression))
    missing = len(getattr(then, "shape", ())) - len(getattr(condition, "shape", ()))
    for _ in range(missing if getattr(condition, "shape", ()) else 0):
        condition = ops.expand_dims(condition, -1)
    return ops.where(ops.cast(condition, "bool"), then, other)


def _value(x: Any) -> Any:
    return x() if callable(x) and not hasattr(x, "shape") else x


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Return whether the target is among the k largest predictions."""
    return ops.in_top_k(targets, predictions, k)


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """Compute (x - mean) / sqrt(var + epsilon) * gamma + beta."""
    return ops.batch_normalization(x, mean, var, axis, beta, gamma, epsilon)


def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3
) -> tuple[Any, Any, Any]:
    """Normalize with the mean and variance over these axes; return both as well."""
    mean, var = ops.moments(x, list(reduction_axes), keepdims=True)
    y = (x - mean) * ops.rsqrt(var + epsilon)
    y = y if gamma is None else y * gamma
    axes = list(reduction_axes)
    return y if beta is None else y + beta, ops.squeeze(mean, axes), ops.squeeze(var, axes)
