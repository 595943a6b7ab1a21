"""The gated recurrent unit."""

from __future__ import annotations

from typing import Any

from pylego import activations, ops
from pylego.core.tensor import Tensor
from pylego.layers.rnn.cell import BaseCell, DropoutMasks, brick_name, steps_of
from pylego.layers.rnn.cell_layer import CellLayer, cell_arguments, of_cell
from pylego.layers.rnn.sequence_spec import SequenceSpec
from pylego.layers.rnn.steps import Loop, Steps
from pylego.ops import recurrent


class GRUCell(BaseCell):
    """Compute one step of a `GRU` (Cho et al., arXiv:1406.1078).

    Three gates, in this order:

        z = recurrent_activation(x_z + h_z)          how much is kept
        r = recurrent_activation(x_r + h_r)          how much of the state is read
        n = activation(x_n + r h_n)                  what is new
        h' = z h + (1 - z) n                         the output

    x_ are the columns of x @ kernel + bias, h_ those of h @ recurrent_kernel, with a bias of its
    own: the bias is (2, 3 units). Without `reset_after`, h_n = (r h) @ recurrent_kernel, and the
    bias is (3 units,). Its state is a list of one tensor (batch, units).

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
        recurrent_activation: of the gates.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel of the inputs starts.
        recurrent_initializer: how the kernel of the state starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        recurrent_regularizer: penalty on the recurrent kernel.
        bias_regularizer: penalty on the bias.
        kernel_constraint: applied to the kernel after each step of training.
        recurrent_constraint: applied to the recurrent kernel.
        bias_constraint: applied to the bias.
        dropout: share of the inputs that is dropped while training, the same at all steps.
        recurrent_dropout: share of the state that is dropped.
        reset_after: whether the reset gate is applied after the product of the state, as cuDNN
            does, or before, as in the paper.
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: when units is less than 1.

    >>> cell = GRUCell(4)
    >>> output, states = cell([[1.0, 2.0]], cell.get_initial_state(1))
    >>> output.shape
    (1, 4)
    """

    _gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **kwargs,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self) -> tuple[int, ...]:
        width = 3 * self.units
        return (2, width) if self.reset_after else (width,)

    def _input_bias(self) -> Any:
        return self.bias[0] if self.reset_after else self.bias  # type: ignore[index]

    def advance(
        self, projected: Tensor, states: list[Tensor], masks: DropoutMasks
    ) -> tuple[Tensor, list[Tensor]]:
        h = states[0]
        x_z, x_r, x_n = ops.split(projected, 3, axis=-1)
        gate = self.recurrent_activation
        if self.reset_after:
            inner = self._product(self._of_states, h, self.recurrent_kernel, masks.states)
            if self.bias is not None:
                inner = inner + self.bias[1]
            h_z, h_r, h_n = ops.split(inner, 3, axis=-1)
            z, r = gate(x_z + h_z), gate(x_r + h_r)
            n = self.activation(x_n + r * h_n)
        else:
            z, r, n = self._reset_before(h, [x_z, x_r, x_n], masks.states)
        h = z * h + (1 - z) * n
        return h, [h]

    def _reset_before(
        self, h: Tensor, x: list[Tensor], masks: list[Tensor] | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The gates, where the state is reset in front of its product."""
        x_z, x_r, x_n = x
        for_gates, for_new = ops.split(self.recurrent_kernel, [2 * self.units], axis=-1)
        inner = self._product(self._of_states, h, for_gates, None if masks is None else masks[:2])
        h_z, h_r = ops.split(inner, 2, axis=-1)
        z, r = self.recurrent_activation(x_z + h_z), self.recurrent_activation(x_r + h_r)
        h_n = self._product(self._of_states, r * h, for_new, None if masks is None else masks[2:])
        return z, r, self.activation(x_n + h_n)

    def run_sequence(
        self, projected: Tensor, states: list[Tensor], mask: Tensor | None, loop: Loop
    ) -> Steps | None:
        activation, gate = brick_name(self.activation), brick_name(self.recurrent_activation)
        if type(self) is not GRUCell or activation is None or gate is None:
            return None
        options = (mask, activation, gate, loop.is_reversed, loop.zero_masked)
        kernel = self.recurrent_kernel
        if self.reset_after:
            zeros = ops.zeros((3 * self.units,), projected.dtype)
            bias = zeros if self.bias is None else self.bias[1]
            outputs, h = recurrent.gru(projected, kernel, bias, states[0], *options)
        else:
            outputs, h = recurrent.gru_reset_before(projected, kernel, states[0], *options)
        return steps_of(outputs, [h], mask, loop)

    def cell_config(self) -> dict[str, Any]:
        return {
            **super().cell_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


class GRU(CellLayer):
    """Run a gated recurrent unit over a sequence (Cho et al., arXiv:1406.1078).

    Shapes: (batch, steps, n) gives (batch, units), or (batch, steps, units) with
    `return_sequences`. The formula is that of `GRUCell`.

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
        recurrent_activation: of the gates.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel of the inputs starts.
        recurrent_initializer: how the kernel of the state starts.
        bias_initializer: how the bias starts.
        kernel_regularizer: penalty on the kernel.
        recurrent_regularizer: penalty on the recurrent kernel.
        bias_regularizer: penalty on the bias.
        activity_regularizer: penalty on the outputs.
        kernel_constraint: applied to the kernel after each step of training.
        recurrent_constraint: applied to the recurrent kernel.
        bias_constraint: applied to the bias.
        dropout: share of the inputs that is dropped while training, the same at all steps.
        recurrent_dropout: share of the state that is dropped.
        seed: an integer, for the same choices in every run.
        return_sequences: whether the outputs of all steps come out, and not the last one alone.
        return_state: whether the last states come out, too.
        go_backwards: whether the last step comes first.
        stateful: whether a batch begins with the states that the last batch left; see `RNN`.
        unroll: whether programs hold the ops of each step.
        reset_after: whether the reset gate is applied after the product of the state, as cuDNN
            does, or before, as in the paper.
        use_cudnn: accepted for Keras's sake: there is one implementation.
        **kwargs: see `RNN`.

    Raises:
        ValueError: when units is less than 1; for a stateful layer without a batch size.

    >>> GRU(4)(ops.ones((2, 10, 3))).shape
    (2, 4)
    """

    recurrent_activation = of_cell("recurrent_activation")
    reset_after = of_cell("reset_after")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: Any = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ):
        cell = GRUCell(
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            reset_after=reset_after,
            seed=seed,
            **cell_arguments(kwargs, "gru_cell"),
        )
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.input_spec = SequenceSpec()
        self.use_cudnn = use_cudnn
