"""The base of the cells of recurrent layers: their arguments, weights and dropout.

A step is a product of the inputs, which need no state and so can be had for all steps at once, and
what the states make of it: call(x, states) = advance(project(x), states).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pylego import activations, checks, constraints, initializers, ops, random, regularizers
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer
from pylego.layers.rnn.steps import Loop, Steps
from pylego.ops import recurrent


class DropoutMasks(NamedTuple):
    """What inputs and states are multiplied by while training: one mask for all gates, or one for
    each; None for nothing. All steps of a sequence share them (Gal and Ghahramani: "A Theoretically
    Grounded Application of Dropout in Recurrent Neural Networks", 2016)."""

    inputs: list[Tensor] | None = None
    states: list[Tensor] | None = None

    def of_sequences(self) -> DropoutMasks:
        """The masks for inputs of shape (batch, steps, n), in place of (batch, n)."""
        if self.inputs is None:
            return self
        return self._replace(inputs=[ops.expand_dims(mask, 1) for mask in self.inputs])


class BaseCell(Layer):
    """A cell of `_gates` gates over one product of the inputs and one of the state.

    The kernel is (n, gates x units), the recurrent kernel (units, gates x units); the gates lie
    beside each other. A subclass defines `advance`, and its arguments.
    """

    _gates = 1
    _drawn: DropoutMasks | None = None  # while a sequence runs: those of all its steps
    _kept = DropoutMasks()  # those that were asked for by name, until they are reset
    _unversioned = Layer._unversioned | {"_drawn", "_kept"}
    _not_copied = Layer._not_copied | {"_drawn", "_kept"}

    def __init__(
        self,
        units: int,
        activation: Any,
        use_bias: bool,
        kernel_initializer: Any,
        recurrent_initializer: Any,
        bias_initializer: Any,
        kernel_regularizer: Any,
        recurrent_regularizer: Any,
        bias_regularizer: Any,
        kernel_constraint: Any,
        recurrent_constraint: Any,
        bias_constraint: Any,
        dropout: float,
        recurrent_dropout: float,
        seed: Any,
        **kwargs: Any,
    ):
        implementation = kwargs.pop("implementation", 2)
        super().__init__(**kwargs)
        owner = type(self).__name__
        self.units = checks.whole_number("units", units, least=1, owner=owner)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.implementation = 1 if self.recurrent_dropout else implementation
        self.seed = seed
        self.seed_generator = random.SeedGenerator(seed)
        self.state_size: Any = self.units
        self.output_size: Any = self.units

    # ---- weights ----

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            self._kernel_shape(input_shape[-1]),
            self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            self._kernel_shape(self.units),
            self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
            name="recurrent_kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(),
                self._first_bias,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )

    def _kernel_shape(self, channels: int | None) -> tuple[int | None, ...]:
        return (channels, self._gates * self.units)

    def _bias_shape(self) -> tuple[int, ...]:
        return (self._gates * self.units,)

    def _first_bias(self, shape: Any, dtype: Any = None) -> Any:
        return self.bias_initializer(shape, dtype=dtype)

    # ---- a step ----

    def call(  # type: ignore[override]
        self, inputs: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, Any]:
        """Compute one step.

        Args:
            inputs: of shape (batch, n).
            states: of the step before, each (batch, units).
            training: whether elements are dropped.

        Returns the output and the states that follow.
        """
        is_listed = isinstance(states, (list, tuple))
        states = list(states) if is_listed else [states]
        masks = self._drawn or self.draw_masks(inputs, states[0], training)
        output, following = self.advance(self.project(inputs, masks), states, masks)
        return output, following if is_listed else following[0]

    def draw_masks(self, inputs: Tensor, state: Tensor, training: bool | None) -> DropoutMasks:
        """Choose what a sequence drops of its inputs and of its states, for (batch, ...) shapes."""
        if not training:
            return DropoutMasks()
        return DropoutMasks(
            self._draw(inputs, self.dropout), self._draw(state, self.recurrent_dropout)
        )

    def _draw(self, like: Tensor, rate: float) -> list[Tensor] | None:
        if not 0 < rate < 1:
            return None
        count = self._gates if self.implementation == 1 else 1
        ones = ops.ones_like(like)
        return [random.dropout(ones, rate, seed=self.seed_generator) for _ in range(count)]

    def get_dropout_mask(self, step_input: Tensor) -> Tensor | list[Tensor] | None:
        """Return what the inputs of a step are multiplied by, for a `call` that a subclass writes.

        It is the same one for all steps of a sequence, and until `reset_dropout_mask`.

        Args:
            step_input: of shape (batch, n).

        Returns None where nothing is dropped; with implementation=1 a list, one for each gate.
        """
        if self._drawn is not None:
            return self._one_or_list(self._drawn.inputs)
        if self._kept.inputs is None:
            self._kept = self._kept._replace(inputs=self._draw(step_input, self.dropout))
        return self._one_or_list(self._kept.inputs)

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> Tensor | list[Tensor] | None:
        """Return what the state is multiplied by, as `get_dropout_mask` does for the inputs.

        Args:
            step_input: the state, of shape (batch, units).
        """
        if self._drawn is not None:
            return self._one_or_list(self._drawn.states)
        if self._kept.states is None:
            self._kept = self._kept._replace(states=self._draw(step_input, self.recurrent_dropout))
        return self._one_or_list(self._kept.states)

    def reset_dropout_mask(self) -> None:
        """Let the next `get_dropout_mask` draw another one; layers do so for each sequence."""
        self._kept = self._kept._replace(inputs=None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Let the next `get_recurrent_dropout_mask` draw another one."""
        self._kept = self._kept._replace(states=None)

    def _one_or_list(self, masks: list[Tensor] | None) -> Tensor | list[Tensor] | None:
        return masks if masks is None or self.implementation == 1 else masks[0]

    def project(self, inputs: Tensor, masks: DropoutMasks) -> Tensor:
        """Return what the gates take of the inputs: (..., n) gives (..., gates x units)."""
        x = self._product(self._of_inputs, inputs, self.kernel, masks.inputs)
        return x if self.bias is None else x + self._input_bias()

    def _input_bias(self) -> Any:
        return self.bias

    def advance(
        self, projected: Tensor, states: list[Tensor], masks: DropoutMasks
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the output of a step, and its states, from its projected inputs."""
        raise NotImplementedError

    def run_sequence(
        self, projected: Tensor, states: list[Tensor], mask: Tensor | None, loop: Loop
    ) -> Steps | None:
        """Run all steps in one brick, as `RNN` does where nothing is dropped of the states.

        Args:
            projected: what `project` returns, of shape (batch, steps, gates x units).
            states: those before the first step.
            mask: of shape (batch, steps), or None.
            loop: how; it is not unrolled.

        Returns None where the engine has no brick for the cell: a loop of `advance` runs it.
        """
        return None

    # What inputs and states are multiplied by a kernel with; a convolution in cells of pictures.
    _of_inputs = staticmethod(ops.matmul)
    _of_states = staticmethod(ops.matmul)

    def _product(
        self, multiply: Callable, x: Tensor, kernel: Any, masks: list[Tensor] | None
    ) -> Tensor:
        """x times kernel, where elements of x are dropped; gate by gate with a mask for each."""
        if masks is None:
            return multiply(x, kernel)
        if len(masks) == 1:
            return multiply(x * masks[0], kernel)
        kernels = ops.split(kernel, len(masks), axis=-1)
        parts = [multiply(x * mask, part) for mask, part in zip(masks, kernels)]
        return ops.concatenate(parts, axis=-1)

    def get_initial_state(self, batch_size: int | None = None) -> list[Tensor]:
        """Return zeros for the states before the first step, a list of (batch_size, units)."""
        sizes = self.state_size if isinstance(self.state_size, list) else [self.state_size]
        return [ops.zeros((batch_size, size), self.compute_dtype) for size in sizes]

    # ---- its description ----

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.cell_config()}

    def cell_config(self) -> dict[str, Any]:
        """Return its own arguments; the layer that runs it has them, too."""
        return {
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "recurrent_initializer": initializers.serialize(self.recurrent_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "recurrent_regularizer": regularizers.serialize(self.recurrent_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "recurrent_constraint": constraints.serialize(self.recurrent_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


# ---- bricks over whole sequences --------------------------------------------------------------

_NAMES = {activations.get(name): name for name in recurrent.ACTIVATIONS}


def brick_name(activation: Any) -> str | None:
    """Return the name by which bricks know an activation; None for any other function."""
    return next((name for known, name in _NAMES.items() if known is activation), None)


def steps_of(outputs: Tensor, states: list[Tensor], mask: Tensor | None, loop: Loop) -> Steps:
    """Return what a brick computed as a loop returns it; the first state is the last output.

    It is 0 instead where masked steps are to be, and where no step counts.
    """
    if loop.keeps_outputs:
        return Steps(ops.flip(outputs, axis=1) if loop.is_reversed else outputs, states)
    if mask is None:
        has_steps = outputs.shape[1] > 0
        return Steps(states[0] if has_steps else ops.zeros_like(states[0]), states)
    is_real = ops.any(mask, axis=1, keepdims=True)
    if loop.zero_masked:
        is_real = mask[:, :1] if loop.is_reversed else mask[:, -1:]
    return Steps(ops.where(is_real, states[0], ops.zeros_like(states[0])), states)
