"""A stack of layers: what comes out of one goes into the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pylego import registry, versions
from pylego.construction import explained
from pylego.core.tensor import Tensor
from pylego.core.text_array import TEXT, TextArray
from pylego.core.tree import leaves, map_leaves
from pylego.graph import Function, KerasTensor, Node
from pylego.graph.python_prefix import PrefixValues
from pylego.layers import InputLayer, InputSpec, Layer, shape_inference
from pylego.layers.symbolic_calls import OwnAttributesFirst
from pylego.models import graph_inputs
from pylego.models.model import Model
from pylego.names import note_older
from pylego.registry.shown import shown
from pylego.training.data import Single

Shape = tuple[int | None, ...]
_TAKES_NO_TEXTS = (
    "computes with numbers, and below it are texts. TextVectorization, StringLookup, Hashing and "
    "HashedCrossing make numbers of them"
)


class Sequential(Model):
    """A stack of layers.

    When the shape of its inputs is known, from `Input(...)`, from `input_shape=` of the first layer
    or because that is a model with a graph, each layer is built as it is added, and a misfit is
    reported there. Otherwise the first data build it.

    Args:
        layers: the layers from bottom to top; more can be added.
        trainable: whether training changes the weights.
        name: by default 'sequential', 'sequential_1', ...

    Raises:
        TypeError: for something that is not a layer.
        ValueError: for layers that do not fit on one another, or two of one name.

    >>> from pylego.layers import Dense
    >>> model = Sequential([Dense(4, activation="relu", input_shape=(3,)), Dense(2)])
    >>> model.output_shape, model.count_params()
    ((None, 2), 26)
    """

    def __init__(
        self,
        layers: Iterable[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ):
        super().__init__(trainable=trainable, name=name)
        self._input: InputLayer | None = None
        self._layers: list[Layer] = []
        # Placeholders: for the inputs, and for the outputs of each built layer. They are nodes of a
        # graph, so that models of other layers can begin and end inside of this one.
        self._specs: list[Any] = []
        if isinstance(layers, Layer):
            raise TypeError(f"Sequential takes a list of layers: Sequential([{layers.name}])")
        if layers is not None and not isinstance(layers, Iterable):
            raise TypeError(f"Sequential takes a list of layers. Received: {layers!r}")
        for layer in layers or ():
            self.add(layer)

    _graph: Function | None = None
    _ends: tuple[int, bool | Single] = (-1, True)  # `_is_single` as it was in a version
    _unversioned = Model._unversioned | {"_graph", "_ends"}
    _not_copied = Model._not_copied | {"_graph", "_ends"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over the attributes of the model that this one is a copy of."""
        super().__setstate__(state)
        if self._specs and self._specs[0].node is None:
            first = self._specs[0]
            begin = self._input or InputLayer(
                batch_shape=first.shape, dtype=first.dtype, name=first.name
            )
            self._specs[0] = begin.output
        for layer, below, above in zip(self._layers, self._specs, self._specs[1:]):
            self._add_node(layer, below, above)

    def _add_node(self, layer: Layer, below: Any, above: Any) -> None:
        """Let placeholders know what they come out of, unless they do, as in `copy.copy`."""
        if any(x.node is None for x in leaves(above)):
            Node(layer, (below,), {}, above)

    def __copy__(self) -> Sequential:
        """Return a stack of the same layers, which may grow and shrink by itself."""
        twin: Any = type(self).__new__(type(self))
        lists = {"_layers": [*self._layers], "_specs": [*self._specs]}
        twin.__setstate__({**self.__getstate__(), **lists})
        return twin

    # ---- stacking ----

    @explained
    def add(self, layer: Any) -> None:
        """Put a layer on top.

        Args:
            layer: a layer, or what `Input(...)` returns as the first one.

        Raises:
            TypeError: for something else.
            ValueError: when it does not fit on the layer below, or its name is taken. The model is
                then as it was before.
        """
        if isinstance(layer, KerasTensor) and graph_inputs.is_input(layer):
            layer = layer.node.operation
        self._check_addable(layer)
        if isinstance(layer, InputLayer):
            self._set_input(layer)
            return
        if not self._layers and self._input is None and layer.batch_input_shape is not None:
            shape, dtype = layer.batch_input_shape, layer.compute_dtype
            self._set_input(InputLayer(batch_shape=shape, dtype=dtype))
        elif not self._layers and self._input is None and _has_graph(layer):
            begins = [_like(x) for x in layer.inputs]  # several: as `Merge` of Keras 1 makes one
            self._specs = begins if len(begins) == 1 else [begins]
        if self._specs:
            self._specs.append(self._fit_on_top(layer))
        self._layers.append(layer)
        self._restack()

    def pop(self) -> Layer:
        """Take the top layer off and return it.

        Raises:
            ValueError: when there is none.
        """
        if not self._layers:
            raise ValueError(f"{self.name!r} has no layers to take off")
        del self._specs[len(self._layers) :]
        layer = self._layers.pop()
        self._restack()
        return layer

    def _restack(self) -> None:
        """Forget the graph of the layers as they were."""
        self.built = bool(self._layers and self._specs)
        self._graph = None

    @property
    def _function(self) -> Function | None:  # type: ignore[override]
        """The graph of the layers, made when somebody asks; None before the model is built."""
        if self._graph is None and self.built:
            self._graph = Function(self._specs[0], self._specs[-1], self.name)
        return self._graph

    @property
    def _is_single(self) -> bool | Single:  # type: ignore[override]
        """True, or the names of the input and the output once they are known."""
        if self._ends[0] != versions.number:
            found = self._find_ends()
            self._ends = versions.number, found
        return self._ends[1]

    def _find_ends(self) -> bool | Single:
        graph = self._function
        if graph is not None and len(graph.inputs) > 1:
            return False
        return graph is None or Single(graph.inputs[0].name, self.output_names[0])

    @property
    def layers(self) -> list[Layer]:
        """The layers from bottom to top, without the input layer."""
        return list(self._layers)

    @OwnAttributesFirst
    def model(self) -> Sequential:
        """Itself: in Keras 1 there was a model inside."""
        note_older("model.model", "model")
        return self

    def _check_addable(self, layer: Any) -> None:
        if isinstance(layer, type) and issubclass(layer, Layer):
            raise TypeError(f"{layer.__name__} is a class: add a layer, {layer.__name__}(...)")
        if isinstance(layer, Layer):
            layer._check_initialized()
        else:
            raise TypeError(
                f"Only layers can be added to a Sequential. Received: {layer!r} of type "
                f"{type(layer).__name__}"
            )
        if isinstance(layer, InputLayer) and (self._layers or self._input):
            raise ValueError(f"The input of {self.name!r} is settled: Input comes first, and once")
        if any(layer.name == other.name and layer is not other for other in self._layers):
            raise ValueError(
                f"{self.name!r} has a layer named {layer.name!r} already: give each a name= of its "
                "own"
            )

    def _set_input(self, layer: InputLayer) -> None:
        self._input = layer
        self._specs = [layer.output]
        self.batch_input_shape = layer.batch_shape  # for a Sequential that this one begins
        self.input_spec = InputSpec(shape=layer.batch_shape)

    def _fit_on_top(self, layer: Layer, is_typed: bool = True) -> Any:
        """Build the layer on the one below; return a placeholder for its outputs."""
        below = self._specs[-1]
        shape = _shapes_of(below)
        try:
            layer._check_inputs(below)
            with self._scope():
                if layer._defines_build and not layer.built:
                    layer.build(shape)
                above = _output_of(layer, below, is_typed)
                if not layer.built:
                    layer.build(shape)
            self._add_node(layer, below, above)
            return above
        except ValueError as error:
            if any(x.dtype == TEXT for x in leaves(below)):  # that is why, whatever their shape
                raise TypeError(f"{_called(layer)} {_TAKES_NO_TEXTS}") from error
            raise ValueError(
                f"{_called(layer)} does not fit on {self._called_below()}, which gives the shape "
                f"{shape}: {error}"
            ) from error

    def _called_below(self) -> str:
        below = len(self._specs) - 2  # the shapes begin with that of the inputs
        return "the input" if below < 0 else _called(self._layers[below])

    # ---- building and calling ----

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers.

        Args:
            input_shape: of a batch, such as (None, 784).

        Raises:
            ValueError: without layers, for a shape that does not fit, or that differs from the one
                the model has.
        """
        if not self._layers:
            raise ValueError(f"{self.name!r} has no layers: add some, model.add(Dense(10))")
        if input_shape is None:
            raise ValueError("build needs the shape of a batch, such as model.build((None, 784))")
        shape = tuple(input_shape)
        if self._input is not None and shape != self._input.batch_shape:
            raise ValueError(
                f"{self.name!r} was given inputs of shape {self._input.batch_shape}; it cannot be "
                f"built for {shape}"
            )
        if len(self._specs) == len(self._layers) + 1:
            return
        self._build_on(InputLayer(batch_shape=shape).output, is_typed=False)

    def _build_on(self, inputs: KerasTensor, is_typed: bool) -> None:
        """Build all layers from bottom to top."""
        self._specs = [inputs]
        try:
            for number, layer in enumerate(self._layers):
                self._specs.append(self._fit_on_top(layer, is_typed or number > 0))
        except BaseException:
            self._specs = []
            raise
        self._restack()

    def _build_for(self, inputs: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        if not isinstance(inputs, (Tensor, KerasTensor)) or not inputs.shape:
            raise ValueError(
                f"{self.name!r} takes one tensor with one row per sample. Received: {inputs!r}"
            )
        shape = (None, *inputs.shape[1:])
        if self._layers and self._input is None and not self._specs:
            with self._scope():
                self._build_on(InputLayer(batch_shape=shape, dtype=inputs.dtype).output, True)
        self.build(shape)

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        """Compute the outputs; the first call builds the layers.

        Args:
            inputs: array or tensor, one row per sample. Where a sample is a single number, (N,) and
                (N, 1) mean the same.
            training: whether layers such as Dropout act as in training.

        Raises:
            ValueError: when the inputs do not fit.
        """
        outputs = self._run_as_program(inputs, training)
        return Layer.__call__(self, inputs, training=training) if outputs is None else outputs

    def _read_arguments(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        args = (self.run_prefix(args[0]), *args[1:])
        if type(args[0]) is PrefixValues:
            return self._with_training_by_name(args, kwargs)
        if self._input is not None and not isinstance(args[0], dict):
            wanted = self._input.output
            args = (graph_inputs.aligned(args[0], wanted), *args[1:])
        return Layer._read_arguments(self, args, kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        """Return None: what comes out carries the mask that the last layer gave it."""

    def run_prefix(self, inputs: Any) -> Any:
        """Return what a call is given in the place of inputs, where the first layers take texts, or
        look at numbers; else the inputs."""
        if not self.built and self._layers and isinstance(inputs, TextArray):
            shape = (None, *inputs.shape[1:])
            with self._scope():
                self._build_on(InputLayer(batch_shape=shape, dtype=TEXT).output, is_typed=True)
        return super().run_prefix(inputs)

    def _has_prefix(self) -> bool:
        return self._function is not None and bool(self._function.prefix)

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if type(inputs) is PrefixValues:
            return self._computed(self._graph_for("call"), inputs)
        for layer in self._layers:
            inputs = layer(inputs)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """Return the shape of the outputs for a shape of inputs."""
        dtype = self._specs[0].dtype if self._specs else None
        outputs: Any = KerasTensor(tuple(input_shape), dtype)
        for number, layer in enumerate(self._layers):
            outputs = _output_of(layer, outputs, number > 0 or self._input is not None)
        return _shapes_of(outputs)

    def compute_output_spec(self, inputs: Any, training: bool | None = None) -> Any:
        """Return a placeholder, with shape and dtype, for the outputs of such inputs."""
        for layer in self._layers:
            inputs = layer.compute_output_spec(inputs)
        return inputs

    # ---- what it is ----

    def _graph_for(self, attribute: str) -> Function:
        if self._function is None and self._specs:  # an input, and no layers yet
            return Function(self._specs[0], self._specs[0], self.name)
        if self._function is None:
            raise AttributeError(
                f"{self.name!r} has no {attribute} yet: begin it with Input(...), build it, or "
                "call it on data"
            )
        return self._function

    def output_shape_of(self, layer: Layer) -> Shape | None:
        places = [place for place, other in enumerate(self._layers) if other is layer]
        return _shapes_of(self._specs[places[0] + 1]) if places and self._specs else None

    def get_config(self) -> dict[str, Any]:
        """Return the description of all layers, as plain data."""
        first = self._input_layer()
        stack = self._layers if first is None else [first, *self._layers]
        with registry.sharing():  # a layer may come twice
            described = [registry.serialize(layer) for layer in stack]
        config = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": registry.serialize(self.dtype_policy),
            "layers": described,
        }
        if not self.built or isinstance(self._specs[0], list):
            return config
        return {**config, "build_input_shape": self._specs[0].shape}

    def get_build_config(self) -> dict[str, Any] | None:
        """Return the shape of the inputs; None where it is not known."""
        return {"input_shape": _shapes_of(self._specs[0])} if self._specs else None

    def _input_layer(self) -> InputLayer | None:
        """The layer below all others: that of `Input(...)`, or of the data that built the model."""
        is_one = self._specs and isinstance(self._specs[0], KerasTensor)
        return self._specs[0].node.operation if is_one else None

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Sequential:
        """Make a new model, with new weights, from what `get_config` returned.

        Args:
            config: the description.
            custom_objects: {name of class: class} for layers that are not pylego's.

        Raises:
            ValueError: for an unknown layer, with the nearest names, and without layers.
        """
        described = config.get("layers") if isinstance(config, Mapping) else None
        if not isinstance(described, (list, tuple)):
            raise ValueError(
                "A Sequential is described by 'name' and a list of 'layers'. Received: "
                f"{shown(config)}"
            )
        model = cls(name=config.get("name"))
        with registry.reading(config, custom_objects), model._scope():
            for one in described:
                model.add(registry.deserialize(one, kind="layer"))
        if config.get("build_input_shape") and not model.built and model._layers:
            model.build(config["build_input_shape"])
        if config.get("trainable") is False:  # else each layer says whether it trains
            model.trainable = False
        return model


def _has_graph(layer: Layer) -> bool:
    """Whether it is a model that knows the shapes of its inputs."""
    return isinstance(layer, Model) and layer._function is not None


def _like(x: KerasTensor) -> KerasTensor:
    return InputLayer(batch_shape=x.shape, dtype=x.dtype, name=x.name).output


def _called(layer: Layer) -> str:
    return f"{layer.name!r} ({type(layer).__name__})"


def _shapes_of(specs: Any) -> Any:
    return map_leaves(lambda x: getattr(x, "shape", None), specs)


def _output_of(layer: Layer, below: Any, is_typed: bool) -> Any:
    """A placeholder for what the layer makes of what comes from below, whose dtype may not be
    known."""
    if is_typed:
        return layer.compute_output_spec(below)
    shapes = layer.compute_output_shape(_shapes_of(below))
    return shape_inference.placeholders(shapes, layer.compute_dtype)
