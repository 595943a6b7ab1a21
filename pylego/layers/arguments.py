"""What a layer is called with: arrays and tables of numbers become tensors of the layer's dtype."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from pylego import engine
from pylego.core import dtypes
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.core.tree import leaves, map_leaves
from pylego.layers.keras_tensor import KerasTensor

_PLACEHOLDER_CALLED = (
    "A layer was called on the placeholder {}: the functional API, Model(inputs, outputs), is not "
    "there yet. Write Sequential([Input(...), layer, ...]), or subclass Model and call the layers "
    "in its call()"
)


def is_shape(value: Any) -> bool:
    """Return whether the value is one shape, such as (None, 28, 28), and no structure of shapes."""
    return isinstance(value, (list, tuple)) and all(
        length is None or hasattr(length, "__index__") for length in value
    )


def batch_shape(lengths: Any) -> tuple[int | None, ...]:
    """Return the shape of a batch, None where a length is free.

    Raises:
        ValueError: for anything but lengths from 0 on, and for more axes than tensors have.
    """
    shape = tuple(_length(length) for length in lengths)
    if any(length is not None and length < 0 for length in shape):
        raise ValueError(
            "The lengths of a shape are integers from 0 on, or None where they are free. Received: "
            f"{tuple(lengths)}"
        )
    if len(shape) > engine.MAX_RANK:
        raise ValueError(f"A tensor has at most {engine.MAX_RANK} axes. Received: shape {shape}")
    return shape


def _length(length: Any) -> int | None:
    """The length; -1, which no length is, for what is none."""
    if length is None:
        return None
    return operator.index(length) if hasattr(length, "__index__") else -1


def map_shapes(function: Callable, shapes: Any) -> Any:
    """Apply the function to every shape of nested lists, tuples and dictionaries of shapes.

    Raises:
        TypeError: for anything but a shape.
    """
    if is_shape(shapes):
        return function(tuple(None if x is None else operator.index(x) for x in shapes))
    if not isinstance(shapes, (list, tuple, dict)):
        raise TypeError(f"A shape is a tuple of lengths, such as (None, 784). Received: {shapes!r}")
    if isinstance(shapes, dict):
        return {key: map_shapes(function, value) for key, value in shapes.items()}
    return type(shapes)(map_shapes(function, value) for value in shapes)


def to_inputs(x: Any, dtype: str | None) -> Any:
    """Make tensors of a layer's inputs.

    A list that holds arrays or tensors means several inputs, one of plain numbers is a table.

    Args:
        x: array, tensor, number, table of numbers, or a structure of them.
        dtype: that floats are cast to; None keeps theirs.

    Raises:
        NotImplementedError: for the placeholder that `Input` returns.
    """
    if isinstance(x, Tensor):
        return _cast_float(x, dtype)
    if isinstance(x, KerasTensor):
        raise NotImplementedError(_PLACEHOLDER_CALLED.format(x))
    if isinstance(x, dict):
        return {key: to_inputs(value, dtype) for key, value in x.items()}
    if isinstance(x, (list, tuple)) and any(_is_input(leaf) for leaf in leaves(x)):
        return type(x)(to_inputs(value, dtype) for value in x)
    return x if x is None else _cast_float(convert_to_tensor(x), dtype)


def cast_arrays(x: Any, dtype: str | None) -> Any:
    """Make tensors of the arrays among a layer's further arguments; the rest stays as it is."""
    return map_leaves(lambda leaf: to_inputs(leaf, dtype) if _is_tensor_like(leaf) else leaf, x)


def _is_tensor_like(leaf: Any) -> bool:
    return isinstance(leaf, KerasTensor) or hasattr(leaf, "__array__")


def _is_input(leaf: Any) -> bool:
    return leaf is None or isinstance(leaf, Tensor) or getattr(leaf, "ndim", 0) > 0


def _cast_float(x: Tensor, dtype: str | None) -> Tensor:
    if not dtype or not dtypes.is_float(x.dtype):
        return x
    y = cast(x, dtype)
    if hasattr(x, "_keras_mask"):
        y._keras_mask = x._keras_mask
    return y
