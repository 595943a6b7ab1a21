"""Turn class numbers into one-hot rows, and scale vectors to length one."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from pylego import config, ops
from pylego.construction import explained
from pylego.core.placeholder import Placeholder
from pylego.core.tensor import Tensor

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

WHOLE_KINDS = "bui"


@explained
def to_categorical(x: ArrayLike | Tensor, num_classes: int | None = None) -> Any:
    """Turn class numbers into one-hot rows: `y[..., k] = 1` where `x[...] = k`, and 0 elsewhere.

    Args:
        x: whole numbers from 0 on, of any shape `(...)`; floats such as `2.0` count as whole.
            A last axis of size 1 is dropped: `(n, 1)` labels give `(n, num_classes)`.
        num_classes: size of the new last axis; defaults to the greatest label plus one.

    Returns:
        A float64 array of shape `(..., num_classes)`; of a tensor, a tensor of `floatx()`.

    Raises:
        ValueError: a label is negative, not whole, or not less than `num_classes`; or there is no
            label at all and `num_classes` is not given.
        TypeError: the labels are not numbers, or `num_classes` is not an integer.

    >>> to_categorical([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]])
    >>> to_categorical([[3], [0]], num_classes=4).shape
    (2, 4)
    """
    labels = _class_labels(x)
    size = _number_of_classes(labels, num_classes)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    rows = np.zeros((labels.size, size))
    rows[np.arange(labels.size), labels.ravel().astype(np.intp)] = 1
    rows = rows.reshape(*labels.shape, size)
    return ops.cast(rows, config.floatx()) if isinstance(x, Tensor) else rows


@explained
def normalize(x: Any, axis: int = -1, order: float = 2) -> Any:
    """Scale vectors to length one: `y = x / ||x||` along `axis`; zero vectors stay zero.

    Args:
        x: real numbers of any shape except `()`; integers become float64. A tensor gives a tensor,
            as `ops.normalize` does.
        axis: the axis along which the vectors lie, -1 by default.
        order: which norm: 2 (the default) is the Euclidean one, 1 sums absolute values,
            `numpy.inf` takes the greatest.

    Returns:
        An array of the shape of `x`, except that one vector `(n,)` comes back as `(1, n)`, as in
        Keras.

    Raises:
        TypeError: `axis` is not an integer.
        numpy.exceptions.AxisError: `x` has no such axis.

    >>> normalize([[3.0, 4.0], [0.0, 0.0]])
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    if isinstance(x, (Tensor, Placeholder)):
        return ops.normalize(x, operator.index(axis), order)  # type: ignore[arg-type]
    x = np.asarray(x)
    norm = np.linalg.norm(x, order, operator.index(axis), keepdims=True)
    return np.atleast_2d(x / np.where(norm == 0, 1, norm))


def _class_labels(x: ArrayLike) -> np.ndarray:
    """Return `x` as an array of real dtype whose values are whole and not negative."""
    try:
        # A detour over lists finds the numbers in arrays of dtype object, as pandas makes them.
        labels = np.asarray(x)
        labels = np.asarray(labels.tolist()) if labels.dtype == object else labels
    except ValueError as error:
        raise ValueError(f"to_categorical: the labels form no array: {error}") from error
    if labels.dtype.kind not in WHOLE_KINDS + "f":
        raise TypeError(
            f"to_categorical needs whole numbers as labels, but x has dtype {labels.dtype}. "
            "Number the classes first: names, x = np.unique(x, return_inverse=True)"
        )
    if labels.dtype.kind == "f":
        _refuse(labels, labels != np.floor(labels), "is not a whole number")
        _refuse(labels, np.isinf(labels), "is not a whole number")
    _refuse(labels, labels < 0, "is negative; classes count from 0")
    return labels


def _number_of_classes(labels: np.ndarray, num_classes: int | None) -> int:
    if num_classes is None:
        if labels.size == 0:
            raise ValueError("to_categorical got no labels to count classes by; pass num_classes=")
        return int(labels.max()) + 1
    size = operator.index(num_classes)
    if size < 1:
        raise ValueError(f"to_categorical needs num_classes of 1 or more, got {size}")
    _refuse(
        labels,
        labels >= size,
        f"does not fit num_classes={size}, which allows 0 to {size - 1}; "
        "leave num_classes out to have it counted",
    )
    return size


def _refuse(labels: np.ndarray, bad: np.ndarray, why: str) -> None:
    """Raise with the place and the value of the first bad label, if there is one."""
    if not bad.any():
        return
    place = np.unravel_index(bad.argmax(), labels.shape)
    index = f"[{', '.join(str(i) for i in place)}]" if place else ""
    raise ValueError(f"to_categorical: x{index} is {labels[place]}, which {why}")
