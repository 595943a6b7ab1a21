"""Line charts: panels side by side, each with its own axes and lines of numbers over steps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pylego.drawing.lettering import shortened
from pylego.drawing.palette import CAPTION, LINE, LOOKS
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path, Point, Rectangle, Shape, Text, oval

WIDTH, HEIGHT = 320.0, 230.0  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 56.0, 14.0, 46.0, 36.0  # what its axes leave free around them
PANELS_A_ROW = 3
TITLE, SMALL = 13.0, 11.0  # sizes of letters
TICKS = 5  # about as many on each axis
KEY_LENGTH, KEY_SPACE = 18.0, 84.0  # of a line in the legend, and from one to the next
COLOURS = ("blue", "orange", "green", "purple", "rose", "teal")


@dataclass(frozen=True)
class Line:
    """Numbers over steps. NaN and infinite ones leave a gap."""

    label: str
    steps: Sequence[float]
    values: Sequence[float]

    def stretches(self) -> list[list[Point]]:
        """Return the points in pieces without a gap."""
        pieces: list[list[Point]] = [[]]
        for step, value in zip(self.steps, self.values):
            if math.isfinite(value):
                pieces[-1].append((step, value))
            elif pieces[-1]:
                pieces.append([])
        return [piece for piece in pieces if piece]


@dataclass(frozen=True)
class Panel:
    """Lines that share two axes."""

    title: str
    lines: Sequence[Line]
    below: str = ""  # what the steps are


@dataclass(frozen=True)
class Axis:
    """Where numbers lie on the sheet: `low` at `begin`, `high` at `end`."""

    low: float
    high: float
    begin: float
    end: float

    def place(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)


def chart(panels: Sequence[Panel], title: str = "") -> Picture:
    """Return a picture of panels, three in a row.

    >>> loss = Panel("loss", [Line("training", [1, 2, 3], [0.9, 0.5, 0.3])], "epoch")
    >>> chart([loss], "one epoch after another")
    <Picture one epoch after another: 320 x 230>
    """
    shapes: list[Shape] = []
    for i, panel in enumerate(panels):
        row, column = divmod(i, PANELS_A_ROW)
        shapes += _panel(panel, column * WIDTH, row * HEIGHT)
    columns = min(len(panels), PANELS_A_ROW)
    rows = -(-len(panels) // PANELS_A_ROW)
    return Picture(max(1, columns) * WIDTH, max(1, rows) * HEIGHT, shapes, title)


def round_steps(low: float, high: float, count: int = TICKS) -> list[float]:
    """Return round numbers between two others, about as many as asked: 1, 2 or 5 times ten powers.

    >>> round_steps(0, 100)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def _panel(panel: Panel, x: float, y: float) -> list[Shape]:
    """Title, legend, grid and lines, with the upper left corner there."""
    points = [point for line in panel.lines for piece in line.stretches() for point in piece]
    across = _axis([step for step, _ in points], x + LEFT, x + WIDTH - RIGHT, margin=0.0)
    upwards = _axis([value for _, value in points], y + HEIGHT - BOTTOM, y + TOP, margin=0.05)
    heading = shortened(panel.title, WIDTH - LEFT - RIGHT, TITLE, is_bold=True)
    shapes: list[Shape] = [Text(x + LEFT, y + 18, heading, size=TITLE, is_bold=True)]
    shapes += _grid(panel, across, upwards)
    for i, line in enumerate(panel.lines):
        colour = LOOKS[COLOURS[i % len(COLOURS)]].brick
        shapes += _legend(line.label, colour, x + LEFT + i * KEY_SPACE, y + 34)
        shapes += _curve(line, colour, across, upwards)
    return shapes


def _axis(values: Sequence[float], begin: float, end: float, margin: float) -> Axis:
    """From the least to the largest value, and a margin; room around a single one."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    if high - low <= 1e-12 * max(abs(low), abs(high)) or high == low:
        room = abs(low) / 2 or 0.5
        low, high = low - room, high + room
    room = (high - low) * margin
    return Axis(low - room, high + room, begin, end)


def _grid(panel: Panel, across: Axis, upwards: Axis) -> list[Shape]:
    shapes: list[Shape] = []
    for value in round_steps(upwards.low, upwards.high):
        height = upwards.place(value)
        steps = (("M", (across.begin, height)), ("L", (across.end, height)))
        shapes.append(Path(steps, line=LINE, line_width=0.4))
        label = f"{value:.4g}"
        shapes.append(
            Text(across.begin - 6, height + 4, label, CAPTION, SMALL, anchor="end", width=LEFT - 8)
        )
    for step in round_steps(across.low, across.high):
        if step == int(step):  # steps are counted
            place = across.place(step), upwards.begin + 15
            shapes.append(Text(*place, f"{step:.0f}", CAPTION, SMALL, anchor="middle"))
    middle = (across.begin + across.end) / 2
    shapes.append(Text(middle, upwards.begin + 30, panel.below, CAPTION, SMALL, anchor="middle"))
    return shapes


def _legend(label: str, colour: str, x: float, y: float) -> list[Shape]:
    text = shortened(label, KEY_SPACE - KEY_LENGTH - 8, SMALL)
    return [
        Rectangle(x, y - 5, KEY_LENGTH, 2, fill=colour),
        Text(x + KEY_LENGTH + 4, y, text, CAPTION, SMALL),
    ]


def _curve(line: Line, colour: str, across: Axis, upwards: Axis) -> list[Shape]:
    """Lines through the points; a point without neighbours is a dot."""
    shapes: list[Shape] = []
    for piece in line.stretches():
        places = [(across.place(step), upwards.place(value)) for step, value in piece]
        if places[1:]:
            steps = (("M", places[0]), *(("L", place) for place in places[1:]))
            shapes.append(Path(steps, line=colour, line_width=1.8, title=line.label))
        else:
            shapes.append(oval(*places[0], 5, 5, fill=colour, title=line.label))
    return shapes
