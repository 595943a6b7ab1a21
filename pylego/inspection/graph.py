"""The graph of bricks as a picture: instructions beneath those whose results they read.

A program may have thousands of instructions, and a tensor may be read hundreds of rows below. The
layout of `pylego.drawing` would lead each such line around all rows between; here they stand in
program order, and lines go straight.
"""

from __future__ import annotations

from collections import defaultdict

from pylego.drawing.palette import LINE
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path, Rectangle, Shape, Text
from pylego.engine import Instruction
from pylego.inspection.info import ProgramInfo, inputs_of
from pylego.inspection.text import op_text, place_text, shapes_text, title
from pylego.inspection.timeline import origin_colours

WIDTH, HEIGHT = 170, 38  # of a node
BESIDE, BENEATH = 24, 34  # space between nodes
MARGIN = 12
LETTERS = 25  # that fit into a node

Edge = tuple[int, int, int]  # from instruction, to instruction, buffer


def graph_svg(info: ProgramInfo) -> str:
    """Draw the instructions as boxes and the buffers between them as lines."""
    edges = edges_of(info)
    levels = levels_of(len(info.instructions), edges)
    places = _places(levels)
    palette = origin_colours(info)
    boxes = [
        element
        for number, instruction in enumerate(info.instructions)
        for element in _box(info, number, instruction, *places[number], palette)
    ]
    lines = [_line(info, places, edge) for edge in edges]
    width = max((x for x, _ in places), default=0) + WIDTH + MARGIN
    height = max((y for _, y in places), default=0) + HEIGHT + MARGIN
    return Picture(width, height, [*lines, *boxes], f"graph of {info.name}").svg


def edges_of(info: ProgramInfo) -> list[Edge]:
    """Return the pairs of writer and reader for each buffer, each once."""
    writer: dict[int, int] = {}
    edges: dict[Edge, None] = {}
    for number, instruction in enumerate(info.instructions):
        for op in instruction.ops:
            for operand in inputs_of(op):
                if writer.get(operand.buffer, number) != number:
                    edges[writer[operand.buffer], number, operand.buffer] = None
            for operand in op.outputs:
                writer[operand.buffer] = number
    return list(edges)


def levels_of(count: int, edges: list[Edge]) -> list[int]:
    """Return for each instruction the length of the longest path to it."""
    levels = [0] * count
    for begin, end, _ in sorted(edges, key=lambda edge: edge[1]):  # all edges point forwards
        levels[end] = max(levels[end], levels[begin] + 1)
    return levels


def _places(levels: list[int]) -> list[tuple[float, float]]:
    """The upper left corner of each box: those of one level side by side, in program order."""
    filled: dict[int, int] = defaultdict(int)
    places: list[tuple[float, float]] = []
    for level in levels:
        column = filled[level]
        filled[level] += 1
        places.append((MARGIN + column * (WIDTH + BESIDE), MARGIN + level * (HEIGHT + BENEATH)))
    return places


def _box(
    info: ProgramInfo,
    number: int,
    instruction: Instruction,
    x: float,
    y: float,
    palette: dict[str, str],
) -> list[Shape]:
    bricks = [op_text(info, op) for op in instruction.ops]
    origins = info.origins(instruction)
    tooltip = [", ".join(origins), shapes_text(info, instruction), place_text(info, instruction)]
    description = "\n".join([*tooltip, *bricks])
    label = f"{number}  {title(instruction, LETTERS - 4)}"
    return [
        Rectangle(x, y, 8, HEIGHT, palette[origins[0]], LINE, 0.5, title=origins[0]),
        Rectangle(x + 8, y, WIDTH - 8, HEIGHT, "transparent", LINE, 0.5, title=description),
        Text(x + 14, y + 16, label[:LETTERS]),
        Text(x + 14, y + 31, shapes_text(info, instruction)[:LETTERS]),
    ]


def _line(info: ProgramInfo, places: list[tuple[float, float]], edge: Edge) -> Shape:
    """From the middle below one box to the middle above the other, in a soft bend."""
    begin, end, buffer = edge
    x, y = places[begin][0] + WIDTH / 2, places[begin][1] + HEIGHT
    to_x, to_y = places[end][0] + WIDTH / 2, places[end][1]
    bend = BENEATH / 2
    steps = ("M", (x, y)), ("C", (x, y + bend), (to_x, to_y - bend), (to_x, to_y))
    return Path(steps, line=LINE, title=f"{info.names[buffer]}: {begin} to {end}")
