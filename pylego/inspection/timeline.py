"""The arena over time as a picture: from left to right the instructions, upwards the bytes."""

from __future__ import annotations

from pylego.engine import Operand
from pylego.inspection import svg
from pylego.inspection.facts import ProgramFacts, makers
from pylego.inspection.units import in_bytes, in_shape

LEFT, TOP, BOTTOM = 70, 10, 40  # room around the bars
HEIGHT = 320
NARROWEST, WIDEST = 12, 40  # pixels an instruction
SCALE_MARKS = 4


def timeline_svg(facts: ProgramFacts) -> str:
    """Draw each tensor of the arena as a bar, from where it is made to where it is read last."""
    count = max(len(facts.instructions), 1)
    step = min(max(900 / count, NARROWEST), WIDEST)
    width = LEFT + step * count + 20
    elements = [*_scale(facts, width), *_numbers(count, step), *_bars(facts, step)]
    return svg.picture(width, TOP + HEIGHT + BOTTOM, elements)


def _height(facts: ProgramFacts, place: int) -> float:
    """Where a byte of the arena lies in the picture, byte 0 at the bottom."""
    return TOP + HEIGHT * (1 - place / max(facts.arena_bytes, 1))


def _bars(facts: ProgramFacts, step: float) -> list[str]:
    palette = origin_colours(facts)
    bars = []
    for number, part, operand in makers(facts.instructions):
        home = facts.homes[operand.home]
        if home.kind != "arena" or home.first != number:
            continue
        top = _height(facts, home.place + home.bytes)
        bars.append(
            svg.rectangle(
                LEFT + step * home.first,
                top,
                step * (home.last - home.first + 1),
                max(_height(facts, home.place) - top, 1),
                palette[facts.origin(part)],
                f"{_description(facts, operand)}\n{part.brick.name}, {facts.origin(part)}",
            )
        )
    return bars


def _description(facts: ProgramFacts, operand: Operand) -> str:
    home = facts.homes[operand.home]
    return (
        f"{facts.names[operand.home]}: {in_shape(operand.shape, operand.dtype)}, "
        f"{in_bytes(home.bytes)} at {home.place}..{home.place + home.bytes}, "
        f"instructions {home.first} to {home.last}"
    )


def _scale(facts: ProgramFacts, width: float) -> list[str]:
    elements = []
    for mark in range(SCALE_MARKS + 1):
        place = facts.arena_bytes * mark // SCALE_MARKS
        y = _height(facts, place)
        elements.append(svg.line(f"M{LEFT} {y:g} H{width:g}"))
        elements.append(svg.text(LEFT - 6, y + 4, in_bytes(place), "end"))
    return elements


def _numbers(count: int, step: float) -> list[str]:
    every = 5 if step < 2 * NARROWEST else 1
    y = TOP + HEIGHT + 16
    marks = [
        svg.text(LEFT + step * (number + 0.5), y, str(number), "middle")
        for number in range(0, count, every)
    ]
    return [*marks, svg.text(LEFT, y + 18, "instruction")]


def origin_colours(facts: ProgramFacts) -> dict[str, str]:
    """Return a colour for each place that instructions come from."""
    origins = [origin for i in facts.instructions for origin in facts.origins(i)]
    return svg.colours(dict.fromkeys(origins))
