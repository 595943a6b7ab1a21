"""Texts as numbers, in the words of Keras 1 and 2."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from pylego import names

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Return the words of a text.

    Args:
        input_text: the text.
        filters: characters that stand between words, such as punctuation.
        lower: whether capitals become small letters.
        split: what else stands between words.

    >>> text_to_word_sequence("A LEGO brick, and another.")
    ['a', 'lego', 'brick', 'and', 'another']
    """
    text = input_text.lower() if lower else input_text
    text = text.translate({ord(character): split for character in filters})
    return [word for word in text.split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word of a text; two words may share one.

    Args:
        text: the text.
        n: how many numbers there are, 0 included.
        hash_function: Python's `hash` by default, whose values differ from run to run; "md5" for
            one whose values do not; or a function.
        filters: see `text_to_word_sequence`.
        lower: see there.
        split: see there.
        analyzer: a function that returns the words.

    >>> hashing_trick("red brick red", 100, hash_function="md5")
    [65, 74, 65]
    """
    function: Any = hash if hash_function is None else hash_function
    if function == "md5":
        function = _md5
    words = (
        text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    )
    return [function(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """Return a number from 1 to n - 1 for each word: `hashing_trick` with Python's `hash`.

    Despite its name, Keras's as well, nothing comes out one-hot.

    Args:
        input_text: the text.
        n: how many numbers there are, 0 included.
        filters: see `text_to_word_sequence`.
        lower: see there.
        split: see there.
        analyzer: a function that returns the words.

    >>> first, second = one_hot("brick brick", 50)
    >>> first == second
    True
    """
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Give each word of some texts a number, the most frequent word 1, and turn texts into numbers.

    Args:
        num_words: only words with a number below this are kept.
        filters: characters that stand between words.
        lower: whether capitals become small letters.
        split: what else stands between words.
        char_level: whether each character is a word.
        oov_token: stands for all words that are not known or not kept; its number is 1.
        analyzer: a function that returns the words of a text.
        **kwargs: `nb_words`, Keras 1's `num_words`; `document_count`.

    Attributes:
        word_index: the number of each word.
        index_word: the word of each number.
        word_counts: how often each word occurs.
        word_docs: in how many texts each word occurs.
        index_docs: the same by number.
        document_count: how many texts there were.

    Raises:
        TypeError: for other arguments.

    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["red brick", "blue brick"])
    >>> tokenizer.texts_to_sequences(["red brick and blue brick"])
    [[2, 1, 3, 1]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], list[str]] | None = None,
        **kwargs: Any,
    ):
        self.num_words = kwargs.pop("nb_words", num_words)
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            known = [
                "num_words",
                "filters",
                "lower",
                "split",
                "char_level",
                "oov_token",
                "analyzer",
            ]
            raise names.unknown_argument("Tokenizer", next(iter(kwargs)), known)
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.analyzer = analyzer
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.index_docs: Counter[int] = Counter()
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    # ---- counting ----

    def fit_on_texts(self, texts: Iterable[str | list[str]]) -> None:
        """Count the words of texts, or of lists of words, and number them anew.

        One text alone is taken letter by letter, and warns unless the letters are what counts.
        """
        if isinstance(texts, str) and not self.char_level:
            warnings.warn(
                "fit_on_texts takes a list of texts. Of one text it counts the letters: give "
                "[text], or say Tokenizer(char_level=True)",
                stacklevel=2,
            )
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        by_count = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        first = [] if self.oov_token is None else [self.oov_token]
        self.word_index = {word: i for i, word in enumerate([*first, *by_count], start=1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Sequence[Iterable[int]]) -> None:
        """Count in how many sequences each number occurs, for `sequences_to_matrix`."""
        self.document_count += len(sequences)
        for sequence in sequences:
            self.index_docs.update(set(sequence))

    def _words(self, text: str | list[str]) -> Sequence[str]:
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    # ---- texts and numbers ----

    def texts_to_sequences(self, texts: Iterable[str | list[str]]) -> list[list[int]]:
        """Return the numbers of the words of each text; unknown words are left out, or stand for
        `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """Return the numbers of the words of each text, one text after another."""
        unknown = self._unknown()
        for text in texts:
            found = [self.word_index.get(word) for word in self._words(text)]
            kept = [i if self._is_kept(i) else unknown for i in found]
            yield [i for i in kept if i is not None]

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Return the words of numbers, with blanks between them."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """Return the words of the numbers of each sequence, one after another."""
        unknown = self._unknown()
        for sequence in sequences:
            known = [i if i in self.index_word and self._is_kept(i) else unknown for i in sequence]
            yield " ".join(self.index_word[i] for i in known if i is not None)

    def _unknown(self) -> int | None:
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def _is_kept(self, index: int | None) -> bool:
        return index is not None and (not self.num_words or index < self.num_words)

    # ---- matrices ----

    def texts_to_matrix(self, texts: Iterable[str | list[str]], mode: str = "binary") -> np.ndarray:
        """Return a row for each text, a column for each word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(
        self, sequences: Sequence[Sequence[int]], mode: str = "binary"
    ) -> np.ndarray:
        """Return a row for each sequence, a column for each number.

        Args:
            sequences: lists of numbers.
            mode: "binary", whether it occurs; "count", how often; "freq", its share; "tfidf",
                (1 + log count) log(1 + texts / (1 + texts with it)).

        Raises:
            ValueError: for another mode, and before anything was counted.
        """
        width = self.num_words or (len(self.word_index) + 1 if self.word_index else 0)
        if not width:
            raise ValueError(
                "Tokenizer: how many columns a matrix has is not known. Give num_words=, or call "
                "fit_on_texts(texts) first"
            )
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(
                f"Tokenizer: mode is 'binary', 'count', 'freq' or 'tfidf'. Received: mode={mode!r}"
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Tokenizer: for mode='tfidf' call fit_on_texts(texts) first")
        matrix = np.zeros((len(sequences), width))
        for row, sequence in zip(matrix, sequences):
            for i, count in Counter(i for i in sequence if i < width).items():
                row[i] = self._entry(i, count, len(sequence), mode)
        return matrix

    def _entry(self, index: int, count: int, length: int, mode: str) -> float:
        if mode == "binary":
            return 1
        if mode == "count":
            return count
        if mode == "freq":
            return count / length
        seen = 1 + self.index_docs.get(index, 0)
        return (1 + np.log(count)) * np.log(1 + self.document_count / seen)

    # ---- its description ----

    def get_config(self) -> dict[str, Any]:
        """Return the arguments and all counts as plain data, the tables as JSON."""
        return {
            "num_words": self.num_words,
            "filters": self.filters,
            "lower": self.lower,
            "split": self.split,
            "char_level": self.char_level,
            "oov_token": self.oov_token,
            "document_count": self.document_count,
            "word_counts": json.dumps(self.word_counts),
            "word_docs": json.dumps(self.word_docs),
            "index_docs": json.dumps(self.index_docs),
            "index_word": json.dumps(self.index_word),
            "word_index": json.dumps(self.word_index),
        }

    def to_json(self, **kwargs: Any) -> str:
        """Return the description as JSON; kwargs are those of `json.dumps`."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Make a tokenizer from what `to_json` returned.

    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["red brick"])
    >>> tokenizer_from_json(tokenizer.to_json()).word_index
    {'red': 1, 'brick': 2}
    """
    config = dict(json.loads(json_string)["config"])
    tables = {
        name: json.loads(config.pop(name))
        for name in ("word_counts", "word_docs", "word_index", "index_docs", "index_word")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = Counter(tables["word_counts"])
    tokenizer.word_docs = Counter(tables["word_docs"])
    tokenizer.word_index = tables["word_index"]
    tokenizer.index_docs = Counter({int(i): n for i, n in tables["index_docs"].items()})
    tokenizer.index_word = {int(i): word for i, word in tables["index_word"].items()}
    return tokenizer
