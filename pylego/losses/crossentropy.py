"""Losses for classes: binary, categorical and sparse categorical cross-entropy.

Each takes probabilities, or with `from_logits=True` the numbers before sigmoid or softmax, which is
exact for numbers of any size. Probabilities are kept 1e-7 away from 0 and 1, so that no logarithm
is infinite. Where they come straight out of sigmoid or softmax, losses are computed from the logits
all the same: so a unit that is sure and wrong can learn, while through a probability of exactly 0
or 1 no gradient would come back.
"""

from __future__ import annotations

import warnings
from typing import Any

from pylego import checks, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.loss import LossFunctionWrapper
from pylego.losses.shapes import line_up, line_up_labels


def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -mean(y log p + (1 - y) log(1 - p)) over an axis.

    Args:
        y_true: 0 and 1, or probabilities, of the outputs' shape.
        y_pred: the probabilities p, or logits.
        from_logits: whether `y_pred` are logits.
        label_smoothing: draws the targets toward one half: y (1 - s) + s / 2.
        axis: the axis that is averaged over.

    Raises:
        ValueError: when the shapes differ by more than a last axis of length 1, or the smoothing is
            not between 0 and 1.

    >>> binary_crossentropy([[0, 1]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    check_smoothing(label_smoothing)
    y_pred, from_logits = logits_before("sigmoid", y_pred, from_logits)
    y_true, y_pred = line_up("binary_crossentropy", y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    losses = ops.binary_crossentropy(y_true, y_pred, from_logits=from_logits)
    return ops.mean(losses, axis=axis)


def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Return -sum(y log p) over the axis of classes.

    Args:
        y_true: one-hot rows, or probabilities, of the outputs' shape.
        y_pred: the probabilities p, which are first divided by their sum, or logits.
        from_logits: whether `y_pred` are logits.
        label_smoothing: draws the targets toward 1 / classes: y (1 - s) + s / classes.
        axis: the axis of classes.

    Raises:
        ValueError: when the shapes differ, or the smoothing is not between 0 and 1.

    >>> categorical_crossentropy([[0, 1, 0]], [[0.25, 0.5, 0.25]]).numpy()
    array([0.6931472], dtype=float32)
    """
    check_smoothing(label_smoothing)
    if isinstance(axis, bool):
        raise ValueError(f"axis must be an integer. Received: axis={axis}")
    y_pred, from_logits = logits_before("softmax", y_pred, from_logits, axis)
    y_true, y_pred = line_up("categorical_crossentropy", y_true, y_pred)
    if y_pred.shape[axis:][:1] == (1,):
        warnings.warn(
            "categorical_crossentropy over a single class is always 0: nothing can be learnt. Use "
            "binary_crossentropy, or give the last layer one unit per class",
            stacklevel=2,
        )
    if label_smoothing:
        classes = y_true.shape[axis]
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / classes
    return ops.categorical_crossentropy(y_true, y_pred, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """Return -log p[label], the cross-entropy where targets are the numbers of classes.

    Args:
        y_true: labels 0 <= label < classes, of the outputs' shape without the axis of classes (a
            last axis of length 1 is fine).
        y_pred: probabilities, which are first divided by their sum, or logits.
        from_logits: whether `y_pred` are logits.
        ignore_class: a label whose samples get a loss of 0.
        axis: the axis of classes.

    Raises:
        ValueError: when the shapes do not fit.
        IndexError: for a label that is not a class.

    >>> sparse_categorical_crossentropy([1], [[0.25, 0.5, 0.25]]).numpy()
    array([0.6931472], dtype=float32)
    """
    y_pred, from_logits = logits_before("softmax", y_pred, from_logits, axis)
    labels, y_pred = line_up_labels("sparse_categorical_crossentropy", y_true, y_pred, axis)
    if ignore_class is None:
        return _sparse(labels, y_pred, from_logits, axis)
    is_valid = labels != ignore_class
    losses = _sparse(ops.where(is_valid, labels, 0), y_pred, from_logits, axis)
    return ops.where(is_valid, losses, 0.0)


def _sparse(labels: Tensor, y_pred: Tensor, from_logits: bool, axis: int) -> Tensor:
    return ops.sparse_categorical_crossentropy(labels, y_pred, from_logits=from_logits, axis=axis)


def logits_before(
    activation: str, y_pred: Any, from_logits: bool, axis: int = -1
) -> tuple[Tensor, bool]:
    """Return the logits that the activation made the probabilities of, where they are known."""
    y_pred = ops.convert_to_tensor(y_pred)
    is_last = axis in (-1, y_pred.ndim - 1)
    logits = getattr(y_pred, "logits", None)  # a placeholder has none
    if from_logits or logits is None or logits[0] != activation or not is_last:
        return y_pred, from_logits
    return logits[1], True


def check_smoothing(label_smoothing: float) -> None:
    checks.real_number("label_smoothing", label_smoothing, 0, 1)


class BinaryCrossentropy(LossFunctionWrapper):
    """The cross-entropy of yes/no targets; see `binary_crossentropy`.

    Args:
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward one half.
        axis: the axis that is averaged over.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(BinaryCrossentropy()([[0], [1]], [[0.5], [0.5]])), 4)
    0.6931
    """

    _rules = rules.of(
        from_logits=rules.flag, label_smoothing=rules.number(0, 1), axis=rules.whole()
    )

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "binary_crossentropy",
        dtype: Any = None,
    ):
        super().__init__(
            binary_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits


class CategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of one-hot targets; see `categorical_crossentropy`.

    Args:
        from_logits: whether outputs are logits.
        label_smoothing: draws the targets toward 1 / classes.
        axis: the axis of classes.
        reduction: see `Loss`.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]])), 4)
    0.6931
    """

    _rules = rules.of(
        from_logits=rules.flag, label_smoothing=rules.number(0, 1), axis=rules.whole()
    )

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str = "categorical_crossentropy",
        dtype: Any = None,
    ):
        super().__init__(
            categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )
        self.from_logits = from_logits


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """The cross-entropy of integer labels; see `sparse_categorical_crossentropy`.

    Args:
        from_logits: whether outputs are logits.
        ignore_class: a label whose samples get a loss of 0.
        reduction: see `Loss`.
        axis: the axis of classes.
        name: what messages and logs call it.
        dtype: see `Loss`.

    >>> round(float(SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])), 4)
    0.6931
    """

    _rules = rules.of(
        from_logits=rules.flag, ignore_class=rules.optional(rules.whole()), axis=rules.whole()
    )

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ):
        super().__init__(
            sparse_categorical_crossentropy,
            reduction,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )
        self.from_logits = from_logits
        self.ignore_class = ignore_class

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if config["axis"] == -1:  # Keras never writes it
            del config["axis"]
        return config

    def counted(self, y_true: Tensor, losses: Tensor) -> Tensor | None:
        return None if self.ignore_class is None else y_true != self.ignore_class


bce = BCE = binary_crossentropy
