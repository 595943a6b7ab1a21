"""Weights of classes: how much each sample counts, by its label."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pylego import checks
from pylego.core import dtypes
from pylego.core.tensor import Tensor


def weights_of_classes(y: np.ndarray | None, class_weight: Any) -> np.ndarray:
    """Return the weight of each row's class; 1 for classes that are not mentioned.

    Args:
        y: labels of shape (N,) or (N, 1), or one-hot rows (N, classes).
        class_weight: {number of a class: weight}.

    Raises:
        TypeError: when `class_weight` is not a dictionary of numbers.
        ValueError: when there are no targets, or not one label per row; for a class that one-hot
            rows have no place for.
    """
    shares = _shares(class_weight)
    labels = _labels(y)
    assert y is not None
    if _is_one_hot(y):
        _refuse_unknown(shares, range(y.shape[-1]))
    weights = np.ones(len(labels), dtypes.array_dtype())
    for label, share in shares.items():
        weights[labels == label] = share
    return weights


def check_classes(y: Any, class_weight: Any) -> None:
    """Refuse weights of classes that all the data have no sample of.

    Raises:
        TypeError: as `weights_of_classes`.
        ValueError: the same, and for a class that is not among the labels.
    """
    shares = _shares(class_weight)
    labels = _labels(y)
    if not _is_one_hot(y):
        _refuse_unknown(shares, np.unique(labels[np.isfinite(labels)]).astype(int).tolist())


def classes_of(y: Any) -> set[int]:
    """Return the classes among labels; of one-hot rows all that they have a place for."""
    if _is_one_hot(y):
        return set(range(y.shape[-1]))
    labels = _labels(y)
    return set(labels[np.isfinite(labels)].astype(int).tolist())


def warn_of_missing_classes(class_weight: Any, found: set[int]) -> None:
    """Warn of weights of classes that a whole pass had no sample of."""
    missing = [label for label in _shares(class_weight) if label not in found]
    if missing:
        warnings.warn(
            f"class_weight has the key {missing[0]}, but a whole pass through the data had no "
            f"sample of that class: the classes are {', '.join(map(str, sorted(found)))}",
            stacklevel=2,
        )


def _shares(class_weight: Any) -> dict[int, float]:
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            "class_weight is a dictionary {class number: weight}, such as {0: 1.0, 1: 5.0}. "
            f"Received: {class_weight!r}"
        )
    return {_class_number(label): _share(label, weight) for label, weight in class_weight.items()}


def _share(label: Any, weight: Any) -> float:
    share = checks.real_number(f"the weight of class {label!r}", weight, owner="class_weight")
    if abs(share) == math.inf:
        raise ValueError(f"class_weight: the weight of class {label!r} is {share}: give a number")
    return share


def _class_number(label: Any) -> int:
    """The whole number that a key is; `np.unique` of floats and truths gives such, too."""
    is_number = isinstance(label, (bool, int, float, np.generic, Tensor))
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        if is_number and int(label) == label:
            return int(label)
    advice = ": write {int(label): weight ...}" if str(label).lstrip("-").isdigit() else ""
    raise TypeError(f"The keys of class_weight are numbers of classes, not {label!r}{advice}")


def _is_one_hot(y: np.ndarray) -> bool:
    return y.ndim == 2 and y.shape[-1] != 1


def _labels(y: Any) -> np.ndarray:
    """One label per row."""
    if isinstance(y, (dict, list, tuple)):
        raise ValueError(
            "class_weight is for models of one output. Give weights per output: "
            "sample_weight={name: one number per row}"
        )
    if y is None or y.ndim > 2:
        shape = None if y is None else y.shape
        raise ValueError(f"class_weight needs one label per row in y; y has shape {shape}")
    return y.argmax(axis=-1) if _is_one_hot(y) else np.round(y.reshape(len(y)))


def _refuse_unknown(shares: Mapping[int, float], classes: Sequence[int]) -> None:
    unknown = [label for label in shares if label not in classes]
    if unknown:
        listed = ", ".join(map(str, classes[:20])) + (" ..." if len(classes) > 20 else "")
        raise ValueError(
            f"class_weight has the key {unknown[0]}, which is not a class of the data: the classes "
            f"in y are {listed}. Give weights for those only"
        )
