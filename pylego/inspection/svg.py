"""Pictures as text: the few elements of SVG that are needed, and a colour for each origin."""

from __future__ import annotations

import html
from collections.abc import Iterable

# Light and dark: text and lines take the colour of the page, bars have one that suits both.
STYLE = (
    "text{font:11px system-ui,sans-serif;fill:currentColor}"
    ".line{stroke:currentColor;stroke-opacity:.25;fill:none}"
    ".bar{stroke:currentColor;stroke-opacity:.5;stroke-width:.5}"
)
GOLDEN_ANGLE = 137.508  # hues this far apart, in degrees, never come close to each other soon


def picture(width: float, height: float, elements: Iterable[str]) -> str:
    """Return a whole SVG."""
    body = "\n".join(elements)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">\n<style>{STYLE}</style>\n{body}\n</svg>'
    )


def rectangle(x: float, y: float, width: float, height: float, colour: str, tooltip: str) -> str:
    """Return a bar that says more where the mouse rests on it."""
    return (
        f'<rect class="bar" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="2" '
        f'fill="{colour}"><title>{html.escape(tooltip)}</title></rect>'
    )


def text(x: float, y: float, content: str, anchor: str = "start") -> str:
    """Return a line of text."""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{html.escape(content)}</text>'


def line(points: str, tooltip: str = "") -> str:
    """Return a path, such as 'M0 0 L10 10'."""
    title = f"<title>{html.escape(tooltip)}</title>" if tooltip else ""
    return f'<path class="line" d="{points}">{title}</path>'


def colours(origins: Iterable[str]) -> dict[str, str]:
    """Return a colour for each origin; the backward pass through a layer has a paler tone."""
    places: dict[str, int] = {}
    found = {}
    for origin in origins:
        place = places.setdefault(origin.removesuffix("gradient").rstrip(), len(places))
        lightness, saturation = (72, 35) if origin.endswith("gradient") else (55, 60)
        hue = place * GOLDEN_ANGLE % 360
        found[origin] = f"hsl({hue:.0f},{saturation}%,{lightness}%)"
    return found
