"""A diagram: boxes, lines between them, and frames around parts that are diagrams themselves.

A frame is laid out by itself and then takes part in the layout around it as one large node. Its
ports are where lines pass its border. Frames may lie within frames, to any depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from pylego.drawing.boxes import SMALL, Box, draw_box, size_of
from pylego.drawing.layout.layered import Layout, Node, lay_out
from pylego.drawing.layout.proper import Link
from pylego.drawing.lettering import text_width
from pylego.drawing.palette import CAPTION, LINE
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path, Point, Rectangle, Shape, Text, polyline

MARGIN = 16.0  # around the picture
INSET = 16.0  # from a frame to what it holds
CAPTION_HEIGHT = 24.0
CORNER = 7.0
LINE_WIDTH = 1.4
ARROW_LENGTH, ARROW_WIDTH = 8.0, 7.0
DIRECTIONS = ("TB", "LR", "BT", "RL")
# How lines run; the words are those of Graphviz.
STYLES = {
    "ortho": "ortho",
    "spline": "curved",
    "curved": "curved",
    "polyline": "line",
    "line": "line",
}


@dataclass(frozen=True)
class Port:
    """Where lines pass the border of a frame."""

    is_entry: bool


@dataclass(frozen=True)
class Line:
    """A line between two items. For a frame, the ports say which of its entries and exits."""

    source: int
    target: int
    source_port: int = 0
    target_port: int = 0
    tooltip: str = ""


@dataclass
class Graph:
    """Items, and lines between them, which make no circle."""

    items: list[Item] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass
class Frame:
    """A graph with a name, drawn within a frame."""

    title: str
    graph: Graph


Item = Box | Frame | Port


def draw(graph: Graph, direction: str = "TB", style: str = "ortho", title: str = "") -> Picture:
    """Draw a graph.

    Args:
        graph: what is drawn.
        direction: in which lines lead: 'TB' for top to bottom, 'LR' for left to right, 'BT', 'RL'.
        style: of the lines: 'ortho' for lines with corners, 'curved', or 'line'.
        title: of the picture.

    Raises:
        ValueError: for an unknown direction or style.

    >>> draw(Graph([Box("Input"), Box("Dense")], [Line(0, 1)]))
    <Picture : 102 x 128>
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"rankdir is one of {', '.join(DIRECTIONS)}. Received: {direction!r}")
    if style not in STYLES:
        raise ValueError(f"splines is one of {', '.join(STYLES)}. Received: {style!r}")
    arranged: dict[int, _Arranged] = {}
    for inner in reversed(_graphs_within(graph)):
        arranged[id(inner)] = _Arranged(inner, direction, STYLES[style], arranged)
    whole = arranged[id(graph)]
    lines: list[Shape] = []
    boxes: list[Shape] = []
    waiting = [(whole, MARGIN, MARGIN)]
    for one, x, y in waiting:  # grows on the way
        waiting += one.put(x, y, lines, boxes)
    frames = [shape for shape in lines if isinstance(shape, (Rectangle, Text))]
    paths = [shape for shape in lines if isinstance(shape, Path)]
    width, height = whole.size[0] + 2 * MARGIN, whole.size[1] + 2 * MARGIN
    return Picture(width, height, [*frames, *paths, *boxes], title)


def _graphs_within(graph: Graph) -> list[Graph]:
    """The graph and those in its frames, the outer ones first."""
    found = [graph]
    for one in found:  # grows on the way
        found += [item.graph for item in one.items if isinstance(item, Frame)]
    return found


class _Arranged:
    """A graph that is laid out: where its items stand, and how large it is as a frame.

    Args:
        graph: what is laid out.
        direction: in which lines lead.
        style: of the lines.
        arranged: the graphs of its frames, by their ids.
    """

    def __init__(self, graph: Graph, direction: str, style: str, arranged: dict[int, _Arranged]):
        self._graph = graph
        self._direction = direction
        self._style = style
        self._inner = arranged
        self._is_upright = direction in ("TB", "BT")
        sizes = [self._size(item) for item in graph.items]
        nodes = [self._node(item, size) for item, size in zip(graph.items, sizes)]
        links = [self._link(line) for line in graph.lines]
        self._layout: Layout = lay_out(nodes, links, style == "ortho")
        breadth, depth = self._layout.breadth, self._layout.depth
        self.size = (breadth, depth) if self._is_upright else (depth, breadth)
        self._sizes = sizes

    # ---- as a part of the graph around it ----

    def in_frame(self, title: str) -> tuple[Point, tuple[float, float]]:
        """Return where its items begin within its frame, and the size of the frame.

        Lines enter through the border with the title: it stands to the left of them.
        """
        width, height = self.size
        caption = text_width(title, SMALL, is_bold=True) + INSET
        if not self._is_upright:
            inset = 0 if self._ports() else INSET
            wide = max(width + 2 * inset, caption + INSET)
            return ((wide - width) / 2, CAPTION_HEIGHT), (wide, height + CAPTION_HEIGHT + INSET)
        at_top = self._ports(is_entry=self._direction == "TB")
        left = max(INSET, caption - min(at_top, default=0)) if at_top else INSET
        left = max(left, (caption + INSET - width) / 2)
        above, below = (0 if self._ports(side) else CAPTION_HEIGHT for side in (True, False))
        return (left, above), (width + 2 * left, height + above + below)

    def _ports(self, is_entry: bool | None = None) -> list[float]:
        """Where its ports are across the flow."""
        return [
            self._layout.middles[place][0]
            for place, item in enumerate(self._graph.items)
            if isinstance(item, Port) and is_entry in (item.is_entry, None)
        ]

    def _size(self, item: Item) -> tuple[float, float]:
        if isinstance(item, Box):
            return size_of(item)
        if isinstance(item, Frame):
            return self._inner[id(item.graph)].in_frame(item.title)[1]
        return 0.0, 0.0

    def _node(self, item: Item, size: tuple[float, float]) -> Node:
        breadth, depth = size if self._is_upright else size[::-1]
        is_port = isinstance(item, Port)
        is_entry = isinstance(item, Port) and item.is_entry
        return Node(breadth, depth, is_entry, is_port and not is_entry)

    def _link(self, line: Line) -> Link:
        return Link(
            line.source,
            line.target,
            self._port_offset(line.source, line.source_port, is_entry=False),
            self._port_offset(line.target, line.target_port, is_entry=True),
        )

    def _port_offset(self, place: int, port: int, is_entry: bool) -> float:
        """How far a port lies from the middle of its item, across the flow."""
        item = self._graph.items[place]
        if not isinstance(item, Frame):
            return 0.0
        inner = self._inner[id(item.graph)]
        origin, size = inner.in_frame(item.title)
        across = 0 if self._is_upright else 1
        ports = inner._ports(is_entry)
        return origin[across] + ports[port] - size[across] / 2 if port < len(ports) else 0.0

    # ---- drawing ----

    def put(
        self, x: float, y: float, lines: list[Shape], boxes: list[Shape]
    ) -> list[tuple[_Arranged, float, float]]:
        """Draw it there; return what lies in its frames, with places."""
        inside = []
        for item, size, middle in zip(self._graph.items, self._sizes, self._layout.middles):
            across, along = self._turned(middle)
            left, top = x + across - size[0] / 2, y + along - size[1] / 2
            if isinstance(item, Box):
                boxes += draw_box(item, left, top)
            elif isinstance(item, Frame):
                lines += _frame(item.title, left, top, size)
                inner = self._inner[id(item.graph)]
                (dx, dy), _ = inner.in_frame(item.title)
                inside.append((inner, left + dx, top + dy))
        for line, route in zip(self._graph.lines, self._layout.routes):
            corners = [self._turned(point) for point in route]
            points = [(x + across, y + along) for across, along in corners]
            lines += self._line(points, line)
        return inside

    def _turned(self, point: Point) -> Point:
        """A point of the layout, which leads downwards, in the direction of the picture."""
        across, along = point
        if self._direction in ("BT", "RL"):
            along = self._layout.depth - along
        return (across, along) if self._is_upright else (along, across)

    def _line(self, points: list[Point], line: Line) -> list[Shape]:
        """A line, with an arrow where it ends at a box: lines into frames go on inside."""
        shapes: list[Shape] = []
        if isinstance(self._graph.items[line.target], Box):
            head, points[-1] = _arrow(points[-1], self._direction)
            shapes.append(Path(head, LINE))
        if self._style == "curved":
            steps = _curves(points, self._is_upright)
        else:
            steps = polyline(points, CORNER if self._style == "ortho" else 0.0)
        return [Path(steps, line=LINE, line_width=LINE_WIDTH, title=line.tooltip), *shapes]


def _frame(title: str, x: float, y: float, size: tuple[float, float]) -> list[Shape]:
    border = Rectangle(x, y, *size, line=LINE, line_width=1.2, radius=10, is_dashed=True)
    return [border, Text(x + INSET / 2 + 2, y + 16, title, CAPTION, SMALL, True)]


def _arrow(tip: Point, direction: str) -> tuple[tuple[tuple, ...], Point]:
    """The head of an arrow that arrives in that direction, and where its line ends."""
    x, y = tip
    along = -ARROW_LENGTH if direction in ("TB", "LR") else ARROW_LENGTH
    half = ARROW_WIDTH / 2
    if direction in ("TB", "BT"):
        corners = (x - half, y + along), (x + half, y + along)
        end = x, y + along * 0.8
    else:
        corners = (x + along, y - half), (x + along, y + half)
        end = x + along * 0.8, y
    return (("M", tip), ("L", corners[0]), ("L", corners[1]), ("Z",)), end


def _curves(points: list[Point], is_upright: bool) -> tuple[tuple, ...]:
    """Through points, leaving and meeting each in the direction of the flow."""
    steps: list[tuple] = [("M", points[0])]
    for (x, y), (u, v) in pairwise(points):
        if is_upright:
            middle = (y + v) / 2
            steps.append(("C", (x, middle), (u, middle), (u, v)))
        else:
            middle = (x + u) / 2
            steps.append(("C", (middle, y), (middle, v), (u, v)))
    return tuple(steps)
