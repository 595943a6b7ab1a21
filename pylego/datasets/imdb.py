"""Load IMDB: 50,000 reviews of films, half of them good, as lists of numbers of words."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from pylego.datasets import cache, word_sequences
from pylego.datasets.object_arrays import read_object_arrays
from pylego.datasets.word_sequences import Part

TEXTS, WORDS = "imdb.npz", "imdb_word_index.json"
CHECKSUMS = {
    TEXTS: "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
    WORDS: "bfafd718b763782e994055a2d397834f",
}


def load_data(
    path: str | os.PathLike[str] = TEXTS,
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Part, Part]:
    """Load the reviews from the cache folder (downloading them first), or from `path`.

    The cache is `$PYLEGO_HOME/imdb`, by default `~/.pylego/imdb`; Keras's, `~/.keras/datasets`, is
    looked into as well. Words are numbered by how often they occur, and then moved up by
    `index_from`: 0 stays for padding.

    Args:
        path: an .npz file as Keras stores it, to be read instead of the cache.
        num_words: numbers from here on become `oov_char`; None: only the largest of all does.
        skip_top: numbers below become `oov_char`.
        maxlen: reviews of that many numbers or more are left out.
        seed: of the order of the reviews.
        start_char: the number before each review; None: there is none.
        oov_char: the number of words left out; None: they are dropped.
        index_from: how far numbers of words are moved up.
        **kwargs: `nb_words`, which Keras 1 said for `num_words`.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: arrays of lists of numbers, and of labels: 1 for a
        good review, 0 for a bad one; 25,000 of each part.

    Raises:
        ConnectionError: a file is missing and cannot be downloaded; the text says where to put it.
        FileNotFoundError: `path` leads to no file.
        TypeError: for an unknown argument.
        ValueError: the file is damaged, or no review is shorter than `maxlen`.

    Source: A. Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011.

    >>> (x_train, y_train), (x_test, y_test) = load_data(num_words=20000)  # doctest: +SKIP
    >>> x_train[0][:5], y_train[0]  # doctest: +SKIP
    ([1, 14, 22, 16, 43], 1)
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"imdb.load_data got an unexpected argument {next(iter(kwargs))!r}")
    file = cache.found_file("imdb", TEXTS, CHECKSUMS[TEXTS], path)
    x_train, y_train, x_test, y_test = read_object_arrays(
        file, ("x_train", "y_train", "x_test", "y_test")
    )
    parts = word_sequences.shuffled([(x_train, y_train), (x_test, y_test)], seed)
    train, test = (word_sequences.marked(part, maxlen, start_char, index_from) for part in parts)
    if len(train[0]) == 0 or len(test[0]) == 0:
        raise ValueError(f"no review is shorter than maxlen={maxlen}: take a larger one")
    texts = word_sequences.limited([*train[0], *test[0]], num_words, skip_top, oov_char)
    return word_sequences.split(texts, np.concatenate([train[1], test[1]]), len(train[0]))


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
    return word_sequences.word_index(cache.found_file("imdb", WORDS, CHECKSUMS[WORDS], path))
