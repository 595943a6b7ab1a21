"""Sorting along an axis: the numbers in order, their places, and the largest of them.

NaN is larger than any number, so it comes last where the smallest come first. Equal numbers stay in
the order in which they came.
"""

from __future__ import annotations

from typing import Any

from pylego import checks
from pylego.core.tensor import Tensor, apply_all, convert_to_tensor
from pylego.ops.arguments import normalize_axis
from pylego.ops.core import cast, where
from pylego.ops.indexing import take_along_axis
from pylego.ops.reductions import count_nonzero

__all__ = [
    "argpartition",
    "argsort",
    "in_top_k",
    "sort",
    "top_k",
]


def sort(x: Any, axis: int | None = -1) -> Tensor:
    """Put the numbers along an axis in order, the smallest first.

    Args:
        x: the numbers.
        axis: along which axis; None flattens x.

    >>> print(sort([[3, 1, 2], [9, 8, 7]]))
    Tensor(shape=(2, 3), dtype=int32,
    [[1 2 3]
     [7 8 9]])
    """
    return _sorted(x, axis)[0]


def argsort(x: Any, axis: int | None = -1) -> Tensor:
    """Find the places of the numbers along an axis in order, the smallest first: int32.

    Args:
        x: the numbers.
        axis: along which axis; None flattens x.

    >>> print(argsort([30.0, 10.0, 20.0]))
    Tensor(shape=(3,), dtype=int32, [1 2 0])
    """
    x = convert_to_tensor(x)
    return _sorted(x, axis)[1] if x.ndim else convert_to_tensor(0)


def argpartition(x: Any, kth: int, axis: int | None = -1) -> Tensor:
    """Find places that put the smaller numbers before number kth and the larger ones behind it.

    All are in order here: `argsort`.

    Args:
        x: the numbers.
        kth: which number in order stands where it belongs.
        axis: along which axis; None flattens x.

    Raises:
        ValueError: when there is no such number.

    >>> print(argpartition([30.0, 10.0, 20.0], 0))
    Tensor(shape=(3,), dtype=int32, [1 2 0])
    """
    places = argsort(x, axis)
    length = places.shape[normalize_axis(-1 if axis is None else axis, places.ndim)]
    checks.whole_number("kth", kth, owner="argpartition")
    if not -length <= kth < length:
        raise ValueError(f"argpartition: kth={kth} lies outside of an axis of length {length}")
    return places


def _sorted(x: Any, axis: int | None) -> list[Tensor]:
    x = convert_to_tensor(x)
    x = x.reshape(-1) if axis is None else x
    place = normalize_axis(-1 if axis is None else axis, x.ndim)
    return apply_all("sort", (x,), 2, axis=place, descending=0, count=x.shape[place])


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """Find the k largest numbers along the last axis, the largest first, and their places.

    Args:
        x: the numbers, of shape (..., n).
        k: how many, at most n.
        sorted: accepted for Keras's sake: they are in order in any case.

    Returns two tensors of shape (..., k): the numbers, and their places, int32.

    Raises:
        ValueError: when there are not as many.

    >>> values, places = top_k([10.0, 30.0, 20.0], 2)
    >>> values.numpy().tolist(), places.numpy().tolist()
    ([30.0, 20.0], [1, 2])
    """
    x = convert_to_tensor(x)
    checks.whole_number("k", k, 0, "top_k")
    axis = normalize_axis(-1, x.ndim)
    values, places = apply_all("sort", (x,), 2, axis=axis, descending=1, count=k)
    return values, places


def in_top_k(targets: Any, predictions: Any, k: int) -> Tensor:
    """Tell whether the prediction for each target is among the k largest: fewer than k are larger.

    A target that is not a class, and a prediction that is NaN, is not among them.

    Args:
        targets: whole numbers, the classes, of shape (N,).
        predictions: of shape (N, classes).
        k: how many.

    Raises:
        ValueError: when the shapes do not fit.

    >>> print(in_top_k([1, 0], [[0.1, 0.2, 0.7], [0.1, 0.2, 0.7]], 2))
    Tensor(shape=(2,), dtype=bool, [ True False])
    """
    targets, predictions = convert_to_tensor(targets), convert_to_tensor(predictions)
    if predictions.shape[:-1] != targets.shape or not predictions.ndim:
        raise ValueError(
            f"in_top_k: targets (N,) and predictions (N, classes) are wanted. Received: targets "
            f"{targets.shape}, predictions {predictions.shape}"
        )
    is_class = (targets >= 0) & (targets < predictions.shape[-1])
    places = cast(where(is_class, targets, 0), "int64").reshape((*targets.shape, 1))
    of_target = take_along_axis(predictions, places, axis=-1)
    larger = count_nonzero(predictions > of_target, axis=-1)
    is_number = (of_target == of_target).reshape(targets.shape)
    return (larger < k) & is_class & is_number
