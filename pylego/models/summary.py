"""Print a model as a table: its layers, their output shapes, and how many numbers they hold."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pylego import engine
from pylego.console import tell
from pylego.core.tree import leaves, map_leaves
from pylego.core.variable import Variable
from pylego.drawing.lettering import columns_of
from pylego.graph import Function, KerasTensor, Node
from pylego.graph.function import in_order
from pylego.layers import Layer
from pylego.models import captions
from pylego.models.table import PLAIN, column_widths, table_lines
from pylego.utils.progbar import can_print

# Where columns end, as shares of the width; and the width on a wide terminal.
CHAIN = (88, [0.45, 0.80, 1.0])
GRAPH = (108, [0.30, 0.56, 0.74, 1.0])
FOR_TRAINABLE = 12  # columns more; the others then end at nine tenths of the width
HEADER = ["Layer (type)", "Output Shape", "Param #"]
SIDES = ["left", "left", "right"]
UNBROKEN = (1, 2)  # columns whose texts stand in one line where there is room


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print the table of a model's layers; see `Model.summary`.

    Raises:
        ValueError: when the table is too narrow, or `layer_range` names no layers.
    """
    graph = None if is_chain(model) else model._function
    header, sides = list(HEADER), list(SIDES)
    width, ends = CHAIN if graph is None else GRAPH
    if graph is not None:
        header.append("Connected to")
        sides.append("left")
    ends = _as_shares(positions or ends)
    if show_trainable:
        header.append("Trainable")
        sides.append("center")
        width += FOR_TRAINABLE
        ends = [*(0.9 * end for end in ends), 1.0]
    length = line_length or min(width, shutil.get_terminal_size().columns - 4)
    widths = column_widths(ends, length)
    rows = [
        _cells(row, graph, show_trainable) for row in _listed(model, expand_nested, layer_range)
    ]
    if show_trainable:
        _widen_last(widths, [header, *rows])
    table = table_lines(header, rows, widths, sides)
    text = "\n".join([f'Model: "{model.name}"', *table, *_totals(model), *_advice(model)])
    if print_fn is not None:
        print_fn(text)
    else:
        tell(text if can_print(text) else text.translate(PLAIN))


def _widen_last(widths: list[int], rows: list[list[str]]) -> None:
    """Give the last column the room that its name needs, which Keras cuts: from the columns that
    have most to spare. Names break between words, shapes and counts should not break at all."""
    needs = [
        max(
            columns_of(part)
            for text in texts
            for part in ([text] if k in UNBROKEN else text.split())
        )
        for k, texts in enumerate(zip(*rows))
    ]
    while widths[-1] < needs[-1] + 2:
        spare = [width - need for width, need in zip(widths[:-1], needs)]
        widths[spare.index(max(spare))] -= 1
        widths[-1] += 1


def _as_shares(positions: Sequence[float]) -> list[float]:
    """Positions may be columns of text."""
    last = positions[-1]
    return [end / last for end in positions] if last > 1 else list(positions)


def is_chain(model: Any) -> bool:
    """Return whether each layer reads only what the one before it made."""
    if not captions.is_functional_model(model):
        return True
    nodes = model._function.nodes
    depths = _depths(nodes)
    is_shared = len({id(node.operation) for node in nodes}) < len(nodes)
    has_branches = len(set(depths.values())) < len(nodes)
    return not is_shared and not has_branches and all(len(node.inputs) <= 1 for node in nodes)


def _depths(nodes: list[Node]) -> dict[Node, int]:
    """How many calls follow each call, at most."""
    depths = dict.fromkeys(nodes, 0)
    for node in reversed(nodes):
        for parent in node.parents:
            if parent in depths:
                depths[parent] = max(depths[parent], depths[node] + 1)
    return depths


# ---- rows -----------------------------------------------------------------------------------

Row = tuple[Any, Any, int]  # model, layer or other operation, and how deep it is nested


def _listed(model: Any, expand_nested: bool, layer_range: Sequence[str] | None) -> Iterator[Row]:
    """Yield the rows; models within models go without recursion, however deep they are."""
    operations = model.operations if captions.is_functional_model(model) else model.layers
    waiting = [(model, one, 0) for one in reversed(_between(operations, layer_range))]
    while waiting:
        row = waiting.pop()
        yield row
        _, layer, level = row
        if expand_nested and hasattr(layer, "layers"):
            waiting += [(layer, inner, level + 1) for inner in reversed(layer.layers)]


def _between(operations: list[Any], layer_range: Sequence[str] | None) -> list[Any]:
    """Those from the first whose name matches the one pattern to the last for the other."""
    if layer_range is None:
        return operations
    first, last = layer_range
    starts = [i for i, one in enumerate(operations) if re.match(first, one.name)]
    ends = [i for i, one in enumerate(operations) if re.match(last, one.name)]
    if not starts or not ends:
        listed = ", ".join(one.name for one in operations)
        raise ValueError(f"layer_range={tuple(layer_range)} names no layers. There are: {listed}")
    first_place, last_place = sorted((min(starts), max(ends)))
    return operations[first_place : last_place + 1]


def _cells(row: Row, graph: Function | None, show_trainable: bool) -> list[str]:
    model, operation, level = row
    prefix = "   " * level + "└ " if level else ""
    count = f"{captions.count_params(operation):,}"
    cells = [
        f"{prefix}{operation.name} ({captions.class_of(operation)})",
        _shape_text(model, operation),
        f"{count} (unbuilt)" if captions.lacks_weights(operation) else count,
    ]
    if graph is not None:
        cells.append(_connections(operation, graph))
    if show_trainable:
        has_weights = isinstance(operation, Layer) and operation.built and operation.weights
        cells.append(("Y" if operation.trainable else "N") if has_weights else "-")
    return cells


def _shape_text(model: Any, operation: Any) -> str:
    """The shape of what came out of the last call in this model, or of any call."""
    own = [] if model._function is None else model._function.nodes
    nodes = [node for node in own if node.operation is operation] or operation._inbound_nodes
    if nodes:
        shapes = map_leaves(lambda x: tuple(x.shape), nodes[-1].structure)
        outputs = leaves(nodes[-1].structure)
        return str(tuple(outputs[0].shape)) if len(outputs) == 1 else _without_quotes(shapes)
    shape = model.output_shape_of(operation) if isinstance(operation, Layer) else None
    if shape is None and isinstance(operation, Layer):
        shape = _shape_it_was_built_for(operation)
    return "?" if shape is None else str(shape)


def _shape_it_was_built_for(layer: Layer) -> Any:
    """The shape of what comes out for the shape that the layer was built for; None if not known."""
    if getattr(layer, "_function", None) is not None:  # a model with a graph
        shape = layer.output_shape
        return tuple(shape) if isinstance(shape, list) else shape
    shapes = list((layer._build_shapes or {}).values())
    try:
        return layer.compute_output_shape(*shapes) if len(shapes) == 1 else None
    except Exception:  # its call() may want more than one input: the shape is not known
        return None


def _without_quotes(shapes: Any) -> str:
    return str(shapes).replace("'", "")


def _connections(operation: Any, graph: Function) -> str:
    """Where its inputs come from: name of the layer, number of its call, number of its output."""
    inside = set(graph.nodes)
    sources = [
        x._keras_history
        for node in operation._inbound_nodes
        if node in inside
        for x in in_order([node.args, node.kwargs])
        if isinstance(x, KerasTensor)
    ]
    texts = (f"{s.operation.name}[{s.node_index}][{s.tensor_index}]" for s in sources)
    return ", ".join(texts) or "-"


# ---- below the table ------------------------------------------------------------------------


def _totals(model: Any) -> list[str]:
    optimizer = getattr(model, "optimizer", None)
    states = optimizer.variables if optimizer is not None and optimizer.built else []
    kinds = {
        "Total": [*model.weights, *states],
        "Trainable": model.trainable_weights,
        "Non-trainable": model.non_trainable_weights,
    }
    if states:
        kinds["Optimizer"] = states
    return [
        f" {kind} params: {sum(v.size for v in variables):,} ({_bytes_of(variables)})"
        for kind, variables in kinds.items()
    ]


def _bytes_of(variables: Iterable[Variable]) -> str:
    size = float(sum(v.size * engine.DTYPE_BYTES[v.dtype] for v in variables))
    units = ["B", "KB", "MB", "GB", "TB"]
    power = min(int(math.log(size, 1024)), len(units) - 1) if size >= 1 else 0
    return f"{size / 1024**power:.2f} {units[power]}"


def _advice(model: Any) -> list[str]:
    if model.built:
        return []
    return [
        " Not built: layers get their weights once the shape of the inputs is known. Train or",
        " call the model on data, or say it: model.build((None, 784))",
    ]
