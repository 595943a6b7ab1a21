"""A loss for embeddings: those of one class are drawn together, those of others pushed apart."""

from __future__ import annotations

import math
from typing import Any

from pylego import ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Return the circle loss of each row: softplus(log(sum exp(-gamma a_p (m - d_p))) +
    log(sum exp(gamma a_n (1 - m - d_n)))), where d_p are the distances 1 - x.y to the rows of the
    same label, d_n those to the others, a_p = max(m + d_p, 0) and a_n = max(1 + m - d_n, 0)
    (Sun et al., 2020; https://arxiv.org/abs/2002.10857).

    Shapes: labels (N,) or (N, 1) and rows (N, k) of length 1 give (N,).

    Args:
        y_true: whole numbers, the labels.
        y_pred: the embeddings x.
        ref_labels: of the rows that are compared with; `y_true` by default.
        ref_embeddings: the rows y that are compared with, (M, k); `y_pred` by default.
        remove_diagonal: whether a row is not compared with the row of its own number.
        gamma: how steep the loss is.
        margin: m, how far the classes are to be apart.

    Raises:
        ValueError: when the shapes do not fit.

    >>> rows = [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    >>> circle([0, 0, 1], rows, gamma=1).numpy().round(3).tolist()
    [0.5460000038146973, 0.5460000038146973, 0.0]
    """
    x = ops.convert_to_tensor(y_pred)
    y = x if ref_embeddings is None else ops.convert_to_tensor(ref_embeddings, x.dtype)
    labels = ops.reshape(ops.cast(y_true, "int64"), (-1, 1))
    others = labels if ref_labels is None else ops.cast(ref_labels, "int64")
    others = ops.reshape(others, (1, -1))
    if x.ndim != 2 or y.ndim != 2 or (labels.size, others.size) != (x.shape[0], y.shape[0]):
        raise ValueError(
            f"circle: labels and embeddings must be of shapes (N,) and (N, k). Received: "
            f"{labels.size} labels for {x.shape}, {others.size} labels for {y.shape}"
        )
    distances = ops.maximum(1.0 - ops.matmul(x, ops.transpose(y)), 0.0)
    is_same = labels == others
    is_other = ~is_same
    if remove_diagonal:
        is_same = is_same & ~ops.eye(x.shape[0], y.shape[0], dtype="bool")
    apart = ops.maximum(1.0 + margin - distances, 0.0)
    same = -gamma * ops.maximum(margin + distances, 0.0) * (margin - distances)
    other = gamma * apart * (1.0 - margin - distances)
    return ops.softplus(_log_sum(is_same, same) + _log_sum(is_other, other))


def _log_sum(condition: Tensor, x: Tensor) -> Tensor:
    """log(sum(exp(x))) of each row over what the condition is true for."""
    return ops.logsumexp(ops.where(condition, x, -math.inf), axis=1)


class Circle(LossFunctionWrapper):
    """Draws embeddings of one label together, and pushes others apart; see `circle`.

    A mean is that of the rows that have a loss: a row alone of its label has none.

    Args:
        gamma: how steep the loss is.
        margin: how far the classes are to be apart.
        remove_diagonal: whether a row is not compared with itself.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> loss = Circle(gamma=1.0)([0, 0, 1], [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> round(float(loss), 3)
    0.546
    """

    _rules = rules.of(gamma=rules.above(0), margin=rules.number(), remove_diagonal=rules.flag)

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = "sum_over_batch_size",
        name: str = "circle",
        dtype: Any = None,
    ):
        super().__init__(
            circle,
            reduction,
            name,
            dtype,
            gamma=gamma,
            margin=margin,
            remove_diagonal=remove_diagonal,
        )

    def counted(self, y_true: Tensor, losses: Tensor) -> Tensor | None:
        return losses > 0
