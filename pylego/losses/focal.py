"""Cross-entropies that look away from what is learnt already: focal and generalized ones.

A focal loss multiplies the cross-entropy by (1 - p)^gamma, where p is the probability of what was
wanted: what the model is sure of hardly counts (Lin et al., 2017; https://arxiv.org/abs/1708.02002).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.crossentropy import check_smoothing, logits_before
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up, line_up_labels


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return mean(w (1 - p_t)^gamma c) over an axis, with the binary cross-entropy c and the
    probability of what was wanted, p_t = y p + (1 - y) (1 - p).

    Args:
        y_true: y: 0 and 1, or probabilities, of the outputs' shape.
        y_pred: the probabilities p, or logits.
        apply_class_balancing: whether w = y alpha + (1 - y) (1 - alpha); else w = 1.
        alpha: the weight of the class 1.
        gamma: how little counts what is learnt; 0 gives the cross-entropy.
        from_logits: whether `y_pred` are logits.
        label_smoothing: draws the targets toward one half: y (1 - s) + s / 2.
        axis: the axis that is averaged over.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1, or the smoothing is
            not between 0 and 1.

    >>> binary_focal_crossentropy([[0, 1]], [[0.5, 0.5]]).numpy().round(4).tolist()
    [0.17329999804496765]
    """
    check_smoothing(label_smoothing)
    y_pred, from_logits = logits_before("sigmoid", y_pred, from_logits)
    y_true, y_pred = line_up("binary_focal_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    losses = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    p = ops.sigmoid(y_pred) if from_logits else y_pred
    of_wanted = y_true * p + (1.0 - y_true) * (1.0 - p)
    losses = (1.0 - of_wanted) ** gamma * losses
    if apply_class_balancing:
        losses = (y_true * alpha + (1.0 - y_true) * (1.0 - alpha)) * losses
    return ops.mean(losses, axis=axis)


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -sum(alpha (1 - p)^gamma y log p) over the axis of classes.

    Args:
        y_true: y: one-hot rows, or probabilities, of the outputs' shape.
        y_pred: the probabilities p, which are first divided by their sum, or logits.
        alpha: what the loss is multiplied by, or a number for each class.
        gamma: how little counts what is learnt; 0 gives the cross-entropy.
        from_logits: whether `y_pred` are logits.
        label_smoothing: draws the targets toward 1 / classes: y (1 - s) + s / classes.
        axis: the axis of classes.

    Raises:
        ValueError: when the shapes differ, or the smoothing is not between 0 and 1.

    >>> loss = categorical_focal_crossentropy([[0, 1, 0]], [[0.25, 0.5, 0.25]])
    >>> loss.numpy().round(4).tolist()
    [0.043299999088048935]
    """
    check_smoothing(label_smoothing)
    y_pred, from_logits = logits_before("softmax", y_pred, from_logits, axis)
    y_true, y_pred = line_up("categorical_focal_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_true.shape[axis]
    p, log_p = _probabilities(y_pred, from_logits, axis)
    weight = _along(axis, alpha, y_pred) * (1.0 - p) ** gamma
    return -ops.sum(weight * y_true * log_p, axis=axis)


def _probabilities(y_pred: Tensor, from_logits: bool, axis: int) -> tuple[Tensor, Tensor]:
    """Return the probabilities and their logarithms, which are exact for logits of any size."""
    if from_logits:
        log_p = ops.log_softmax(y_pred, axis=axis)
        return ops.exp(log_p), log_p
    p = y_pred / ops.sum(y_pred, axis=axis, keepdims=True)
    p = ops.clip(p, config.epsilon(), 1.0 - config.epsilon())
    return p, ops.log(p)


def _along(axis: int, alpha: float | Sequence[float], y_pred: Tensor) -> Any:
    """Lay one number for each class along the axis of classes."""
    weights = ops.convert_to_tensor(alpha, y_pred.dtype)
    if not weights.ndim:
        return alpha
    shape = [1] * y_pred.ndim
    shape[axis] = weights.size
    return weights.reshape(shape)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Tensor:
    """Return (1 - p[label]^q) / q: between the cross-entropy (q near 0) and the mean absolute
    error (q near 1), which wrong labels mislead less (Zhang and Sabuncu, 2018;
    https://arxiv.org/abs/1805.07836).

    Args:
        y_true: labels 0 <= label < classes, of the outputs' shape without the last axis.
        y_pred: the probabilities p; the slope is that of `config.epsilon()` at least away from 0,
            and none below, so that it is finite.
        q: between 0 and 1.

    Raises:
        ValueError: when the shapes do not fit.
        IndexError: for a label that is not a class.

    >>> categorical_generalized_cross_entropy([1], [[0.5, 0.25, 0.25]], 0.5).numpy().tolist()
    [1.0]
    """
    y_pred, from_logits = logits_before("softmax", y_pred, False)
    name = "categorical_generalized_cross_entropy"
    labels, y_pred = line_up_labels(name, y_true, y_pred, -1)
    if from_logits:
        losses = ops.sparse_categorical_crossentropy(labels, y_pred, from_logits=True)
        return -ops.expm1(-q * losses) / q
    classes = y_pred.shape[-1]
    labels = ops.where(labels < 0, classes, labels)  # refused, and not counted from the end
    p = ops.squeeze(ops.take_along_axis(y_pred, ops.expand_dims(labels, -1), axis=-1), -1)
    power = ops.where(p > 0, ops.maximum(p, config.epsilon()) ** q, 0.0)
    return (1.0 - power) / q


class BinaryFocalCrossentropy(LossFunctionWrapper):
    """The focal cross-entropy of yes/no targets; see `binary_focal_crossentropy`.

    Args:
        apply_class_balancing: whether the class 1 weighs alpha, and the class 0 1 - alpha.
        alpha: the weight of the class 1.
        gamma: how little counts what is learnt.
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward one half.
        axis: the axis that is averaged over.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(BinaryFocalCrossentropy()([[0], [1]], [[0.5], [0.5]])), 4)
    0.1733
    """

    _rules = rules.of(
        apply_class_balancing=rules.flag,
        alpha=rules.number(0, 1),
        gamma=rules.number(0),
        from_logits=rules.flag,
        label_smoothing=rules.number(0, 1),
        axis=rules.whole(),
    )

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_focal_crossentropy",
        dtype: Any = None,
    ):
        super().__init__(
            binary_focal_crossentropy,
            reduction,
            name,
            dtype,
            apply_class_balancing=apply_class_balancing,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalFocalCrossentropy(LossFunctionWrapper):
    """The focal cross-entropy of one-hot targets; see `categorical_focal_crossentropy`.

    Args:
        alpha: what the loss is multiplied by, or a number for each class.
        gamma: how little counts what is learnt.
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward 1 / classes.
        axis: the axis of classes.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(CategoricalFocalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.0433
    """

    _rules = rules.of(
        alpha=rules.one_or_each(rules.number(0)),
        gamma=rules.number(0),
        from_logits=rules.flag,
        label_smoothing=rules.number(0, 1),
        axis=rules.whole(),
    )

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_focal_crossentropy",
        dtype: Any = None,
    ):
        super().__init__(
            categorical_focal_crossentropy,
            reduction,
            name,
            dtype,
            alpha=alpha,
            gamma=gamma,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    """A cross-entropy of labels some of which are wrong; see
    `categorical_generalized_cross_entropy`.

    Args:
        q: between 0, where it is the cross-entropy, and 1, the mean absolute error.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    Raises:
        ValueError: when q does not lie between 0 and 1.

    >>> float(CategoricalGeneralizedCrossEntropy()([1], [[0.5, 0.25, 0.25]]))
    1.0
    """

    _rules = rules.of(q=rules.between(0, 1))

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ):
        super().__init__(categorical_generalized_cross_entropy, reduction, name, dtype, q=q)
