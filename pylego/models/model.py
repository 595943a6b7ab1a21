"""A model: a layer that can be trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pylego import engine, names
from pylego.construction import explained
from pylego.core.scope import innermost_layer
from pylego.core.tensor import Tensor
from pylego.core.tree import leaves
from pylego.layers import InputLayer, Layer
from pylego.models.older_names import OlderNames
from pylego.models.saveable import Saveable
from pylego.training.trainer import Trainer


class Model(Trainer, Saveable, OlderNames):
    """A layer of layers that learns: make the layers in `__init__`, call them in `call`.

    For a plain stack of layers see `Sequential`.

    `copy.deepcopy(model)` and `pickle` (into another process, with the same version of pylego) give
    a model that predicts the same bits and goes on training as this one would: optimizer, metrics,
    random numbers and the order of rows are copied with it. What was recorded is left behind, and
    recorded anew. `copy.copy(model)` is another model of the same layers and variables.

    Args:
        **kwargs: `name`, `trainable`, `dtype`, see `Layer`.

    Raises:
        NotImplementedError: for Model(inputs, outputs).

    >>> from pylego.layers import Dense
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

    def __init__(self, *placeholders: Any, **kwargs: Any):
        if placeholders or {"inputs", "outputs", "input", "output"} & kwargs.keys():
            raise NotImplementedError(
                "Model(inputs, outputs), the functional API, is not there yet. Stack layers with "
                "Sequential([Input(...), layer, ...]), or subclass Model and call the layers in "
                "its call()"
            )
        super().__init__(**kwargs)

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

    @property
    def layers(self) -> list[Layer]:
        """The layers it is made of, without input layers."""
        return [
            layer
            for layer in self._own_layers()
            if isinstance(layer, Layer) and not isinstance(layer, InputLayer)
        ]

    def output_shape_of(self, layer: Layer) -> tuple[int | None, ...] | None:
        """Return the shape of what comes out of one of its layers; None where it is not known."""
        return None

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
            line_length: how wide it is; by default 88, or what the terminal has.
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
