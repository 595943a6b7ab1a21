"""A diagram as pydot's users know it, and its text in the language of Graphviz."""

from __future__ import annotations

import os
from pathlib import Path

from pylego.drawing.boxes import Box
from pylego.drawing.diagram import Frame, Graph, Item, Line, Port, draw
from pylego.drawing.palette import LOOKS
from pylego.drawing.picture import DPI, Picture

NODES = 'node [shape=box, style="rounded,filled", fontname=Helvetica];'


class Diagram:
    """A graph of boxes that can be drawn. `create`, `write` and `to_string` are as in pydot.

    Args:
        graph: the boxes and lines.
        direction: see `draw`.
        style: see `draw`.
        title: name of the whole.
        dpi: dots of a PNG per inch.

    >>> diagram = Diagram(Graph([Box("Dense")]), title="model")
    >>> diagram.create(format="svg")[:4]
    b'<svg'
    """

    def __init__(
        self,
        graph: Graph,
        direction: str = "TB",
        style: str = "ortho",
        title: str = "",
        dpi: float = DPI,
    ):
        self.picture: Picture = draw(graph, direction, style, title)
        self._graph = graph
        self._direction = direction
        self._title = title
        self._dpi = dpi

    def to_string(self) -> str:
        """Return the text that Graphviz reads."""
        return dot_text(self._graph, self._direction, self._title)

    def create(self, prog: object = None, format: str = "svg") -> bytes:
        """Return the bytes of a file.

        Args:
            prog: accepted for pydot's sake: the layout is our own.
            format: 'svg', 'png', or 'dot' for the text.

        Raises:
            ValueError: for another format.
        """
        if format in ("dot", "raw"):
            return self.to_string().encode()
        return self.picture.encode(f".{format}", self._dpi)

    def write(self, path: str | os.PathLike, prog: object = None, format: str = "raw") -> bool:
        """Write a file in that format; by default the text that Graphviz reads."""
        Path(path).write_bytes(self.create(prog, format))
        return True

    def create_svg(self) -> bytes:
        """Return the bytes of an SVG."""
        return self.create(format="svg")

    def create_png(self) -> bytes:
        """Return the bytes of a PNG, which Pillow draws."""
        return self.create(format="png")

    def write_svg(self, path: str | os.PathLike) -> bool:
        """Write an SVG."""
        return self.write(path, format="svg")

    def write_png(self, path: str | os.PathLike) -> bool:
        """Write a PNG, which Pillow draws."""
        return self.write(path, format="png")

    def _repr_svg_(self) -> str:
        """Return what notebooks show."""
        return self.picture.svg

    def __repr__(self) -> str:
        return f"<Diagram {self._title}: {len(self._graph.items)} boxes>"


# ---- the text -------------------------------------------------------------------------------


def dot_text(graph: Graph, direction: str = "TB", title: str = "") -> str:
    """Return a graph in the language of Graphviz; frames are its clusters."""
    body = [f"rankdir={direction}; {NODES}", *_statements(graph, "n")]
    lines = "\n".join(f"  {line}" for line in body)
    return f"digraph {_quoted(title)} {{\n{lines}\n}}"


def _statements(graph: Graph, prefix: str) -> list[str]:
    """Boxes, clusters and lines; an item has the name of its frame and its number in it.

    Frames may be nested deeper than Python calls: what is still to be written waits in a list.
    """
    found: list[str] = []
    waiting: list[tuple[str, str | tuple[Graph, str]]] = [("", (graph, prefix))]
    while waiting:
        indent, next_one = waiting.pop()
        if isinstance(next_one, str):
            found.append(indent + next_one)
            continue
        inner, name = next_one
        parts: list[tuple[str, str | tuple[Graph, str]]] = []
        for number, item in enumerate(inner.items):
            parts += _item(item, f"{name}{number}", indent)
        for line in inner.lines:
            ends = _end(inner, line, name, False), _end(inner, line, name, True)
            parts.append((indent, f"{ends[0]} -> {ends[1]};"))
        waiting += reversed(parts)
    return found


def _item(item: Item, name: str, indent: str) -> list[tuple[str, str | tuple[Graph, str]]]:
    """The lines of an item, and for a frame the graph that is to be written between them."""
    if isinstance(item, Box):
        colour = LOOKS[item.look].fill
        return [(indent, f'{name} [label={_quoted(_label(item))}, fillcolor="{colour}"];')]
    if isinstance(item, Port):
        return [(indent, f'{name} [label="", shape=point, width=0.04];')]
    return [
        (indent, f"subgraph cluster_{name} {{"),
        (f"{indent}  ", f"label={_quoted(item.title)};"),
        (f"{indent}  ", (item.graph, f"{name}_")),
        (indent, "}"),
    ]


def _end(graph: Graph, line: Line, prefix: str, is_target: bool) -> str:
    """The name of what a line leaves or meets: for a frame its port."""
    place, port = (line.target, line.target_port) if is_target else (line.source, line.source_port)
    item = graph.items[place]
    if not isinstance(item, Frame):
        return f"{prefix}{place}"
    ports = [
        number
        for number, inner in enumerate(item.graph.items)
        if isinstance(inner, Port) and inner.is_entry == is_target
    ]
    return f"{prefix}{place}_{ports[port]}"


def _label(box: Box) -> str:
    first = " ".join([box.title, *(f"({mark})" for mark in box.marks)])
    rows = [f"{label} {text}".strip() for label, text in box.rows]
    return "\n".join([first, *([box.subtitle] if box.subtitle else []), *rows])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
