"""The graph of a model in Keras's form: each layer with its calls, and which tensors are the ends.

A tensor is described by where it comes from: [name of the layer, number of the call, number of the
output]. Only calls that belong to the model are counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.core.tree import map_leaves
from pylego.graph import FunctionOperation, KerasTensor, Node, keras_operations

KEYS = ("layers", "input_layers", "output_layers")


def describe_graph(model: Any) -> dict[str, Any]:
    """Return 'layers', 'input_layers' and 'output_layers' of a model with a graph."""
    own = set(model._function.nodes)
    calls = {
        operation.name: [node for node in operation._inbound_nodes if node in own]
        for operation in model._function.operations
    }

    def place(x: KerasTensor, first: int = 0) -> list:
        operation, _, output = x._keras_history
        return [operation.name, calls[operation.name].index(x.node) + first, output]

    def end(x: KerasTensor) -> list:
        return place(x, first_call(x._keras_history.operation))

    return {
        "layers": [
            _describe_operation(operation, calls[operation.name], place)
            for operation in model._function.operations
        ],
        "input_layers": map_leaves(end, model._function.inputs_structure),
        "output_layers": map_leaves(end, model._function.outputs_structure),
    }


def first_call(operation: Any) -> int:
    """Where the ends of a model are described, Keras counts the calls of a model inside from 1."""
    return int(is_functional(operation))


def is_functional(operation: Any) -> bool:
    """Return whether it is a model that was made of inputs and outputs."""
    return getattr(operation, "_graph_layers", ()) != ()


def _describe_operation(operation: Any, calls: list[Node], place: Any) -> dict[str, Any]:
    def described(structure: Any) -> Any:
        return registry.serialize(map_leaves(lambda x: _describe_tensor(x, place), structure))

    if not isinstance(operation, FunctionOperation):
        description = registry.serialize(operation)
        written = [(node.args, node.kwargs) for node in calls if node.inputs]
    else:
        ops = [
            keras_operations.describe(operation.function.__name__, node.args, node.kwargs)
            for node in calls
        ]
        description = {
            "module": ops[0].module,
            "class_name": ops[0].class_name,
            "config": registry.serialize({"name": operation.name, **ops[0].config}),
            "registered_name": ops[0].class_name,
        }
        written = [(op.args, op.kwargs) for op in ops]
    nodes = [{"args": described(args), "kwargs": described(kwargs)} for args, kwargs in written]
    description.update(name=operation.name, inbound_nodes=nodes)
    return description


def _describe_tensor(x: Any, place: Any) -> Any:
    if not isinstance(x, KerasTensor):
        return x
    config = {"shape": x.shape, "dtype": x.dtype, "keras_history": place(x)}
    return {"class_name": "__keras_tensor__", "config": config}


def is_graph(config: Any) -> bool:
    """Return whether a config describes a graph."""
    return isinstance(config, Mapping) and {*KEYS} <= {*config}
