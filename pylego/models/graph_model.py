"""What a model with a graph is: its inputs and outputs, their names and shapes, and its layers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pylego import ops
from pylego.core.tree import leaves, map_leaves
from pylego.graph import Function, KerasTensor
from pylego.graph.function import in_order
from pylego.graph.python_prefix import PrefixValues
from pylego.graph.shapes import map_shapes
from pylego.keras_imports import is_as_keras
from pylego.layers import InputSpec, Layer
from pylego.layers.symbolic_calls import OwnAttributesFirst
from pylego.models import graph_inputs
from pylego.training.data import Single
from pylego.utils.packing import pack_x_y_sample_weight, unpack_x_y_sample_weight

if TYPE_CHECKING:
    from pylego.models.graph_losses import GraphReadings


class GraphModel:
    """The part of `Model` that knows a graph, as `Model(inputs, outputs)` has and a `Sequential`
    whose input shape is known."""

    name: str
    _function: Function | None = None
    _extended: Function | None = None  # the graph with what training computes beside its outputs
    _added_losses: tuple[KerasTensor, ...] = ()
    _measured: Mapping[str, KerasTensor] = MappingProxyType(
        {}
    )  # by metrics that were added under these names
    _readings: GraphReadings | None = None  # by losses and metrics
    _graph_layers: tuple[Layer, ...] = ()
    _is_single: bool | Single
    supports_masking = True
    _makes_masks = False  # its layers do

    def _follow(self: Any, inputs: Any, outputs: Any) -> None:
        """Compute by a graph from now on."""
        inputs, outputs = graph_inputs.begun_by_input_layers(inputs, outputs)
        self._function = Function(inputs, outputs, self.name)
        self._graph_layers = tuple(x for x in self._function.operations if isinstance(x, Layer))
        # The number of samples is free, also where the inputs had one.
        shapes = [x.shape for x in leaves(inputs)]
        self.input_spec: Any = [InputSpec(shape=(None, *s[1:]) if s else s) for s in shapes]
        is_single = all(type(_unwrapped(x)) is KerasTensor for x in (inputs, outputs))
        self._is_single = is_single and Single(self.input_names[0], self.output_names[0])
        self.built = True

    def _has_call(self: Any) -> bool:
        return self._function is not None or type(self).call is not GraphModel.call

    def _runs_graph(self: Any) -> bool:
        """Whether a call runs the graph, and no `call` of a subclass."""
        return self._function is not None and type(self).call is GraphModel.call

    def add_loss(self: Any, loss: Any, inputs: Any = None) -> None:
        """Add to what training minimizes; placeholders of the graph, as in Keras 2, are computed
        with the outputs of each call.

        Args:
            loss: a tensor or placeholder, or a list of such.
            inputs: says nothing; programs for Keras 2 give what the loss depends on.
        """
        added = [x for x in leaves(loss) if isinstance(x, KerasTensor)]
        if not added or self._function is None:
            Layer.add_loss(self, loss)
            return
        self._added_losses = (*self._added_losses, *added)
        self._extend()

    def add_metric(
        self: Any, value: Any, name: str | None = None, aggregation: str | None = "mean"
    ) -> None:
        """Show the mean of a tensor in the logs; a placeholder of the graph, as in Keras 2, is
        computed with the outputs of each call. Arguments as for `Layer.add_metric`."""
        if not isinstance(value, KerasTensor) or self._function is None:
            Layer.add_metric(self, value, name, aggregation)
            return
        self._added_metric(name, aggregation)
        self._measured = {**self._measured, name: value}
        self._extend()

    def _for_training(self: Any, *parts: Any) -> tuple:
        """Losses and metrics; those that read placeholders of the graph as functions of numbers."""
        if self._function is None or not (is_as_keras() or self._readings):
            return parts
        from pylego.models.graph_losses import GraphReadings  # programs of former years alone

        readings = GraphReadings(self._function)
        bound = tuple(map(readings.bind, parts))
        if readings.placeholders or self._readings is not None:
            self._readings = readings
            self._extend()
        return bound

    def _extend(self: Any) -> None:
        read = tuple(self._readings.placeholders) if self._readings is not None else ()
        structure = (
            self._function.outputs_structure,
            self._added_losses,
            read,
            (*self._measured.values(),),
        )
        self._extended = Function(self._function.inputs_structure, structure, self.name)

    def call(self: Any, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Compute the outputs from the inputs; every model without a graph defines it."""
        if self._function is None:
            raise NotImplementedError(
                f"{type(self).__name__} has no call(): define call(self, inputs), or give the "
                "model a graph, Model(inputs, outputs)"
            )
        if self._extended is None:
            return _unwrapped(self._computed(self._function, inputs))
        outputs, losses, read, measured = self._computed(self._extended, inputs)
        if losses:
            Layer.add_loss(self, [ops.mean(loss) for loss in losses])
        if self._readings is not None:
            self._readings.values = read
        for name, value in zip(self._measured, measured):
            Layer.add_metric(self, value, name)
        return _unwrapped(outputs)

    def _computed(self: Any, function: Function, inputs: Any) -> Any:
        if type(inputs) is PrefixValues:
            return function.run_behind(self._function.prefix, inputs)
        return function(inputs)

    def run_prefix(self: Any, inputs: Any) -> Any:
        """Return what a call is given in the place of inputs, where its graph begins with calls in
        Python, such as those of layers that take texts; else the inputs."""
        if not self._has_prefix() or type(inputs) is PrefixValues:
            return inputs
        given = in_order(graph_inputs.lined_up(inputs, self._function))
        if any(isinstance(x, KerasTensor) for x in given):
            return inputs
        return self._function.run_prefix(given)

    def _has_prefix(self: Any) -> bool:
        return self._runs_graph() and bool(self._function.prefix)

    def _behind_prefix(self: Any, batch: Any) -> Any:
        """The batch with what the prefix computes in the place of x."""
        if not self._has_prefix():
            return batch
        x, y, sample_weight = unpack_x_y_sample_weight(batch)
        return pack_x_y_sample_weight(self.run_prefix(x), y, sample_weight)

    def _read_arguments(self: Any, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        if not args:
            return Layer._read_arguments(self, args, kwargs)
        if not self._runs_graph():
            args = (graph_inputs.with_texts(args[0]), *args[1:])
            return Layer._read_arguments(self, args, kwargs)
        inputs = self.run_prefix(args[0])
        if type(inputs) is PrefixValues:
            return self._with_training_by_name((inputs, *args[1:]), kwargs)
        inputs = graph_inputs.lined_up(inputs, self._function)  # in the dtypes of the graph
        args, kwargs = Layer._read_arguments(self, (inputs, *args[1:]), kwargs)
        return (inputs, *args[1:]), kwargs

    def _check_inputs(self: Any, inputs: Any) -> None:
        if type(inputs) is not PrefixValues:
            Layer._check_inputs(self, inputs)

    def compute_output_spec(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return placeholders for the outputs of such inputs."""
        if not self._runs_graph():
            return Layer.compute_output_spec(self, inputs, *args, **kwargs)
        given = graph_inputs.lined_up(inputs, self._function)
        return _unwrapped(self._function.compute_output_spec(given))

    def compute_output_shape(self: Any, input_shape: Any) -> Any:
        """Return the shape of the outputs for a shape of inputs, or a structure of them."""
        if not self._runs_graph():
            return Layer.compute_output_shape(self, input_shape)
        dtypes = iter([x.dtype for x in self._function.inputs])
        given = map_shapes(lambda shape: KerasTensor(shape, next(dtypes, None)), input_shape)
        return map_leaves(lambda x: x.shape, self.compute_output_spec(given))

    def compute_mask(self: Any, inputs: Any, previous_mask: Any) -> Any:
        """Return None where a graph is run: its layers have passed masks on."""
        return None if self._runs_graph() else previous_mask

    # ---- what it is ----

    @property
    def inputs(self) -> list[KerasTensor]:
        """The placeholders that the graph begins with.

        Raises:
            AttributeError: without a graph.
        """
        return list(self._graph_for("inputs").inputs)

    @property
    def outputs(self) -> list[KerasTensor]:
        """The placeholders that the graph ends with.

        Raises:
            AttributeError: without a graph.
        """
        return list(self._graph_for("outputs").outputs)

    @OwnAttributesFirst
    def input(self) -> Any:
        """The placeholders that the graph begins with, in their structure."""
        return self._graph_for("input").inputs_structure

    @OwnAttributesFirst
    def output(self) -> Any:
        """The placeholders that the graph ends with, in their structure."""
        return self._graph_for("output").outputs_structure

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs, which are those of the input layers."""
        return [x.name for x in self._graph_for("input_names").inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers and operations that the outputs come out of."""
        outputs = self._graph_for("output_names").outputs
        return [x._keras_history.operation.name for x in outputs]

    @property
    def input_shape(self) -> Any:
        """The shape of the input; of several inputs a list.

        Raises:
            AttributeError: without a graph.
        """
        return _only([x.shape for x in self._graph_for("input_shape").inputs])

    @property
    def output_shape(self) -> Any:
        """The shape of the output; of several outputs a list.

        Raises:
            AttributeError: without a graph.
        """
        return _only([x.shape for x in self._graph_for("output_shape").outputs])

    @property
    def operations(self) -> list[Any]:
        """The layers and other operations of the graph, in the order of Keras: deepest first."""
        return list(self._graph_for("operations").operations)

    def _graph_for(self: Any, attribute: str) -> Function:
        """The graph, or the error for an attribute that only models with a graph have."""
        if self._function is None:
            raise AttributeError(
                f"{self.name!r} has no {attribute}: {type(self).__name__} computes in call(), and "
                "has no graph as Model(inputs, outputs) has"
            )
        return self._function


def _unwrapped(outputs: Any) -> Any:
    """The output alone where it is the only one of a list, as Keras has it."""
    is_wrapped = isinstance(outputs, (list, tuple)) and len(outputs) == 1
    return outputs[0] if is_wrapped else outputs


def _only(items: list) -> Any:
    return items[0] if len(items) == 1 else items
