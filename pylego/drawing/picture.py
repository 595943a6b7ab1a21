"""A picture: shows itself in notebooks, and writes itself into files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pylego.drawing.shapes import Shape
from pylego.drawing.svg import svg_text

KINDS = (".svg", ".png")
DPI = 200  # of a PNG, as in Keras


@dataclass(frozen=True)
class Picture:
    """Shapes on a sheet.

    Args:
        width: in CSS pixels, 96 to the inch.
        height: likewise.
        shapes: from the back to the front.
        title: what the picture shows, for readers who cannot see it.

    >>> from pylego.drawing.shapes import Rectangle
    >>> Picture(20, 10, [Rectangle(5, 5, 10, 2, fill="red")], "a bar")
    <Picture a bar: 20 x 10>
    """

    width: float
    height: float
    shapes: Sequence[Shape]
    title: str = ""

    @property
    def svg(self) -> str:
        """The text of the picture as SVG."""
        return svg_text(self.width, self.height, self.shapes, self.title)

    def _repr_svg_(self) -> str:
        """Return what notebooks show."""
        return self.svg

    def __repr__(self) -> str:
        return f"<Picture {self.title}: {self.width:.0f} x {self.height:.0f}>"

    def encode(self, kind: str = ".svg", dpi: float = DPI) -> bytes:
        """Return the bytes of a file.

        Args:
            kind: '.svg' or '.png'.
            dpi: dots of a PNG per inch.

        Raises:
            ValueError: for another kind, or more dots than a PNG can be drawn with.
            ImportError: for a PNG without Pillow.
        """
        if check_kind(Path(f"model{kind}")) == ".svg":
            return f"{self.svg}\n".encode()
        from pylego.drawing.png import png_bytes  # loaded when somebody wants one

        return png_bytes(self.width, self.height, self.shapes, dpi)

    def save(self, path: str | os.PathLike, dpi: float = DPI, kind: str | None = None) -> None:
        """Write the picture into a file.

        Args:
            path: ends in .svg, or in .png, which needs Pillow.
            dpi: dots of a PNG per inch.
            kind: '.svg' or '.png', where the path does not say it.

        Raises:
            ValueError: for another kind of file, or more dots than a PNG can be drawn with.
            ImportError: for a PNG without Pillow.
        """
        target = Path(path)
        target.write_bytes(self.encode(kind or check_kind(target), dpi))


def check_kind(path: Path) -> str:
    """Return the ending of a file's name.

    Raises:
        ValueError: when pictures are not written as such files.
    """
    kind = path.suffix.lower()
    if kind in KINDS:
        return kind
    instead = path.with_suffix(".svg").name
    raise ValueError(
        f"Pictures are written as .svg or .png, not as {path.name!r}. An SVG can be turned into "
        f"PDF and others by any browser (print it): use {instead!r}"
    )
