"""The prefix of a graph: calls at its beginning that read texts, or look at numbers.

They run in Python, batch by batch, before the program of a step, and what they compute goes into
that program in the place of the model's inputs. The prefix are the calls that take texts, those of
layers that look at numbers, and what these depend on, unless that has weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pylego.core.text_array import TEXT, TextArray
from pylego.core.tree import leaves
from pylego.graph.inference import filled
from pylego.graph.keras_tensor import KerasTensor
from pylego.graph.node import Node


class PrefixValues(NamedTuple):
    """What a prefix computed for a batch.

    Attributes:
        found: what each call of the prefix gave; None for texts. Of a model inside the graph, its
            own values.
        inputs: those of the graph; None for texts.
    """

    found: tuple
    inputs: tuple


def prefix_of(nodes: list[Node]) -> list[Node]:
    """Return the calls of the prefix among those of a graph, which stand in the order in which they
    run."""
    if not all(_is_read_in_front(node) for node in nodes if takes_texts(node)):
        return []
    needed: set[int] = set()  # the tensors that the prefix depends on
    found = []
    for node in reversed(nodes):
        if node.is_input:
            continue
        is_needed = any(id(x) in needed for x in node.outputs)
        if takes_texts(node) or ((is_needed or _looks_at_numbers(node)) and _is_free(node)):
            found.append(node)
            needed.update(map(id, node.inputs))
    return found[::-1]


def takes_texts(node: Node) -> bool:
    """Return whether texts go into a call."""
    return any(x.dtype == TEXT for x in node.inputs)


def _is_read_in_front(node: Node) -> bool:
    """Whether the texts of a call can be read before its weights are at work: else they go into
    the model, which runs in Python."""
    has_prefix = getattr(node.operation, "_has_prefix", None)
    return has_prefix() if has_prefix else not getattr(node.operation, "weights", ())


def _looks_at_numbers(node: Node) -> bool:
    return getattr(node.operation, "looks_at_numbers", False)


def _is_free(node: Node) -> bool:
    """Whether no weights are at work up to this call: what they give is part of the program."""
    waiting, met = [node], set()
    while waiting:
        one = waiting.pop()
        if getattr(one.operation, "weights", ()) and not _looks_at_numbers(one):
            return False
        met.add(one)
        waiting.extend(parent for parent in one.parents if parent not in met)
    return True


def run_prefix(prefix: list[Node], inputs: list[KerasTensor], given: list) -> PrefixValues:
    """Run the prefix.

    Args:
        prefix: of a graph.
        inputs: of the graph.
        given: tensors and arrays of texts, one for each of the inputs.

    Raises:
        TypeError: when the texts of a model inside the graph depend on what is computed there.
    """
    values = dict(zip(map(id, inputs), given))
    found = []
    for node in prefix:
        if any(id(x) not in values for x in node.inputs):
            raise TypeError(
                f"{node.operation.name!r} needs numbers in front of the program of the model that "
                "a model inside of it computes. Put the layers of that model into this one"
            )
        args, kwargs = filled((node.args, node.kwargs), [values[id(x)] for x in node.inputs])
        inner = getattr(node.operation, "run_prefix", None)
        if inner is None:
            value = node.operation(*args, **kwargs)
            values.update(zip(map(id, node.outputs), leaves(value)))
        else:
            value = inner(*args)
        found.append(value)
    return PrefixValues(tuple(map(_unless_texts, found)), tuple(map(_unless_texts, given)))


def called_behind(prefix: list[Node], values: PrefixValues) -> Callable[[Node], Callable]:
    """Return what `Function.run` calls for each node, once the prefix was run."""
    known = dict(zip(prefix, values.found))

    def called(node: Node) -> Callable:
        if node not in known:
            return node.operation
        value = known[node]
        if isinstance(value, PrefixValues):
            return lambda *args, **kwargs: node.operation(value, **kwargs)
        return lambda *args, **kwargs: value

    return called


def _unless_texts(value: Any) -> Any:
    return None if isinstance(value, TextArray) else value
