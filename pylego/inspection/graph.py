"""The graph of bricks as a picture: instructions beneath those whose results they read."""

from __future__ import annotations

from collections import defaultdict

from pylego.engine import Instruction
from pylego.inspection import svg
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
    return svg.picture(width, height, [*lines, *boxes])


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
) -> list[str]:
    bricks = [op_text(info, op) for op in instruction.ops]
    origins = info.origins(instruction)
    tooltip = [", ".join(origins), shapes_text(info, instruction), place_text(info, instruction)]
    label = f"{number}  {title(instruction, LETTERS - 4)}"
    return [
        svg.rectangle(x, y, 8, HEIGHT, palette[origins[0]], origins[0]),
        svg.rectangle(x + 8, y, WIDTH - 8, HEIGHT, "transparent", "\n".join([*tooltip, *bricks])),
        svg.text(x + 14, y + 16, label[:LETTERS]),
        svg.text(x + 14, y + 31, shapes_text(info, instruction)[:LETTERS]),
    ]


def _line(info: ProgramInfo, places: list[tuple[float, float]], edge: Edge) -> str:
    """From the middle below one box to the middle above the other, in a soft bend."""
    begin, end, buffer = edge
    x, y = places[begin][0] + WIDTH / 2, places[begin][1] + HEIGHT
    to_x, to_y = places[end][0] + WIDTH / 2, places[end][1]
    bend = BENEATH / 2
    points = f"M{x:g} {y:g} C{x:g} {y + bend:g} {to_x:g} {to_y - bend:g} {to_x:g} {to_y:g}"
    return svg.line(points, f"{info.names[buffer]}: {begin} to {end}")
