"""Print a model as a table: its layers, their output shapes, and how many numbers they hold."""

from __future__ import annotations

import math
import re
import shutil
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego.core.variable import Variable
from pylego.layers import Layer
from pylego.utils.progbar import can_print

WIDTH, SHARES = 88, [0.45, 0.80, 1.0]
NARROWEST_COLUMN = 4
HEADER = ["Layer (type)", "Output Shape", "Param #"]
TRAINABLE = "Trainable"

# Left, between, right, and the line itself: above the header, below it, between rows, at the end.
LINES = {
    "top": tuple("┏┳┓━"),
    "header": tuple("┡╇┩━"),
    "between": tuple("├┼┤─"),
    "end": tuple("└┴┘─"),
}
BARS = {"header": "┃", "row": "│"}
PLAIN = str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│", "++++++++++++=-||")


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
    rows = [
        _cells(parent, layer, level, show_trainable)
        for parent, layer, level in _listed(model, expand_nested, layer_range)
    ]
    header = [*HEADER, TRAINABLE] if show_trainable else HEADER
    widths = _widths(line_length, positions, show_trainable)
    lines = [f'Model: "{model.name}"', *_table(header, rows, widths), *_totals(model)]
    if not model.built:
        lines.append(
            " Not built: layers get their weights once the shape of the inputs is known. Train or\n"
            " call the model on data, or say it: model.build((None, 784))"
        )
    text = "\n".join(lines)
    if print_fn is not None:
        print_fn(text)
    else:
        print(text if can_print(text) else text.translate(PLAIN))


# ---- rows -----------------------------------------------------------------------------------


def _listed(
    model: Any, expand_nested: bool, layer_range: Sequence[str] | None
) -> Iterator[tuple[Any, Layer, int]]:
    """Yield model, layer and depth for each row."""
    for layer in _between(model.layers, layer_range):
        yield model, layer, 0
        if expand_nested and hasattr(layer, "layers"):
            for parent, inner, level in _listed(layer, True, None):
                yield parent, inner, level + 1


def _between(layers: list[Layer], layer_range: Sequence[str] | None) -> list[Layer]:
    """The layers from the first whose name matches the one pattern to the last for the other."""
    if layer_range is None:
        return layers
    first, last = layer_range
    starts = [i for i, layer in enumerate(layers) if re.match(first, layer.name)]
    ends = [i for i, layer in enumerate(layers) if re.match(last, layer.name)]
    if not starts or not ends:
        listed = ", ".join(layer.name for layer in layers)
        raise ValueError(f"layer_range={tuple(layer_range)} names no layers. There are: {listed}")
    first_place, last_place = sorted((min(starts), max(ends)))
    return layers[first_place : last_place + 1]


def _cells(parent: Any, layer: Layer, level: int, show_trainable: bool) -> list[str]:
    prefix = "   " * level + "└ " if level else ""
    shape = parent.output_shape_of(layer)
    cells = [
        f"{prefix}{layer.name} ({type(layer).__name__})",
        "?" if shape is None else str(tuple(shape)),
        f"{layer.count_params():,}" if layer.built else "0 (unbuilt)",
    ]
    if show_trainable:
        has_weights = layer.built and layer.weights
        cells.append(("Y" if layer.trainable else "N") if has_weights else "-")
    return cells


# ---- the table ------------------------------------------------------------------------------


def _widths(
    line_length: int | None, positions: Sequence[float] | None, show_trainable: bool
) -> list[int]:
    """Widths of the columns, with their margins, without the bars between them."""
    last = [len(TRAINABLE) + 2] if show_trainable else []
    usual = WIDTH + sum(last)
    length = line_length or min(usual, shutil.get_terminal_size().columns - 4)
    shares = list(positions or SHARES)
    if shares[-1] > 1:  # positions may be columns of text
        shares = [share / shares[-1] for share in shares]
    space = length - sum(last) - len(shares) - len(last) - 1
    ends = [round(share * space) for share in shares]
    widths = [end - begin for begin, end in zip([0, *ends], ends)]
    if min(widths) < NARROWEST_COLUMN:
        raise ValueError(f"A summary needs more than line_length={length}")
    return widths + last


def _table(header: list[str], rows: list[list[str]], widths: list[int]) -> list[str]:
    lines = [_rule("top", widths), *_row(header, widths, BARS["header"]), _rule("header", widths)]
    for place, row in enumerate(rows):
        if place:
            lines.append(_rule("between", widths))
        lines += _row(row, widths, BARS["row"])
    return [*lines, _rule("end", widths)]


def _rule(kind: str, widths: list[int]) -> str:
    left, between, right, line = LINES[kind]
    return left + between.join(line * width for width in widths) + right


def _row(cells: list[str], widths: list[int], bar: str) -> list[str]:
    """One row, in as many lines as its longest cell needs; numbers stand to the right."""
    wrapped = [textwrap.wrap(cell, width - 2) for cell, width in zip(cells, widths)]
    lines = []
    for number in range(max(len(cell) for cell in wrapped)):
        parts = [cell[number] if number < len(cell) else "" for cell in wrapped]
        aligned = [
            f" {part:>{width - 2}} " if column == 2 else f" {part:<{width - 2}} "
            for column, (part, width) in enumerate(zip(parts, widths))
        ]
        lines.append(bar + bar.join(aligned) + bar)
    return lines


# ---- totals ---------------------------------------------------------------------------------


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


def _bytes_of(variables: Sequence[Variable]) -> str:
    size = float(sum(v.size * np.dtype(v.dtype).itemsize for v in variables))
    units = ["B", "KB", "MB", "GB", "TB"]
    power = min(int(math.log(size, 1024)), len(units) - 1) if size >= 1 else 0
    return f"{size / 1024**power:.2f} {units[power]}"
