"""Loops over the elements of a tensor, or the steps of sequences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pylego import ops
from pylego.core.tree import map_leaves

__all__ = ["foldl", "foldr", "map_fn", "rnn"]


def map_fn(fn: Callable, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """Stack what a function makes of each element along the first axis."""
    return ops.map(fn, elems)


def foldl(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Compute fn(... fn(fn(initializer, e0), e1) ..., en)."""
    return _fold(fn, elems, initializer, is_reverse=False)


def foldr(fn: Callable, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """Compute fn(... fn(fn(initializer, en), ...) ..., e0)."""
    return _fold(fn, elems, initializer, is_reverse=True)


def _fold(fn: Callable, elems: Any, initializer: Any, is_reverse: bool) -> Any:
    if initializer is None:
        first = elems[-1] if is_reverse else elems[0]
        rest = elems[:-1] if is_reverse else elems[1:]
        return _fold(fn, rest, first, is_reverse)
    return ops.scan(lambda total, x: (fn(total, x), None), initializer, elems, reverse=is_reverse)[
        0
    ]


def rnn(
    step_function: Callable,
    inputs: Any,
    initial_states: Sequence[Any],
    go_backwards: bool = False,
    mask: Any = None,
    constants: Sequence[Any] | None = None,
    unroll: bool = False,
    input_length: int | None = None,
    **options: Any,
) -> tuple[Any, Any, list[Any]]:
    """Go through the steps of sequences with states.

    Args:
        step_function: of (input of a step, states and constants), returns (output, new states).
        inputs: of shape (batch, steps, ...).
        initial_states: tensors of shape (batch, ...).
        go_backwards: whether the last step comes first; outputs are in the order of computing.
        mask: of shape (batch, steps): where it is 0, states and output stay as they were.
        constants: tensors that each step gets behind the states.
        unroll: accepted for Keras's sake.
        input_length: the same.
        **options: the same.

    Returns the last output, (batch, ...), all outputs, (batch, steps, ...), and the last states.

    >>> import numpy as np
    >>> step = lambda x, states: (x + states[0], [x + states[0]])
    >>> start = np.zeros((1, 1), "float32")
    >>> last, outputs, states = rnn(step, np.ones((1, 3, 1), "float32"), [start])
    >>> outputs.numpy().ravel().tolist()
    [1.0, 2.0, 3.0]
    """
    steps = _steps_first(inputs)
    fixed = list(constants or ())
    states = [ops.convert_to_tensor(x) for x in initial_states]
    first = map_leaves(lambda x: x[0], steps)
    output = ops.zeros_like(step_function(first, [*states, *fixed])[0])
    masks = None if mask is None else _steps_first(ops.cast(mask, "bool"))

    def step(carry: Any, given: Any) -> Any:
        former_output, former = carry
        x, is_there = (given, None) if masks is None else given
        new_output, new = step_function(x, [*former, *fixed])
        if is_there is not None:
            new_output = _chosen(is_there, new_output, former_output)
            new = [_chosen(is_there, a, b) for a, b in zip(new, former)]
        return (new_output, list(new)), new_output

    given = steps if masks is None else (steps, masks)
    (last, states), outputs = ops.scan(step, (output, states), given, reverse=go_backwards)
    if go_backwards:
        outputs = ops.flip(outputs, 0)
    return last, _steps_first(outputs), states


def _steps_first(x: Any) -> Any:
    return map_leaves(lambda one: ops.swapaxes(one, 0, 1), x)


def _chosen(is_there: Any, new: Any, former: Any) -> Any:
    is_there = ops.reshape(is_there, (-1,) + (1,) * (len(new.shape) - 1))
    return ops.where(is_there, new, former)
