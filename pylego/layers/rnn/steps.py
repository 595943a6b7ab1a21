"""The loop of recurrent layers: one step after another, with states and perhaps a mask.

It is one op of a program (`ops.scan`), whatever the number of steps; unrolled, each step has ops of
its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pylego import ops
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves, with_leaves

Step = Callable[[Any, Any], tuple[Tensor, Any]]


class Loop(NamedTuple):
    """How steps are run.

    Attributes:
        is_reversed: whether the last row comes first.
        is_unrolled: whether each step has ops of its own.
        zero_masked: whether the output of a masked step is 0; else it is that of the step before.
        keeps_outputs: whether the outputs of all steps are wanted.
    """

    is_reversed: bool = False
    is_unrolled: bool = False
    zero_masked: bool = False
    keeps_outputs: bool = True


class Steps(NamedTuple):
    """What a loop returns: the outputs of all steps in the order in which they came, of shape
    (steps, batch, ...) from `run_steps` and else (batch, steps, ...), or the last one alone; and
    the states after the last step."""

    outputs: Tensor
    states: list[Any]


def run_steps(
    step: Step, xs: Tensor, first_output: Tensor, states: list[Any], mask: Tensor | None, loop: Loop
) -> Steps:
    """Run a step over the first axis of `xs`.

    Args:
        step: takes a row of `xs` and the states; returns an output and the states that follow.
        xs: of shape (steps, batch, ...).
        first_output: what comes out where no step counts, of the shape and dtype of an output.
        states: those before the first step.
        mask: of shape (steps, batch): where it is False, the states stay as they are.
        loop: how.
    """

    def body(carry: Any, row: Any) -> tuple[Any, Any]:
        x, is_real = row
        before, states = carry
        output, following = step(x, states)
        new = leaves(following)
        if is_real is not None:
            output = _where(is_real, output, ops.zeros_like(output) if loop.zero_masked else before)
            new = [_where(is_real, *pair) for pair in zip(new, leaves(states))]
        kept = output if loop.keeps_outputs else None
        return (output if is_carried else None, with_leaves(states, new)), kept

    is_carried = not loop.keeps_outputs or (mask is not None and not loop.zero_masked)
    first = (first_output if is_carried else None), states
    run = _unrolled if loop.is_unrolled else ops.scan
    (last, final), outputs = run(body, first, (xs, mask), reverse=loop.is_reversed)
    found: Any = outputs if loop.keeps_outputs else last
    if loop.keeps_outputs and loop.is_reversed:
        found = ops.flip(found, axis=0)
    return Steps(found, final)


def _where(is_real: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """The new numbers of the samples of which this step counts: is_real is (batch,)."""
    return ops.where(ops.reshape(is_real, (-1, *[1] * (new.ndim - 1))), new, old)


def _unrolled(body: Callable, carry: Any, xs: tuple, reverse: bool) -> tuple[Any, Tensor | None]:
    """What `ops.scan` returns, by a loop in Python."""
    length = xs[0].shape[0]
    outputs: list[Any] = [None] * length
    for i in reversed(range(length)) if reverse else range(length):
        carry, outputs[i] = body(carry, map_leaves(lambda x: None if x is None else x[i], xs))  # noqa: B023
    return carry, None if not outputs or outputs[0] is None else ops.stack(outputs)
