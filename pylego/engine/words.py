"""Words of texts, found by the engine: a batch of texts in one call, without Python's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from pylego.engine.library import check, ffi, lib

__all__ = ["DROPPED", "SPACE", "WordTable"]

DROPPED, SPACE = int(lib.LEGO_LETTER_DROPPED), int(lib.LEGO_LETTER_SPACE)


class WordTable:
    """Words and their numbers. It is made of arrays alone, so it can be copied and pickled.

    Args:
        numbers: of each word.
        unknown: the number of all other words.

    >>> letters = np.arange(256, dtype=np.int16)
    >>> letters[[ord(" "), ord("!")]] = SPACE, DROPPED
    >>> table = WordTable({"foo": 2, "bar": 3}, unknown=1)
    >>> table.find(["bar qux", "fo!o bar bar"], letters, most=2)
    (array([3, 1, 2, 3]), array([2, 2]))
    """

    def __init__(self, numbers: Mapping[str, int], unknown: int):
        self._bytes, self._ends = _joined(numbers)
        self._numbers = np.array([*numbers.values(), unknown], np.int64)
        self._slots = np.empty(1 << (2 * len(numbers)).bit_length(), np.int64)
        slots = _numbers_of(self._slots)
        check(lib.lego_words_place(_strings(self._bytes, self._ends), slots, len(slots)))

    def find(
        self, texts: Iterable[str], letters: np.ndarray, most: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of the words of all texts, and how many words each text has.

        Args:
            texts: are read as bytes of UTF-8.
            letters: for each byte the one that it becomes, SPACE or DROPPED: int16 of shape (256,).
            most: how many words of a text are read; None: all.
        """
        content, ends = _joined(texts)
        longest = len(content) if most is None else most
        # A word is a byte at least, and there is another one between two of them.
        found = np.empty(min((len(content) + len(ends)) // 2, longest * len(ends)), np.int64)
        lengths, slots = np.empty(len(ends), np.int64), _numbers_of(self._slots)
        check(
            lib.lego_words_find(
                *(_strings(self._bytes, self._ends), slots, len(slots), _strings(content, ends)),
                *(ffi.from_buffer("int16_t[256]", letters), longest),
                *(_numbers_of(found), len(found), _numbers_of(lengths)),
            )
        )
        return self._numbers[found[: lengths.sum()]], lengths


def _joined(texts: Iterable[str]) -> tuple[bytes, np.ndarray]:
    """Texts one after another, and where each of them ends."""
    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    return b"".join(parts), np.cumsum([len(part) for part in parts], dtype=np.int64)


def _numbers_of(array: np.ndarray) -> Any:
    return ffi.from_buffer("int64_t[]", array)


def _strings(content: bytes, ends: np.ndarray) -> Any:
    """The struct; who calls keeps alive what it points to."""
    return ffi.new("lego_strings *", (len(ends), ffi.from_buffer(content), _numbers_of(ends)))
