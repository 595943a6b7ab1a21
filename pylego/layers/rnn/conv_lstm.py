"""Long short-term memory over sequences of sequences, of pictures and of volumes."""

from __future__ import annotations

from typing import Any

from pylego import checks, config, ops
from pylego.core.tensor import Tensor
from pylego.core.tree import map_leaves
from pylego.layers import windows
from pylego.layers.input_spec import InputSpec
from pylego.layers.rnn.cell import DropoutMasks
from pylego.layers.rnn.cell_layer import CellLayer, cell_arguments, of_cell
from pylego.layers.rnn.lstm import LSTMCell

Shape = tuple[int | None, ...]


class ConvLSTMCell(LSTMCell):
    """An `LSTMCell` whose products are convolutions: kernel (*kernel_size, channels, 4 filters),
    recurrent kernel (*kernel_size, filters, 4 filters). Channels are last.

    That of the inputs has the strides and borders of the arguments, that of the state keeps its
    lengths.
    """

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any,
        padding: str,
        dilation_rate: Any,
        owner: str,
        **kwargs: Any,
    ):
        filters = checks.whole_number("filters", filters, least=1, owner=owner)
        super().__init__(filters, **kwargs)
        self.implementation = 1  # a mask for each gate
        self.rank = rank
        self.kernel_size = windows.sizes("kernel_size", kernel_size, rank, owner)
        self.strides = windows.sizes("strides", strides, rank, owner)
        self.dilation_rate = windows.sizes("dilation_rate", dilation_rate, rank, owner)
        self.padding = windows.padding(padding, ("valid", "same"))
        self.state_size = self.output_size = None  # known once it is built
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{owner} takes strides above 1 or a dilation_rate above 1, not both. "
                f"Received: strides={self.strides}, dilation_rate={self.dilation_rate}"
            )

    @property
    def filters(self) -> int:
        """How many channels come out."""
        return self.units

    def build(self, input_shape: Shape) -> None:
        lengths = self.lengths_out(input_shape[1:-1])
        if None in lengths:
            raise ValueError(
                f"Layer {self.name!r}: the lengths of the axes of space have to be known, for "
                f"states have them, too. Received: {input_shape} for one step"
            )
        self.output_size = (*lengths, self.units)
        self.state_size = [self.output_size, self.output_size]
        super().build(input_shape)

    def _kernel_shape(self, channels: int | None) -> tuple[int | None, ...]:
        return (*self.kernel_size, channels, 4 * self.units)

    def lengths_out(self, lengths: Shape) -> Shape:
        """Return the lengths of the axes of space that come out."""
        spans = map(windows.span, self.kernel_size, self.dilation_rate)
        return tuple(
            windows.places(length, span, stride, self.padding)
            for length, span, stride in zip(lengths, spans, self.strides)
        )

    def _of_inputs(self, x: Tensor, kernel: Any) -> Tensor:
        return ops.conv(x, kernel, self.strides, self.padding, "channels_last", self.dilation_rate)

    def _of_states(self, x: Tensor, kernel: Any) -> Tensor:
        return ops.conv(x, kernel, 1, "same", "channels_last")

    def project(self, inputs: Tensor, masks: DropoutMasks) -> Tensor:
        """Convolve inputs of shape (batch, ..., channels) or (batch, steps, ..., channels)."""
        if inputs.ndim == self.rank + 2:
            return super().project(inputs, masks)
        batch, steps, *rest = inputs.shape
        if masks.inputs is not None:
            masks = masks._replace(inputs=[ops.repeat(m[:, 0], steps, 0) for m in masks.inputs])
        x = super().project(ops.reshape(inputs, (batch * steps, *rest)), masks)
        return ops.reshape(x, (batch, steps, *x.shape[1:]))

    def get_initial_state(self, batch_size: int | None = None) -> list[Tensor]:
        """Return zeros for the states before the first step."""
        return [ops.zeros((batch_size, *self.output_size), self.compute_dtype) for _ in range(2)]

    def cell_config(self) -> dict[str, Any]:
        config = super().cell_config()
        return {
            "filters": config.pop("units"),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "dilation_rate": self.dilation_rate,
            **config,
        }


class _ConvLSTM(CellLayer):
    rank = 0

    filters = of_cell("filters")
    kernel_size = of_cell("kernel_size")
    strides = of_cell("strides")
    padding = of_cell("padding")
    dilation_rate = of_cell("dilation_rate")
    recurrent_activation = of_cell("recurrent_activation")
    unit_forget_bias = of_cell("unit_forget_bias")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        **kwargs: Any,
    ):
        cell = ConvLSTMCell(
            self.rank, filters, kernel_size, strides, padding, dilation_rate, type(self).__name__,
            activation=activation, recurrent_activation=recurrent_activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, kernel_regularizer=kernel_regularizer,
            recurrent_initializer=recurrent_initializer, bias_initializer=bias_initializer,
            unit_forget_bias=unit_forget_bias, recurrent_regularizer=recurrent_regularizer,
            bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
            recurrent_constraint=recurrent_constraint, bias_constraint=bias_constraint,
            dropout=dropout, recurrent_dropout=recurrent_dropout, seed=seed,
            **cell_arguments(kwargs, "conv_lstm_cell"),
        )  # fmt: skip
        super().__init__(
            cell,
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            activity_regularizer=activity_regularizer,
            **kwargs,
        )
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 3)

    @property
    def state_size(self) -> list[Any]:
        """The lengths of both states, known once it is built."""
        return self.cell.state_size or [None, None]

    # ---- channels, last within ----

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        super().build(self._moved(sequences_shape, 2), initial_state_shape)

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        batch, steps, *step = self._moved(sequences_shape, 2)
        lengths = self.cell.lengths_out(tuple(step[:-1]))
        state = self._back((batch, *lengths, self.filters), 1)
        output = (batch, steps, *state[1:]) if self.return_sequences else state
        return (output, state, state) if self.return_state else output

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run the cell over the sequences.

        Args:
            sequences: of shape (batch, steps, lengths..., channels).
            initial_state: a list of two states, (batch, lengths..., filters).
            mask: of shape (batch, steps); where it is False, a step is passed over.
            training: whether elements are dropped.
        """
        if self.data_format == "channels_last":
            return super().call(sequences, initial_state, mask, training)
        states = map_leaves(lambda x: None if x is None else ops.moveaxis(x, 1, -1), initial_state)
        found = super().call(ops.moveaxis(sequences, 2, -1), states, mask, training)
        outputs, *last = found if self.return_state else (found,)
        outputs = ops.moveaxis(outputs, -1, 2 if self.return_sequences else 1)
        if not self.return_state:
            return outputs
        return (outputs, *(ops.moveaxis(state, -1, 1) for state in last))

    def _moved(self, shape: Shape, axis: int) -> Shape:
        """The shape with the channels last."""
        if self.data_format == "channels_last":
            return tuple(shape)
        return (*shape[:axis], *shape[axis + 1 :], shape[axis])

    def _back(self, shape: Shape, axis: int) -> Shape:
        if self.data_format == "channels_last":
            return shape
        return (*shape[:axis], shape[-1], *shape[axis:-1])

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "data_format": self.data_format}
        return {key: x for key, x in config.items() if key not in ("unroll", "implementation")}


class ConvLSTM1D(_ConvLSTM):
    """Run a long short-term memory over sequences of sequences: its products are convolutions.

    Shapes: (batch, steps, length, channels) gives (batch, places, filters), or (batch, steps,
    places, filters) with `return_sequences`. With channels_first the channels are axis 2. Shi et
    al., arXiv:1506.04214, without the loop from the memory to the gates.

    Args:
        filters: how many channels come out.
        kernel_size: lengths of the window, or one number for all.
        strides: by how much the window moves on over the inputs.
        padding: 'valid' for places where all of the window fits, 'same' for zeros around.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the elements are that a filter sees.
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
        **kwargs: see `RNN`.

    Raises:
        ValueError: for sizes that do not go together, and for axes of space of unknown length.

    >>> ConvLSTM1D(4, 3)(ops.ones((2, 5, 8, 1))).shape
    (2, 6, 4)
    """

    rank = 1


class ConvLSTM2D(_ConvLSTM):
    """Run a long short-term memory over sequences of pictures: its products are convolutions.

    Shapes: (batch, steps, height, width, channels) gives (batch, rows, columns, filters), or
    (batch, steps, rows, columns, filters) with `return_sequences`. With channels_first the channels
    are axis 2. Shi et al., arXiv:1506.04214, without the loop from the memory to the gates.

    Args:
        filters: how many channels come out.
        kernel_size: lengths of the window, or one number for all.
        strides: by how much the window moves on over the inputs.
        padding: 'valid' for places where all of the window fits, 'same' for zeros around.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the elements are that a filter sees.
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
        **kwargs: see `RNN`.

    Raises:
        ValueError: for sizes that do not go together, and for axes of space of unknown length.

    >>> ConvLSTM2D(4, 3, padding="same")(ops.ones((2, 5, 8, 6, 1))).shape
    (2, 8, 6, 4)
    """

    rank = 2


class ConvLSTM3D(_ConvLSTM):
    """Run a long short-term memory over sequences of volumes: its products are convolutions.

    Shapes: (batch, steps, depth, height, width, channels) gives (batch, lengths..., filters), or
    (batch, steps, lengths..., filters) with `return_sequences`. With channels_first the channels
    are axis 2. Shi et al., arXiv:1506.04214, without the loop from the memory to the gates.

    Args:
        filters: how many channels come out.
        kernel_size: lengths of the window, or one number for all.
        strides: by how much the window moves on over the inputs.
        padding: 'valid' for places where all of the window fits, 'same' for zeros around.
        data_format: 'channels_last' or 'channels_first'; by default `config.image_data_format()`.
        dilation_rate: how far apart the elements are that a filter sees.
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
        **kwargs: see `RNN`.

    Raises:
        ValueError: for sizes that do not go together, and for axes of space of unknown length.

    >>> ConvLSTM3D(2, 2)(ops.ones((1, 3, 4, 4, 4, 1))).shape
    (1, 3, 3, 3, 2)
    """

    rank = 3
