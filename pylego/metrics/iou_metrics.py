"""Intersection over union: how well the regions that were found fit those that were wanted.

Of a class, intersection / union = tp / (tp + fp + fn), read off a matrix that counts how often each
class was taken for each other.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from pylego import config, ops, rules
from pylego.core import dtypes
from pylego.core.tensor import Tensor
from pylego.losses.masking import masked_weight
from pylego.metrics.mean import fit_weight
from pylego.metrics.metric import Metric


class IoU(Metric):
    """The mean intersection over union of some classes.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is taken.
        name: what logs call it.
        dtype: of the counts; int32 by default, where weights count as whole numbers.
        ignore_class: a label whose samples do not count.
        sparse_y_true: whether targets are labels; else the largest along `axis` says the class.
        sparse_y_pred: whether outputs are labels; else the largest along `axis` says the class.
        axis: where the classes lie.

    Labels that are not classes do not count.

    Raises:
        ValueError: for a class that is not there.

    >>> round(float(IoU(2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    _direction = "up"

    _rules = rules.of(
        num_classes=rules.whole(1),
        target_class_ids=rules.each(rules.whole(0)),
        ignore_class=rules.optional(rules.whole()),
        sparse_y_true=rules.flag,
        sparse_y_pred=rules.flag,
        axis=rules.whole(),
    )

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(dtype or "int32", name)
        owner = type(self).__name__
        self.num_classes = num_classes
        self.target_class_ids = [int(one) for one in target_class_ids]
        if max(self.target_class_ids, default=0) >= num_classes:
            raise ValueError(
                f"{owner}: classes are from 0 to {num_classes - 1}. Received: "
                f"target_class_ids={self.target_class_ids}"
            )
        self.ignore_class = ignore_class
        self.sparse_y_true, self.sparse_y_pred, self.axis = sparse_y_true, sparse_y_pred, axis
        shape = (num_classes, num_classes)
        self.total_cm = self.add_variable(shape, name="total_confusion_matrix")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in a batch of targets and outputs; what their mask leaves out does not count."""
        weight = masked_weight(y_pred, self._whole(sample_weight), self.dtype)
        y_true, y_pred = self._labels(y_true, self.sparse_y_true), self._predicted(y_pred)
        if y_true.size != y_pred.size:
            raise ValueError(
                f"{self.name}: targets and outputs must be as many. Received: {y_true.shape} and "
                f"{y_pred.shape}"
            )
        weight = ops.ones(y_pred.shape, self.dtype) if weight is None else weight
        weight = fit_weight(ops.cast(weight, self.dtype), y_pred)
        y_true, y_pred, weight = (one.reshape(-1) for one in (y_true, y_pred, weight))
        counts = self._is_class(y_true) & self._is_class(y_pred)
        if self.ignore_class is not None:
            counts = counts & (y_true != self.ignore_class)
        place = ops.where(counts, y_true * self.num_classes + y_pred, 0)
        weight = ops.where(counts, weight, 0)
        found = ops.segment_sum(weight, place, self.num_classes**2)
        self.total_cm.assign_add(found.reshape(self.total_cm.shape))

    def _labels(self, y: Any, is_sparse: bool) -> Tensor:
        if not is_sparse:
            return ops.argmax(y, axis=self.axis)
        return ops.cast(y, "int32")

    def _is_class(self, labels: Tensor) -> Tensor:
        return (labels >= 0) & (labels < self.num_classes)

    def _predicted(self, y_pred: Any) -> Tensor:
        return self._labels(y_pred, self.sparse_y_pred)

    def _whole(self, sample_weight: Any) -> Any:
        """Warn of weights that will be whole numbers, and were not."""
        if sample_weight is None or not dtypes.is_integer(self.dtype):
            return sample_weight
        sample_weight = ops.convert_to_tensor(sample_weight)
        if dtypes.is_float(sample_weight.dtype):
            warnings.warn(
                f"{self.name} counts in {self.dtype}: weights lose what is behind the point. Make "
                "it with dtype='float32'",
                stacklevel=3,
            )
        return sample_weight

    def result(self) -> Tensor:
        matrix = self.total_cm
        right = matrix.reshape(-1)[:: self.num_classes + 1]
        union = ops.sum(matrix, axis=0) + ops.sum(matrix, axis=1) - right
        right, union = (
            ops.cast(ops.take(one, self.target_class_ids, axis=0), "float32")
            for one in (right, union)
        )
        is_there = union > 1e-9
        shares = ops.where(is_there, right / (union + config.epsilon()), 0.0)
        return ops.sum(shares) / (ops.sum(ops.cast(is_there, "float32")) + config.epsilon())

    def get_config(self) -> dict[str, Any]:
        own = {
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }
        return {**super().get_config(), **own}

    def _config_without(self, *left_out: str) -> dict[str, Any]:
        return {key: one for key, one in IoU.get_config(self).items() if key not in left_out}


class BinaryIoU(IoU):
    """The mean intersection over union of yes and no.

    Args:
        target_class_ids: of which classes: 0, 1 or both.
        threshold: from which on an output says yes.
        name: what logs call it.
        dtype: of the counts; int32 by default, where weights count as whole numbers.

    >>> round(float(BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])), 4)
    0.3333
    """

    _rules = rules.of(threshold=rules.number())

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def _predicted(self, y_pred: Any) -> Tensor:
        return ops.cast(ops.cast(y_pred, "float32") >= self.threshold, "int32")

    def get_config(self) -> dict[str, Any]:
        of_classes = ("sparse_y_true", "sparse_y_pred", "axis", "num_classes", "ignore_class")
        return {**self._config_without(*of_classes), "threshold": self.threshold}


class MeanIoU(IoU):
    """The mean intersection over union of all classes.

    Args:
        num_classes: how many classes there are.
        name: what logs call it.
        dtype: of the counts; int32 by default, where weights count as whole numbers.
        ignore_class: see `IoU`.
        sparse_y_true: see `IoU`.
        sparse_y_pred: see `IoU`.
        axis: see `IoU`.

    >>> round(float(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])), 4)
    0.3333
    """

    _rules = rules.of(num_classes=rules.whole(1))

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        ids = range(num_classes)
        super().__init__(
            num_classes, ids, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids")


class OneHotIoU(IoU):
    """The mean intersection over union of some classes, of one-hot targets.

    Args:
        num_classes: how many classes there are.
        target_class_ids: the classes whose mean is taken.
        name: what logs call it.
        dtype: of the counts; int32 by default, where weights count as whole numbers.
        ignore_class: see `IoU`.
        sparse_y_pred: see `IoU`.
        axis: see `IoU`.

    >>> y_true, y_pred = [[0, 1], [1, 0]], [[0.2, 0.8], [0.1, 0.9]]
    >>> round(float(OneHotIoU(2, target_class_ids=[1])(y_true, y_pred)), 4)
    0.5
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(
            num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis
        )

    def get_config(self) -> dict[str, Any]:
        return self._config_without("sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """The mean intersection over union of all classes, of one-hot targets.

    Args:
        num_classes: how many classes there are.
        name: what logs call it.
        dtype: of the counts; int32 by default, where weights count as whole numbers.
        ignore_class: see `IoU`.
        sparse_y_pred: see `IoU`.
        axis: see `IoU`.

    >>> round(float(OneHotMeanIoU(2)([[0, 1], [1, 0]], [[0.2, 0.8], [0.1, 0.9]])), 4)
    0.25
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)

    def get_config(self) -> dict[str, Any]:
        return self._config_without("target_class_ids", "sparse_y_true")
