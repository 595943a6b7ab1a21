"""A vocabulary: its terms in order, and the index of each; and how often terms occur in data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pylego import engine, registry


class Vocabulary:
    """Terms and their indices.

    Args:
        terms: each once.
        start: the index of the first one.

    Attributes:
        index: of each term.
        words: the same in the engine, once words of texts are looked up there.

    >>> Vocabulary(["b", "a"], start=2).index
    {'b': 2, 'a': 3}
    """

    def __init__(self, terms: Sequence[Any], start: int):
        self.terms = list(terms)
        self.index = {term: start + place for place, term in enumerate(self.terms)}
        self.words: engine.WordTable | None = None


class TermCounts:
    """How often each term occurs, and in how many documents."""

    def __init__(self) -> None:
        self.terms: Counter[Any] = Counter()
        self.documents: Counter[Any] = Counter()
        self.document_count = 0

    def add(self, documents: Iterable[Sequence[Any]]) -> None:
        """Count the terms of documents, each a list of terms."""
        for terms in documents:
            self.terms.update(terms)
            self.documents.update(set(terms))
            self.document_count += 1

    def most_common(self, most: int | None, without: Iterable[Any]) -> list[Any]:
        """Return terms, the most frequent first; of those that are as frequent, the last in the
        order of the alphabet first, which is Keras's order.

        Args:
            most: how many; all for None.
            without: terms that are left out.
        """
        left_out = set(without)
        found = [term for term in self.terms if term not in left_out]
        found.sort(key=lambda term: (self.terms[term], term), reverse=True)
        return found if most is None else found[: max(most, 0)]

    def inverse_document_frequencies(self, terms: Iterable[Any]) -> np.ndarray:
        """Return log(1 + n / (1 + documents with the term)) for each of the terms."""
        counts = np.array([self.documents[term] for term in terms], dtype=np.float64)
        return np.log(1 + self.document_count / (1 + counts))


def read_terms(path: str) -> list[str]:
    """Return the lines of a file, each a term.

    Raises:
        ValueError: when there is no such file, and inside of `load_model`, where a description must
            not name files of this machine.
    """
    if registry.is_reading_safely():
        raise ValueError(
            f"The description names a vocabulary in the file {path!r} of this machine. Where you "
            "trust it, safe_mode=False opens it"
        )
    if not Path(path).is_file():
        raise ValueError(f"There is no file {path!r} with a vocabulary, one term a line")
    lines = Path(path).read_text(encoding="utf-8").split("\n")
    while lines and lines[-1] == "":
        lines.pop()
    return lines


# ---- in files of models ----

_LINES, _JSON = "vocabulary.txt", "vocabulary.json"


def write_terms(folder: str, terms: Sequence[Any]) -> None:
    """Write terms into a folder of a model's file.

    Keras's file has a term a line. Terms that hold a line break, and an empty one at the end, which
    Keras cannot read back, are written as JSON.
    """
    texts = [str(term) for term in terms]
    if any("\n" in text for text in texts) or texts[-1:] == [""]:
        Path(folder, _JSON).write_bytes(json.dumps(texts, ensure_ascii=False).encode())
    else:
        Path(folder, _LINES).write_bytes("\n".join(texts).encode())


def written_terms(folder: str) -> list[str] | None:
    """Return the terms that `write_terms`, or Keras, wrote into a folder; None where it did not."""
    path = Path(folder, _JSON)
    if path.is_file():
        return json.loads(path.read_bytes())
    path = Path(folder, _LINES)
    return path.read_bytes().decode().rstrip("\n").split("\n") if path.is_file() else None


def repeated(terms: Iterable[Any]) -> list[Any]:
    """Return the terms that occur more than once."""
    return [term for term, count in Counter(terms).items() if count > 1]
