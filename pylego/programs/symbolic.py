"""Symbolic calls: the shapes and dtypes of a function's outputs, without running it.

The function is recorded on symbolic tensors, which have a shape and a dtype and no numbers, and the
recording is thrown away. So nothing is computed, no memory is taken, however long the axes are, and
no variable is written. Layers learn their shapes in this way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pylego import engine, ops
from pylego.autograd import stopped_tapes
from pylego.core import recording
from pylego.core.tensor import Tensor
from pylego.core.text_array import ANY_TEXT, TEXT, TextArray
from pylego.core.tree import map_leaves
from pylego.core.variable import restored_variables

WAY_OUT = "leave it to ops"


@dataclass(frozen=True)
class TensorSpec:
    """Shape and dtype of a symbolic tensor that is to be made."""

    shape: tuple[int, ...]
    dtype: str


class NumbersNeededError(Exception):
    """The function looks at numbers: it cannot be called without them."""


def call(function: Callable, inputs: Sequence[Any], name: str) -> Any:
    """Call the function on symbolic tensors; return its symbolic outputs.

    Variables that it makes are real. What it assigns is not.

    Args:
        function: of tensors, or structures of them.
        inputs: its arguments: `TensorSpec`s, or tensors whose shape and dtype count. The rest goes
            into the function as it is.
        name: what messages call it.

    Raises:
        NumbersNeededError: when the function needs the numbers of a tensor.

    >>> call(ops.sum, [TensorSpec((1000000, 1000000), "float32")], "the sum").shape
    ()
    """
    pointer = engine.new_program()
    under_way = recording.Recording(pointer, name, WAY_OUT, may_make_variables=True)
    symbolic_inputs = map_leaves(lambda x: _symbolic_input(pointer, x), tuple(inputs))
    try:
        with stopped_tapes(), under_way.open():
            return function(*symbolic_inputs)
    except Exception as error:
        if under_way.was_looked_at:
            raise NumbersNeededError from error
        raise


def run(function: Callable, inputs: Sequence[Any], are_counted: bool = False) -> Any:
    """Run the function on numbers; then give all variables their numbers back.

    The last resort for functions that read numbers: they cannot be called without.

    Args:
        function: see `call`, as its inputs.
        inputs: zeros stand for specs.
        are_counted: 0, 1, 2, ... stand for them instead.
    """
    fill = _counted if are_counted else ops.zeros
    with recording.for_shapes(), stopped_tapes(), restored_variables():
        return function(*map_leaves(lambda x: _with_numbers(x, fill), tuple(inputs)))


def is_symbolic(x: Any) -> bool:
    """Return whether x is a symbolic tensor, one without numbers."""
    return isinstance(x, Tensor) and engine.is_symbolic(x._handle)


def _symbolic_input(pointer: Any, x: Any) -> Any:
    if isinstance(x, TensorSpec):
        if x.dtype == TEXT:
            return _any_texts(x.shape)
        return Tensor(engine.program_input_of(pointer, x.shape, x.dtype))
    return Tensor(engine.program_input(pointer, x._handle)) if isinstance(x, Tensor) else x


def _with_numbers(x: Any, fill: Callable) -> Any:
    if isinstance(x, TensorSpec) and x.dtype == TEXT:
        return _any_texts(x.shape)
    return fill(x.shape, x.dtype) if isinstance(x, TensorSpec) or is_symbolic(x) else x


def _counted(shape: tuple[int, ...], dtype: str) -> Tensor:
    return ops.cast(np.arange(math.prod(shape)).reshape(shape), dtype)


def _any_texts(shape: tuple[int, ...]) -> TextArray:
    texts = np.empty(shape, object)
    texts.fill(ANY_TEXT)  # this object, which np.full would not keep
    return texts.view(TextArray)
