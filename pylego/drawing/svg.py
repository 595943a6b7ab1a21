"""Shapes written as SVG, without a dependency.

Each element carries its own look: a `<style>` in a picture would reach into the notebook around it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import singledispatch

from pylego.drawing.lettering import FAMILIES
from pylego.drawing.shapes import NONE, Path, Rectangle, Shape, Text

DASHES = "5 4"
# Characters that XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def svg_text(width: float, height: float, shapes: Iterable[Shape], title: str = "") -> str:
    """Return a whole SVG."""
    body = "\n".join(_element(shape) for shape in shapes)
    label = f' role="img" aria-label="{escape(title)}"' if title else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_number(width)}" '
        f'height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}"{label} '
        f'font-family="{FAMILIES}">\n{body}\n</svg>'
    )


def escape(text: str) -> str:
    """Return text as XML may have it."""
    return html.escape(_UNWRITABLE.sub("?", text))


def _number(value: float) -> str:
    """A length with one digit behind the point, which suffices for screens and print."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@singledispatch
def _element(shape: Shape) -> str:
    raise TypeError(f"{type(shape).__name__} is not a shape")


@_element.register
def _(shape: Rectangle) -> str:
    place = " ".join(
        f'{name}="{_number(value)}"'
        for name, value in (
            ("x", shape.x),
            ("y", shape.y),
            ("width", shape.width),
            ("height", shape.height),
            ("rx", shape.radius),
        )
        if value or name != "rx"
    )
    return _closed("rect", f"{place} {_look(shape)}", shape.title)


@_element.register
def _(shape: Path) -> str:
    steps = "".join(
        kind + " ".join(f"{_number(x)} {_number(y)}" for x, y in points)
        for kind, *points in shape.steps
    )
    return _closed("path", f'd="{steps}" {_look(shape)}', shape.title)


@_element.register
def _(shape: Text) -> str:
    look = f' text-anchor="{shape.anchor}"' if shape.anchor != "start" else ""
    look += ' font-weight="bold"' if shape.is_bold else ""
    return (
        f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(shape.size)}" '
        f'fill="{shape.colour}"{look}>{escape(shape.content)}</text>'
    )


def _look(shape: Rectangle | Path) -> str:
    look = f'fill="{shape.fill}"'
    if shape.line != NONE:
        look += f' stroke="{shape.line}" stroke-width="{shape.line_width:g}"'
    return look + (f' stroke-dasharray="{DASHES}"' if shape.is_dashed else "")


def _closed(name: str, attributes: str, title: str) -> str:
    if not title:
        return f"<{name} {attributes}/>"
    return f"<{name} {attributes}><title>{escape(title)}</title></{name}>"
