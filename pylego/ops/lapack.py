"""How NumPy's LAPACK is called: numbers in, numbers out, gradients built of bricks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego.core import dtypes, recording
from pylego.core.tensor import Tensor
from pylego.ops.core import cast, convert_to_tensor
from pylego.ops.gradients import with_gradient
from pylego.ops.shapes import swapaxes


def matrices(name: str, x: Any, is_square: bool = False) -> Tensor:
    """Return x as matrices of floats.

    Raises:
        ValueError: unless x is a matrix, or a stack of them, and square where that is needed.
    """
    x = convert_to_tensor(x)
    x = x if dtypes.is_float(x.dtype) else cast(x, None)
    if x.ndim < 2 or (is_square and x.shape[-1] != x.shape[-2]):
        kind = "(..., n, n)" if is_square else "(..., m, n)"
        raise ValueError(f"{name}: matrices of shape {kind} are wanted. Received: {x.shape}")
    return x


def call(
    name: str,
    function: Callable,
    inputs: Sequence[Tensor],
    gradient: Callable[[list[Tensor]], Sequence[Any]],
) -> list[Tensor]:
    """Call a function of NumPy on the numbers of tensors.

    Numbers are looked at, so it cannot be recorded.

    Args:
        name: of the op.
        function: takes an array for each input, returns an array or several.
        inputs: of one dtype, which the results have as well; halves are computed in float32.
        gradient: see `with_gradient`.

    Raises:
        TypeError: while a program is recorded.
        ValueError: where the decomposition does not exist.
    """
    arrays = [_identities(x) if recording.is_for_shapes() else numbers_of(x) for x in inputs]
    try:
        found = function(*arrays)
    except np.linalg.LinAlgError as error:
        raise ValueError(f"{name}: {error}. Received: {inputs[0].shape}") from error
    found = found if isinstance(found, tuple) else (found,)
    values = [convert_to_tensor(y, inputs[0].dtype) for y in found]
    return with_gradient(values, inputs, gradient)


def numbers_of(x: Tensor) -> np.ndarray:
    """The numbers as LAPACK takes them: it knows no halves."""
    return (cast(x, "float32") if x.dtype in ("float16", "bfloat16") else x).numpy()


def _identities(x: Tensor) -> np.ndarray:
    """Matrices of that shape that have all decompositions, unlike those of zeros."""
    return np.broadcast_to(np.eye(x.shape[-2], x.shape[-1]), x.shape)


def transposed(x: Tensor) -> Tensor:
    """Return each matrix with rows and columns exchanged."""
    return swapaxes(x, -1, -2)


def symmetric(x: Tensor) -> Tensor:
    """Return (x + x^T) / 2."""
    return (x + transposed(x)) * 0.5
