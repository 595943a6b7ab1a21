"""How often the outputs are right: accuracy of values, of probabilities, of classes."""

from __future__ import annotations

from typing import Any

from pylego import given, ops, rules
from pylego.core.tensor import Tensor
from pylego.losses.shapes import line_up, line_up_labels, same_rank
from pylego.metrics.mean import MeanMetricWrapper


def accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the output equals the target, else 0.

    >>> accuracy([1, 2], [1, 3]).numpy().tolist()
    [1.0, 0.0]
    """
    y_true, y_pred = same_rank(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"accuracy: targets of shape {given.shape(y_true.shape)} do not fit outputs of shape "
            f"{given.shape(y_pred.shape)}"
        )
    return ops.cast(y_true == y_pred, "float32")


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Tensor:
    """Return 1 where a probability lies on the target's side of the threshold, else 0.

    >>> binary_accuracy([[1], [1]], [[0.9], [0.2]]).numpy().tolist()
    [[1.0], [0.0]]
    """
    y_true, y_pred = line_up("binary_accuracy", y_true, y_pred)
    return ops.cast(y_true == ops.cast(y_pred > threshold, y_pred.dtype), "float32")


def categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest output is that of the one-hot target's class, else 0.

    >>> categorical_accuracy([[0, 1]], [[0.3, 0.7]]).numpy().tolist()
    [1.0]
    """
    y_true, y_pred = line_up("categorical_accuracy", y_true, y_pred)
    is_right = ops.argmax(y_true, axis=-1) == ops.argmax(y_pred, axis=-1)
    return ops.cast(is_right, "float32")


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Tensor:
    """Return 1 where the largest output is that of the label, else 0.

    >>> sparse_categorical_accuracy([1], [[0.3, 0.7]]).numpy().tolist()
    [1.0]
    """
    labels, y_pred = line_up_labels("sparse_categorical_accuracy", y_true, y_pred, -1)
    return ops.cast(labels == ops.argmax(y_pred, axis=-1), "float32")


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Tensor:
    """Return 1 where the output of the one-hot target's class is among the k largest, else 0.

    >>> top_k_categorical_accuracy([[0, 1, 0]], [[0.1, 0.3, 0.6]], k=2).numpy().tolist()
    [1.0]
    """
    y_true, y_pred = line_up("top_k_categorical_accuracy", y_true, y_pred)
    return ops.cast(ops.in_top_k(ops.argmax(y_true, axis=-1), y_pred, k), "float32")


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Tensor:
    """Return 1 where the output of the label is among the k largest, else 0.

    Args:
        y_true: labels, of the outputs' shape without the classes.
        y_pred: the outputs; with `from_sorted_ids` the classes themselves, the likeliest first.
        k: how many.
        from_sorted_ids: see `y_pred`.

    >>> sparse_top_k_categorical_accuracy([1], [[0.1, 0.3, 0.6]], k=2).numpy().tolist()
    [1.0]
    """
    labels, y_pred = line_up_labels("sparse_top_k_categorical_accuracy", y_true, y_pred, -1)
    if from_sorted_ids:
        is_right = ops.any(ops.expand_dims(labels, -1) == y_pred[..., :k], axis=-1)
    else:
        is_right = ops.in_top_k(labels, y_pred, k)
    return ops.cast(is_right, "float32")


class Accuracy(MeanMetricWrapper):
    """How often outputs equal targets.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(Accuracy()([1, 2, 3, 4], [1, 2, 4, 4]))
    0.75
    """

    _direction = "up"

    def __init__(self, name: str = "accuracy", dtype: Any = None):
        super().__init__(accuracy, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """How often outputs lie on the right side of a threshold.

    Args:
        name: what logs call it.
        dtype: of the totals.
        threshold: above it an output says yes: 0.5 for probabilities, 0 for logits.

    >>> float(BinaryAccuracy()([[1], [0]], [[0.9], [0.8]]))
    0.5
    """

    _direction = "up"

    _rules = rules.of(threshold=rules.number())

    def __init__(self, name: str = "binary_accuracy", dtype: Any = None, threshold: float = 0.5):
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the one-hot target's class.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(CategoricalAccuracy()([[0, 1], [1, 0]], [[0.3, 0.7], [0.4, 0.6]]))
    0.5
    """

    _direction = "up"

    def __init__(self, name: str = "categorical_accuracy", dtype: Any = None):
        super().__init__(categorical_accuracy, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """How often the largest output is that of the integer label.

    Args:
        name: what logs call it.
        dtype: of the totals.

    >>> float(SparseCategoricalAccuracy()([1, 0], [[0.3, 0.7], [0.4, 0.6]]))
    0.5
    """

    _direction = "up"

    def __init__(self, name: str = "sparse_categorical_accuracy", dtype: Any = None):
        super().__init__(sparse_categorical_accuracy, name, dtype)


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the output of the one-hot target's class is among the k largest.

    Args:
        k: how many.
        name: what logs call it.
        dtype: of the totals.

    >>> float(TopKCategoricalAccuracy(k=2)([[0, 1, 0], [1, 0, 0]], [[0.1, 0.3, 0.6]] * 2))
    0.5
    """

    _direction = "up"

    _rules = rules.of(k=rules.whole(1))

    def __init__(self, k: int = 5, name: str = "top_k_categorical_accuracy", dtype: Any = None):
        super().__init__(top_k_categorical_accuracy, name, dtype, k=k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """How often the output of the integer label is among the k largest.

    Args:
        k: how many.
        name: what logs call it.
        dtype: of the totals.
        from_sorted_ids: whether outputs are classes, the likeliest first, and not scores of them.

    >>> float(SparseTopKCategoricalAccuracy(k=2)([1, 0], [[0.1, 0.3, 0.6]] * 2))
    0.5
    """

    _direction = "up"

    _rules = rules.of(k=rules.whole(1), from_sorted_ids=rules.flag)

    def __init__(
        self,
        k: int = 5,
        name: str = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ):
        options = {"from_sorted_ids": True} if from_sorted_ids else {}  # as Keras writes it
        super().__init__(sparse_top_k_categorical_accuracy, name, dtype, k=k, **options)
