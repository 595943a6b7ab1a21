"""Padding, windows of time series, skip-grams and tokenizers: Keras's answers, and mistakes."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego.preprocessing import sequence, text
from pylego.utils import pad_sequences

GOLDEN = load("sequences")
SEQUENCES = [[1], [2, 3], [4, 5, 6], []]


@pytest.mark.parametrize("name", GOLDEN["padding"])
def test_padding(name: str) -> None:
    case = GOLDEN["padding"][name]
    padded = pad_sequences(SEQUENCES, **case["arguments"])
    np.testing.assert_array_equal(padded, case["value"])
    assert padded.dtype == case["arguments"].get("dtype", "int32")


def test_padding_of_vectors_and_strings() -> None:
    assert pad_sequences([np.ones((2, 3)), np.ones((1, 3))]).shape == (2, 2, 3)
    assert pad_sequences([["a"], ["b", "c"]], dtype=object, value="-").tolist() == [
        ["-", "a"],
        ["b", "c"],
    ]
    assert pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)
    assert pad_sequences([]).shape == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([[1]], 2, "int32", "front"), "padding is 'pre' or 'post'"),
        (([[1]], 2, "int32", "pre", "end"), "truncating is 'pre' or 'post'"),
        (([[1], 2],), "list of sequences.* 2 at 1"),
        (([[[1, 2]], [[1]]],), "sequence 1 has elements of shape"),
        (([[1]], 2, "int32", "pre", "pre", "x"), "dtype=object"),
    ],
)
def test_mistakes_in_padding(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pad_sequences(*arguments)


@pytest.mark.parametrize("name", GOLDEN["windows"])
def test_windows_of_a_time_series(name: str) -> None:
    case = GOLDEN["windows"][name]
    batches = sequence.TimeseriesGenerator(np.arange(10) * 10, np.arange(10), **case["arguments"])
    assert len(batches) == len(case["batches"])
    for i, (x, y) in enumerate(case["batches"]):
        np.testing.assert_array_equal(batches[i][0], x)
        np.testing.assert_array_equal(batches[i][1], y)
    with pytest.raises(IndexError):
        batches[len(batches)]
    with pytest.raises(ValueError, match="no window fits"):
        sequence.TimeseriesGenerator(np.arange(3), np.arange(3), length=3)


@pytest.mark.parametrize("name", GOLDEN["tokenizers"])
def test_tokenizers(name: str) -> None:
    case = GOLDEN["tokenizers"][name]
    tokenizer = text.Tokenizer(**case["arguments"])
    tokenizer.fit_on_texts(GOLDEN["texts"])
    assert tokenizer.word_index == case["word_index"]
    assert dict(tokenizer.word_counts) == case["word_counts"]
    for one in (tokenizer, text.tokenizer_from_json(case["json"])):
        sequences = one.texts_to_sequences(GOLDEN["unseen"])
        assert sequences == case["sequences"]
        assert one.sequences_to_texts(sequences) == case["texts"]
        for mode, matrix in case["matrices"].items():
            np.testing.assert_allclose(one.texts_to_matrix(GOLDEN["unseen"], mode), matrix)
    ours, theirs = json.loads(tokenizer.to_json()), json.loads(case["json"])
    assert _read(ours) == _read(theirs)


def _read(described: dict[str, Any]) -> dict[str, Any]:
    """The description with its tables read: their order means nothing."""
    tables = {k: json.loads(v) for k, v in described["config"].items() if str(v)[:1] == "{"}
    return described["config"] | tables


def test_words_skipgrams_and_tables() -> None:
    assert text.text_to_word_sequence(GOLDEN["texts"][0]) == GOLDEN["words"]
    assert text.hashing_trick(GOLDEN["texts"][0], 50, hash_function="md5") == GOLDEN["hashed"]
    np.testing.assert_allclose(sequence.make_sampling_table(20), GOLDEN["sampling_table"])
    pairs, labels = sequence.skipgrams([1, 0, 2, 3, 2], 5, 1, 0, shuffle=False)
    assert [pairs, labels] == GOLDEN["skipgrams"]
    pairs, labels = sequence.skipgrams([1, 2, 3], 9, 1, negative_samples=2.0, seed=3)
    true = {(1, 2), (2, 1), (2, 3), (3, 2)}
    assert len(pairs) == 12
    assert all(tuple(pair) in true for pair, label in zip(pairs, labels) if label)


def test_mistakes_of_tokenizers() -> None:
    with pytest.raises(TypeError, match=r"num_word.*Did you mean"):
        text.Tokenizer(num_word=3)
    with pytest.raises(ValueError, match="fit_on_texts"):
        text.Tokenizer().texts_to_matrix(["a"])
    with pytest.raises(ValueError, match="mode is"):
        text.Tokenizer(num_words=3).sequences_to_matrix([[1]], "often")


def test_one_text_alone_warns_unless_letters_count() -> None:
    words = text.Tokenizer()
    with pytest.warns(UserWarning, match="takes a list of texts"):
        words.fit_on_texts("ab a")
    letters = text.Tokenizer(char_level=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        letters.fit_on_texts("aba")
    assert letters.word_index == {"a": 1, "b": 2}
