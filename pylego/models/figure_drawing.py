"""The figure of a model as a picture."""

from __future__ import annotations

from pylego.drawing.lettering import shortened, text_width
from pylego.drawing.palette import CAPTION, LINE, LOOKS, mixed
from pylego.drawing.picture import Picture
from pylego.drawing.shapes import NONE, Path, Point, Rectangle, Shape, Text, oval, polyline
from pylego.models.figure_parts import OPEN_HEAD, OPEN_LEGS, OPEN_TORSO, Brick, Parts, wrapped

MARGIN = 18.0
BROAD, BRICK = 220.0, 30.0  # of the stack of bricks, and how high each is
STUDS, STUD_BROAD, STUD_HIGH = 6, 20.0, 7.0
FACE_BROAD, FACE_HIGH = 104.0, 82.0
NECK_BROAD, NECK_HIGH = 46.0, 8.0
SHOULDERS, WAIST, TORSO_HIGH = 112.0, 148.0, 104.0
HIPS_HIGH, LEG_BROAD, LEG_HIGH, LEG_SPACE = 26.0, 68.0, 74.0, 8.0
FOOT_HIGH = 20.0
MIDDLE = MARGIN + BROAD / 2
BESIDE = MARGIN + BROAD + 24  # where captions begin
LETTERS, SMALL = 12.5, 11.0
LETTER_BROAD = 8.0  # about, of bold letters

YELLOW, YELLOW_LINE = "#f7cd46", "#c99b12"
SHIRT, SLEEVES = "#c8433f", "#a93632"
TROUSERS, SHADE = "#2f66b3", "#24508f"
DARK = "#2b2b2b"
OPEN_LOOK = {"line": LINE, "line_width": 1.4, "is_dashed": True}


def figure_picture(parts: Parts) -> Picture:
    """Draw the figure from top to bottom, with captions beside it."""
    shapes: list[Shape] = []
    y = MARGIN + STUD_HIGH
    marks = []
    for draw in (_head, _face, _torso, _legs):
        drawn, height = draw(parts, y)
        shapes += drawn
        marks.append((y, height))
        y += height
    head, _, torso, legs = marks
    captions = [
        (head, "head: network", parts.head),
        (torso, "torso: loss", f"metrics: {', '.join(parts.metrics)}" if parts.metrics else ""),
        (legs, "legs: optimizer", parts.rate),
    ]
    broad = BESIDE
    for (top, height), title, more in captions:
        shapes += _caption(top + height / 2, title, more)
        texts = text_width(title, LETTERS, True), text_width(more, SMALL)
        broad = max(broad, BESIDE + max(texts))
    return Picture(broad + MARGIN, y + MARGIN, shapes, f"figure of {parts.name}")


def _edge(colour: str) -> str:
    return mixed(colour, "#000000", 0.25)


def _caption(y: float, title: str, more: str) -> list[Shape]:
    base = y if more else y + 5
    first = Text(BESIDE, base, title, CAPTION, LETTERS, is_bold=True)
    return [first, *([Text(BESIDE, y + 16, more, CAPTION, SMALL)] if more else [])]


def _words(lines: list[str], x: float, y: float, colour: str, width: float) -> list[Shape]:
    """Lines of text around a middle."""
    top = y - (len(lines) - 1) * 8 + 4.5
    return [
        Text(x, top + 16 * number, line, colour, LETTERS, True, "middle", width)
        for number, line in enumerate(lines)
    ]


# ---- head -----------------------------------------------------------------------------------


def _head(parts: Parts, y: float) -> tuple[list[Shape], float]:
    left = MIDDLE - BROAD / 2
    if not parts.rows:
        box = Rectangle(left, y, BROAD, 1.6 * BRICK, radius=5, **OPEN_LOOK)  # type: ignore[arg-type]
        words = _words([OPEN_HEAD], MIDDLE, y + 0.8 * BRICK, CAPTION, BROAD)
        return [box, *words], 1.6 * BRICK + STUD_HIGH
    rows = parts.shown_rows()
    shapes: list[Shape] = []
    for number, row in enumerate(rows):
        broad = BROAD / len(row)
        for place, brick in enumerate(row):
            x = left + place * broad
            top = y + number * BRICK
            if number == 0:
                shapes += _studs(brick, x, top, broad, STUDS // len(row) or 1)
            shapes += _brick(brick, x, top, broad)
    return shapes, BRICK * len(rows) + STUD_HIGH


def _studs(brick: Brick, x: float, y: float, broad: float, count: int) -> list[Shape]:
    """The studs on top of the highest bricks."""
    look = LOOKS[brick.look]
    size = min(STUD_BROAD, 0.7 * broad / count)
    step = broad / count
    return [
        Rectangle(
            x + step * (number + 0.5) - size / 2,
            y - STUD_HIGH,
            size,
            STUD_HIGH + 2,
            look.brick,
            _edge(look.brick),
            radius=2,
        )
        for number in range(count)
    ]


def _brick(brick: Brick, x: float, y: float, broad: float) -> list[Shape]:
    """A brick with the class of its layer, and, where there is room, its activation and shape."""
    look = LOOKS[brick.look]
    title = "  ".join(part for part in (brick.title, brick.activation) if part)
    tooltip = " ".join(part for part in (brick.name, brick.shape) if part)
    light = Rectangle(x + 3, y + 2.5, broad - 6, 2, mixed(look.brick, "#ffffff", 0.3), radius=1)
    room = broad - 12
    fitting = shortened(title, room, LETTERS, is_bold=True)
    return [
        Rectangle(x, y, broad, BRICK, look.brick, _edge(look.brick), radius=3, title=tooltip),
        light,
        Text(x + broad / 2, y + 20, fitting, "#ffffff", LETTERS, True, "middle", room),
    ]


def _face(parts: Parts, y: float) -> tuple[list[Shape], float]:
    """A face that smiles when nothing is missing."""
    stud = Rectangle(MIDDLE - 25, y - STUD_HIGH, 50, STUD_HIGH + 6, YELLOW, YELLOW_LINE, radius=3)
    neck_top = y + FACE_HIGH - 4
    neck = Rectangle(
        MIDDLE - NECK_BROAD / 2, neck_top, NECK_BROAD, NECK_HIGH + 8, YELLOW, YELLOW_LINE, radius=3
    )
    face = Rectangle(
        MIDDLE - FACE_BROAD / 2, y, FACE_BROAD, FACE_HIGH, YELLOW, YELLOW_LINE, 1.2, radius=24
    )
    eyes = [oval(MIDDLE + side * 20, y + 33, 10, 12, fill=DARK) for side in (-1, 1)]
    glints = [oval(MIDDLE + side * 20 + 1.8, y + 30, 3.4, 3.4, fill="#ffffff") for side in (-1, 1)]
    bend = 13.0 if parts.is_whole else 0.0
    left, right = (MIDDLE - 20, y + 52), (MIDDLE + 20, y + 52)
    handles = (MIDDLE - 11, y + 52 + bend), (MIDDLE + 11, y + 52 + bend)
    mouth = Path((("M", left), ("C", *handles, right)), line=DARK, line_width=3)
    return [stud, neck, face, *eyes, *glints, mouth], FACE_HIGH + NECK_HIGH


# ---- torso ----------------------------------------------------------------------------------


def _torso(parts: Parts, y: float) -> tuple[list[Shape], float]:
    corners: list[Point] = [
        (MIDDLE - SHOULDERS / 2, y),
        (MIDDLE + SHOULDERS / 2, y),
        (MIDDLE + WAIST / 2, y + TORSO_HIGH),
        (MIDDLE - WAIST / 2, y + TORSO_HIGH),
    ]
    middle = y + TORSO_HIGH / 2
    if not parts.losses:
        outline = polyline([*corners, corners[0]])
        words = _words(wrapped(OPEN_TORSO, 14), MIDDLE, middle, CAPTION, SHOULDERS)
        return [Path(outline, **OPEN_LOOK), *words], TORSO_HIGH  # type: ignore[arg-type]
    steps = (("M", corners[0]), *(("L", corner) for corner in corners[1:]), ("Z",))
    body = Path(steps, SHIRT, _edge(SHIRT))
    arms = [shape for side in (-1, 1) for shape in _arm(side, y)]
    words = _words(_few(parts.losses), MIDDLE, middle, "#ffffff", SHOULDERS)
    return [*arms, body, *words], TORSO_HIGH


def _few(names: tuple[str, ...]) -> list[str]:
    """As many lines as a torso has room for."""
    fits = int(SHOULDERS / LETTER_BROAD)
    lines = [line for name in names for line in wrapped(name, fits)]
    return lines if len(lines) <= 6 else [*lines[:5], "..."]


def _arm(side: int, y: float) -> list[Shape]:
    """A bent arm and its hand, which is open at the bottom as those of LEGO people are."""
    shoulder = MIDDLE + side * SHOULDERS / 2
    steps = (
        ("M", (shoulder - side * 4, y + 1)),
        ("C", (shoulder + side * 22, y + 2), (shoulder + side * 34, y + 26),
         (shoulder + side * 40, y + 66)),
        ("L", (shoulder + side * 20, y + 72)),
        ("C", (shoulder + side * 16, y + 54), (shoulder + side * 12, y + 40),
         (shoulder + side * 4, y + 34)),
        ("Z",),
    )  # fmt: skip
    x, top = shoulder + side * 32, y + 80
    grip = (
        ("M", (x - 9, top + 11)),
        ("C", (x - 17, top - 14), (x + 17, top - 14), (x + 9, top + 11)),
    )
    return [
        Path(grip, line=YELLOW_LINE, line_width=9.5),
        Path(grip, line=YELLOW, line_width=7.5),
        Path(steps, SLEEVES, _edge(SLEEVES)),
    ]


# ---- legs -----------------------------------------------------------------------------------


def _legs(parts: Parts, y: float) -> tuple[list[Shape], float]:
    left = MIDDLE - WAIST / 2
    height = HIPS_HIGH + LEG_HIGH + 4
    if not parts.optimizer:
        return _open_legs(left, y + 4), height
    hips = Rectangle(left, y + 3, WAIST, HIPS_HIGH, TROUSERS, SHADE, radius=3)
    name = Text(MIDDLE, y + 21, parts.optimizer, "#ffffff", LETTERS, True, "middle", WAIST - 10)
    shapes: list[Shape] = []
    for side in (-1, 1):
        x = MIDDLE + side * (LEG_BROAD + LEG_SPACE) / 2 - LEG_BROAD / 2
        top = y + 3 + HIPS_HIGH
        foot = top + LEG_HIGH - FOOT_HIGH
        shapes += [
            Rectangle(x, top - 3, LEG_BROAD, LEG_HIGH, TROUSERS, SHADE, radius=3),
            Rectangle(x - 2, foot, LEG_BROAD + 4, FOOT_HIGH, SHADE, _edge(SHADE), radius=3),
        ]
    return [*shapes, hips, name], height


def _open_legs(left: float, y: float) -> list[Shape]:
    """The outline of hips and legs."""
    bottom, inner = y + HIPS_HIGH + LEG_HIGH - 4, LEG_SPACE / 2
    right = left + WAIST
    crotch = y + 1.9 * HIPS_HIGH
    corners = [
        (left, y), (right, y), (right, bottom), (MIDDLE + inner, bottom), (MIDDLE + inner, crotch),
        (MIDDLE - inner, crotch), (MIDDLE - inner, bottom), (left, bottom), (left, y),
    ]  # fmt: skip
    words = _words(wrapped(OPEN_LEGS, 16), MIDDLE, y + HIPS_HIGH * 0.9, CAPTION, WAIST - 8)
    outline = Path(polyline(corners), NONE, **OPEN_LOOK)  # type: ignore[arg-type]
    return [outline, *words]
