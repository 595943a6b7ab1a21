"""The fully connected recurrent layer."""

from __future__ import annotations

from typing import Any

from pylego.core.tensor import Tensor
from pylego.layers.rnn.cell import BaseCell, DropoutMasks, brick_name, steps_of
from pylego.layers.rnn.cell_layer import CellLayer, cell_arguments
from pylego.layers.rnn.sequence_spec import SequenceSpec
from pylego.layers.rnn.steps import Loop, Steps
from pylego.ops import recurrent


class SimpleRNNCell(BaseCell):
    """Compute one step of a `SimpleRNN`: h' = activation(x @ kernel + h @ recurrent_kernel + bias).

    Its state is a list of one tensor (batch, units), which is also the output.

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
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
        seed: an integer, for the same choices in every run.
        **kwargs: see `Layer`.

    Raises:
        ValueError: when units is less than 1.

    >>> cell = SimpleRNNCell(2, kernel_initializer="ones", activation=None)
    >>> output, states = cell([[1.0, 2.0]], [[[0.0, 0.0]]])
    >>> output.numpy().tolist()
    [[3.0, 3.0]]
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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

    def advance(
        self, projected: Tensor, states: list[Tensor], masks: DropoutMasks
    ) -> tuple[Tensor, list[Tensor]]:
        z = projected + self._product(
            self._of_states, states[0], self.recurrent_kernel, masks.states
        )
        h = self.activation(z)
        return h, [h]

    def run_sequence(
        self, projected: Tensor, states: list[Tensor], mask: Tensor | None, loop: Loop
    ) -> Steps | None:
        activation = brick_name(self.activation)
        if type(self) is not SimpleRNNCell or activation is None:
            return None
        outputs, h = recurrent.simple_rnn(
            projected,
            self.recurrent_kernel,
            states[0],
            mask=mask,
            activation=activation,
            reverse=loop.is_reversed,
            zero_masked=loop.zero_masked,
        )
        return steps_of(outputs, [h], mask, loop)


class SimpleRNN(CellLayer):
    """Run a fully connected cell over a sequence: its output is its next state.

    Shapes: (batch, steps, n) gives (batch, units), or (batch, steps, units) with
    `return_sequences`. The formula is that of `SimpleRNNCell`.

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
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
        return_sequences: whether the outputs of all steps come out, and not the last one alone.
        return_state: whether the last states come out, too.
        go_backwards: whether the last step comes first.
        stateful: whether a batch begins with the states that the last batch left; see `RNN`.
        unroll: whether programs hold the ops of each step.
        seed: an integer, for the same choices in every run.
        **kwargs: see `RNN`.

    Raises:
        ValueError: when units is less than 1; for a stateful layer without a batch size.

    >>> layer = SimpleRNN(1, activation=None, kernel_initializer="ones",
    ...                   recurrent_initializer="ones", return_sequences=True)
    >>> layer([[[1.0], [2.0], [3.0]]]).numpy().ravel().tolist()
    [1.0, 3.0, 6.0]
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ):
        cell = SimpleRNNCell(
            units=units,
            activation=activation,
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
            seed=seed,
            **cell_arguments(kwargs, "simple_rnn_cell"),
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
