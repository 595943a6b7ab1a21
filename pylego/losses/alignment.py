"""Losses of labels whose places in a longer sequence are not known."""

from __future__ import annotations

from typing import Any

from pylego import given, ops
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper


def ctc(y_true: Any, y_pred: Any) -> Tensor:
    """Return -log(p), p the probability that a sequence reads as its labels when repeated classes
    are merged and blanks, class 0, are dropped (Graves et al., ICML 2006); see `ops.ctc_loss`.

    Args:
        y_true: labels, whole numbers of shape (N, L), with 0 behind those of a shorter sequence.
        y_pred: logits of shape (N, T, classes).

    Shapes: (N, L) and (N, T, classes) give (N,).

    Raises:
        ValueError: when the shapes do not fit.
        IndexError: for a label that is not a class.

    >>> ctc([[1, 0]], [[[0.0, 0.0], [0.0, 0.0]]]).numpy().round(4).tolist()
    [0.28769999742507935]
    """
    labels, logits = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if (labels.ndim, logits.ndim) != (2, 3) or labels.shape[0] != logits.shape[0]:
        raise ValueError(
            "ctc: labels (N, L) and logits (N, T, classes) are wanted. Received: y_true of shape "
            f"{given.shape(labels.shape)}, y_pred of shape {given.shape(logits.shape)}"
        )
    batch, steps, _ = logits.shape
    lengths = ops.count_nonzero(labels, axis=-1)
    return ops.ctc_loss(labels, logits, lengths, ops.full((batch,), steps, "int32"))


class CTC(LossFunctionWrapper):
    """How improbable it is that sequences read as their labels; see `ctc`.

    Args:
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(CTC()([[1, 0]], [[[0.0, 0.0], [0.0, 0.0]]])), 4)
    0.2877
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str = "ctc",
        dtype: Any = None,
    ):
        super().__init__(ctc, reduction, name, dtype)
