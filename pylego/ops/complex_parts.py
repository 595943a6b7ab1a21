"""Parts of complex numbers, of tensors that are real: pylego has no complex dtypes."""

from __future__ import annotations

import math
from typing import Any

from pylego.core.tensor import Tensor
from pylego.ops.core import as_floats, cast, convert_to_tensor, where
from pylego.ops.creation import ones_like, zeros_like
from pylego.ops.logic import isnan
from pylego.ops.numbers import signbit

__all__ = ["angle", "conj", "conjugate", "imag", "isreal", "real"]


def real(x: Any) -> Tensor:
    """Return the real part: x itself.

    >>> print(real([1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [1. 2.])
    """
    return convert_to_tensor(x)


def imag(x: Any) -> Tensor:
    """Return the imaginary part: zeros.

    >>> print(imag([1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [0. 0.])
    """
    return zeros_like(x)


def conj(x: Any) -> Tensor:
    """Return the complex conjugate: x itself.

    >>> print(conj([1.0, 2.0]))
    Tensor(shape=(2,), dtype=float32, [1. 2.])
    """
    return convert_to_tensor(x)


def conjugate(x: Any) -> Tensor:
    """Return the complex conjugate: another name of `conj`."""
    return conj(x)


def angle(x: Any) -> Tensor:
    """Return the angle of numbers in the plane: 0, and pi for those with a minus.

    >>> print(angle([1.0, -1.0]))
    Tensor(shape=(2,), dtype=float32, [0.        3.1415927])
    """
    (x,) = as_floats(x)
    return where(isnan(x), x, cast(signbit(x), x.dtype) * math.pi)


def isreal(x: Any) -> Tensor:
    """Tell where the imaginary part is 0: everywhere.

    >>> print(isreal([1.0, 2.0]))
    Tensor(shape=(2,), dtype=bool, [ True  True])
    """
    return ones_like(x, dtype="bool")
