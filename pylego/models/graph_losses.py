"""Losses and metrics that read placeholders of their model's graph, as in Keras 1 and 2.

A variational autoencoder of those years has a loss of (x, x_decoded) that adds a term of z_mean,
which is a placeholder. Such a function is called once on placeholders; what it reads of the graph
is computed with the model's outputs, and the expression that it gave runs on the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from pylego.core.tree import leaves, map_leaves
from pylego.graph import Function, KerasTensor
from pylego.keras_imports import is_as_keras


class GraphReadings:
    """The placeholders of a graph that losses and metrics read, and what they are in this call.

    Args:
        graph: of the model.
    """

    def __init__(self, graph: Function):
        self.graph = graph
        self.placeholders: list[KerasTensor] = []
        self.values: Any = ()

    def bind(self, parts: Any) -> Any:
        """Return losses or metrics, those that read the graph as functions of numbers."""
        if parts is None or not is_as_keras():
            return parts
        return map_leaves(self._bound, parts)

    def _bound(self, part: Any) -> Any:
        if not isinstance(part, FunctionType) or not _mentions_placeholder(part, set()):
            return part
        output = self.graph.outputs[0]
        given = [KerasTensor(output.shape, output.dtype) for _ in range(2)]
        result = part(*given)
        read = _read_of_graph(result, given, self.graph)
        if not read:
            return part
        places = [self._place_of(x) for x in read]
        expression = Function([*given, *read], result)

        def loss(y_true: Any, y_pred: Any) -> Any:
            return expression([y_true, y_pred, *(self.values[place] for place in places)])

        loss.__name__ = part.__name__
        return loss

    def _place_of(self, x: KerasTensor) -> int:
        for place, known in enumerate(self.placeholders):
            if known is x:
                return place
        self.placeholders.append(x)
        return len(self.placeholders) - 1


def _mentions_placeholder(function: Callable, seen: set[int]) -> bool:
    """Whether a function, or one that it calls, has placeholders among its names."""
    if id(function) in seen or not isinstance(function, FunctionType):
        return False
    seen.add(id(function))
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_full(cell)]
    names = [name for code in _codes(function.__code__) for name in code.co_names]
    known = [*cells, *(function.__globals__[n] for n in names if n in function.__globals__)]
    return any(
        any(isinstance(one, KerasTensor) for one in leaves(value))
        or _mentions_placeholder(value, seen)
        for value in known
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code of a function and of those that are written in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # it is filled later
        return False


def _read_of_graph(result: Any, given: list[KerasTensor], graph: Function) -> list[KerasTensor]:
    """The placeholders of a graph that an expression begins with, beside what it was given."""
    known = {id(x) for node in graph.nodes for x in node.outputs}
    known |= {id(x) for x in graph.inputs}
    found: dict[int, KerasTensor] = {}
    met = {id(x) for x in given}
    rest = [x for x in leaves(result) if isinstance(x, KerasTensor)]
    while rest:
        x = rest.pop()
        if id(x) in met:
            continue
        met.add(id(x))
        if id(x) in known:
            found[id(x)] = x
        elif x.node is not None:
            rest += x.node.inputs
    return list(found.values())
