"""The arena over time as a picture: from left to right the instructions, upwards the bytes."""

from __future__ import annotations

from pylego.drawing.palette import LINE, spread
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path, Rectangle, Shape, Text
from pylego.engine import Operand
from pylego.inspection.info import ProgramInfo, makers
from pylego.inspection.units import in_bytes, in_shape

LEFT, TOP, BOTTOM = 70, 10, 40  # space around the bars
HEIGHT = 320
NARROWEST, WIDEST = 12, 40  # pixels an instruction
SCALE_MARKS = 4


def timeline_svg(info: ProgramInfo) -> str:
    """Draw each tensor of the arena as a bar, from where it is made to where it is read last."""
    count = max(len(info.instructions), 1)
    step = min(max(900 / count, NARROWEST), WIDEST)
    width = LEFT + step * count + 20
    elements = [*_scale(info, width), *_numbers(count, step), *_bars(info, step)]
    return Picture(width, TOP + HEIGHT + BOTTOM, elements, f"memory of {info.name}").svg


def _height(info: ProgramInfo, place: int) -> float:
    """Where a byte of the arena lies in the picture, byte 0 at the bottom."""
    return TOP + HEIGHT * (1 - place / max(info.arena_bytes, 1))


def _bars(info: ProgramInfo, step: float) -> list[Shape]:
    palette = origin_colours(info)
    bars: list[Shape] = []
    for number, op, operand in makers(info.instructions):
        buffer = info.buffers[operand.buffer]
        if buffer.kind != "arena" or buffer.first != number:
            continue
        top = _height(info, buffer.offset + buffer.bytes)
        bars.append(
            Rectangle(
                LEFT + step * buffer.first,
                top,
                step * (buffer.last - buffer.first + 1),
                max(_height(info, buffer.offset) - top, 1),
                palette[info.origin(op)],
                LINE,
                0.5,
                radius=2,
                title=f"{_description(info, operand)}\n{op.brick.name}, {info.origin(op)}",
            )
        )
    return bars


def _description(info: ProgramInfo, operand: Operand) -> str:
    buffer = info.buffers[operand.buffer]
    return (
        f"{info.names[operand.buffer]}: {in_shape(operand.shape, operand.dtype)}, "
        f"{in_bytes(buffer.bytes)} at {buffer.offset}..{buffer.offset + buffer.bytes}, "
        f"instructions {buffer.first} to {buffer.last}"
    )


def _scale(info: ProgramInfo, width: float) -> list[Shape]:
    elements: list[Shape] = []
    for mark in range(SCALE_MARKS + 1):
        place = info.arena_bytes * mark // SCALE_MARKS
        y = _height(info, place)
        elements.append(Path((("M", (LEFT, y)), ("L", (width, y))), line=LINE, line_width=0.5))
        elements.append(Text(LEFT - 6, y + 4, in_bytes(place), anchor="end"))
    return elements


def _numbers(count: int, step: float) -> list[Shape]:
    every = 5 if step < 2 * NARROWEST else 1
    y = TOP + HEIGHT + 16
    marks = [
        Text(LEFT + step * (number + 0.5), y, str(number), anchor="middle")
        for number in range(0, count, every)
    ]
    return [*marks, Text(LEFT, y + 18, "instruction")]


def origin_colours(info: ProgramInfo) -> dict[str, str]:
    """Return a colour for each place that instructions come from."""
    origins = [origin for i in info.instructions for origin in info.origins(i)]
    return spread(dict.fromkeys(origins))
