"""How wide text is, before any font is there.

The widths are those of DejaVu Sans, in hundredths of the font's size. Helvetica, Arial and the
fonts of systems are narrower, so that what is planned with these fits.
"""

from __future__ import annotations

import unicodedata

FIRST = 32  # the character that the tables begin with: a space
REGULAR = bytes((
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 64, 34, 34, 84, 84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86,
    75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63,
    62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64,
    34, 64, 84,
))  # fmt: skip
BOLD = bytes((
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70,
    70, 70, 70, 40, 40, 84, 84, 84, 58, 100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64,
    100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50, 50, 67, 72,
    59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65,
    58, 71, 37, 71, 84,
))  # fmt: skip
WIDE, OTHER = 100, 84  # Hangul and ideograms; letters that no table has

# Asked in turn. Hangul is drawn by a font of the reader's system.
FAMILIES = (
    "Helvetica Neue, Helvetica, Arial, Apple SD Gothic Neo, Malgun Gothic, Noto Sans KR, sans-serif"
)


def text_width(text: str, size: float, is_bold: bool = False) -> float:
    """Return about how wide a line of text is.

    >>> text_width("Dense", 10) < text_width("Dense", 10, is_bold=True) < text_width("Conv2D", 10)
    True
    """
    table = BOLD if is_bold else REGULAR
    return sum(_width(letter, table) for letter in text) * size / 100


def _width(letter: str, table: bytes) -> int:
    place = ord(letter) - FIRST
    if 0 <= place < len(table):
        return table[place]
    return 0 if unicodedata.combining(letter) else WIDE if columns_of(letter) == 2 else OTHER


def columns_of(text: str) -> int:
    """Return how many columns of a terminal the text takes: Hangul takes two a syllable.

    >>> columns_of("층 1")
    4
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def shortened(text: str, width: float, size: float, is_bold: bool = False) -> str:
    """Return the text, or as much of its beginning and end as fits, with dots between.

    >>> shortened("categorical_crossentropy", 100, 10)
    'categori...ntropy'
    """
    if text_width(text, size, is_bold) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        begin = (kept * 3 + 4) // 5
        short = f"{text[:begin]}...{text[len(text) - kept + begin :]}"
        if text_width(short, size, is_bold) <= width:
            return short
    return "..."
