"""Mistakes that train without an error, and learn nothing: told once, before the first step.

Only what is a mistake beyond doubt: soft targets, smoothed labels and pixels from 0 to 1 are fine.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from pylego import activations
from pylego.training.compile import CompileLoss

# Their outputs are not probabilities.
_UNBOUNDED = frozenset({
    "celu", "elu", "gelu", "leaky_relu", "linear", "mish", "relu", "relu6", "selu", "silu",
    "softplus", "softsign", "tanh",
})  # fmt: skip
_PROBABILITIES = frozenset({"sigmoid", "softmax"})
_LAYERS = {"ReLU": "relu", "Softmax": "softmax", "LeakyReLU": "leaky_relu", "ELU": "elu"}
_ROUNDING = 1e-5  # of targets that were computed
_RESHAPING = frozenset({"Flatten", "Reshape", "Permute", "Identity"})


def warn_once(model: Any, loss: CompileLoss | None, y: Any) -> None:
    """Warn, once after each `compile`, where loss, last layer and targets do not go together.

    Args:
        model: a model that is about to be trained.
        loss: of its `compile`.
        y: the targets that were given, or those of the first batch.
    """
    if loss is None or loss.is_looked_over:
        return
    loss.is_looked_over = True
    if loss.crossentropy is None:
        return
    name, from_logits = loss.crossentropy
    for sentence in _mistakes(name, from_logits, _last_activation(model), _units(model), y):
        warnings.warn(sentence, stacklevel=3)


def _mistakes(
    name: str, from_logits: bool, activation: str | None, units: int | None, y: Any
) -> Iterator[str]:
    right = "sigmoid" if name == "binary_crossentropy" else "softmax"
    if from_logits and activation in _PROBABILITIES:
        yield (
            f"{name} with from_logits=True takes the numbers before {activation}, but the last "
            f"layer applies it: leave activation={activation!r} out of the layer, or "
            "from_logits=True out of the loss"
        )
    elif not from_logits and activation in _UNBOUNDED and (right == "sigmoid" or units != 1):
        yield (
            f"{name} takes probabilities, but the last layer's activation is {activation!r}: give "
            f"it activation={right!r}, or the loss from_logits=True"
        )
    elif right == "softmax" and activation == "sigmoid" and units != 1:
        yield (
            f"{name} takes probabilities of classes that sum to 1, but the last layer's activation "
            "is 'sigmoid': give it activation='softmax'. Where several classes may be true at "
            "once, use loss='binary_crossentropy'"
        )
    if right == "sigmoid" and (advice := _advice_on_range(y)):
        yield f"binary_crossentropy takes targets from 0 to 1, {advice}"


def _advice_on_range(y: Any) -> str:
    """Return what mends targets outside of 0 to 1; '' where all are inside."""
    if not isinstance(y, np.ndarray) or y.size == 0 or y.dtype.kind not in "iuf":
        return ""
    low, high = y.min(), y.max()
    if not np.isfinite([low, high]).all():  # which is warned of elsewhere
        return ""
    if low >= -_ROUNDING and high <= 1 + _ROUNDING:
        return ""
    found = f"y goes from {low:g} to {high:g}: "
    if y.size > len(y):
        return found + f"scale it, for example y / {255 if 2 < high <= 255 else high:g}"
    if (low, high) == (-1, 1):
        return found + "write (y + 1) / 2"
    if (low, high) == (1, 2):
        return found + "write y - 1"
    if low >= 0 and (y.dtype.kind in "iu" or (y == np.floor(y)).all()):
        return found + (
            f"for {high + 1:g} classes give the last layer {high + 1:g} units with "
            "activation='softmax', and use loss='sparse_categorical_crossentropy'"
        )
    return found + "for numbers use loss='mse', and a last layer without activation"


def _last_activation(model: Any) -> str | None:
    """Return the name of what a stack of layers ends in; None where that is not known."""
    layers = getattr(model, "layers", []) if hasattr(model, "pop") else []
    for layer in reversed(layers):
        kind = type(layer).__name__
        if hasattr(layer, "pop"):  # a Sequential inside
            return _last_activation(layer)
        if kind in _LAYERS:
            return None if _is_bounded(layer) else _LAYERS[kind]
        if kind not in _RESHAPING:
            return _name_of(getattr(layer, "activation", None))
    return None


def _is_bounded(layer: Any) -> bool:
    """Return whether a ReLU is cut off at a number from 0 to 1."""
    return getattr(layer, "max_value", None) is not None and layer.max_value <= 1


def _name_of(activation: Any) -> str | None:
    if activation is None:
        return None
    name = getattr(activation, "__name__", "")
    return name if getattr(activations, name, None) is activation else None


def _units(model: Any) -> int | None:
    """Return how many numbers the last axis of the outputs has."""
    shape = getattr(model, "output_shape", None)
    return shape[-1] if shape else None
