"""Make a graph again of its description: its layers first, then their calls, as inputs get ready.

The layers are listed in any order, and one may be called on what comes out of a later one.
"""

from __future__ import annotations

import inspect
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from pylego import registry
from pylego.core.tree import leaves, map_leaves
from pylego.graph import FunctionOperation, KerasTensor, Operation, keras_operations
from pylego.graph.keras_operations import KerasOperation
from pylego.layers import InputLayer
from pylego.models.graph_config import first_call
from pylego.registry import TensorReference
from pylego.registry.shown import shown


def read_graph(config: Mapping[str, Any]) -> tuple[Any, Any]:
    """Make the layers of a graph, call them, and return inputs and outputs.

    Raises:
        TypeError: for what describes no graph.
        ValueError: for calls that depend on each other, or on what is not there.
    """
    described = config["layers"]
    if not isinstance(described, (list, tuple)):
        raise TypeError(f"The layers of a graph are a list. Received: layers={shown(described)}")
    graph = _Graph()
    for one in described:
        graph.add(one)
    graph.call_all()
    return graph.ends(config["input_layers"]), graph.ends(config["output_layers"])


class _NotYetError(Exception):
    """A call needs the outputs of another one, `call`, that was not made yet."""

    def __init__(self, call: tuple[str, int]):
        super().__init__(call)
        self.call = call


class _Operation:
    """A layer or an op of the graph, and what came out of its calls so far."""

    def __init__(self, description: Mapping[str, Any]):
        self.description = description
        module, config = description.get("module"), description.get("config")
        self.is_op = keras_operations.is_operation(module)
        self.made: Any = None if self.is_op else registry.deserialize(description, kind="layer")
        if not self.is_op and not isinstance(self.made, Operation):
            raise TypeError(f"A graph has layers, and {shown(self.made)} is not one")
        if self.is_op and not (isinstance(config, Mapping) and "class_name" in description):
            raise TypeError(
                f"An op is described by class_name and config. Received: {shown(description)}"
            )
        self.name = description.get("name", getattr(self.made, "name", None))
        self.outputs: list[list[KerasTensor]] = []
        if isinstance(self.made, InputLayer):
            self.outputs = [[self.made.output]]
        calls = description.get("inbound_nodes", [])
        if not isinstance(self.name, str) or not isinstance(calls, (list, tuple)):
            raise TypeError(
                "A layer of a graph has a name and a list of calls. Received: "
                f"name={shown(self.name)}, inbound_nodes={shown(calls)}"
            )
        self.waiting = deque([] if self.outputs else calls)
        self.implied = _implied(self.made)

    def call(self, args: tuple, kwargs: dict[str, Any]) -> None:
        if self.is_op:
            config = {k: v for k, v in self.description["config"].items() if k != "name"}
            op = KerasOperation(
                self.description["module"], self.description["class_name"], config, args, kwargs
            )
            function, args, kwargs = keras_operations.rebuild(op)
            self.made = self.made or FunctionOperation(function, self.name)
        found = self.made(*args, **kwargs)
        if not all(isinstance(x, KerasTensor) for x in leaves(found)):
            raise ValueError(f"{self.name!r} is called on no tensors of the graph")
        self.outputs.append(leaves(found))


def _implied(layer: Any) -> dict[str, tuple]:
    """Values of arguments that Keras writes into each call, and that say nothing: a default of
    `call(training=...)` is written as if somebody had said it."""
    parameters = {} if layer is None else inspect.signature(type(layer).call).parameters
    defaults = [p.default for name, p in parameters.items() if name == "training"]
    return {"mask": (None,), "training": (None, *(x for x in defaults if isinstance(x, bool)))}


class _Graph:
    def __init__(self) -> None:
        self.operations: dict[str, _Operation] = {}

    def add(self, description: Any) -> None:
        if not isinstance(description, Mapping):
            raise TypeError(
                f"A layer of a graph is described by a dictionary. Received: {shown(description)}"
            )
        operation = _Operation(description)
        if operation.name in self.operations:
            raise ValueError(f"The graph has two layers of the name {shown(operation.name)}")
        self.operations[operation.name] = operation

    def call_all(self) -> None:
        """Make all calls: a layer that lacks an input waits for the call that makes it."""
        ready = deque(self.operations.values())
        waiting: defaultdict[tuple[str, int], list[_Operation]] = defaultdict(list)
        while ready:
            operation = ready.popleft()
            while operation.waiting:
                try:
                    args, kwargs = self._arguments(operation.waiting[0], operation.name)
                except _NotYetError as error:
                    waiting[error.call].append(operation)
                    break
                number = len(operation.outputs)
                operation.call(args, kwargs)
                operation.waiting.popleft()
                ready.extend(waiting.pop((operation.name, number), ()))
        if waiting:
            (missing, number), stuck = next(iter(waiting.items()))
            raise ValueError(
                f"The graph cannot be followed: {stuck[0].name!r} waits for call {number} of "
                f"{missing!r}, which is never made"
            )

    def _arguments(self, call: Any, name: str) -> tuple[tuple, dict[str, Any]]:
        """What a layer is called with, tensors in place of their descriptions."""
        if isinstance(call, (list, tuple)):  # as Keras 2 wrote it
            return self._older_arguments(call, name)
        if not isinstance(call, Mapping) or not {"args", "kwargs"} <= {*call}:
            raise TypeError(f"A call has args and kwargs. {name!r} is called with {shown(call)}")
        args, kwargs = (registry.deserialize(call[key]) for key in ("args", "kwargs"))
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise TypeError(f"A call has args and kwargs. {name!r} is called with {shown(call)}")
        args, kwargs = map_leaves(self._tensor, (tuple(args), kwargs))
        implied = self.operations[name].implied
        return args, {k: v for k, v in kwargs.items() if k not in implied or v not in implied[k]}

    def _older_arguments(self, call: Any, name: str) -> tuple[tuple, dict[str, Any]]:
        inputs: list[KerasTensor] = []
        kwargs: dict[str, Any] = {}
        for one in call:
            if not isinstance(one, (list, tuple)) or len(one) not in (3, 4):
                raise TypeError(f"{name!r} is called on {shown(one)}, which is not a tensor")
            inputs.append(self._output(*one[:3]))
            kwargs.update(one[3] if len(one) == 4 and isinstance(one[3], Mapping) else {})
        return (inputs[0] if len(inputs) == 1 else inputs,), kwargs

    def _tensor(self, x: Any) -> Any:
        if not isinstance(x, TensorReference):
            return x
        history = x.history
        if not isinstance(history, (list, tuple)) or len(history) != 3:
            raise TypeError(
                f"A tensor comes from a layer. Received: keras_history={shown(history)}"
            )
        return self._output(*history)

    def _output(self, name: Any, call: Any, output: Any) -> KerasTensor:
        """The tensor that came out of a call of a layer."""
        operation = self.operations.get(name) if isinstance(name, str) else None
        if operation is None:
            raise ValueError(f"The graph has no layer {shown(name)}, whose outputs it speaks of")
        if not (isinstance(call, int) and isinstance(output, int) and call >= 0 and output >= 0):
            raise TypeError(
                f"Calls and outputs have numbers from 0. Received: {shown([name, call, output])}"
            )
        if call >= len(operation.outputs):
            raise _NotYetError((name, call))
        if output >= len(operation.outputs[call]):
            raise ValueError(
                f"{name!r} has {len(operation.outputs[call])} outputs, there is no number {output}"
            )
        return operation.outputs[call][output]

    def ends(self, structure: Any) -> Any:
        """The tensors that a structure of [name, number of call, number of output] means."""
        if _is_place(structure):
            name, call, output = structure
            operation = self.operations.get(name)
            first = first_call(operation.made) if operation else 0
            try:
                return self._output(name, call - first, output)
            except _NotYetError:
                raise ValueError(f"The graph has no call {call} of {shown(name)}") from None
        if isinstance(structure, Mapping):
            return {key: self.ends(value) for key, value in structure.items()}
        if isinstance(structure, (list, tuple)):  # a tuple becomes a list in a file, as in Keras
            found = [self.ends(one) for one in structure]
            return tuple(found) if isinstance(structure, tuple) else found
        raise TypeError(
            "Inputs and outputs of a graph are [name of a layer, number of a call, number of an "
            f"output]. Received: {shown(structure)}"
        )


def _is_place(structure: Any) -> bool:
    return (
        isinstance(structure, (list, tuple))
        and len(structure) == 3
        and isinstance(structure[0], str)
        and all(isinstance(number, int) for number in structure[1:])
    )
