"""Variables and their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from pylego import config, ops
from pylego.core.tensor import Tensor, convert_to_tensor
from pylego.core.variable import Variable
from pylego.graph.keras_tensor import KerasTensor, is_keras_tensor

__all__ = [
    "batch_get_value", "batch_set_value", "constant", "count_params", "dtype", "eval", "eye",
    "get_value", "get_variable_shape", "int_shape", "is_keras_tensor", "is_placeholder",
    "is_sparse", "is_tensor", "moving_average_update", "ndim", "ones", "print_tensor", "set_value",
    "shape", "to_dense", "update", "update_add", "update_sub", "variable", "zeros",
]  # fmt: skip


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None):
    """Return a variable with these numbers.

    >>> variable([1.0, 2.0]).numpy().tolist()
    [1.0, 2.0]
    """
    name = None if name is None else name.replace("/", "_")
    numbers = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
    made = Variable(numbers, dtype=dtype or config.floatx(), name=name)
    made.constraint = constraint
    return made


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """Return a tensor of these numbers, repeated where a shape says so."""
    made = convert_to_tensor(value, dtype or config.floatx())
    return made if shape is None else ops.broadcast_to(made, shape)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Return a variable of zeros."""
    return Variable(ops.zeros(shape, dtype), name=name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Return a variable of ones."""
    return Variable(ops.ones(shape, dtype), name=name)


def eye(size: int, dtype: Any = None, name: str | None = None) -> Variable:
    """Return a variable with ones on the diagonal."""
    return Variable(ops.eye(size, dtype=dtype), name=name)


def get_value(x: Any) -> Any:
    """Return the numbers as an array; a single one as a number."""
    value = x.numpy() if hasattr(x, "numpy") else np.asarray(x)
    return value if value.ndim else value[()]


eval = get_value


def set_value(x: Any, value: Any) -> None:
    """Replace the numbers of a variable."""
    x.assign(np.asarray(value).reshape(x.shape) if np.ndim(value) else value)


def batch_get_value(ops: Iterable[Any]) -> list[Any]:
    """Return the numbers of several variables."""
    return [get_value(x) for x in ops]


def batch_set_value(tuples: Iterable[tuple[Any, Any]]) -> None:
    """Replace the numbers of several variables, given pairs of variable and numbers."""
    for x, value in tuples:
        set_value(x, value)


def update(x: Any, new_x: Any) -> Any:
    """Replace the numbers of a variable."""
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add to a variable."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Subtract from a variable."""
    return x.assign_sub(decrement)


def moving_average_update(x: Any, value: Any, momentum: float) -> Any:
    """Set a variable to momentum * x + (1 - momentum) * value."""
    return x.assign(x * momentum + (1.0 - momentum) * value)


# ---- what is known of a tensor ----


def int_shape(x: Any) -> tuple[int | None, ...]:
    """Return the shape as a tuple; None for a length that is not known yet."""
    return tuple(x.shape)


get_variable_shape = int_shape


def shape(x: Any) -> tuple[Any, ...]:
    """Return the shape; -1 for a length that is not known, as `reshape` takes it."""
    return tuple(-1 if n is None else n for n in x.shape)


def ndim(x: Any) -> int:
    """Return how many axes it has."""
    return len(x.shape)


def dtype(x: Any) -> str:
    """Return the name of the dtype."""
    return str(x.dtype)


def count_params(x: Any) -> int:
    """Return how many numbers a tensor has."""
    return int(np.prod(x.shape, dtype=np.int64))


def is_tensor(x: Any) -> bool:
    """Return whether x is a tensor or a placeholder."""
    return isinstance(x, (Tensor, KerasTensor))


def is_placeholder(x: Any) -> bool:
    """Return whether x is an input of a graph."""
    return isinstance(x, KerasTensor) and (x.node is None or x.node.is_input)


def is_sparse(x: Any) -> bool:
    """Return False: there are no sparse tensors."""
    return False


def to_dense(x: Any) -> Any:
    """Return the tensor: it is dense."""
    return x


def print_tensor(x: Any, message: str = "", summarize: int = 3) -> Any:
    """Print the numbers of a tensor, and return it; of a placeholder, its shape."""
    print(message, x)
    return x
