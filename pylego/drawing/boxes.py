"""A box of a diagram: a heading, marks beside it, and lines beneath. Text never leaves it."""

from __future__ import annotations

from dataclasses import dataclass

from pylego.drawing.lettering import shortened, text_width
from pylego.drawing.palette import LOOKS
from pylego.drawing.shapes import Rectangle, Shape, Text

TITLE, SMALL = 13.0, 11.0  # sizes of letters
SIDE, TOP = 12.0, 8.0  # from border to text
TITLE_HEIGHT, ROW_HEIGHT = 17.0, 16.0
MARK_SIDE, MARK_HEIGHT, MARK_SPACE = 7.0, 16.0, 6.0
COLUMN_SPACE = 10.0
NARROWEST = 64.0
BROADEST_TEXT = 420.0
RADIUS = 6.0


@dataclass(frozen=True)
class Box:
    """What is written in a box.

    Args:
        title: the heading.
        look: a name of `palette.LOOKS`.
        subtitle: a line beneath it.
        marks: words that stand out.
        rows: pairs of a word and what it says.
        tooltip: appears where the mouse rests.
        is_round: whether its ends are round, as where tensors come in.
    """

    title: str
    look: str = "grey"
    subtitle: str = ""
    marks: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    tooltip: str = ""
    is_round: bool = False


def size_of(box: Box) -> tuple[float, float]:
    """Return how wide and high a box is."""
    widths = [
        _title_width(box) + sum(_mark_width(mark) + MARK_SPACE for mark in box.marks),
        _fitted_width(box.subtitle),
        _label_width(box) + max((_fitted_width(text) for _, text in box.rows), default=0.0),
    ]
    height = 2 * TOP + TITLE_HEIGHT + ROW_HEIGHT * bool(box.subtitle)
    if box.rows:
        height += TOP + ROW_HEIGHT * len(box.rows)
    return max(NARROWEST, max(widths) + 2 * SIDE), height


def draw_box(box: Box, x: float, y: float) -> list[Shape]:
    """Return the shapes of a box whose upper left corner is there."""
    width, height = size_of(box)
    look = LOOKS[box.look]
    radius = (TITLE_HEIGHT + 2 * TOP) / 2 if box.is_round else RADIUS
    shapes: list[Shape] = [
        Rectangle(x, y, width, height, look.fill, look.line, 1.2, radius, title=box.tooltip)
    ]
    shapes += _heading(box, x, y, width)
    line = y + TOP + TITLE_HEIGHT
    if box.subtitle:
        line += ROW_HEIGHT
        text = shortened(box.subtitle, BROADEST_TEXT, SMALL)
        place = x + width / 2, line - 4
        shapes.append(Text(*place, text, look.ink, SMALL, anchor="middle", width=width - SIDE))
    return shapes + _rows(box, x, line + TOP, width)


def _heading(box: Box, x: float, y: float, width: float) -> list[Shape]:
    """The title and its marks, in the middle together."""
    look = LOOKS[box.look]
    title = shortened(box.title, BROADEST_TEXT, TITLE, is_bold=True)
    length = _title_width(box) + sum(_mark_width(mark) + MARK_SPACE for mark in box.marks)
    place = x + (width - length) / 2
    base = y + TOP + 12.5
    middle = place + _title_width(box) / 2
    room = _title_width(box)
    shapes: list[Shape] = [Text(middle, base, title, look.ink, TITLE, True, "middle", room)]
    place += room
    for mark in box.marks:
        place += MARK_SPACE
        broad = _mark_width(mark)
        top = base - MARK_HEIGHT + 4
        shapes += [
            Rectangle(place, top, broad, MARK_HEIGHT, "#ffffff", look.line, 1, MARK_HEIGHT / 2),
            Text(place + broad / 2, base, mark, look.ink, SMALL, anchor="middle", width=broad - 6),
        ]
        place += broad
    return shapes


def _rows(box: Box, x: float, y: float, width: float) -> list[Shape]:
    """The rows, beneath a thin line."""
    if not box.rows:
        return []
    look = LOOKS[box.look]
    shapes: list[Shape] = [Rectangle(x + 1, y - TOP / 2, width - 2, 1, look.line)]
    labels = _label_width(box)
    room = width - 2 * SIDE - labels
    for number, (label, text) in enumerate(box.rows):
        base = y + ROW_HEIGHT * number + 12
        text = shortened(text, BROADEST_TEXT, SMALL)
        shapes += [
            Text(x + SIDE, base, label, look.soft, SMALL, width=labels),
            Text(x + SIDE + labels, base, text, look.ink, SMALL, width=room),
        ]
    return shapes


def _title_width(box: Box) -> float:
    return min(text_width(box.title, TITLE, is_bold=True), BROADEST_TEXT)


def _fitted_width(text: str) -> float:
    return min(text_width(text, SMALL), BROADEST_TEXT)


def _mark_width(mark: str) -> float:
    return text_width(mark, SMALL) + 2 * MARK_SIDE


def _label_width(box: Box) -> float:
    labels = [text_width(label, SMALL) for label, _ in box.rows if label]
    return max(labels, default=-COLUMN_SPACE) + COLUMN_SPACE
