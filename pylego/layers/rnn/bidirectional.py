"""The layer that reads a sequence from both ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pylego import ops, registry
from pylego.core.tensor import Tensor
from pylego.layers.layer import Layer
from pylego.layers.rnn.rnn import states_apart

Shape = tuple[int | None, ...]

MERGE_MODES = ("sum", "mul", "ave", "concat", None)


class Bidirectional(Layer):
    """Run a recurrent layer forwards and another one backwards, and merge what they put out.

    Shapes: (batch, steps, n) gives (batch, 2 units) for "concat", or (batch, steps, 2 units) where
    the layer returns sequences (Schuster and Paliwal, IEEE Trans. Signal Processing 45, 1997).

    Args:
        layer: the recurrent layer; its description is copied twice, its weights are not.
        merge_mode: "concat", "sum", "mul" (the product), "ave" (the mean); None for two outputs.
        weights: arrays for both directions, those of the forward one first.
        backward_layer: the one that runs backwards; by default like `layer`.
        **kwargs: see `Layer`.

    Raises:
        TypeError: when it is not a layer.
        ValueError: for another `merge_mode`, and for two layers that do not fit together.

    >>> from pylego.layers import LSTM
    >>> Bidirectional(LSTM(8)).compute_output_shape((None, 10, 3))
    (None, 16)
    """

    supports_masking = True

    def __init__(
        self,
        layer: Layer,
        merge_mode: str | None = "concat",
        weights: Sequence[Any] | None = None,
        backward_layer: Layer | None = None,
        **kwargs: Any,
    ):
        for name, one in (("layer", layer), ("backward_layer", backward_layer)):
            if not hasattr(one, "go_backwards") and not (one is None and name == "backward_layer"):
                raise TypeError(
                    "Bidirectional is made with a recurrent layer, as in Bidirectional(LSTM(8)). "
                    f"Received: {name}={one!r}"
                )
        if merge_mode not in MERGE_MODES:
            raise ValueError(
                f"Bidirectional: merge_mode is one of {', '.join(map(repr, MERGE_MODES))}. "
                f"Received: merge_mode={merge_mode!r}"
            )
        super().__init__(weights=weights, **kwargs)
        self.forward_layer: Any = _copy(layer, "forward_")
        self.backward_layer: Any = backward_layer
        if backward_layer is None:
            self.backward_layer = _copy(layer, "backward_", go_backwards=True)
        self._check_pair()
        self.merge_mode = merge_mode
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):  # outputs are added up step by step
                one.zero_output_for_mask = one.return_sequences
        self.input_spec = layer.input_spec

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                "Bidirectional: one layer runs forwards and the other backwards, but both have "
                f"go_backwards={forward.go_backwards}"
            )
        for name in ("stateful", "return_sequences", "return_state"):
            if getattr(forward, name) != getattr(backward, name):
                raise ValueError(
                    f"Bidirectional: both layers need the same {name}. Received: "
                    f"{getattr(forward, name)} for the forward layer and "
                    f"{getattr(backward, name)} for the backward layer"
                )

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)

    def compute_output_shape(self, sequences_shape: Shape, initial_state_shape: Any = None) -> Any:
        shape = self.forward_layer.compute_output_shape(sequences_shape)
        output, *states = shape if self.return_state else (shape,)
        if self.merge_mode == "concat":
            output = (*output[:-1], 2 * output[-1])
        merged = (output, output) if self.merge_mode is None else (output,)
        found = (*merged, *states, *states)
        return found if len(found) > 1 else output

    def __call__(self, sequences: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first call builds both layers.

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
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Any = None,
        training: bool | None = None,
    ) -> Any:
        """Run both layers and merge their outputs.

        Args:
            sequences: of shape (batch, steps, ...).
            initial_state: a list of states, those of the forward layer first.
            mask: of shape (batch, steps); where it is False, a step is passed over.
            training: whether cells drop elements.
        """
        half = 0 if initial_state is None else len(initial_state) // 2
        states = (None, None) if not half else (initial_state[:half], initial_state[half:])
        forward, backward = (
            layer(sequences, initial_state=state, mask=mask, training=training)
            for layer, state in zip((self.forward_layer, self.backward_layer), states)
        )
        y, *last = forward if self.return_state else (forward,)
        y_back, *last_back = backward if self.return_state else (backward,)
        if self.return_sequences:
            y_back = ops.flip(y_back, axis=1)
        merged = self._merge(y, y_back)
        found = (*merged, *last, *last_back)
        return found if len(found) > 1 else found[0]

    def _merge(self, y: Tensor, y_back: Tensor) -> tuple[Tensor, ...]:
        if self.merge_mode is None:
            return y, y_back
        if self.merge_mode == "concat":
            return (ops.concatenate([y, y_back], axis=-1),)
        if self.merge_mode == "mul":
            return (y * y_back,)
        total = y + y_back
        return (total if self.merge_mode == "sum" else total / 2,)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        mask = mask if self.return_sequences else None
        masks = [mask, mask] if self.merge_mode is None else mask
        if not self.return_state:
            return masks
        outputs = masks if isinstance(masks, list) else [masks]
        return [*outputs, *[None] * 2 * len(self.forward_layer.state_size)]

    def reset_state(self) -> None:
        """Make the states of both stateful layers 0."""
        if not self.stateful:
            raise AttributeError(f"Layer {self.name!r} is not stateful: it keeps no states")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self, states: Any = None) -> None:
        """Make the states of both layers 0, or these (Keras 2's name of `reset_state`).

        Args:
            states: an array for each state, those of the forward layer first; by default zeros.
        """
        half = 0 if states is None else len(states) // 2
        both = (None, None) if states is None else (states[:half], states[half:])
        self.forward_layer.reset_states(both[0])
        self.backward_layer.reset_states(both[1])

    @property
    def states(self) -> Any:
        """The states of both layers where they are stateful, the forward ones first."""
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return None if forward is None else (*forward, *backward)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "merge_mode": self.merge_mode,
            "layer": registry.serialize(self.forward_layer),
            "backward_layer": registry.serialize(self.backward_layer),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Bidirectional:
        """Make a layer, and both that it runs, from what `get_config` returned."""
        layers = {
            name: registry.deserialize(config[name], custom_objects)
            for name in ("layer", "backward_layer")
            if config.get(name) is not None
        }
        return cls(**(config | layers))


def _copy(layer: Layer, prefix: str, **changes: Any) -> Any:
    """A layer of the same description under another name, without weights or states."""
    description = registry.serialize(layer)
    name = prefix + layer.name.removeprefix(prefix)
    config = {**description["config"], "name": name, **changes}
    return registry.deserialize({**description, "config": config})
