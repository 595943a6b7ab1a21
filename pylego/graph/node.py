"""A node of a graph: one call of an operation."""

from __future__ import annotations

from typing import Any

from pylego.core.tree import leaves
from pylego.graph.inference import placeholders_of
from pylego.graph.keras_tensor import KerasHistory, KerasTensor


class Node:
    """One call of a layer or another operation on placeholders.

    The operation lists it in `_inbound_nodes`, and its outputs know it by their `_keras_history`.

    Args:
        operation: a layer or an `Operation`.
        args: what it was called with: structures with placeholders.
        kwargs: those by name.
        outputs: a structure of placeholders, none of which is the output of another call.

    Raises:
        TypeError: when there is something else among the outputs.
    """

    __slots__ = ("args", "inputs", "kwargs", "operation", "outputs", "structure")

    def __init__(self, operation: Any, args: tuple, kwargs: dict[str, Any], outputs: Any):
        self.operation = operation
        self.args = args
        self.kwargs = kwargs
        self.structure = outputs
        self.inputs: list[KerasTensor] = placeholders_of((args, kwargs))
        self.outputs: list[KerasTensor] = leaves(outputs)
        for x in self.outputs:
            if not isinstance(x, KerasTensor):
                raise TypeError(
                    f"{operation.name!r} gives {x!r}, which is not a tensor: what comes out of "
                    "a call for Model(inputs, outputs) are tensors"
                )
        index = len(operation._inbound_nodes)
        operation._inbound_nodes = [*operation._inbound_nodes, self]
        for place, x in enumerate(self.outputs):
            x._keras_history = KerasHistory(operation, index, place)

    @property
    def is_input(self) -> bool:
        """Whether nothing goes in, as for an input layer."""
        return not self.inputs

    @property
    def parents(self) -> list[Node]:
        """The calls whose outputs go into this one, each once."""
        found = [x.node for x in self.inputs if x.node is not None]
        return list({id(node): node for node in found}.values())

    def __repr__(self) -> str:
        return f"<Node operation={self.operation.name}>"
