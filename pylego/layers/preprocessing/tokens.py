"""Texts into tokens: standardize, split, join neighbours. Letter for letter as Keras does it.

Only the letters A to Z become small, and only ASCII's spaces stand between words: then words have
the numbers that they have in Keras. Other scripts, Korean among them, pass through as they are.
"""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pylego import engine

_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_PUNCTUATION = string.punctuation.encode()
STANDARDS: dict[str, tuple[bytes | None, bytes]] = {  # what bytes become, and which are dropped
    "lower_and_strip_punctuation": (_LOWER, _PUNCTUATION),
    "lower": (_LOWER, b""),
    "strip_punctuation": (None, _PUNCTUATION),
}

_SPACES = b" \t\n\v\f\r"
_find_words = re.compile(r"[^ \t\n\v\f\r]+").findall
_find_other_space = re.compile(r"[^\S \t\n\v\f\r]").search
_OTHER_SPACES_OF_ASCII = "\x1c", "\x1d", "\x1e", "\x1f"


def _words(text: str) -> list[str]:
    """What stands between ASCII's spaces. str.split is five times quicker than a search for words,
    and right unless the text has others of the spaces that it knows."""
    if text.isascii():
        has_others = any(space in text for space in _OTHER_SPACES_OF_ASCII)
    else:
        has_others = _find_other_space(text) is not None
    return _find_words(text) if has_others else text.split()


SPLITS: dict[str, Callable[[str], list[str]]] = {"whitespace": _words, "character": list}


def standardized(texts: np.ndarray, standard: Any) -> np.ndarray:
    """Return an array of texts in a standard form.

    Args:
        texts: of dtype object.
        standard: a name, None, or a function, which is given NumPy's strings.

    >>> standardized(np.array(["LEGO, again!"], dtype=object), "lower_and_strip_punctuation")
    array(['lego again'], dtype=object)
    """
    if standard is None:
        return texts
    if callable(standard):
        return np.asarray(standard(texts.astype(str)))
    return _of_each(texts, functools.partial(_translated, *STANDARDS[standard]))


def letters_of(standard: str | None) -> np.ndarray:
    """Return what `engine.WordTable` makes of each byte of a text, to find its words.

    >>> letters = letters_of("lower")
    >>> letters[list(b"aA! ")].tolist() == [ord("a"), ord("a"), ord("!"), engine.SPACE]
    True
    """
    table, dropped = (None, b"") if standard is None else STANDARDS[standard]
    letters = np.frombuffer(table or bytes(range(256)), np.uint8).astype(np.int16)
    letters[list(_SPACES)] = engine.SPACE
    letters[list(dropped)] = engine.DROPPED
    return letters


def _translated(table: bytes | None, dropped: bytes, text: str) -> str:
    """As UTF-8, where no byte of another letter is one of ASCII: ten times quicker for those than
    a dictionary of letters. Half of a pair of surrogates passes through too."""
    encoded = text.encode("utf-8", "surrogatepass").translate(table, dropped)
    return encoded.decode("utf-8", "surrogatepass")


def _of_each(texts: np.ndarray, function: Callable[[str], Any]) -> np.ndarray:
    found = np.empty(texts.shape, dtype=object)
    flat = found.reshape(-1)
    for place, text in enumerate(texts.reshape(-1)):
        flat[place] = function(text)  # one by one: lists of one length would become an array
    return found


def split_texts(texts: np.ndarray, split: Any) -> np.ndarray:
    """Return an array with the list of tokens of each text.

    Args:
        texts: the texts.
        split: 'whitespace', 'character', or a function of an array of texts that returns a list of
            tokens for each.

    Raises:
        ValueError: when a function returns lists for other texts than it was given.

    >>> split_texts(np.array(["a b", "c"], dtype=object), "whitespace").tolist()
    [['a', 'b'], ['c']]
    """
    if not callable(split):
        return _of_each(texts, SPLITS[split])
    found = np.empty(texts.shape, dtype=object)
    flat = found.reshape(-1)
    lists = split(texts.reshape(-1))  # a text alone, too, as an array of it
    if len(lists) != len(flat):
        raise ValueError(
            f"split returned {len(lists)} lists of tokens for {len(flat)} texts: each text has one"
        )
    for number, tokens in enumerate(lists):
        flat[number] = [str(token) for token in tokens]
    return found


def ngrams_of(tokens: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return neighbouring tokens joined by spaces, width by width.

    >>> ngrams_of(["a", "b", "c"], (1, 2))
    ['a', 'b', 'c', 'a b', 'b c']
    """
    return [
        " ".join(tokens[start : start + width])
        for width in widths
        for start in range(len(tokens) - width + 1)
    ]
