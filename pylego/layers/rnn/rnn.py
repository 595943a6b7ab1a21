"""The layer that runs a cell over a sequence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor, apply, cast, convert_to_tensor
from pylego.core.tree import leaves, map_leaves
from pylego.core.variable import Variable
from pylego.layers.layer import Layer
from pylego.layers.rnn.cell import BaseCell, DropoutMasks
from pylego.layers.rnn.stacked_rnn_cells import StackedRNNCells, check_cell, output_size
from pylego.layers.rnn.steps import Loop, Step, Steps, run_steps

Shape = tuple[int | None, ...]


class RNN(Layer):
    """Run a cell over the steps of a sequence; each step gets the states that the last one left.

    Shapes: (batch, steps, ...) gives (batch, units), or (batch, steps, units) with
    `return_sequences`. A cell is any object with `call(inputs, states)`, which returns an output
    and the next states, and `state_size`: a number, or a list of them. It may have `output_size`
    and `get_initial_state(batch_size)`.

    Args:
        cell: the cell, or a list of cells, each of which gets what the one before puts out.
        return_sequences: whether the outputs of all steps come out, and not the last one alone.
        return_state: whether the last states come out, too: output, state, state, ...
        go_backwards: whether the last step comes first; outputs are in the order of computation.
        stateful: whether a batch begins with the states that the last batch left. All batches have
            one size then; `reset_states()` makes the states 0.
        unroll: whether programs hold the ops of each step; it costs memory, and saves little here.
        zero_output_for_mask: whether the output of a masked step is 0; else it is that of the step
            before.
        **kwargs: see `Layer`.

    Raises:
        ValueError: for a cell without `call` or `state_size`, and for a stateful layer without a
            batch size.

    >>> class Sum(Layer):
    ...     state_size = 1
    ...
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> RNN(Sum(), return_sequences=True)([[[1.0], [2.0], [3.0]]]).numpy().ravel().tolist()
    [1.0, 3.0, 6.0]
    """

    supports_masking = True
    states: list[Any] | None = None  # those of a stateful layer
    _unversioned = Layer._unversioned | {"states"}

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **kwargs: Any,
    ):
        kwargs = _with_input_length(kwargs)
        if isinstance(cell, (list, tuple)):
            cell = StackedRNNCells(cell)
        check_cell(type(self).__name__, cell)
        super().__init__(**kwargs)
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll

    @property
    def state_size(self) -> list[Any]:
        """The lengths of the states, a list also for a single one."""
        size = self.cell.state_size
        return [size] if isinstance(size, int) else list(size)

    # ---- shapes ----

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        if isinstance(self.cell, Layer) and not self.cell.built:
            if type(self.cell).build is Layer.build:  # its parts are built by a call, with states
                self.cell(ops.zeros((1, *sequences_shape[2:])), self.get_initial_state(1))
            else:
                self.cell.build((sequences_shape[0], *sequences_shape[2:]))
            self.cell.built = True
        if self.stateful and self.states is None:
            self._make_states(sequences_shape[0])

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        batch, steps = sequences_shape[:2]
        features = _as_lengths(output_size(self.cell))
        output = (batch, steps, *features) if self.return_sequences else (batch, *features)
        if not self.return_state:
            return output
        return output, *(_state_shape(batch, size) for size in self.state_size)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = leaves(mask)[0] if self.return_sequences else None
        return [mask, *[None] * len(self.state_size)] if self.return_state else mask

    # ---- states ----

    def _make_states(self, batch: int | None) -> None:
        if batch is None:
            raise ValueError(
                f"Layer {self.name!r} is stateful: it keeps states from batch to "
                "batch, so the batch size has to be known. Give the first layer batch_input_shape="
                "(batch, steps, features), or Input(batch_shape=(batch, steps, features))"
            )
        self.states = map_leaves(self._as_variable, self.get_initial_state(batch))

    def _as_variable(self, value: Tensor) -> Variable:
        return Variable(value, trainable=False, dtype=self.variable_dtype, name="rnn_state")

    def _own_weights(self) -> list[Variable]:
        """States are not weights: files do not hold them."""
        states = {id(state) for state in leaves(self.states)}
        return [weight for weight in super()._own_weights() if id(weight) not in states]

    def get_initial_state(self, batch_size: Any) -> list[Any]:
        """Return the states before the first step: those that the cell names, or zeros.

        Args:
            batch_size: how many samples there are; or the inputs, as in Keras 2.
        """
        if ops.ndim(batch_size):
            batch_size = batch_size.shape[0]
        if hasattr(self.cell, "get_initial_state"):
            states = self.cell.get_initial_state(batch_size=batch_size)
            return list(states) if isinstance(states, (list, tuple)) else [states]
        dtype = self.compute_dtype
        return [ops.zeros(_state_shape(batch_size, size), dtype) for size in self.state_size]

    def reset_state(self) -> None:
        """Make the states of a stateful layer 0."""
        for state in leaves(self.states):
            if state is not None:
                state.assign(ops.zeros_like(state))

    def reset_states(self, states: Any = None) -> None:
        """Make the states of a stateful layer 0, or these (Keras 2's name of `reset_state`).

        Args:
            states: an array for each state; by default zeros.

        Raises:
            ValueError: unless there is one for each state.
        """
        if states is None:
            self.reset_state()
            return
        own, given = leaves(self.states) if self.stateful else [], leaves(states)
        if len(own) != len(given) or any(x is None for x in own):
            raise ValueError(
                f"Layer {self.name!r} keeps {len(own)} states from batch to batch, but was given "
                f"{len(given)} in reset_states(states)"
                + ("" if self.stateful else ": only a layer with stateful=True keeps any")
            )
        for state, value in zip(own, given):
            state.assign(value)

    def _first_states(self, sequences: Tensor, initial_state: Any) -> list[Any]:
        if initial_state is None:
            given = self.states if self.stateful else self.get_initial_state(sequences.shape[0])
        else:
            given = initial_state
        given = list(given) if isinstance(given, (list, tuple)) else [given]
        given = map_leaves(_as_it_is, given)
        self._check_states(sequences, given)
        kinds = self._dtypes_of_cells()
        kinds = kinds if len(kinds) > 1 else kinds * len(given)  # stacked cells have a state each
        return [
            map_leaves(lambda x, kind=kind: cast(x, kind), state)
            for state, kind in zip(given, kinds)
        ]

    def _dtypes_of_cells(self) -> list[str]:
        """The dtypes of what comes out of the cells, of which there is one unless they are stacked:
        each computes in its own."""
        cells = getattr(self.cell, "cells", [self.cell])
        return [getattr(cell, "compute_dtype", self.compute_dtype) for cell in cells]

    def _check_states(self, sequences: Tensor, states: list[Any]) -> None:
        if len(states) != len(self.state_size):
            raise ValueError(
                f"Layer {self.name!r} has {len(self.state_size)} states, but was given "
                f"{len(states)} in initial_state"
            )
        for state in leaves(states):
            if state.ndim == 0 or state.shape[0] != sequences.shape[0]:
                raise ValueError(
                    f"Layer {self.name!r}: sequences of shape {sequences.shape} do not fit a state "
                    f"of shape {state.shape}: both begin with the batch size"
                    + (", which a stateful layer keeps" if self.stateful else "")
                )

    # ---- calling ----

    def __call__(self, sequences: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first call builds the layer.

        Args:
            sequences: of shape (batch, steps, ...); or, as in Keras 2, a list of them and of the
                first states.
            *args: what `call` takes.
            **kwargs: what `call` takes by name.
        """
        if not args and kwargs.get("initial_state") is None:
            sequences, states = states_apart(sequences)
            if states:
                kwargs["initial_state"] = states
        return super().__call__(sequences, *args, **kwargs)

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """Run the cell over the sequences.

        Args:
            sequences: of shape (batch, steps, ...).
            initial_state: a list of states, each (batch, size); by default zeros, or where the last
                batch of a stateful layer ended.
            mask: of shape (batch, steps); where it is False, a step is passed over.
            training: whether cells drop elements.
        """
        states = self._first_states(sequences, initial_state)
        mask = self._checked_mask(leaves(mask)[0], sequences)
        with _same_dropout(self.cell, sequences, states, training):
            ran = self.inner_loop(sequences, states, mask, training)
        if self.stateful:
            for variable, state in zip(leaves(self.states), leaves(ran.states)):
                variable.assign(state)
        return (ran.outputs, *ran.states) if self.return_state else ran.outputs

    def _checked_mask(self, mask: Any, sequences: Tensor) -> Tensor | None:
        if mask is None:
            return None
        mask = convert_to_tensor(mask)
        if tuple(mask.shape) != tuple(sequences.shape[:2]):
            raise ValueError(
                f"Layer {self.name!r}: a mask is of shape (batch, steps), which is "
                f"{sequences.shape[:2]} for sequences of shape {sequences.shape}. Received: a mask "
                f"of shape {mask.shape}"
            )
        return cast(mask, "bool")

    def inner_loop(
        self, sequences: Tensor, initial_state: list[Any], mask: Tensor | None, training: bool
    ) -> Steps:
        """Run all steps, from these states on; outputs of all steps are (batch, steps, ...)."""
        cell = self.cell
        loop = Loop(
            self.go_backwards, self.unroll, self.zero_output_for_mask, self.return_sequences
        )
        if type(cell).call is not BaseCell.call:

            def step(x: Tensor, states: list[Any]) -> tuple[Tensor, Any]:
                return _call_cell(cell, x, states, training)

            return self._loop_over(step, sequences, initial_state, mask, loop)

        # What needs no state is computed for all steps at once.
        masks = cell._drawn or DropoutMasks()
        projected = _project(cell, sequences, masks)
        if masks.states is None and not self.unroll:
            ran = cell.run_sequence(projected, initial_state, mask, loop)
            if ran is not None:
                return ran

        def advance(x: Tensor, states: list[Any]) -> tuple[Tensor, Any]:
            return cell.advance(x, states, masks)

        return self._loop_over(advance, projected, initial_state, mask, loop)

    def _loop_over(
        self, step: Step, xs: Tensor, states: list[Any], mask: Tensor | None, loop: Loop
    ) -> Steps:
        """Run a step for each row of xs (batch, steps, ...)."""
        shape = (xs.shape[0], *_as_lengths(output_size(self.cell)))
        first = ops.zeros(shape, self._dtypes_of_cells()[-1])
        mask = None if mask is None else ops.transpose(mask)
        ran = run_steps(step, _steps_first(xs), first, states, mask, loop)
        return ran._replace(outputs=_steps_first(ran.outputs)) if loop.keeps_outputs else ran

    # ---- its description ----

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": registry.serialize(self.cell),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> RNN:
        """Make a layer, and its cell, from what `get_config` returned."""
        if "cell" not in config:
            return super().from_config(config)
        cell = registry.deserialize(config["cell"], custom_objects)
        return cls(**(config | {"cell": cell}))


def _as_it_is(x: Any) -> Tensor:
    """The numbers of a state: a variable is assigned to once the steps are over."""
    return apply("copy", (x,)) if isinstance(x, Variable) else convert_to_tensor(x)


def states_apart(sequences: Any) -> tuple[Any, list[Any]]:
    """Read Keras 2's [x, h, c] as x and its states [h, c].

    States have an axis less than what they stand beside: the samples of a batch have not."""
    if not isinstance(sequences, (list, tuple)) or len(sequences) < 2:
        return sequences, []
    first, *others = sequences
    ranks = {len(getattr(x, "shape", ())) for x in leaves(others)}
    is_apart = ranks == {len(getattr(first, "shape", ())) - 1}
    return (first, others) if is_apart else (sequences, [])


# ---- cells and shapes -------------------------------------------------------------------------


def _call_cell(cell: Any, x: Tensor, states: list[Any], training: bool) -> tuple[Tensor, Any]:
    """One step of a cell of any kind; `training` for those that take it."""
    if isinstance(cell, Layer):
        takes_training = "training" in cell._call_names
        return cell(x, states, training=training) if takes_training else cell(x, states)
    return cell.call(x, states)


def _project(cell: BaseCell, sequences: Tensor, masks: DropoutMasks) -> Tensor:
    """What the gates take of all steps. Where steps are rows, they become those of one matrix: its
    product takes the bias along."""
    if sequences.ndim != 3 or masks.inputs is not None:
        return cell.project(sequences, masks.of_sequences())
    batch, steps, features = sequences.shape
    rows = cell.project(ops.reshape(sequences, (batch * steps, features)), masks)
    return ops.reshape(rows, (batch, steps, rows.shape[-1]))


@contextlib.contextmanager
def _same_dropout(
    cell: Any, sequences: Tensor, states: list[Any], training: bool
) -> Iterator[None]:
    """Let all steps of a sequence drop the same elements, in each cell of a stack."""
    step = sequences[:, 0] if training else sequences
    cells = list(_with_inputs(cell, step, states))
    for one, x, state in cells:
        one._drawn = one.draw_masks(x, state, training)
    try:
        yield
    finally:
        for one, _, _ in cells:
            one._drawn = None


def _with_inputs(cell: Any, x: Tensor, state: Any) -> Iterator[tuple[BaseCell, Tensor, Tensor]]:
    """Each cell that drops elements, with tensors shaped as its inputs and its first state."""
    if isinstance(cell, StackedRNNCells):
        for one, its_state in zip(cell.cells, state):
            yield from _with_inputs(one, x, its_state)
            x = leaves(its_state)[0]  # of the shape of the outputs
    elif isinstance(cell, BaseCell):
        yield cell, x, leaves(state)[0]


def _steps_first(x: Tensor) -> Tensor:
    """(batch, steps, ...) as (steps, batch, ...), and the other way round."""
    return ops.swapaxes(x, 0, 1)


def _as_lengths(size: Any) -> tuple[int, ...]:
    return (size,) if isinstance(size, int) else tuple(size)


def _state_shape(batch: int | None, size: Any) -> Any:
    """The shape of a state; a stack of cells has a list of lengths for a cell with several."""
    if isinstance(size, list):
        return [_state_shape(batch, one) for one in size]
    return (batch, *_as_lengths(size))


def _with_input_length(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Read Keras 2's input_length=, the steps beside input_dim=, as an input_shape."""
    if "input_length" not in kwargs:
        return kwargs
    rest = {name: x for name, x in kwargs.items() if name not in ("input_length", "input_dim")}
    return rest | {"input_shape": (kwargs["input_length"], kwargs.get("input_dim"))}
