"""Tracking finds the variables and the inner layers of a layer, and reads and writes weights.

Nothing is registered. Attributes are searched at each request, so a list of layers may grow after
it was assigned, and a deleted attribute is no longer found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pylego.core.owned import CONTAINERS, once, owned
from pylego.core.stored_variables import StoresVariables
from pylego.core.tensor import Tensor
from pylego.core.variable import Variable
from pylego.metrics import Metric
from pylego.random import SeedGenerator
from pylego.versions import Versioned


class Tracker(Versioned, StoresVariables):
    """The part of `Layer` that finds its variables and the layers in its attributes.

    An attribute counts if it is a variable, a layer, or a list, tuple or dictionary of such, nested
    as deep as one likes. The public methods are described in `Layer`.
    """

    name: str
    built: bool
    _unversioned = frozenset(
        {
            "_call_number", "_inbound_nodes", "_init_arguments", "_losses", "history", "programs",
            "stop_evaluating",
            "stop_predicting",
            "stop_training",
        }
    )  # fmt: skip
    _not_copied = frozenset({"_call_number", "_inbound_nodes", "_losses"})

    _losses: Sequence[Tensor] = ()
    _call_number = 0  # of the outermost call that `_losses` come from

    def __init__(self, trainable: bool):
        self._trainable = bool(trainable)
        self._added_weights: list[Variable] = []
        self._frozen: list[Variable] = []  # these would train if the layer did

    def __setattr__(self, name: str, value: Any) -> None:
        # Weights are listed in the order of assignment: what comes anew goes to the end. (Not by
        # vars(self): CPython 3.13.0 never collects cycles through an object asked that early.)
        if isinstance(value, _LISTED):
            with contextlib.suppress(AttributeError):
                super().__delattr__(name)
        super().__setattr__(name, value)

    # ---- layers ----

    def _own_layers(self) -> list[Tracker]:
        return owned(self, Tracker)

    def _flatten_layers(self) -> Iterator[Tracker]:
        """Go through this layer and all inside it, outer before inner, each once."""
        seen: set[int] = set()
        waiting: list[Tracker] = [self]
        while waiting:
            layer = waiting.pop()
            if id(layer) not in seen:
                seen.add(id(layer))
                yield layer
                waiting.extend(reversed(layer._own_layers()))

    # ---- variables ----

    def _own_weights(self) -> list[Variable]:
        """List the layer's own weights, those that train (or would) first.

        Those of `add_weight` are in the order in which they were made, as in Keras's files.
        """
        added = {id(weight) for weight in self._added_weights}
        in_order = iter(self._added_weights)
        found = owned(self, Variable)
        found = [next(in_order) if id(weight) in added else weight for weight in found]
        found += in_order
        frozen = {id(weight) for weight in self._frozen}
        return sorted(found, key=lambda weight: not (weight.trainable or id(weight) in frozen))

    def _stored_variables(self) -> list[Variable]:
        return self._own_weights()

    @property
    def weights(self) -> list[Variable]:
        """The weights of this layer and of all inside it; what `get_weights` reads."""
        return once(weight for layer in self._flatten_layers() for weight in layer._own_weights())

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the states of random number generators."""
        return once(
            variable
            for layer in self._flatten_layers()
            for variable in (
                *layer._own_weights(),
                *(generator.state for generator in owned(layer, SeedGenerator)),
            )
        )

    @property
    def trainable_variables(self) -> list[Variable]:
        """What an optimizer changes; nothing while the layer is frozen."""
        return [v for v in self.variables if v.trainable] if self._trainable else []

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that no optimizer changes."""
        return [v for v in self.variables if not (self._trainable and v.trainable)]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that an optimizer changes; nothing while the layer is frozen."""
        return [w for w in self.weights if w.trainable] if self._trainable else []

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Variable]) -> None:
        """Take weights that layers for Keras 1 and 2 list themselves."""
        own = {id(weight) for weight in self._own_weights()}
        others = [weight for weight in weights if id(weight) not in own]
        self._added_weights = [*self._added_weights, *others]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that no optimizer changes."""
        return [w for w in self.weights if not (self._trainable and w.trainable)]

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Variable]) -> None:
        for weight in weights:
            weight.trainable = False
        self.trainable_weights = weights

    @property
    def metrics(self) -> list[Metric]:
        """The metrics in the attributes of this layer and of all inside it."""
        return once(m for layer in self._flatten_layers() for m in layer._held_metrics())

    def _held_metrics(self) -> list[Metric]:
        """The metrics in its own attributes, also inside lists and dictionaries."""
        return owned(self, Metric)

    @property
    def metrics_variables(self) -> list[Variable]:
        """The states of the metrics, which are not weights."""
        return [variable for metric in self.metrics for variable in metric.variables]

    # ---- freezing ----

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; setting it sets it for all layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in self._flatten_layers():
            layer._trainable = bool(value)
            if value:
                layer._unfreeze()
            else:
                layer._freeze()

    def _freeze(self) -> None:
        for weight in self._own_weights():
            if weight.trainable:
                weight.trainable = False
                self._frozen.append(weight)

    def _unfreeze(self) -> None:
        for weight in self._frozen:
            weight.trainable = True
        self._frozen = []

    # ---- numbers ----

    def count_params(self) -> int:
        """Return how many numbers the weights hold.

        Raises:
            ValueError: before the layer is built.
        """
        if not self.built:
            raise ValueError(
                f"Layer {self.name!r} has no weights yet, for it does not know its input's shape: "
                "call it on data, or build it: layer.build((None, ...))"
            )
        return sum(weight.size for weight in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the weights as NumPy arrays."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Replace the weights by arrays in the order of `get_weights`.

        Raises:
            ValueError: when there are more or fewer arrays than weights, or a shape differs; then
                nothing was replaced.
        """
        mine = self.weights
        if not isinstance(weights, (list, tuple, np.ndarray)):
            raise TypeError(
                f"Layer {self.name!r}: set_weights() takes a list of arrays, one per weight. "
                f"Received: a {type(weights).__name__}"
            )
        if len(weights) != len(mine):
            listed = ", ".join(f"{weight.path} {weight.shape}" for weight in mine) or "none"
            hint = "" if self.built else " The layer is not built: call it on data first."
            raise ValueError(
                f"Layer {self.name!r} has {len(mine)} weights ({listed}), but set_weights() "
                f"received {len(weights)} arrays.{hint}"
            )
        for weight, value in zip(mine, weights):
            if np.shape(value) != weight.shape:
                raise ValueError(
                    f"The weight {weight.path!r} of layer {self.name!r} has shape {weight.shape}, "
                    f"but set_weights() received an array of shape {np.shape(value)} for it"
                )
        for weight, value in zip(mine, weights):
            weight.assign(value)


# Attributes of these kinds are listed in the order of assignment.
_LISTED = (Tracker, Variable, *CONTAINERS)
