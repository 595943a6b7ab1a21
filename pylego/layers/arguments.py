"""What a layer is called with: arrays and tables of numbers become tensors of the layer's dtype."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from typing import Any

from pylego import engine
from pylego.core import dtypes
from pylego.core.placeholder import PlaceholderError
from pylego.core.tensor import Tensor, cast, convert_to_tensor
from pylego.core.text_array import TextArray
from pylego.core.tree import leaves, map_leaves
from pylego.graph import KerasTensor


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


def shapes_by_name(
    build: Callable, call_names: tuple[str, ...], args: tuple, kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Return the shapes of inputs for a `build(self, a_shape, b_shape)`, whose arguments are named
    after those of `call(self, a, b)`; nothing for a build that takes one structure of shapes."""
    wanted = {k: p for k, p in inspect.signature(build).parameters.items() if k.endswith("_shape")}
    named = dict(zip(call_names, args)) | kwargs
    if len(wanted) < 2 and not (wanted and len(named) > 1):
        return {}
    known = {f"{name}_shape": x for name, x in named.items() if f"{name}_shape" in wanted}
    if any(p.default is p.empty and name not in known for name, p in wanted.items()):
        return {}
    return {name: map_leaves(lambda x: getattr(x, "shape", None), x) for name, x in known.items()}


def to_inputs(x: Any, dtype: str | None) -> Any:
    """Make tensors of a layer's inputs.

    A list that holds arrays or tensors means several inputs, one of plain numbers is a table.

    Args:
        x: array, tensor, number, table of numbers, or a structure of them.
        dtype: that floats are cast to; None keeps theirs.

    Raises:
        PlaceholderError: for the placeholder of a tensor, on which layers are not computed.
    """
    if isinstance(x, Tensor):
        return _cast_float(x, dtype)
    if type(x) is TextArray:  # for the layers inside that take texts
        return x
    if isinstance(x, KerasTensor):
        raise PlaceholderError(x, f"{x!r} has no numbers to compute with")
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


def check_call(layer: Any, args: tuple, kwargs: dict[str, Any]) -> None:
    """Refuse what `call` does not take: a layer that knows its shapes is not called for them.

    Raises:
        TypeError: for arguments that `call` does not have; every layer may be told `training`.
    """
    named = {name: value for name, value in kwargs.items() if name != "training"}
    try:
        inspect.signature(layer.call).bind_partial(*args, **named)
    except TypeError as error:
        known = ", ".join(layer._call_names)
        raise TypeError(f"{type(layer).__name__}.call() {error}. It takes: {known}") from None
