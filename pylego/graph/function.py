"""A graph: from some placeholders to others, by calls of operations. It runs on tensors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from pylego import names
from pylego.core.tensor import convert_to_tensor
from pylego.core.text_array import TextArray
from pylego.core.tree import leaves, map_leaves, with_leaves
from pylego.graph.inference import filled
from pylego.graph.keras_tensor import KerasTensor
from pylego.graph.node import Node
from pylego.graph.python_prefix import PrefixValues, called_behind, prefix_of, run_prefix
from pylego.graph.sorting import sorted_graph


class _Step(NamedTuple):
    """A call, with the numbers of the slots that its inputs and outputs lie in."""

    node: Node
    is_plain: bool  # one tensor goes in, nothing else
    inputs: list[int]
    outputs: list[int]
    last_used: list[int]  # slots that nobody reads later


class Function:
    """A graph of calls that runs on tensors.

    Args:
        inputs: placeholders, or a structure of them.
        outputs: placeholders that are computed from the inputs, or a structure of them.
        name: by default 'function', 'function_1', ...

    Raises:
        TypeError: for something else than placeholders.
        ValueError: when an output depends on something else than the inputs, or two operations
            have one name.

    Attributes:
        inputs_structure: `inputs` as they were given.
        outputs_structure: `outputs` as they were given.
        inputs: the placeholders in them.
        outputs: the placeholders in them.
        nodes: the calls, in the order in which they run.
        operations: layers and other operations; the deepest first.

    >>> x = KerasTensor((None, 2))
    >>> Function(x, x * 2 + 1)([[1.0, 2.0]]).numpy().tolist()
    [[3.0, 5.0]]
    """

    inputs_structure: Any
    outputs_structure: Any

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None):
        self.name = name or names.unique_name("function")
        _check_placeholders("inputs", inputs)
        _check_placeholders("outputs", outputs)
        self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        self.inputs_structure, self.outputs_structure = inputs, outputs
        self.inputs: list[KerasTensor] = in_order(inputs)
        self.outputs: list[KerasTensor] = in_order(outputs)
        self.nodes, self.operations = sorted_graph(self.inputs, self.outputs)
        self._plan()

    def _plan(self) -> None:
        """Number the tensors, and find out when each is read last."""
        slots: dict[int, int] = {}
        for x in self.inputs:
            slots.setdefault(id(x), len(slots))
        running = [node for node in self.nodes if not node.is_input]
        for node in running:
            for x in node.outputs:
                slots.setdefault(id(x), len(slots))
        kept = {slots[id(x)] for x in self.outputs}
        steps: list[_Step] = []
        for node in reversed(running):
            inputs = [slots[id(x)] for x in node.inputs]
            outputs = [slots[id(x)] for x in node.outputs]
            last_used = [slot for slot in {*inputs, *outputs} if slot not in kept]
            kept.update(last_used)
            is_plain = len(node.args) == 1 and type(node.args[0]) is KerasTensor and not node.kwargs
            steps.append(_Step(node, is_plain, inputs, outputs, last_used))
        self._steps = steps[::-1]
        self._input_slots = [slots[id(x)] for x in self.inputs]
        self._output_slots = [slots[id(x)] for x in leaves(self.outputs_structure)]
        self._slot_count = len(slots)

    # ---- running ----

    def __call__(self, inputs: Any) -> Any:
        """Compute the outputs, in the structure of `outputs_structure`.

        Args:
            inputs: tensors in the structure of `inputs_structure`; on placeholders the operations
                are called on these, which adds nodes.

        Raises:
            ValueError: when there are more or fewer inputs.
        """
        is_one = type(self.inputs_structure) is KerasTensor and not isinstance(inputs, KerasTensor)
        given = [inputs] if is_one else in_order(inputs)
        return self.run([_tensor(x) for x in given], lambda node: node.operation)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return placeholders for what comes out for such inputs; no node is added.

        Args:
            inputs: placeholders in the structure of `inputs_structure`.
        """
        return self.run(in_order(inputs), lambda node: node.operation.compute_output_spec)

    def run(self, inputs: list, called: Callable[[Node], Callable]) -> Any:
        """Go through the graph.

        Args:
            inputs: what stands for each of `self.inputs`.
            called: returns what is called in the place of a node's operation.
        """
        if len(inputs) != len(self.inputs):
            raise ValueError(
                f"{self.name!r} has {len(self.inputs)} inputs: "
                f"{', '.join(x.name for x in self.inputs)}. Received: {len(inputs)}"
            )
        values: list[Any] = [None] * self._slot_count
        for slot, x in zip(self._input_slots, inputs):
            values[slot] = x
        for node, is_plain, sources, targets, last_used in self._steps:
            if is_plain:
                found = called(node)(values[sources[0]])
            else:
                structure = (node.args, node.kwargs)
                args, kwargs = filled(structure, [values[slot] for slot in sources])
                found = called(node)(*args, **kwargs)
            for slot, x in zip(targets, leaves(found)):
                values[slot] = x
            for slot in last_used:
                values[slot] = None
        return with_leaves(self.outputs_structure, [values[slot] for slot in self._output_slots])

    # ---- calls in Python ----

    @cached_property
    def prefix(self) -> list[Node]:
        """The calls that run in Python, in front of a program of the others."""
        return prefix_of(self.nodes)

    def run_prefix(self, inputs: list) -> PrefixValues:
        """Run the prefix on what is given for each of `self.inputs`."""
        return run_prefix(self.prefix, self.inputs, inputs)

    def run_behind(self, prefix: list[Node], values: PrefixValues) -> Any:
        """Compute the outputs from what a prefix computed."""
        return self.run(list(values.inputs), called_behind(prefix, values))

    # ---- copies ----

    def __getstate__(self) -> dict[str, Any]:
        """Return the graph as flat lists: copying goes without recursion along a chain of calls."""
        tensors = {id(x): _Place(n) for n, x in enumerate(self._tensors())}

        def flat(structure: Any) -> Any:
            return map_leaves(lambda x: tensors[id(x)] if type(x) is KerasTensor else x, structure)

        calls = [
            (node.operation, flat(node.args), flat(node.kwargs), flat(node.structure))
            for node in self.nodes
        ]
        return {
            "name": self.name,
            "tensors": [(x.shape, x.dtype, x._name) for x in self._tensors()],
            "calls": calls,
            "ends": (flat(self.inputs_structure), flat(self.outputs_structure)),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Add the nodes again, to the copies of their operations."""
        self.name = state["name"]
        tensors = [KerasTensor(shape, dtype, name=name) for shape, dtype, name in state["tensors"]]

        def restored(structure: Any) -> Any:
            return map_leaves(lambda x: tensors[x] if type(x) is _Place else x, structure)

        for operation, args, kwargs, outputs in state["calls"]:
            if type(outputs) is _Place and operation._inbound_nodes and not leaves((args, kwargs)):
                tensors[outputs] = operation.output  # an input layer has its placeholder
            else:
                Node(operation, restored(args), restored(kwargs), restored(outputs))
        inputs, outputs = state["ends"]
        self._connect(restored(inputs), restored(outputs))

    def _tensors(self) -> list[KerasTensor]:
        found = {id(x): x for x in self.inputs}
        found.update((id(x), x) for node in self.nodes for x in node.outputs)
        return list(found.values())


class _Place(int):
    """The number of a tensor in a copied graph."""


def in_order(structure: Any) -> list:
    """List the leaves of a structure in Keras's order: those of a dictionary by their keys.

    >>> in_order({"b": 1, "a": [2, 3]})
    [2, 3, 1]
    """
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in in_order(structure[key])]
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in in_order(part)]
    return [structure]


def _tensor(x: Any) -> Any:
    return x if x is None or isinstance(x, (KerasTensor, TextArray)) else convert_to_tensor(x)


def _check_placeholders(what: str, structure: Any) -> None:
    given = leaves(structure)
    if not given:
        raise ValueError(f"A graph has one of the {what} at least. Received: {what}={structure!r}")
    for x in given:
        if not isinstance(x, KerasTensor):
            raise TypeError(
                f"{what} are what Input(...) and layers called on it return. Received: {x!r} of "
                f"type {type(x).__name__}"
            )
