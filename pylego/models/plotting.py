"""The graph of a model as boxes and lines, for `utils.plot_model` and for notebooks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pylego.construction import explained
from pylego.drawing.boxes import Box
from pylego.drawing.diagram import Frame, Graph, Line, Port, draw
from pylego.drawing.dot import Diagram
from pylego.drawing.picture import DPI, Picture, check_kind
from pylego.graph import Function, KerasTensor, Node
from pylego.graph.function import in_order
from pylego.layers import Layer
from pylego.models import captions
from pylego.models.graph_model import GraphModel

MOST_ROWS = 6  # shapes of one box that are written out


@dataclass(frozen=True)
class Shown:
    """What is said of each layer."""

    shapes: bool = False
    dtype: bool = False
    names: bool = False
    activations: bool = False
    trainable: bool = False
    nested: bool = False


@explained
def plot_model(
    model: Any,
    to_file: str | os.PathLike | None = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = DPI,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Picture:
    """Draw a model, write the picture into a file and return it; notebooks show it.

    Args:
        model: a model whose graph is known: a functional one, or a `Sequential` that is built.
            Another model is one box.
        to_file: ends in .svg, or in .png, which needs Pillow; a name without an ending is a PNG.
            None writes no file.
        show_shapes: whether shapes of inputs and outputs are shown.
        show_dtype: whether the dtype of each output is shown.
        show_layer_names: whether names are shown, beneath the classes.
        rankdir: direction of the lines: 'TB' for top to bottom, 'LR' for left to right, 'BT', 'RL'.
        expand_nested: whether the layers of models inside are shown, within frames.
        dpi: dots of a PNG per inch.
        show_layer_activations: whether activations are shown.
        show_trainable: whether it is shown if training changes a layer.
        splines: how lines run: 'ortho', 'curved' or 'line'.

    Raises:
        ValueError: for a model that is not built, another kind of file, an unknown direction.
        ImportError: for a PNG without Pillow.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> model = Sequential([Input((4,)), Dense(2)], name="small")
    >>> plot_model(model, to_file=None)
    <Picture small: 136 x 128>
    """
    path = None if to_file is None else Path(to_file)
    kind = check_kind(path) if path is not None and path.suffix else ".png"
    shown = Shown(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
        expand_nested,
    )
    picture = draw(graph_of(model, shown), rankdir, splines, model.name)
    if path is not None:
        picture.save(path, dpi, kind)
    return picture


@explained
def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: float = DPI,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> Diagram:
    """Return the diagram of a model: as text in Graphviz's language, as SVG and as PNG.

    In Keras this returns an object of pydot; programs use its `to_string`, `create` and `write`,
    which are here as well. Neither pydot nor Graphviz is needed.

    Args:
        model: see `plot_model`, also for the other arguments.
        subgraph: accepted for Keras's sake.

    Raises:
        ValueError: for a model that is not built, and an unknown direction.

    >>> from pylego.layers import Dense, Input
    >>> from pylego.models import Sequential
    >>> model = Sequential([Input((4,)), Dense(2, name="out")], name="small")
    >>> print(model_to_dot(model, show_layer_names=False).to_string())
    digraph "small" {
      rankdir=TB; node [shape=box, style="rounded,filled", fontname=Helvetica];
      n0 [label="InputLayer", fillcolor="#f1f3f6"];
      n1 [label="Dense", fillcolor="#e4eefb"];
      n0 -> n1;
    }
    """
    shown = Shown(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
        expand_nested,
    )
    return Diagram(graph_of(model, shown), rankdir, splines, model.name, dpi)


def graph_of(model: Any, shown: Shown) -> Graph:
    """Return the boxes and lines of a model.

    Raises:
        TypeError: for something that is not a model.
        ValueError: for a model that is not built.
    """
    if not isinstance(model, GraphModel):
        raise TypeError(
            f"plot_model takes a model. Received: {model!r} of type {type(model).__name__}"
        )
    if not model.built:
        raise ValueError(
            f"{model.name!r} is not built: the shape of its inputs is not known yet. Begin it with "
            "Input(...), call model.build((None, 784)), or call it on data"
        )
    if not captions.has_graph(model):
        return Graph([_box(Call(model, []), shown)])
    graph = Graph()
    waiting = [(model, graph, False)]
    for one, into, is_framed in waiting:  # grows on the way, no matter how deep models are nested
        waiting += _fill(into, one, shown, is_framed)
    return graph


# ---- calls ----------------------------------------------------------------------------------


@dataclass
class Call:
    """What is one box: the calls of an operation in one model."""

    operation: Any
    nodes: list[Node]
    mark: str = ""


def calls_of(model: GraphModel) -> list[Call]:
    """Return what is one box each: the calls of a shared layer together, unless it feeds itself."""
    function = model._function
    assert function is not None
    nodes = _as_written(function)
    by_operation: dict[int, list[Node]] = {}
    for node in nodes:
        by_operation.setdefault(id(node.operation), []).append(node)
    shared = {key for key, calls in by_operation.items() if len(calls) > 1}
    apart = {key for key in shared if _feeds_itself(by_operation[key], shared, by_operation)}
    found: list[Call] = []
    done: set[int] = set()
    for node in nodes:
        key = id(node.operation)
        if key in apart:
            calls = by_operation[key]
            mark = f"call {calls.index(node) + 1} of {len(calls)}"
            found.append(Call(node.operation, [node], mark))
        elif key not in done:
            done.add(key)
            found.append(Call(node.operation, by_operation[key]))
    return found


def _as_written(function: Function) -> list[Node]:
    """The calls in the order in which outputs and arguments name them, inputs first: so the first
    branch of a program is the left one."""
    inside = set(function.nodes)
    found: dict[Node, None] = {x.node: None for x in function.inputs}
    waiting = [(x.node, False) for x in reversed(function.outputs)]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            found[node] = None
        elif node in inside and node not in found:
            waiting.append((node, True))
            waiting += [(parent, False) for parent in reversed(node.parents)]
    return list(found)


def _feeds_itself(calls: list[Node], shared: set[int], by_operation: dict[int, list[Node]]) -> bool:
    """Whether a way leads from the calls of an operation back to it, all calls of each shared
    operation being one place."""
    start = id(calls[0].operation)
    waiting = [parent for node in calls for parent in node.parents]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        key = id(node.operation)
        if key == start:
            return True
        if key not in seen and key in by_operation:
            seen.add(key)
            waiting += [parent for one in by_operation[key] for parent in one.parents]
    return False


def links_of(calls: list[Call]) -> list[tuple[int, int]]:
    """Return the pairs of calls, by their places, of which the second reads what the first made."""
    place = _places(calls)
    pairs = (
        (place[parent], place[node])
        for call in calls
        for node in call.nodes
        for parent in node.parents
        if parent in place
    )
    return captions.distinct(pairs)


def _places(calls: list[Call]) -> dict[Node, int]:
    return {node: number for number, call in enumerate(calls) for node in call.nodes}


# ---- the graph ------------------------------------------------------------------------------


def _fill(graph: Graph, model: Any, shown: Shown, is_framed: bool) -> list[tuple[Any, Graph, bool]]:
    """Add the boxes and lines of a model; return the models in frames, which are to be filled."""
    calls = calls_of(model)
    place = _places(calls)
    frames = []
    for call in calls:
        if shown.nested and captions.has_graph(call.operation):
            frame = Frame(_frame_title(call), Graph())
            frames.append((call.operation, frame.graph, True))
            graph.items.append(frame)
        else:
            graph.items.append(_box(call, shown))
    graph.lines += _lines(calls, place, graph)
    if is_framed:
        _add_ports(graph, model, place)
    return frames


def _frame_title(call: Call) -> str:
    return f"{call.operation.name} ({call.mark})" if call.mark else call.operation.name


def _lines(calls: list[Call], place: dict[Node, int], graph: Graph) -> Iterable[Line]:
    found: dict[Line, None] = {}
    for call in calls:
        for node in call.nodes:
            for port, x in enumerate(_inputs_of(node)):
                if x.node in place:
                    source = place[x.node]
                    is_frame = isinstance(graph.items[source], Frame)
                    into_frame = isinstance(graph.items[place[node]], Frame)
                    line = Line(
                        source,
                        place[node],
                        _port_of(x) if is_frame else 0,
                        port if into_frame else 0,
                        f"{x.node.operation.name} to {node.operation.name}: {tuple(x.shape)}",
                    )
                    found[line] = None
    return found


def _inputs_of(node: Node) -> list[KerasTensor]:
    """The placeholders that go in; for a model in the order of its own inputs."""
    if captions.has_graph(node.operation) and node.args:
        ordered = [x for x in in_order(node.args[0]) if isinstance(x, KerasTensor)]
        if len(ordered) == len(node.operation._function.inputs):
            return ordered
    return node.inputs


def _port_of(x: KerasTensor) -> int:
    """Which of the outputs of its call a placeholder is, in the order of a model's outputs."""
    return next(i for i, other in enumerate(in_order(x.node.structure)) if other is x)


def _add_ports(graph: Graph, model: Any, place: dict[Node, int]) -> None:
    """Add where lines pass the border of a frame."""
    for x in model._function.inputs:
        graph.lines.append(Line(len(graph.items), place[x.node]))
        graph.items.append(Port(is_entry=True))
    for x in model._function.outputs:
        is_frame = isinstance(graph.items[place[x.node]], Frame)
        port = _port_of(x) if is_frame else 0
        graph.lines.append(Line(place[x.node], len(graph.items), port))
        graph.items.append(Port(is_entry=False))


# ---- boxes ----------------------------------------------------------------------------------


def _box(call: Call, shown: Shown) -> Box:
    operation = call.operation
    title = captions.class_of(operation)
    wrapped = getattr(operation, "layer", None)
    if isinstance(wrapped, Layer):
        title = f"{title}({captions.class_of(wrapped)})"
    return Box(
        title,
        captions.look_of(operation),
        operation.name if shown.names else "",
        tuple(_marks(call, shown)),
        tuple(_rows(call, shown)),
        _tooltip(call),
        is_round=title == "InputLayer",
    )


def _marks(call: Call, shown: Shown) -> list[str]:
    layer = call.operation
    activation = captions.activation_of(layer)
    marks = [activation] if activation and (shown.activations or _is_named_by_it(layer)) else []
    if shown.trainable and isinstance(layer, Layer) and layer.built and layer.weights:
        marks.append("trainable" if layer.trainable else "frozen")
    return [*marks, call.mark] if call.mark else marks


def _is_named_by_it(layer: Any) -> bool:
    """Whether a layer is nothing but its activation."""
    return type(layer).__name__ == "Activation"


def _rows(call: Call, shown: Shown) -> list[tuple[str, str]]:
    outputs = captions.distinct(x for node in call.nodes for x in node.outputs)
    rows = []
    if shown.shapes:
        inputs = [x for node in call.nodes for x in node.inputs]
        rows += _labelled("input", _shapes(inputs))
        rows += _labelled("output", _shapes(outputs))
    if shown.dtype:
        rows += _labelled("dtype", captions.distinct(x.dtype for x in outputs))
    return rows


def _shapes(tensors: list[KerasTensor]) -> list[str]:
    return captions.distinct(str(tuple(x.shape)) for x in tensors)


def _labelled(label: str, texts: list[str]) -> list[tuple[str, str]]:
    if len(texts) > MOST_ROWS:
        texts = [*texts[: MOST_ROWS - 1], f"and {len(texts) - MOST_ROWS + 1} more"]
    return [(label if number == 0 else "", text) for number, text in enumerate(texts)]


def _tooltip(call: Call) -> str:
    operation = call.operation
    lines = [f"{operation.name} ({captions.class_of(operation)})"]
    for node in call.nodes[:MOST_ROWS]:
        given, made = ([x.shape for x in side] for side in (node.inputs, node.outputs))
        arrow = f"{captions.shapes_text(given)} to " if given else ""
        lines.append(arrow + captions.shapes_text(made))
    count = captions.count_params(operation)
    return "\n".join([*lines, f"{count:,} parameters"] if count else lines)
