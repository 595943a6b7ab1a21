"""Load Reuters: 11,228 news of 46 topics, as lists of numbers of words."""

from __future__ import annotations

import os

from pylego.datasets import cache, word_sequences
from pylego.datasets.object_arrays import read_object_arrays
from pylego.datasets.word_sequences import Part

TEXTS, WORDS = "reuters.npz", "reuters_word_index.json"
CHECKSUMS = {
    TEXTS: "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916",
    WORDS: "4d44cc38712099c9e383dc6e5f11a921",
}

TOPICS = """
    cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship
    cotton carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin
    strategic-metal livestock retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem
    dlr gas silver wpi hog lead
"""


def load_data(
    path: str | os.PathLike[str] = TEXTS,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Part, Part]:
    """Load the news from the cache folder (downloading them first), or from `path`.

    The cache is `$PYLEGO_HOME/reuters`, by default `~/.pylego/reuters`; Keras's,
    `~/.keras/datasets`, is looked into as well. Words are numbered by how often they occur, and
    then moved up by `index_from`: 0 stays for padding.

    Args:
        path: an .npz file as Keras stores it, to be read instead of the cache.
        num_words: numbers from here on become `oov_char`; None: only the largest of all does.
        skip_top: numbers below become `oov_char`.
        maxlen: news of that many numbers or more are left out.
        test_split: the share of the news that is for testing.
        seed: of the order of the news.
        start_char: the number before each of them; None: there is none.
        oov_char: the number of words left out; None: they are dropped.
        index_from: how far numbers of words are moved up.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of numbers, and of topics from 0 to
        45, whose names `get_label_names` returns.

    Raises:
        ConnectionError: a file is missing and cannot be downloaded; the text says where to put it.
        FileNotFoundError: `path` leads to no file.
        ValueError: the file is damaged, or no text is shorter than `maxlen`.

    Source: D. Lewis, Reuters-21578, 1987.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> len(x_train), get_label_names()[y_train[0]]  # doctest: +SKIP
    (8982, 'earn')
    """
    file = cache.found_file("reuters", TEXTS, CHECKSUMS[TEXTS], path)
    x, y = read_object_arrays(file, ("x", "y"))
    [part] = word_sequences.shuffled([(x, y)], seed)
    texts, labels = word_sequences.marked(part, maxlen, start_char, index_from)
    if len(texts) == 0:
        raise ValueError(f"no text is shorter than maxlen={maxlen}: take a larger one")
    numbers = word_sequences.limited(list(texts), num_words, skip_top, oov_char)
    return word_sequences.split(numbers, labels, int(len(numbers) * (1 - test_split)))


def get_word_index(path: str | os.PathLike[str] = WORDS) -> dict[str, int]:
    """Return the rank of each word: 1 for the most frequent one.

    In the lists of `load_data` a word has its rank plus `index_from`.

    Args:
        path: a JSON file to be read instead of the cache.

    Raises:
        ConnectionError: a file is missing and cannot be downloaded; the text says where to put it.
        FileNotFoundError: `path` leads to no file.
        ValueError: the file is damaged.

    >>> get_word_index()["the"]  # doctest: +SKIP
    1
    """
    return word_sequences.word_index(cache.found_file("reuters", WORDS, CHECKSUMS[WORDS], path))


def get_label_names() -> tuple[str, ...]:
    """Return the names of the topics, in the order of their numbers.

    >>> get_label_names()[3]
    'earn'
    """
    return tuple(TOPICS.split())
