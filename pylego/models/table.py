"""A table of text, as Keras prints it: columns of given widths, cells that break into lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pylego.drawing.lettering import columns_of

NARROWEST_COLUMN = 4

# Left, between, right, and the line itself: above the header, below it, between rows, at the end.
LINES = {
    "top": tuple("┏┳┓━"),
    "header": tuple("┡╇┩━"),
    "between": tuple("├┼┤─"),
    "end": tuple("└┴┘─"),
}
BARS = {"header": "┃", "row": "│"}
PLAIN = str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│", "++++++++++++=-||")
WORD = re.compile(r"\s*\S+\s*")


def table_lines(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    sides: Sequence[str],
) -> list[str]:
    """Return the lines of a table.

    Args:
        header: the names of the columns.
        rows: the texts of their cells.
        widths: of the columns, with a space on both sides of a text.
        sides: 'left', 'right' or 'center', where the text of each column stands.

    >>> print("\\n".join(table_lines(["a"], [["one two"]], [6], ["right"])))
    ┏━━━━━━┓
    ┃    a ┃
    ┡━━━━━━┩
    │  one │
    │  two │
    └──────┘
    """
    lines = [_rule("top", widths), *_row(header, widths, sides, BARS["header"])]
    lines.append(_rule("header", widths))
    for place, row in enumerate(rows):
        if place:
            lines.append(_rule("between", widths))
        lines += _row(row, widths, sides, BARS["row"])
    return [*lines, _rule("end", widths)]


def column_widths(ends: Sequence[float], length: int) -> list[int]:
    """Return the widths of columns, without the bars between them.

    Keras asks for columns that end at these shares of the length and leaves no room for bars and
    spaces; these are then taken from all columns evenly, what remains from the last but one.

    Raises:
        ValueError: when a column would be too narrow.

    >>> column_widths([0.45, 0.8, 1.0], 88)
    [38, 29, 17]
    """
    places = [int(end * length) for end in ends]
    asked = [end - begin for begin, end in zip([0, *places], places)]
    if min(asked) < NARROWEST_COLUMN:
        raise ValueError(f"A summary needs more than line_length={length}")
    left = 3 * len(asked) + 1
    widths = []
    for number, width in enumerate(asked):
        taken = round(left / (len(asked) - number))
        widths.append(width + 2 - taken)
        left -= taken
    return widths


def _rule(kind: str, widths: Sequence[int]) -> str:
    left, between, right, line = LINES[kind]
    return left + between.join(line * width for width in widths) + right


def _row(cells: Sequence[str], widths: Sequence[int], sides: Sequence[str], bar: str) -> list[str]:
    """One row, in as many lines as its longest cell needs; headers stand at the bottom."""
    broken = [_broken(cell, width - 2) for cell, width in zip(cells, widths)]
    height = max(len(cell) for cell in broken)
    fills = [[""] * (height - len(cell)) for cell in broken]
    is_header = bar == BARS["header"]
    filled = [[*fill, *cell] if is_header else [*cell, *fill] for cell, fill in zip(broken, fills)]
    lines = []
    for parts in zip(*filled):
        aligned = [_aligned(*column) for column in zip(parts, widths, sides)]
        lines.append(bar + bar.join(f" {part} " for part in aligned) + bar)
    return lines


def _aligned(text: str, width: int, side: str) -> str:
    space = max(width - 2 - columns_of(text), 0)
    before = {"left": 0, "right": space, "center": space // 2}[side]
    return " " * before + text + " " * (space - before)


def _broken(text: str, width: int) -> list[str]:
    """The text in lines; a word that is longer than a line begins a new one."""
    lines: list[str] = [""]
    for word in WORD.findall(text):
        if columns_of(lines[-1] + word.rstrip()) <= width:
            lines[-1] += word
        elif columns_of(word.rstrip()) <= width:
            lines.append(word)
        else:
            pieces = _pieces(word.rstrip(), width)
            lines += pieces if lines[-1] else []
            lines = lines if lines[-1] else pieces
            lines[-1] += word[len(word.rstrip()) :]
    return [line.rstrip() for line in lines]


def _pieces(word: str, width: int) -> list[str]:
    pieces = [""]
    for letter in word:
        if columns_of(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
