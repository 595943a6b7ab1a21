"""What a picture is made of. SVG and PNG are written from the same few shapes.

Lengths are CSS pixels, 96 to the inch; x grows to the right and y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE = "currentColor"  # the colour of the text around the picture, black where there is none
NONE = "none"

Point = tuple[float, float]


@dataclass(frozen=True)
class Rectangle:
    """A box, with round corners if it has a `radius`; `title` appears where the mouse rests."""

    x: float
    y: float
    width: float
    height: float
    fill: str = NONE
    line: str = NONE
    line_width: float = 1.0
    radius: float = 0.0
    is_dashed: bool = False
    title: str = ""


@dataclass(frozen=True)
class Path:
    """Lines and Bezier curves: ('M', point), ('L', point), ('C', point, point, point), ('Z',)."""

    steps: tuple[tuple, ...]
    fill: str = NONE
    line: str = NONE
    line_width: float = 1.0
    is_dashed: bool = False
    title: str = ""


@dataclass(frozen=True)
class Text:
    """A line of text; `y` is where its letters stand. `anchor`: 'start', 'middle' or 'end'.

    `width` is the room that it has: a font that is wider than expected is drawn smaller.
    """

    x: float
    y: float
    content: str
    colour: str = PAGE
    size: float = 11.0
    is_bold: bool = False
    anchor: str = "start"
    width: float | None = None


Shape = Rectangle | Path | Text


def polyline(points: list[Point], radius: float = 0.0) -> tuple[tuple, ...]:
    """Return the steps of a line through points, whose corners may be round."""
    steps: list[tuple] = [("M", points[0])]
    for before, corner, after in zip(points, points[1:], points[2:]):
        first, second = (_toward(corner, end, radius) for end in (before, after))
        steps += [("L", first), ("C", _between(first, corner), _between(second, corner), second)]
    return (*steps, ("L", points[-1]))


def _toward(begin: Point, end: Point, length: float) -> Point:
    """The point that far from `begin`, but at most half of the way."""
    dx, dy = end[0] - begin[0], end[1] - begin[1]
    whole = (dx * dx + dy * dy) ** 0.5
    share = min(length / whole, 0.5) if whole else 0.0
    return begin[0] + dx * share, begin[1] + dy * share


ARC = 0.5523  # where the handles of a Bezier curve lie that looks like a quarter of a circle


def _between(begin: Point, end: Point) -> Point:
    return begin[0] + (end[0] - begin[0]) * ARC, begin[1] + (end[1] - begin[1]) * ARC


def oval(x: float, y: float, width: float, height: float, **look: object) -> Rectangle:
    """Return an oval as wide as it is high, or with straight sides; around the point."""
    radius = min(width, height) / 2
    left, top = x - width / 2, y - height / 2
    return Rectangle(left, top, width, height, radius=radius, **look)  # type: ignore[arg-type]  # as Rectangle's
