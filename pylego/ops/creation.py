"""Tensors made of nothing but a shape: zeros, ones, sequences, triangles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pylego.checks import whole_number
from pylego.core import dtypes
from pylego.core.tensor import Tensor, apply, convert_to_tensor
from pylego.ops.arguments import shape_tuple

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "identity",
    "ones",
    "ones_like",
    "tri",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


_PLAIN = frozenset({int, float})
_INT32 = range(-(2**31), 2**31)
_MOST_INT32 = _INT32[-1]


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of one number, or of numbers that are broadcast to the shape.

    Args:
        shape: the lengths of the axes; a single number is one axis.
        fill_value: the number, or a tensor that can be broadcast.
        dtype: `config.floatx()` by default.

    >>> print(full((2, 2), 7, dtype="int32"))
    Tensor(shape=(2, 2), dtype=int32,
    [[7 7]
     [7 7]])
    """
    name = dtypes.standardize_dtype(dtype)
    if type(fill_value) in (int, float) and abs(fill_value) < 2**53 and dtypes.is_float(name):
        return _filled(shape, fill_value, name)
    value = convert_to_tensor(fill_value, name)
    return apply("broadcast_to", (value,), shape=shape_tuple(shape))


def zeros(shape: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of zeros; dtype is `config.floatx()` by default.

    >>> print(zeros(3))
    Tensor(shape=(3,), dtype=float32, [0. 0. 0.])
    """
    return _filled(shape, 0.0, dtype)


def ones(shape: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of ones; dtype is `config.floatx()` by default.

    >>> print(ones((3,), dtype="bool"))
    Tensor(shape=(3,), dtype=bool, [ True  True  True])
    """
    return _filled(shape, 1.0, dtype)


def empty(shape: Any, dtype: Any = None) -> Tensor:
    """Make a tensor whose numbers do not matter: they are zeros, since a tensor never changes.

    >>> empty((2, 3)).shape
    (2, 3)
    """
    return zeros(shape, dtype)


def empty_like(x: Any, dtype: Any = None) -> Tensor:
    """Make a tensor like x whose numbers do not matter: zeros; see `zeros_like`.

    >>> empty_like([1, 2]).shape
    (2,)
    """
    return zeros_like(x, dtype)


def _filled(shape: Any, value: float, dtype: Any) -> Tensor:
    number = dtypes.number_of(dtype)
    return apply("full", (), shape=shape_tuple(shape), value=value, dtype=number)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Make a tensor of one number with the shape and (by default) the dtype of x.

    >>> print(full_like([1, 2], 7))
    Tensor(shape=(2,), dtype=int32, [7 7])
    """
    x = convert_to_tensor(x)
    return full(x.shape, fill_value, dtype or x.dtype)


def zeros_like(x: Any, dtype: Any = None) -> Tensor:
    """Make zeros with the shape and (by default) the dtype of x.

    >>> print(zeros_like([1, 2]))
    Tensor(shape=(2,), dtype=int32, [0 0])
    """
    x = convert_to_tensor(x)
    return zeros(x.shape, dtype or x.dtype)


def ones_like(x: Any, dtype: Any = None) -> Tensor:
    """Make ones with the shape and (by default) the dtype of x.

    >>> print(ones_like([5, 6]))
    Tensor(shape=(2,), dtype=int32, [1 1])
    """
    x = convert_to_tensor(x)
    return ones(x.shape, dtype or x.dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """Count from start to before stop: start, start + step, start + 2 step, ...

    Args:
        start: the first number. Alone it is the stop, and counting begins at 0.
        stop: where counting ends; itself not included.
        step: 1 by default; may be negative.
        dtype: int32 by default, `config.floatx()` when one of the numbers is a float.

    Raises:
        ValueError: when step is 0.

    >>> print(arange(2, 10, 3))
    Tensor(shape=(3,), dtype=int32, [2 5 8])
    """
    if stop is step is None and type(start) is int and 0 <= start <= _MOST_INT32:
        number = dtypes.number_of("int32" if dtype is None else dtype)
        return apply("arange", (), start=0, step=1, count=start, dtype=number)
    first, last = (0, start) if stop is None else (start, stop)
    stride = 1 if step is None else step
    is_whole = type(first) is type(last) is type(stride) is int
    if not is_whole:
        first, last, stride = _finite_numbers(first, last, stride)
    if stride == 0:
        raise ValueError("arange: step must not be 0")
    if dtype is None and is_whole and first in _INT32 and last in _INT32 and stride in _INT32:
        dtype = "int32"
    elif dtype is None:
        kinds = {dtypes.scalar_dtype(number, None) for number in (first, last, stride)}
        dtype = dtypes.common(*kinds)
    return apply(
        "arange",
        (),
        start=first,
        step=stride,
        count=max(0, math.ceil((last - first) / stride)),
        dtype=dtypes.number_of(dtype),
    )


def _finite_numbers(first: Any, last: Any, stride: Any) -> list[int | float]:
    """Python's numbers of what counts as one."""
    numbers = [
        one if type(one) in _PLAIN else np.asarray(one).item() for one in (first, last, stride)
    ]
    if not all(map(math.isfinite, numbers)):
        first, last, stride = numbers
        raise ValueError(f"arange counts finite numbers. Received: {first}, {last}, {stride}")
    return numbers


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:  # noqa: N803
    """Make a matrix of zeros with ones on a diagonal.

    Args:
        N: how many rows.
        M: how many columns; N by default.
        k: how far the diagonal lies to the right of the main one.
        dtype: `config.floatx()` by default.

    >>> print(eye(2))
    Tensor(shape=(2, 2), dtype=float32,
    [[1. 0.]
     [0. 1.]])
    """
    return apply(
        "eye",
        (),
        rows=whole_number("N", N, 0),
        columns=whole_number("M", N if M is None else M, 0),
        k=whole_number("k", k),
        dtype=dtypes.number_of(dtype),
    )


def identity(n: int, dtype: Any = None) -> Tensor:
    """Make the identity matrix of n rows; see `eye`."""
    return eye(n, dtype=dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Tensor:  # noqa: N803
    """Make a matrix of ones on and below a diagonal, zeros above; arguments as for `eye`.

    >>> print(tri(2))
    Tensor(shape=(2, 2), dtype=float32,
    [[1. 0.]
     [1. 1.]])
    """
    shape = (whole_number("N", N, 0), whole_number("M", N if M is None else M, 0))
    return tril(ones(shape, dtype), k)


def tril(x: Any, k: int = 0) -> Tensor:
    """Keep the lower triangle of the last two axes: zeros above the diagonal k.

    Raises:
        ValueError: when x has fewer than two axes.

    >>> print(tril([[1, 2], [3, 4]]))
    Tensor(shape=(2, 2), dtype=int32,
    [[1 0]
     [3 4]])
    """
    return apply("tril", (x,), k=whole_number("k", k))


def triu(x: Any, k: int = 0) -> Tensor:
    """Keep the upper triangle of the last two axes: zeros below the diagonal k.

    Raises:
        ValueError: when x has fewer than two axes.

    >>> print(triu([[1, 2], [3, 4]]))
    Tensor(shape=(2, 2), dtype=int32,
    [[1 2]
     [0 4]])
    """
    return apply("triu", (x,), k=whole_number("k", k))
