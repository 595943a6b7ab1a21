"""Long short-term memory."""

from __future__ import annotations

from typing import Any

from pylego import activations, initializers, ops
from pylego.core.tensor import Tensor
from pylego.layers.rnn.cell import BaseCell, DropoutMasks, brick_name, steps_of
from pylego.layers.rnn.cell_layer import CellLayer, cell_arguments, of_cell
from pylego.layers.rnn.sequence_spec import SequenceSpec
from pylego.layers.rnn.steps import Loop, Steps
from pylego.ops import recurrent


class LSTMCell(BaseCell):
    """Compute one step of an `LSTM` (Hochreiter and Schmidhuber, Neural Computation 9, 1997).

    Four gates of z = x @ kernel + h @ recurrent_kernel + bias, in this order:

        i = recurrent_activation(z_i)                how much is written
        f = recurrent_activation(z_f)                how much is kept
        c' = f c + i activation(z_c)                 the memory
        o = recurrent_activation(z_o)                how much is shown
        h' = o activation(c')                        the output

    Its states are a list [h, c] of tensors (batch, units).

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
        recurrent_activation: of the gates.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel of the inputs starts.
        recurrent_initializer: how the kernel of the state starts.
        bias_initializer: how the bias starts.
        unit_forget_bias: whether the bias of the forget gate starts at 1 (Jozefowicz et al., 2015).
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

    >>> cell = LSTMCell(4)
    >>> output, (h, c) = cell([[1.0, 2.0]], cell.get_initial_state(1))
    >>> output.shape, c.shape
    ((1, 4), (1, 4))
    """

    _gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        self.state_size = [self.units, self.units]

    def _first_bias(self, shape: Any, dtype: Any = None) -> Any:
        """That of the forget gate, the second quarter, may start at 1."""
        if not self.unit_forget_bias:
            return self.bias_initializer(shape, dtype=dtype)
        ones = initializers.get("ones")((self.units,), dtype=dtype)
        before = self.bias_initializer((self.units,), dtype=dtype)
        behind = self.bias_initializer((2 * self.units,), dtype=dtype)
        return ops.concatenate([before, ones, behind])

    def advance(
        self, projected: Tensor, states: list[Tensor], masks: DropoutMasks
    ) -> tuple[Tensor, list[Tensor]]:
        h, c = states
        z = projected + self._product(self._of_states, h, self.recurrent_kernel, masks.states)
        z_i, z_f, z_c, z_o = ops.split(z, 4, axis=-1)
        gate = self.recurrent_activation
        c = gate(z_f) * c + gate(z_i) * self.activation(z_c)
        h = gate(z_o) * self.activation(c)
        return h, [h, c]

    def run_sequence(
        self, projected: Tensor, states: list[Tensor], mask: Tensor | None, loop: Loop
    ) -> Steps | None:
        activation, gate = brick_name(self.activation), brick_name(self.recurrent_activation)
        if type(self) is not LSTMCell or activation is None or gate is None:
            return None
        outputs, h, c = recurrent.lstm(
            projected,
            self.recurrent_kernel,
            states[0],
            states[1],
            mask=mask,
            activation=activation,
            recurrent_activation=gate,
            reverse=loop.is_reversed,
            zero_masked=loop.zero_masked,
        )
        return steps_of(outputs, [h, c], mask, loop)

    def cell_config(self) -> dict[str, Any]:
        return {
            **super().cell_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


class LSTM(CellLayer):
    """Run a long short-term memory over a sequence (Hochreiter and Schmidhuber, 1997).

    Shapes: (batch, steps, n) gives (batch, units), or (batch, steps, units) with
    `return_sequences`. The formula is that of `LSTMCell`.

    Args:
        units: how many outputs.
        activation: of the outputs: a name or function; None for none.
        recurrent_activation: of the gates.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel of the inputs starts.
        recurrent_initializer: how the kernel of the state starts.
        bias_initializer: how the bias starts.
        unit_forget_bias: whether the bias of the forget gate starts at 1 (Jozefowicz et al., 2015).
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
        use_cudnn: accepted for Keras's sake: there is one implementation.
        **kwargs: see `RNN`.

    Raises:
        ValueError: when units is less than 1; for a stateful layer without a batch size.

    >>> LSTM(4)(ops.ones((2, 10, 3))).shape
    (2, 4)
    >>> outputs, h, c = LSTM(4, return_sequences=True, return_state=True)(ops.ones((2, 10, 3)))
    >>> outputs.shape, h.shape, c.shape
    ((2, 10, 4), (2, 4), (2, 4))
    """

    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ):
        cell = LSTMCell(
            units=units,
            activation=activation,
            recurrent_activation=recurrent_activation,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            recurrent_initializer=recurrent_initializer,
            bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias,
            kernel_regularizer=kernel_regularizer,
            recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint,
            bias_constraint=bias_constraint,
            dropout=dropout,
            recurrent_dropout=recurrent_dropout,
            seed=seed,
            **cell_arguments(kwargs, "lstm_cell"),
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
