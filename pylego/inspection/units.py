"""Numbers with units, as short as tables want them."""

from __future__ import annotations

from collections.abc import Sequence


def in_bytes(count: float) -> str:
    """Write a number of bytes: 512 B, 57.2 KB, 2.5 MB."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            break
        count /= 1024
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"


def in_thousands(count: float) -> str:
    """Write a count: 640, 81.9 k, 1.2 M."""
    for unit in ("", " k", " M", " G"):
        if count < 1000 or unit == " G":
            break
        count /= 1000
    return f"{count:.0f}" if not unit else f"{count:.1f}{unit}"


def in_shape(shape: Sequence[int], dtype: str) -> str:
    """Write a shape, and the dtype unless it is float32: 10x64, 10x64 bool, a number is ()."""
    text = "x".join(str(n) for n in shape) or "()"
    return text if dtype == "float32" else f"{text} {dtype}"


def table(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> list[str]:
    """Lay cells out in columns; those whose numbers are in `left` begin at the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
