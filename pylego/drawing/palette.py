"""Colours: calm ones for boxes that lie on light and on dark pages, full ones for bricks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LINE = "#8b93a1"  # of arrows and frames: seen on white and on black
CAPTION = "#7f8795"  # text on the page itself
GOLDEN_ANGLE = 137.508  # hues this far apart, in degrees, never come close to each other soon


@dataclass(frozen=True)
class Look:
    """Colours that belong together: of a box, its border, what is written in it, and a brick."""

    fill: str
    line: str
    ink: str
    brick: str

    @property
    def soft(self) -> str:
        """Of what is written, but less important."""
        return mixed(self.ink, self.fill, 0.35)


LOOKS = {
    "grey": Look("#f1f3f6", "#aab2bf", "#333b48", "#6b7686"),
    "blue": Look("#e4eefb", "#7fa6da", "#1d4173", "#2f6fc4"),
    "indigo": Look("#eae8fb", "#9b92da", "#3a3080", "#5f50c8"),
    "teal": Look("#def3f0", "#6dbab0", "#0f5049", "#14877a"),
    "amber": Look("#fdf2d8", "#dbb04f", "#634608", "#b97a08"),
    "rose": Look("#fbe7ea", "#dd93a0", "#7a2335", "#cc3f5a"),
    "green": Look("#e5f4e3", "#86bd80", "#23561e", "#3c8f33"),
    "orange": Look("#fdeadb", "#e2a26c", "#73390a", "#d2641a"),
    "purple": Look("#f5e6f8", "#c28fce", "#5f2470", "#9544ab"),
    "stone": Look("#f0ece5", "#bdae98", "#50432f", "#8f7a58"),
}


def mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with that share of another one in it.

    >>> mixed("#ff0000", "#ffffff", 0.2)
    '#ff3333'
    """
    parts = [[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in (colour, other)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*parts))


def spread(names: Iterable[str]) -> dict[str, str]:
    """Return a colour for each name, all as different as can be; a gradient has a paler tone.

    >>> spread(["dense", "dense gradient"])
    {'dense': 'hsl(0,60%,55%)', 'dense gradient': 'hsl(0,35%,72%)'}
    """
    places: dict[str, int] = {}
    found = {}
    for name in names:
        place = places.setdefault(name.removesuffix("gradient").rstrip(), len(places))
        lightness, saturation = (72, 35) if name.endswith("gradient") else (55, 60)
        hue = place * GOLDEN_ANGLE % 360
        found[name] = f"hsl({hue:.0f},{saturation}%,{lightness}%)"
    return found
