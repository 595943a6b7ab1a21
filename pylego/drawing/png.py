"""Shapes drawn as PNG, by Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Any

from pylego.drawing.shapes import NONE, PAGE, Path, Point, Rectangle, Shape, Text

CSS_DPI = 96
FINER = 2  # drawn so many times larger and then averaged: Pillow's own lines have steps
MOST_PIXELS = 200_000_000
CURVE_POINTS = 12  # a Bezier curve is drawn as so many lines
DASH, SPACE = 5, 4
BACKGROUND = "white"

# Tried in turn: with the letters of Europe, and with Hangul. Pillow knows where systems keep them.
LATIN = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
)
EAST_ASIAN = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NanumGothic.ttf", "NanumGothicBold.ttf"),
    ("AppleSDGothicNeo.ttc", "AppleSDGothicNeo.ttc"),
    ("malgun.ttf", "malgunbd.ttf"),
)


def png_bytes(width: float, height: float, shapes: Iterable[Shape], dpi: float) -> bytes:
    """Return a picture as PNG, on white.

    Raises:
        ImportError: without Pillow.
        ValueError: for more pixels than are sensible.
    """
    image_module, draw_module = _pillow()
    if not dpi > 0:
        raise ValueError(f"dpi must be above 0. Received: {dpi}")
    scale = dpi / CSS_DPI
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    finer = FINER if size[0] * size[1] * FINER * FINER <= MOST_PIXELS else 1
    if size[0] * size[1] > MOST_PIXELS:
        raise ValueError(
            f"At {dpi:g} dpi this picture has {size[0]} x {size[1]} dots. Use a lower dpi, or "
            "write .svg, which has no dots"
        )
    image = image_module.new("RGB", (size[0] * finer, size[1] * finer), BACKGROUND)
    canvas = _Canvas(draw_module.Draw(image), scale * finer)
    for shape in shapes:
        canvas.add(shape)
    file = io.BytesIO()
    image = image.reduce(finer) if finer > 1 else image
    image.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise ImportError(
            "A .png is drawn by Pillow: pip install pillow. A .svg needs nothing"
        ) from error
    return Image, ImageDraw


class _Canvas:
    """Draws shapes on an image of Pillow.

    Args:
        draw: Pillow's ImageDraw.
        scale: pixels per CSS pixel.
    """

    def __init__(self, draw: Any, scale: float):
        self._draw = draw
        self._scale = scale

    def add(self, shape: Shape) -> None:
        if isinstance(shape, Text):
            self._text(shape)
        elif isinstance(shape, Rectangle):
            self._rectangle(shape)
        else:
            self._path(shape)

    def _rectangle(self, shape: Rectangle) -> None:
        left, top, right, bottom = (
            value * self._scale
            for value in (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
        )
        line = None if shape.is_dashed else _colour(shape.line)
        half = 0 if line is None else self._pixels(shape.line_width) / 2  # SVG's lines lie astride
        self._draw.rounded_rectangle(
            (left - half, top - half, right + half, bottom + half),
            shape.radius * self._scale + (half if shape.radius else 0),
            fill=_colour(shape.fill),
            outline=line,
            width=self._pixels(shape.line_width),
        )
        if shape.is_dashed and shape.line != NONE:
            points = _rounded(left, top, right, bottom, shape.radius * self._scale)
            self._dashes(points, _colour(shape.line), self._pixels(shape.line_width))

    def _path(self, shape: Path) -> None:
        for points in _flattened(shape.steps, self._scale):
            if shape.fill != NONE:
                self._draw.polygon(points, fill=_colour(shape.fill))
            if shape.line == NONE:
                continue
            colour, width = _colour(shape.line), self._pixels(shape.line_width)
            if shape.is_dashed:
                self._dashes(points, colour, width)
            else:
                self._draw.line(points, fill=colour, width=width, joint="curve")

    def _dashes(self, points: list[Point], colour: Any, width: int) -> None:
        for begin, end in _dashed(points, DASH * self._scale, SPACE * self._scale):
            self._draw.line([begin, end], fill=colour, width=width)

    def _text(self, shape: Text) -> None:
        size = shape.size * self._scale
        font = _font(size, shape.is_bold, _is_latin(shape.content))
        length = font.getlength(shape.content)
        room = (shape.width or length) * self._scale
        if shape.width is not None and length > room:
            font = _font(size * room / length, shape.is_bold, _is_latin(shape.content))
        place = {"start": "l", "middle": "m", "end": "r"}[shape.anchor]
        self._draw.text(
            (shape.x * self._scale, shape.y * self._scale),
            shape.content,
            fill=_colour(shape.colour),
            font=font,
            anchor=place + "s",
        )

    def _pixels(self, width: float) -> int:
        return max(round(width * self._scale), 1)


# ---- fonts ----------------------------------------------------------------------------------


def _is_latin(text: str) -> bool:
    return all(ord(letter) < 0x2500 for letter in text)


@lru_cache(maxsize=64)
def _font(size: float, is_bold: bool, is_latin: bool) -> Any:
    from PIL import ImageFont

    for names in LATIN if is_latin else EAST_ASIAN:
        try:
            return ImageFont.truetype(names[is_bold], size)
        except OSError:  # noqa: PERF203  # not on this system
            continue
    if not is_latin:
        warnings.warn(
            "No font with Hangul was found, so that a PNG shows boxes in its place. Install one, "
            "such as Noto Sans CJK, or write .svg, for which the reader's system has one",
            stacklevel=2,
        )
        return _font(size, is_bold, True)
    return ImageFont.load_default(size)


# ---- geometry -------------------------------------------------------------------------------


def _colour(name: str) -> str | None:
    return {NONE: None, "transparent": None, PAGE: "black"}.get(name, name)


def _flattened(steps: tuple[tuple, ...], scale: float) -> list[list[Point]]:
    """The lines of a path as points, a list for each stroke."""
    strokes: list[list[Point]] = []
    for kind, *points in steps:
        scaled = [(x * scale, y * scale) for x, y in points]
        if kind == "M":
            strokes.append(scaled)
        elif kind == "L":
            strokes[-1] += scaled
        elif kind == "C":
            strokes[-1] += _curve(strokes[-1][-1], *scaled)
        else:
            strokes[-1].append(strokes[-1][0])
    return strokes


def _curve(a: Point, b: Point, c: Point, d: Point) -> list[Point]:
    points = []
    for step in range(1, CURVE_POINTS + 1):
        t = step / CURVE_POINTS
        shares = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        ends = list(zip(shares, (a, b, c, d)))
        points.append((sum(s * p[0] for s, p in ends), sum(s * p[1] for s, p in ends)))
    return points


def _rounded(left: float, top: float, right: float, bottom: float, radius: float) -> list[Point]:
    """The outline of a box with round corners, as points."""
    r = min(radius, (right - left) / 2, (bottom - top) / 2)
    corners = [
        ((left, top + r), (left, top), (left + r, top)),
        ((right - r, top), (right, top), (right, top + r)),
        ((right, bottom - r), (right, bottom), (right - r, bottom)),
        ((left + r, bottom), (left, bottom), (left, bottom - r)),
    ]
    points: list[Point] = []
    for begin, corner, end in corners:
        points += [begin, *_curve(begin, corner, corner, end)]
    return [*points, points[0]]


def _dashed(points: list[Point], dash: float, space: float) -> list[tuple[Point, Point]]:
    """The parts of a line that are drawn."""
    found = []
    left, is_drawn = dash, True
    for begin, end in pairwise(points):
        place, length = 0.0, ((end[0] - begin[0]) ** 2 + (end[1] - begin[1]) ** 2) ** 0.5
        while place < length:
            step = min(left, length - place)
            if is_drawn:
                found.append(
                    (_on(begin, end, place / length), _on(begin, end, (place + step) / length))
                )
            place += step
            left -= step
            if left <= 0:
                is_drawn = not is_drawn
                left = dash if is_drawn else space
    return found


def _on(begin: Point, end: Point, share: float) -> Point:
    return begin[0] + (end[0] - begin[0]) * share, begin[1] + (end[1] - begin[1]) * share
