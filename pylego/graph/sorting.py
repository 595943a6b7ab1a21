"""The order of a graph's calls and operations: the order of layers, and so of weights, in Keras.

Depth counts calls up to an output. The deepest operations come first; those of one depth come in
the order in which a walk back from the outputs meets them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pylego.graph.keras_tensor import KerasTensor
from pylego.graph.node import Node


def sorted_graph(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> tuple[list, list]:
    """Return the calls between inputs and outputs, and their operations, both in order.

    Args:
        inputs: where the graph begins.
        outputs: where it ends.

    Raises:
        ValueError: when an output depends on something else than the inputs, or two operations
            have one name.
    """
    known = {id(x) for x in inputs}
    walk = _Walk(known)
    for x in outputs:
        walk.back_from(x)
    node_depths, operation_depths = _depths(walk)
    for x in inputs:  # an input may lead nowhere
        node = x.node
        if node is not None and node.is_input and id(node.operation) not in operation_depths:
            operation_depths[id(node.operation)] = 0
            walk.operations[id(node.operation)] = (-1, node.operation)
            node_depths[node] = 0
    nodes = sorted(node_depths, key=lambda node: -node_depths[node])
    _check_connected(nodes, outputs, known)
    met = walk.operations
    by_depth = sorted(operation_depths, key=lambda key: (-operation_depths[key], met[key][0]))
    operations = [met[key][1] for key in by_depth]
    _check_names(operations)
    return nodes, operations


def get_source_inputs(tensor: KerasTensor) -> list[KerasTensor]:
    """Return the inputs that a placeholder depends on, in the order in which a walk back meets
    them; of an input itself, that input.

    Raises:
        TypeError: for anything but a placeholder.

    >>> from pylego.layers import Dense, Input
    >>> x = Input((3,))
    >>> get_source_inputs(Dense(2)(x))[0] is x
    True
    """
    if not isinstance(tensor, KerasTensor):
        raise TypeError(
            "get_source_inputs takes what comes out of a layer called on an Input. Received: "
            f"{tensor!r} of type {type(tensor).__name__}"
        )
    walk = _Walk(set())
    walk.back_from(tensor)
    return [node.outputs[0] for node in walk.nodes if node.is_input]


class _Walk:
    """A walk from outputs back to inputs.

    Attributes:
        nodes: the calls, each behind those it depends on.
        operations: of the calls by id: the number under which each was met first, and itself.
    """

    def __init__(self, known: set[int]):
        self.nodes: list[Node] = []
        self.operations: dict[int, tuple[int, Any]] = {}
        self._known = known
        self._met: set[Node] = set()

    def back_from(self, x: KerasTensor) -> None:
        """Walk back from an output; without recursion, for a graph may be deep."""
        waiting: list[tuple[Node, Iterator[KerasTensor]]] = []
        self._enter(x, waiting)
        while waiting:
            node, inputs = waiting[-1]
            before = next(inputs, None)
            if before is None:
                waiting.pop()
                self.nodes.append(node)
            else:
                self._enter(before, waiting)

    def _enter(self, x: KerasTensor, waiting: list) -> None:
        node = x.node
        is_begin = node is None or (id(x) in self._known and not node.is_input)
        if is_begin or node in self._met:
            return
        self._met.add(node)
        self.operations.setdefault(id(node.operation), (len(self.operations), node.operation))
        waiting.append((node, iter(node.inputs)))


def _depths(walk: _Walk) -> tuple[dict[Node, int], dict[int, int]]:
    """Depths of calls and of operations. An operation that is called at several depths has the
    largest so far, and so have its calls that are met later."""
    of_nodes: dict[Node, int] = {}
    of_operations: dict[int, int] = {}
    inside = set(walk.nodes)
    for node in reversed(walk.nodes):
        depth = max(of_nodes.get(node, 0), of_operations.get(id(node.operation), 0))
        of_nodes[node] = of_operations[id(node.operation)] = depth
        for parent in node.parents:
            if parent in inside:
                of_nodes[parent] = max(depth + 1, of_nodes.get(parent, 0))
    return of_nodes, of_operations


def _check_connected(nodes: list[Node], outputs: list[KerasTensor], known: set[int]) -> None:
    computed = set(known)
    for node in nodes:
        missing = [x for x in node.inputs if id(x) not in computed]
        if missing or (node.is_input and id(node.outputs[0]) not in known):
            source = missing[0] if missing else node.outputs[0]
            where = f"{node.operation.name!r}" if missing else "an output"
            raise ValueError(
                f"The graph is not connected: {where} depends on {source!r}, which cannot be "
                "computed from the inputs of the model. Add the Input that it comes from to inputs"
            )
        computed.update(map(id, node.outputs))
    for x in outputs:
        if id(x) not in computed:
            raise ValueError(
                f"The graph is not connected: the output {x!r} does not depend on the inputs of "
                "the model"
            )


def _check_names(operations: list) -> None:
    met: set[str] = set()
    for operation in operations:
        if operation.name in met:
            raise ValueError(
                f"Two layers of the model have the name {operation.name!r}: give each a name= of "
                "its own"
            )
        met.add(operation.name)
