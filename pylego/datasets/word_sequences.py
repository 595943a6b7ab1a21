"""What the data sets of texts share: each text is a list of the ranks of its words.

Rank 1 is the word that is most frequent. A text is numbered as Keras does it: ranks move up by
`index_from`, so that 0 stays for padding, 1 for the beginning and 2 for words left out.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

Part = tuple[np.ndarray, np.ndarray]


def word_index(found: str) -> dict[str, int]:
    """Return the rank of each word, from the JSON file of a data set."""
    with open(found, encoding="utf-8") as file:
        try:
            ranks: dict[str, int] = json.load(file)
        except ValueError as error:
            raise ValueError(f"{found} cannot be read: expected JSON; {error}") from error
    return ranks


def shuffled(parts: Sequence[Part], seed: int) -> list[Part]:
    """Each part in another order, one after another: that which Keras's seed gives."""
    chance = np.random.RandomState(seed)
    mixed = []
    for texts, labels in parts:
        order = np.arange(len(texts))
        chance.shuffle(order)
        mixed.append((texts[order], labels[order]))
    return mixed


def marked(part: Part, maxlen: int | None, start_char: int | None, index_from: int) -> Part:
    """Move the ranks up, begin each text with a mark, and leave out texts of `maxlen` or more."""
    begin = [] if start_char is None else [start_char]
    texts = [begin + [word + index_from for word in text] for text in part[0]]
    kept = [i for i, text in enumerate(texts) if not maxlen or len(text) < maxlen]
    return _texts_array([texts[i] for i in kept]), part[1][kept]


def limited(
    texts: Sequence[Any], num_words: int | None, skip_top: int, oov_char: int | None
) -> list[list[int]]:
    """Replace numbers outside of skip_top <= number < num_words; without a mark they are left out.

    Without `num_words` the largest number of all is the limit, as in Keras."""
    limit = num_words or max((max(text) for text in texts if text), default=0)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < limit] for text in texts]
    return [[w if skip_top <= w < limit else oov_char for w in text] for text in texts]


def split(texts: Sequence[list[int]], labels: np.ndarray, count: int) -> tuple[Part, Part]:
    """The first `count` texts for training, the others for testing."""
    train, test = (_texts_array(part) for part in (texts[:count], texts[count:]))
    return (train, labels[:count]), (test, labels[count:])


def _texts_array(texts: Sequence[list[int]]) -> np.ndarray:
    """An array of lists, also where all have one length."""
    return np.fromiter(texts, dtype=object, count=len(texts))
