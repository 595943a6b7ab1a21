"""The table: a row per figure, a column per peer, each with its ratio to pylego."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from peers import Figure


def time(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.2f} ms"


def size(count: float) -> str:
    return f"{count / 1e6:.2f} MB"


def rate(value: float) -> str:
    return f"{value:,.0f}/s"


def factor(value: float) -> str:
    """With three digits: 0.35x, 3.52x, 35.2x, 352x."""
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{digits}f}x"


def share(value: float) -> str:
    return f"{value:.0%}"


@dataclass(frozen=True)
class Row:
    """A figure of each peer that has it."""

    name: str
    cells: dict[str, Figure]
    show: Callable[[float], str]

    def line(self, columns: list[str]) -> str:
        return f"{self.name:32}" + "".join(self.cell(column) for column in columns)

    def cell(self, column: str) -> str:
        """The figure, and unless it is a ratio or a rate, how often it holds pylego's."""
        figure, ours = self.cells.get(column, "-"), self.cells.get("pylego")
        if isinstance(figure, str):
            return f"{figure[:16]:>17}"
        is_measured = self.show not in (factor, share, rate)  # times and sizes: less is better
        is_compared = column != "pylego" and isinstance(ours, float) and is_measured
        ratio = factor(figure / ours) if is_compared else ""
        return f"{self.show(figure):>11}{ratio:>6}"

    def troubles(self) -> list[str]:
        """What went wrong, in full: a cell is too small for it."""
        return [
            f"{self.name}, {peer}: {figure}"
            for peer, figure in self.cells.items()
            if isinstance(figure, str) and len(figure) > 16
        ]


def heading(columns: list[str]) -> str:
    return f"{'':32}" + "".join(f"{column:>17}" for column in columns)
