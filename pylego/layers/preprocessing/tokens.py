"""Texts into tokens: standardize, split, join neighbours. Letter for letter as Keras does it.

Only the letters A to Z become small, and only ASCII's spaces stand between words: then words have
the numbers that they have in Keras. Other scripts, Korean among them, pass through as they are.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_LOWER = {ord(letter): letter.lower() for letter in string.ascii_uppercase}
_NO_PUNCTUATION = dict.fromkeys(map(ord, string.punctuation))
STANDARDS: dict[str, dict[int, Any]] = {
    "lower_and_strip_punctuation": {**_LOWER, **_NO_PUNCTUATION},
    "lower": _LOWER,
    "strip_punctuation": _NO_PUNCTUATION,
}
SPLITS: dict[str, Callable[[str], list[str]]] = {
    "whitespace": re.compile(r"[^ \t\n\v\f\r]+").findall,
    "character": list,
}


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
    table = STANDARDS[standard]
    return _of_each(texts, lambda text: text.translate(table))


def _of_each(texts: np.ndarray, function: Callable[[str], Any]) -> np.ndarray:
    found = np.empty(texts.shape, dtype=object)
    found.reshape(-1)[:] = [function(text) for text in texts.reshape(-1)]
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
    found = np.empty(texts.shape, dtype=object)
    if not callable(split):
        one = SPLITS[split]
        for place, text in np.ndenumerate(texts):
            found[place] = one(text)
        return found
    lists = split(texts)
    if len(lists) != len(texts):
        raise ValueError(
            f"split returned {len(lists)} lists of tokens for {len(texts)} texts: each text has one"
        )
    for number, tokens in enumerate(lists):
        found[number] = [str(token) for token in tokens]
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
