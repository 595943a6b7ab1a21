"""Recurrent cells over whole sequences, one brick each; `pylego.layers` has them as layers.

The inputs of all steps come already multiplied by their kernel, which is one product for all of
them. A brick knows the activations of `ACTIVATIONS`; other cells are loops (`ops.scan`).
"""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor, apply_all, convert_to_tensor
from pylego.ops.creation import zeros

__all__ = ["ACTIVATIONS", "gru", "gru_reset_before", "lstm", "simple_rnn"]

ACTIVATIONS = ("linear", "tanh", "sigmoid", "relu", "hard_sigmoid")  # by their numbers in C


def simple_rnn(
    x: Any,
    recurrent_kernel: Any,
    h: Any,
    mask: Any = None,
    activation: str = "tanh",
    reverse: bool = False,
    zero_masked: bool = False,
) -> tuple[Tensor, Tensor]:
    """Compute h = activation(x + h @ recurrent_kernel) for each step.

    Args:
        x: projected inputs, of shape (batch, steps, units).
        recurrent_kernel: of shape (units, units).
        h: the first state, of shape (batch, units).
        mask: of shape (batch, steps): where it is False, the state stays as it is.
        activation: one of `ACTIVATIONS`.
        reverse: whether the last step comes first.
        zero_masked: whether the output of a masked step is 0; else it is that of the step before,
            and 0 where no step before counts.

    Returns the states after each step (batch, steps, units), and the last one.

    Raises:
        ValueError: when shapes do not fit; for an unknown activation.

    >>> from pylego import ops
    >>> outputs, h = simple_rnn(ops.ones((1, 3, 2)), ops.eye(2), ops.zeros((1, 2)), None, "linear")
    >>> outputs.numpy()[0, :, 0].tolist(), h.numpy().tolist()
    ([1.0, 2.0, 3.0], [[3.0, 3.0]])
    """
    inputs = (x, recurrent_kernel, h, _mask(mask))
    attributes = _attributes("simple_rnn", activation, reverse, zero_masked)
    outputs, h = apply_all("simple_rnn", inputs, 2, **attributes)
    return outputs, h


def gru(
    x: Any,
    recurrent_kernel: Any,
    recurrent_bias: Any,
    h: Any,
    mask: Any = None,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reverse: bool = False,
    zero_masked: bool = False,
) -> tuple[Tensor, Tensor]:
    """Compute the steps of a `GRUCell` whose reset gate comes after the product.

    Args:
        x: projected inputs, of shape (batch, steps, 3 units).
        recurrent_kernel: of shape (units, 3 units).
        recurrent_bias: of shape (3 units,), added to the product of the state.
        h: the first state, of shape (batch, units).
        mask: see `simple_rnn`, as for what follows.
        activation: of the outputs.
        recurrent_activation: of the gates.
        reverse: whether the last step comes first.
        zero_masked: whether the output of a masked step is 0.

    Returns the states after each step (batch, steps, units), and the last one.

    Raises:
        ValueError: when shapes do not fit; for an unknown activation.

    >>> from pylego import ops
    >>> start = ops.zeros((1, 2))
    >>> outputs, h = gru(ops.zeros((1, 3, 6)), ops.ones((2, 6)), ops.ones((6,)), start)
    >>> outputs.shape, h.shape
    ((1, 3, 2), (1, 2))
    """
    inputs = (x, recurrent_kernel, recurrent_bias, h)
    attributes = _attributes("gru", activation, reverse, zero_masked)
    attributes |= _of_gates("gru", recurrent_activation, inputs)
    outputs, h, _ = apply_all("gru", (*inputs, _mask(mask)), 3, **attributes)
    return outputs, h


def gru_reset_before(
    x: Any,
    recurrent_kernel: Any,
    h: Any,
    mask: Any = None,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reverse: bool = False,
    zero_masked: bool = False,
) -> tuple[Tensor, Tensor]:
    """Compute the steps of a `GRUCell` whose reset gate comes before the product.

    The formula is the first one of Cho et al., arXiv:1406.1078.

    Args:
        x: projected inputs, of shape (batch, steps, 3 units).
        recurrent_kernel: of shape (units, 3 units).
        h: the first state, of shape (batch, units).
        mask: see `simple_rnn`, as for what follows.
        activation: of the outputs.
        recurrent_activation: of the gates.
        reverse: whether the last step comes first.
        zero_masked: whether the output of a masked step is 0.

    Returns the states after each step (batch, steps, units), and the last one.

    Raises:
        ValueError: when shapes do not fit; for an unknown activation.

    >>> from pylego import ops
    >>> outputs, h = gru_reset_before(ops.zeros((1, 3, 6)), ops.ones((2, 6)), ops.zeros((1, 2)))
    >>> outputs.shape, h.shape
    ((1, 3, 2), (1, 2))
    """
    inputs = (x, recurrent_kernel, h)
    attributes = _attributes("gru_reset_before", activation, reverse, zero_masked)
    attributes |= _of_gates("gru_reset_before", recurrent_activation, inputs)
    outputs, h, _ = apply_all("gru_reset_before", (*inputs, _mask(mask)), 3, **attributes)
    return outputs, h


def lstm(
    x: Any,
    recurrent_kernel: Any,
    h: Any,
    c: Any,
    mask: Any = None,
    activation: str = "tanh",
    recurrent_activation: str = "sigmoid",
    reverse: bool = False,
    zero_masked: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Compute the steps of an `LSTMCell`.

    Args:
        x: projected inputs, of shape (batch, steps, 4 units).
        recurrent_kernel: of shape (units, 4 units).
        h: the first output, of shape (batch, units).
        c: the first memory, of the same shape.
        mask: see `simple_rnn`, as for what follows.
        activation: of what is new and of the outputs.
        recurrent_activation: of the gates.
        reverse: whether the last step comes first.
        zero_masked: whether the output of a masked step is 0.

    Returns the outputs of each step (batch, steps, units), the last one, and the last memory.

    Raises:
        ValueError: when shapes do not fit; for an unknown activation.

    >>> from pylego import ops
    >>> start = ops.zeros((1, 2))
    >>> outputs, h, c = lstm(ops.zeros((1, 3, 8)), ops.ones((2, 8)), start, start)
    >>> outputs.shape, h.shape, c.shape
    ((1, 3, 2), (1, 2), (1, 2))
    """
    inputs = (x, recurrent_kernel, h, c)
    attributes = _attributes("lstm", activation, reverse, zero_masked)
    attributes |= _of_gates("lstm", recurrent_activation, inputs)
    outputs, h, c, _, _ = apply_all("lstm", (*inputs, _mask(mask)), 5, **attributes)
    return outputs, h, c


def _mask(mask: Any) -> Tensor:
    """A mask, or the empty one that masks nothing."""
    return zeros((0,), "bool") if mask is None else convert_to_tensor(mask)


def _number(owner: str, name: str, activation: str) -> int:
    if activation not in ACTIVATIONS:
        raise ValueError(
            f"{owner}: {name} is one of {', '.join(map(repr, ACTIVATIONS))}. "
            f"Received: {name}={activation!r}"
        )
    return ACTIVATIONS.index(activation)


def _attributes(owner: str, activation: str, reverse: bool, zero_masked: bool) -> dict[str, int]:
    return {
        "activation": _number(owner, "activation", activation),
        "is_reversed": int(reverse),
        "zero_masked": int(zero_masked),
    }


def _of_gates(owner: str, activation: str, inputs: tuple[Any, ...]) -> dict[str, int]:
    """The gates are kept where a gradient can be asked for."""
    is_watched = any(isinstance(x, Tensor) and x.requires_grad for x in inputs)
    return {
        "recurrent_activation": _number(owner, "recurrent_activation", activation),
        "keeps_gates": int(is_watched),
    }
