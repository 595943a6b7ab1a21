"""Targets against outputs: lined up where that is plain, refused where NumPy would broadcast.

A target of shape (N,) against an output of shape (N, 1) would broadcast to (N, N), train, and learn
nothing. So the two are brought to one shape first, and every other difference is an error.
"""

from __future__ import annotations

from typing import Any

from pylego import given, ops
from pylego.core.tensor import Tensor
from pylego.losses.advice import advice, label_advice
from pylego.ops.labels import whole_labels


def same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Add or drop a last axis of length 1 where just that makes the ranks equal.

    Beside a tensor of one axis the other one gets an axis, (N,) and (N, 1) become (N, 1); otherwise
    the longer one loses it, (N, T, 1) and (N, T) become (N, T).
    """
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, ops.expand_dims(b, -1)) if b.ndim == 1 else (ops.squeeze(a, -1), b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (ops.expand_dims(a, -1), b) if a.ndim == 1 else (a, ops.squeeze(b, -1))
    return a, b


def line_up(name: str, y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Bring targets and outputs to one shape, and the targets to the outputs' dtype.

    A single number is the target of all outputs, as where a GAN calls its pictures real, 1.0.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    y_true = ops.cast(y_true, y_pred.dtype)
    if not y_true.ndim:
        return ops.broadcast_to(y_true, y_pred.shape), y_pred
    lined_up, outputs = same_rank(y_true, y_pred)
    if lined_up.shape != outputs.shape:
        raise ValueError(
            f"{name}: targets of shape {given.shape(y_true.shape)} do not fit outputs of shape "
            f"{given.shape(y_pred.shape)}. {advice(name, y_true.shape, y_pred.shape)}"
        )
    return lined_up, outputs


def line_up_labels(name: str, labels: Any, y_pred: Any, axis: int) -> tuple[Tensor, Tensor]:
    """Bring integer labels to the outputs' shape without its axis of classes.

    Raises:
        ValueError: when they do not fit.
    """
    y_pred = ops.convert_to_tensor(y_pred)
    labels = whole_labels(ops.convert_to_tensor(labels))
    came = labels.shape
    wanted = list(y_pred.shape)
    classes = wanted.pop(axis)
    if labels.ndim == y_pred.ndim and labels.shape[-1] == 1:
        labels = ops.squeeze(labels, -1)
    if labels.shape != tuple(wanted):
        raise ValueError(
            f"{name}: labels of shape {given.shape(came)} do not fit outputs of shape "
            f"{given.shape(y_pred.shape)}; for {classes} classes they must have shape "
            f"{given.shape(tuple(wanted))}. {label_advice(name, came, y_pred.shape)}"
        )
    return labels, y_pred
