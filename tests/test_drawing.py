"""Layout, shapes and files of `pylego.drawing`, without any model."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from itertools import combinations, pairwise, product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings, strategies as st

from pylego.drawing.boxes import Box, draw_box, size_of
from pylego.drawing.diagram import DIRECTIONS, STYLES, Frame, Graph, Line, Port, draw
from pylego.drawing.dot import dot_text
from pylego.drawing.layout.layered import Layout, Node, lay_out
from pylego.drawing.layout.proper import Link
from pylego.drawing.layout.ranks import ranks_of, shortcuts, topological
from pylego.drawing.lettering import columns_of, shortened, text_width
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import Path as Line_, Rectangle, Text

SVG = "{http://www.w3.org/2000/svg}"
NEAR = 1e-6


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Link]]:
    """Nodes of all sizes, and links from smaller numbers to greater ones."""
    count = draw(st.integers(1, 14))
    sizes = st.floats(10, 200, allow_nan=False)
    nodes = [Node(draw(sizes), draw(sizes)) for _ in range(count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
    found = draw(st.lists(pairs, max_size=24))
    return nodes, [Link(min(pair), max(pair)) for pair in found if pair[0] != pair[1]]


def box_of(layout: Layout, nodes: list[Node], place: int) -> tuple[float, float, float, float]:
    x, y = layout.middles[place]
    node = nodes[place]
    return x - node.breadth / 2, y - node.depth / 2, x + node.breadth / 2, y + node.depth / 2


def meet(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes have more than an edge in common."""
    return min(a[2], b[2]) - max(a[0], b[0]) > NEAR and min(a[3], b[3]) - max(a[1], b[1]) > NEAR


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_a_layout_keeps_everything_apart(graph: tuple[list[Node], list[Link]]) -> None:
    nodes, links = graph
    layout = lay_out(nodes, links)
    boxes = [box_of(layout, nodes, place) for place in range(len(nodes))]
    assert not any(meet(a, b) for a, b in combinations(boxes, 2))
    for left, top, right, bottom in boxes:
        assert -NEAR <= left <= right <= layout.breadth + NEAR
        assert -NEAR <= top <= bottom <= layout.depth + NEAR
    for link, route in zip(links, layout.routes):
        assert route[0] == (layout.middles[link.source][0], boxes[link.source][3])
        assert route[-1] == (layout.middles[link.target][0], boxes[link.target][1])
        for (x, y), (u, v) in pairwise(route):
            assert v > y - NEAR, "a line leads back"
            assert abs(x - u) < NEAR or abs(y - v) < NEAR, "a line is not at right angles"
            thin = min(x, u) - 0.1, y, max(x, u) + 0.1, v
            crossed = [i for i, box in enumerate(boxes) if meet(thin, box)]
            assert not crossed, f"{link} runs through {crossed}"


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_only_lines_of_one_box_share_a_stretch(graph: tuple[list[Node], list[Link]]) -> None:
    """Lines from one box, or to one, may run together; others only cross."""
    nodes, links = graph
    routes = lay_out(nodes, links).routes
    for (a, first), (b, second) in combinations(list(zip(links, routes)), 2):
        if a.source == b.source or a.target == b.target:
            continue
        for (p, q), (r, s) in product(pairwise(first), pairwise(second)):
            if p[1] == q[1] == r[1] == s[1]:
                shared = min(max(p[0], q[0]), max(r[0], s[0])) - max(
                    min(p[0], q[0]), min(r[0], s[0])
                )
                assert shared < 1, (a, b, p, q, r, s)


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_a_layout_is_always_the_same(graph: tuple[list[Node], list[Link]]) -> None:
    assert lay_out(*graph) == lay_out(*graph)


def test_main_lines_are_straight_and_shortcuts_run_beside_them() -> None:
    nodes = [Node(80, 30)] * 9
    chain = [Link(i, i + 1) for i in range(8)]
    layout = lay_out(nodes, [*chain, Link(0, 4), Link(4, 8)])
    assert {x for x, _ in layout.middles} == {40.0}
    for route in layout.routes[-2:]:
        assert max(x for x, _ in route) > 80
        assert len(route) == 6, "out, down, back in"


def test_a_long_line_is_straight_where_another_crosses_it() -> None:
    pairs = [(3, 5), (1, 6), (2, 7), (2, 5), (5, 6), (4, 7), (1, 3)]
    routes = lay_out([Node(40, 20)] * 8, [Link(*pair) for pair in pairs]).routes
    assert len(routes[pairs.index((1, 6))]) <= 6, "out, down, back in"
    assert sum(len(route) for route in routes) == 22


def test_branches_keep_their_order_and_stand_evenly() -> None:
    nodes = [Node(60, 20)] * 5
    layout = lay_out(nodes, [*(Link(0, i) for i in (1, 2, 3)), *(Link(i, 4) for i in (1, 2, 3))])
    left, middle, right = (layout.middles[i][0] for i in (1, 2, 3))
    assert left < middle < right
    assert middle - left == right - middle
    assert layout.middles[0][0] == layout.middles[4][0] == middle


def test_a_late_input_stands_above_its_reader() -> None:
    assert ranks_of(5, [(0, 1), (1, 2), (2, 3), (4, 3)], (), ()) == [0, 1, 2, 3, 2]


def test_links_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="no circles"):
        topological(2, [(0, 1), (1, 0)])
    assert shortcuts(4, [(0, 1), (1, 2), (0, 2), (2, 3)]) == {(0, 2)}


def test_five_hundred_boxes_take_a_moment() -> None:
    links = [Link(i, i + 1) for i in range(499)] + [Link(i, i + 9) for i in range(0, 480, 3)]
    began = time.process_time()
    lay_out([Node(80, 30)] * 500, links)
    assert time.process_time() - began < 5


# ---- diagrams -------------------------------------------------------------------------------


def framed() -> Graph:
    inner = Graph(
        [Box("In", is_round=True), Box("Dense", "blue"), Port(True), Port(False), Port(False)],
        [Line(0, 1), Line(2, 0), Line(0, 3), Line(1, 4)],
    )
    return Graph(
        [Box("A"), Frame("inside", inner), Box("B"), Box("C")],
        [Line(0, 1), Line(1, 2, source_port=0), Line(1, 3, source_port=1)],
    )


def rectangles(picture: Picture) -> list[Rectangle]:
    return [shape for shape in picture.shapes if isinstance(shape, Rectangle)]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_frame_holds_its_boxes(direction: str, style: str) -> None:
    picture = draw(framed(), direction, style, "framed")
    frame = next(shape for shape in rectangles(picture) if shape.is_dashed)
    edges = frame.x, frame.y, frame.x + frame.width, frame.y + frame.height
    texts = {s.content: s for s in picture.shapes if isinstance(s, Text)}
    for inside in ("In", "Dense", "inside"):
        text = texts[inside]
        assert edges[0] < text.x < edges[2]
        assert edges[1] < text.y < edges[3]
    for outside in ("A", "B", "C"):
        text = texts[outside]
        assert not (edges[0] < text.x < edges[2] and edges[1] < text.y < edges[3])
    for shape in rectangles(picture):
        assert 0 <= shape.x <= shape.x + shape.width <= picture.width
        assert 0 <= shape.y <= shape.y + shape.height <= picture.height


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_lines_go_on_inside_a_frame_where_they_enter_it(direction: str) -> None:
    paths = [s for s in draw(framed(), direction).shapes if isinstance(s, Line_)]
    lines = [(s.steps[0][1], s.steps[-1][1]) for s in paths if s.fill == "none"]
    begins, ends = ({rounded(line[side]) for line in lines} for side in (0, 1))
    assert len(begins & ends) == 3, "one comes in, two go out"


def rounded(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], 3), round(point[1], 3)


def test_frames_may_lie_in_frames_to_any_depth() -> None:
    graph = Graph([Box("core"), Port(True), Port(False)], [Line(1, 0), Line(0, 2)])
    for depth in range(1200):
        frame = Frame(f"frame {depth}", graph)
        graph = Graph([frame, Port(True), Port(False)], [Line(1, 0), Line(0, 2)])
    picture = draw(graph)
    assert sum(shape.is_dashed for shape in rectangles(picture)) == 1200
    assert dot_text(graph).count("subgraph") == 1200


def test_unknown_words_are_refused() -> None:
    with pytest.raises(ValueError, match="rankdir is one of TB, LR, BT, RL"):
        draw(framed(), "DOWN")
    with pytest.raises(ValueError, match="splines is one of ortho"):
        draw(framed(), style="wavy")


# ---- text -----------------------------------------------------------------------------------

LONG = Box(
    "Bidirectional(LongShortTermMemory)" * 3,
    subtitle="층 이름이 아주 긴 한국어 " * 8,
    marks=("categorical",),
    rows=(("input", "[(None, 1, 2, 3), (None, 4)]" * 9), ("", "(None,)")),
)


@pytest.mark.parametrize("box", [LONG, Box("A"), Box("W" * 30, rows=(("i", "1"),))])
def test_text_stays_in_its_box(box: Box) -> None:
    font = pytest.importorskip("PIL.ImageFont")
    width, _ = size_of(box)
    for shape in draw_box(box, 0, 0):
        if not isinstance(shape, Text):
            continue
        broad = text_width(shape.content, shape.size, shape.is_bold)
        left = shape.x - (broad / 2 if shape.anchor == "middle" else 0)
        assert left >= 0
        assert left + broad <= width
        assert shape.width is not None
        try:
            name = f"DejaVuSans{'-Bold' if shape.is_bold else ''}.ttf"
            real = font.truetype(name, 100).getlength(shape.content) * shape.size / 100
        except OSError:
            continue
        if shape.content.isascii():
            assert real == pytest.approx(broad, rel=0.03)


def test_long_text_keeps_both_ends() -> None:
    short = shortened("sparse_categorical_crossentropy", 120, 11)
    assert short.startswith("sparse")
    assert short.endswith("py")
    assert text_width(short, 11) <= 120
    assert shortened("W", 1, 11) == "..."
    assert columns_of("층 1") == 4


# ---- files ----------------------------------------------------------------------------------


def small(text: str = "text") -> Picture:
    shapes = [
        Rectangle(5, 5, 60, 30, "#ff0000", "blue", 2, 6, title="a box"),
        Rectangle(70, 5, 20, 30, line="black", is_dashed=True, radius=4),
        Line_((("M", (5, 40)), ("C", (20, 60), (40, 20), (60, 40))), line="green"),
        Line_((("M", (70, 40)), ("L", (80, 50)), ("L", (90, 40)), ("Z",)), fill="black"),
        Text(10, 25, text, "white", width=50),
    ]
    return Picture(100, 60, shapes, "small")


@pytest.mark.parametrize("text", ["<&>\"'", "한글", "\x00\x1b\ud800", "a\nb"])
def test_an_svg_is_well_formed_whatever_is_written(text: str) -> None:
    root = ElementTree.fromstring(small(text).svg.encode())
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 100 60"
    assert root.find(f"{SVG}rect/{SVG}title").text == "a box"
    assert small()._repr_svg_() == small().svg


def test_an_svg_reaches_for_nothing_around_it() -> None:
    text = draw(framed()).svg
    assert not re.search(r"<style|<script|href|@import|url\(", text)


def test_a_png_has_the_size_and_the_colours() -> None:
    image_module = pytest.importorskip("PIL.Image")
    image = image_module.open(io.BytesIO(small().encode(".png", dpi=192)))
    assert image.size == (200, 120)
    assert image.mode == "RGB"
    assert image.getpixel((120, 60)) == (255, 0, 0)
    assert image.getpixel((197, 117)) == (255, 255, 255)
    assert image.getpixel((160, 90)) == (0, 0, 0)
    assert round(image.info["dpi"][0]) == 192


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.svg or \.png, not as 'model.pdf'.*'model.svg'"):
        small().save(tmp_path / "model.pdf")
    small().save(tmp_path / "그림 하나.SVG")
    assert ElementTree.parse(tmp_path / "그림 하나.SVG").getroot().tag == f"{SVG}svg"


def test_a_png_may_be_too_large() -> None:
    pytest.importorskip("PIL")
    with pytest.raises(ValueError, match=r"lower dpi, or write \.svg"):
        Picture(1e5, 1e5, []).encode(".png")
    with pytest.raises(ValueError, match="dpi must be above 0"):
        small().encode(".png", dpi=0)


def test_a_png_without_pillow_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match="pip install pillow"):
        small().encode(".png")
    assert small().encode(".svg").startswith(b"<svg")


def test_an_svg_needs_no_pillow() -> None:
    code = (
        "import sys\n"
        "from pylego.drawing.picture import Picture\n"
        "Picture(1, 1, []).svg\n"
        "sys.exit('PIL' in sys.modules or 'pylego.drawing.png' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
