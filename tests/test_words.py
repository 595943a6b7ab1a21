"""Words of texts: the engine finds those that Python finds."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from pylego import engine, layers
from pylego.layers.preprocessing import tokens

SPACES = [" ", "\t", "\n\v\f\r", "\x1c", "\xa0", "\u3000"]
PARTS = ["a", "B", "lego", "LEGO", "don't", "!", "_", "\0", "블록", "é", "\U0001f9f1", "\ud83e"]
PARTS += [*SPACES, "brick " * 9]
TEXTS = st.lists(st.lists(st.sampled_from(PARTS), max_size=9).map("".join), max_size=5)
WORDS = ["lego", "LEGO", "dont", "don't", "a", "블록", "\U0001f9f1", "\ud83e", "brick", "\0"]
WORDS += ["a\xa0"]


@pytest.mark.parametrize("standard", [None, *tokens.STANDARDS])
@given(texts=TEXTS, most=st.sampled_from([None, 0, 1, 3]))
@settings(deadline=None)
def test_the_engine_finds_the_words_that_python_finds(
    standard: str | None, texts: list[str], most: int | None
) -> None:
    index = {word: 2 * place for place, word in enumerate(WORDS)}
    found, lengths = engine.WordTable(index, -5).find(texts, tokens.letters_of(standard), most)
    array = np.array([*texts, ""], dtype=object)[:-1]
    rows = tokens.split_texts(tokens.standardized(array, standard), "whitespace").tolist()
    rows = [row[:most] for row in rows]
    assert lengths.tolist() == [len(row) for row in rows]
    assert found.tolist() == [index.get(word, -5) for row in rows for word in row]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000, 20_000])
def test_tables_of_any_size(count: int) -> None:
    words = {f"w{place}": place for place in range(count)}
    text = " ".join([*words, "none"])
    found, lengths = engine.WordTable(words, -1).find([text], tokens.letters_of(None), None)
    assert found.tolist() == [*range(count), -1]
    assert lengths.tolist() == [count + 1]


def test_letters_have_one_of_256_meanings() -> None:
    with pytest.raises((ValueError, TypeError)):
        engine.WordTable({}, 0).find(["a"], np.zeros(10, np.int16), None)


def test_plain_words_are_found_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    find = engine.WordTable.find

    def noted(*arguments: Any) -> Any:
        calls.append(arguments)
        return find(*arguments)

    monkeypatch.setattr(engine.WordTable, "find", noted)
    for options in ({}, {"standardize": None}, {"output_mode": "count"}, {"standardize": "lower"}):
        layers.TextVectorization(vocabulary=["a"], **options)(["a b"])
    assert len(calls) == 4
    for options in ({"ngrams": 2}, {"split": "character"}, {"standardize": np.char.lower}):
        layers.TextVectorization(vocabulary=["a"], **options)(["a b"])
    assert len(calls) == 4


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_layer_that_has_found_words_is_copied(copied: Callable[[Any], Any]) -> None:
    layer = layers.TextVectorization(vocabulary=["a", "b"])
    numbers = layer(["b c", "a"]).numpy()
    assert copied(layer)(["b c", "a"]).numpy().tolist() == numbers.tolist() == [[3, 1], [2, 0]]


def test_another_vocabulary_has_another_table() -> None:
    layer = layers.TextVectorization(vocabulary=["a", "b"])
    assert layer(["b"]).numpy().tolist() == [[3]]
    layer.set_vocabulary(["b", "a"])
    assert layer(["b"]).numpy().tolist() == [[2]]
