"""What the figure of a model is made of, before it is drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass

BEFORE_AND_AFTER = 6  # rows that are shown of both ends of a tall stack
MOST_ROWS = 2 * BEFORE_AND_AFTER + 2
MOST_BESIDE = 3  # bricks beside each other

OPEN_HEAD = "add(Dense(10))"
OPEN_TORSO = "compile(loss=...)"
OPEN_LEGS = "compile(optimizer=...)"


@dataclass(frozen=True)
class Brick:
    """A layer."""

    title: str
    activation: str = ""
    look: str = "grey"
    shape: str = ""
    name: str = ""


@dataclass(frozen=True)
class Parts:
    """All of a figure.

    Args:
        name: of the model.
        rows: of bricks, from bottom to top.
        losses: their names; none leaves the torso open.
        optimizer: its name; none leaves the legs open.
        head: how many layers and parameters there are.
        metrics: their names.
        rate: the learning rate, in words.
    """

    name: str
    rows: tuple[tuple[Brick, ...], ...] = ()
    losses: tuple[str, ...] = ()
    optimizer: str = ""
    head: str = ""
    metrics: tuple[str, ...] = ()
    rate: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.rows and self.losses and self.optimizer)

    def shown_rows(self) -> list[tuple[Brick, ...]]:
        """Return the rows that are drawn, from top to bottom: both ends of what is too tall."""
        rows = list(self.rows[::-1])
        if len(rows) > MOST_ROWS:
            left_out = rows[BEFORE_AND_AFTER:-BEFORE_AND_AFTER]
            count = sum(len(row) for row in left_out)
            between = (Brick(f"... {count} more layers ..."),)
            rows = [*rows[:BEFORE_AND_AFTER], between, *rows[-BEFORE_AND_AFTER:]]
        return [_shown_row(row) for row in rows]


def _shown_row(row: tuple[Brick, ...]) -> tuple[Brick, ...]:
    """Few bricks and one that counts the others, where there are many."""
    if len(row) <= MOST_BESIDE + 1:
        return row
    return (*row[:MOST_BESIDE], Brick(f"+{len(row) - MOST_BESIDE}"))


def wrapped(name: str, fits: int) -> list[str]:
    """Return a name in lines of so many letters, broken behind '_' and '(' where that is possible.

    >>> wrapped("sparse_categorical_crossentropy", 12)
    ['sparse_', 'categorical_', 'crossentropy']
    """
    lines = [""]
    for part in re.findall(r"[^_(]*[_(]|[^_(]+", name):
        if lines[-1] and len(lines[-1]) + len(part) > fits:
            lines.append("")
        lines[-1] += part
    return [piece for line in lines for piece in _pieces(line, fits)]


def _pieces(line: str, fits: int) -> list[str]:
    return [line[i : i + fits] for i in range(0, len(line), fits)]
