"""Tensors as such: make them of anything, look at them, choose between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pylego.core import dtypes, tensor as _tensor
from pylego.core.tensor import Tensor, apply, cast
from pylego.core.text_array import holds_texts, text_array
from pylego.keras_imports import is_as_keras
from pylego.ops.arguments import normalize_axis

__all__ = [
    "array",
    "cast",
    "convert_to_numpy",
    "convert_to_tensor",
    "copy",
    "dtype",
    "get_item",
    "is_tensor",
    "ndim",
    "select",
    "shape",
    "size",
    "stop_gradient",
    "unstack",
    "where",
]


def convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Tensor:
    """Make a tensor of numbers, lists, NumPy arrays, or whatever NumPy reads.

    A tensor never changes: the numbers of an array that can be written are copied, those of one
    that nobody can write are not. Lists may hold tensors at any depth, and gradients reach these.

    Args:
        x: the numbers. A tensor comes back as it is.
        dtype: to which they are converted. By default Python's numbers (and np.float64's, which
            are of that kind) become float32 (`config.floatx()`), int32 or bool, and arrays keep
            their dtype.
        sparse: only None or False: there are no sparse tensors.
        ragged: only None or False: there are no ragged tensors.

    Raises:
        TypeError: for objects, text and complex numbers.
        ValueError: for lists whose rows are of unequal length, and for sparse or ragged tensors.

    >>> print(convert_to_tensor([[1, 2], [3, 4]], dtype="float32"))
    Tensor(shape=(2, 2), dtype=float32,
    [[1. 2.]
     [3. 4.]])
    """
    if isinstance(x, Tensor) and dtype is None and not sparse and not ragged:
        return x
    if sparse or ragged:
        raise ValueError("pylego has no sparse or ragged tensors: leave sparse and ragged out")
    try:
        return _tensor.convert_to_tensor(x, dtype)
    except TypeError:
        if is_as_keras() and holds_texts(x):  # Keras on TensorFlow has tensors of texts
            return text_array(x)  # type: ignore[return-value]
        raise


def array(x: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of numbers; see `convert_to_tensor`.

    >>> print(array([1, 2, 3]))
    Tensor(shape=(3,), dtype=int32, [1 2 3])
    """
    return convert_to_tensor(x, dtype)


def copy(x: Any) -> Tensor:
    """Return the same numbers in memory of their own.

    >>> print(copy([1, 2, 3]))
    Tensor(shape=(3,), dtype=int32, [1 2 3])
    """
    return apply("copy", (x,))


def dtype(x: Any) -> str:
    """Return the name of the dtype.

    >>> dtype([1.0, 2.0])
    'float32'
    """
    return _tensor.convert_to_tensor(x).dtype


def get_item(x: Any, key: Any) -> Tensor:
    """Return x[key].

    >>> get_item([0, 10, 20], 2).item()
    20
    """
    return _tensor.convert_to_tensor(x)[key]


def as_operands(*xs: Any) -> list[Tensor]:
    """Return all as tensors. Python's numbers are weak, as they are for bricks: they have the dtype
    of what stands beside them, unless they are of a higher kind."""
    tensors = [None if isinstance(x, (bool, int, float)) else convert_to_tensor(x) for x in xs]
    strong = [x.dtype for x in tensors if x is not None]
    common = dtypes.common(*strong) if strong else None
    return [
        convert_to_tensor(x, dtypes.scalar_dtype(x, common)) if tensor is None else tensor
        for x, tensor in zip(xs, tensors)
    ]


def as_floats(*xs: Any) -> list[Tensor]:
    """Return all as floats of their common dtype, at least `config.floatx()`."""
    tensors = as_operands(*(float(x) if isinstance(x, (bool, int)) else x for x in xs))
    common = dtypes.common(*(x.dtype for x in tensors))
    return [cast(x, common if dtypes.is_float(common) else None) for x in tensors]


def convert_to_numpy(x: Any) -> np.ndarray:
    """Return the numbers as a NumPy array of their own, which may be written.

    `Tensor.numpy()` copies nothing and is read-only.

    >>> convert_to_numpy([1.0, 2.0])
    array([1., 2.], dtype=float32)
    """
    return np.array(_tensor.convert_to_tensor(x).numpy())


def is_tensor(x: Any) -> bool:
    """Return whether x is a tensor or a variable of pylego.

    >>> is_tensor(convert_to_tensor(1.0)), is_tensor(1.0)
    (True, False)
    """
    return isinstance(x, Tensor)


def shape(x: Any) -> tuple[int, ...]:
    """Return the lengths of the axes.

    >>> shape([[1, 2, 3], [4, 5, 6]])
    (2, 3)
    """
    return _tensor.convert_to_tensor(x).shape


def ndim(x: Any) -> int:
    """Return how many axes x has.

    >>> ndim([[1, 2, 3], [4, 5, 6]])
    2
    """
    return _tensor.convert_to_tensor(x).ndim


def size(x: Any) -> int:
    """Return how many elements x has.

    >>> size([[1, 2, 3], [4, 5, 6]])
    6
    """
    return _tensor.convert_to_tensor(x).size


def stop_gradient(variable: Any) -> Tensor:
    """Return the same numbers as a constant: no gradient flows back through it.

    >>> x = convert_to_tensor(3.0)
    >>> x.requires_grad = True
    >>> (x * stop_gradient(x)).backward()
    >>> x.grad.item()
    3.0
    """
    return _tensor.convert_to_tensor(variable).detach()


def where(condition: Any, x1: Any = None, x2: Any = None) -> Any:
    """Take x1 where the condition is true, x2 elsewhere; all three are broadcast.

    Of a condition alone, it finds the places where that is true, as `nonzero` does.

    Args:
        condition: booleans; of numbers all but 0 are true.
        x1: what is taken where it is true.
        x2: what is taken where it is false.

    Raises:
        ValueError: when only one of x1 and x2 is given.
        TypeError: for a condition alone while a program is recorded: how many places there are is
            known only from the numbers.

    >>> print(where([True, False, True], 1.0, [10.0, 20.0, 30.0]))
    Tensor(shape=(3,), dtype=float32, [ 1. 20.  1.])
    """
    if x1 is None and x2 is None:
        from pylego.ops.indexing import nonzero  # which stands above this file

        return nonzero(condition)
    if x1 is None or x2 is None:
        raise ValueError("where takes both x1 and x2, or neither of them")
    return apply("where", (cast(condition, "bool"), x1, x2))


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Tensor:
    """Take each element from the first choice whose condition is true there.

    Args:
        condlist: conditions.
        choicelist: a choice for each of them; all are broadcast.
        default: what is taken where none is true.

    Raises:
        ValueError: unless there are as many conditions as choices, and at least one.

    >>> print(select([[True, False, False], [True, True, False]], [[1, 2, 3], [10, 20, 30]], 99))
    Tensor(shape=(3,), dtype=int32, [ 1 20 99])
    """
    if not len(condlist) or len(condlist) != len(choicelist):
        raise ValueError(
            "select: a choice for each condition is wanted, and at least one. Received: "
            f"{len(condlist)} conditions, {len(choicelist)} choices"
        )
    chosen = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        chosen = where(condition, choice, chosen)
    return chosen


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Tensor]:
    """Split along an axis into tensors that do not have it.

    Args:
        x: the tensor.
        num: the length of the axis, where the graph leaves it free.
        axis: along which it is split; 0 by default.

    Raises:
        ValueError: when there is no such axis, or num is not its length.

    >>> [row.numpy().tolist() for row in unstack([[1, 2], [3, 4]])]
    [[1, 2], [3, 4]]
    """
    x = _tensor.convert_to_tensor(x)
    axis = normalize_axis(axis, x.ndim)
    length = x.shape[axis]
    if num not in (None, length):
        raise ValueError(f"unstack: num={num}, but axis {axis} of shape {x.shape} has {length}")
    before = (np.s_[:],) * axis
    return [x[(*before, index)] for index in range(length)]
