"""A model: a layer that can be trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import engine, names
from pylego.construction import explained
from pylego.core.scope import innermost_layer
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves, map_leaves
from pylego.layers import InputLayer, Layer
from pylego.models import captions, graph_inputs
from pylego.models.description import DescribedModel
from pylego.models.graph_model import GraphModel
from pylego.models.older_names import OlderNames
from pylego.models.pictures import Pictured
from pylego.models.saveable import Saveable
from pylego.models.state_tree import StateTrees
from pylego.training.trainer import Trainer


class Model(DescribedModel, GraphModel, Trainer, Saveable, StateTrees, Pictured, OlderNames):
    """A layer of layers that learns.

    There are two ways to make one. Call layers on `Input(...)`, and give what went in and what came
    out: such a model may branch, and have several inputs and outputs. Or subclass it: make the
    layers in `__init__`, call them in `call`. For a plain stack of layers see `Sequential`.

    `copy.deepcopy(model)` and `pickle` (into another process, with the same version of pylego) give
    a model that predicts the same bits and goes on training as this one would: optimizer, metrics,
    random numbers and the order of rows are copied with it. What was recorded is left behind, and
    recorded anew. `copy.copy(model)` is another model of the same layers and variables.

    Args:
        inputs: placeholders that `Input(...)` returned, or a list, tuple, dictionary or nest of
            them; where one comes out of a layer, the model begins behind that layer.
        outputs: placeholders that layers and ops returned, in any structure.
        name: by default 'functional', 'functional_1', ... or the class's name in snake case.
        **kwargs: `trainable`, `dtype`, see `Layer`.

    Raises:
        TypeError: for inputs or outputs that are not placeholders, and for one without the other.
        ValueError: when an output does not depend on the inputs alone, or two layers have one name.

    >>> from pylego import ops
    >>> from pylego.layers import Dense, Input
    >>> image = Input((4,))
    >>> left, right = Dense(3, activation="relu")(image), Dense(2)(image)
    >>> model = Model(image, ops.concatenate([left, right], axis=-1))
    >>> model.output_shape
    (None, 5)
    >>> class TwoLayers(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.first = Dense(4, activation="relu")
    ...         self.second = Dense(1)
    ...
    ...     def call(self, inputs):
    ...         return self.second(self.first(inputs))
    >>> model = TwoLayers()
    >>> model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    >>> history = model.fit([[0.0], [1.0]], [[0.0], [2.0]], epochs=2, verbose=0)
    >>> sorted(history.history)
    ['loss', 'mae']
    """

    def __init__(self, *graph: Any, **kwargs: Any):
        if len(graph) == 1 and graph[0] is self:  # super().__init__(self), which Keras 2 let pass
            graph = ()
        inputs, outputs = graph_inputs.take_graph(graph, kwargs)
        if outputs is None:
            super().__init__(**kwargs)
            return
        is_plain = type(self) is Model and kwargs.get("name") is None
        if is_plain:
            kwargs["name"] = names.unique_name("functional")
        trainable = kwargs.pop("trainable", None)
        super().__init__(**kwargs)
        self._follow(inputs, outputs)
        if trainable is not None:
            self.trainable = trainable

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; the first call builds the layers.

        A call that comes again runs as one program, unless its code would do more than compute.

        Args:
            *args: what `call` takes. Arrays and lists of numbers become tensors.
            **kwargs: what `call` takes by name.
            training: whether layers such as Dropout act as in training.

        Raises:
            ValueError: when the shape of the inputs does not fit.
        """
        if len(args) == 1 and (not kwargs or [*kwargs] == ["training"]):
            outputs = self._run_as_program(args[0], kwargs.get("training"))
            if outputs is not None:
                return outputs
        return super().__call__(*args, **kwargs)

    def _run_as_program(self, inputs: Any, training: Any) -> Any:
        """The outputs, where they can be had without asking the layers; else None."""
        if innermost_layer() is not None or engine.is_recording() or not self._is_initialized:
            return None
        if type(inputs) is np.ndarray:
            outputs = self.programs.call_again(inputs, training)
            if outputs is not None:
                return outputs
        if not self.built or self.runs_eagerly() or training not in (True, False, None):
            return None
        return self.programs.call(self, inputs, training) if _are_numbers(inputs) else None

    def __repr__(self) -> str:
        return f"<{captions.class_of(self)} name={self.name}, built={self.built}>"

    @property
    def layers(self) -> list[Layer]:
        """The layers of its graph, input layers among them; without a graph those in its
        attributes."""
        if self._function is not None:
            return list(self._graph_layers)
        return [
            layer
            for layer in self._own_layers()
            if isinstance(layer, Layer) and not isinstance(layer, InputLayer)
        ]

    def output_shape_of(self, layer: Layer) -> tuple[int | None, ...] | None:
        """Return the shape of what comes out of one of its layers; None where it is not known."""
        nodes = [] if self._function is None else self._function.nodes
        found = [node.structure for node in nodes if node.operation is layer]
        return map_leaves(lambda x: x.shape, found[0]) if found else None

    @explained
    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of that name, or at that place.

        Raises:
            ValueError: when there is none, or when neither or both are given.
        """
        layers = self.layers
        if (name is None) == (index is None):
            raise ValueError("get_layer takes a name or an index")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"{self.name!r} has {len(layers)} layers, none at index {index}")
            return layers[index]
        by_name = {layer.name: layer for layer in layers}
        if name not in by_name:
            raise names.unknown("layer", name, by_name)
        return by_name[name]

    @explained
    def summary(
        self,
        line_length: int | None = None,
        positions: list[float] | None = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: tuple[str, str] | None = None,
    ) -> None:
        """Print a table of the layers, their output shapes and their numbers of weights.

        Args:
            line_length: how wide it is; by default 88, for graphs 108, or what the terminal has.
            positions: where columns end, as shares of the width.
            print_fn: what prints it; `print` by default. It gets the whole text.
            expand_nested: whether layers inside layers are listed.
            show_trainable: whether a column says which layers train.
            layer_range: names of the first and the last layer to list.
        """
        from pylego.models.summary import print_summary  # loaded when somebody looks

        print_summary(
            self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range
        )


def _are_numbers(inputs: Any) -> bool:
    """Whether they are arrays and tensors, as programs take them."""
    if type(inputs) is Tensor:
        return True
    return all(
        type(x) is Tensor or (type(x) is np.ndarray and engine.has_dtype_of(x))
        for x in leaves(inputs)
    )
