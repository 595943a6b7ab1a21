"""Rows of unlike lengths, and what makes and reads them: the numbers are TensorFlow's."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import pylego
from pylego.core.ragged import RaggedTensor
from pylego.layers import StringLookup, TextVectorization


@pytest.fixture
def tf() -> Iterator[Any]:
    with pylego.as_keras():
        yield importlib.import_module("tensorflow")


def test_rows_are_cut_and_filled_up(tf: Any) -> None:
    rows = tf.ragged.constant([[1, 2, 3], [], [4]])
    assert rows[:, :-1].to_list() == [[1, 2], [], []]
    assert rows[:, 1:].to_tensor().numpy().tolist() == [[2, 3], [0, 0], [0, 0]]
    assert rows.to_tensor(-1, shape=[None, 2]).numpy().tolist() == [[1, 2], [-1, -1], [4, -1]]
    assert (rows.shape, rows.dtype, len(rows)) == ((3, None), "int32", 3)
    assert rows.bounding_shape().numpy().tolist() == [3, 3]
    assert rows.row_splits.numpy().tolist() == [0, 3, 3, 4]
    assert rows.row_lengths().numpy().tolist() == [3, 0, 1]
    assert rows.nrows().numpy() == 3
    assert [row.numpy().tolist() for row in rows[1:]] == [[], [4]]
    assert rows[0].numpy().tolist() == [1, 2, 3]
    assert rows[0, 1].numpy() == 2
    assert repr(rows) == "<tf.RaggedTensor [[1, 2, 3], [], [4]]>"


@pytest.mark.parametrize("lengths", [[0, 3, 1], [2, 2], [0], []])
def test_filling_up_and_taking_the_lengths_back_is_the_same(lengths: list[int], tf: Any) -> None:
    rows = RaggedTensor(np.arange(1.0, sum(lengths) + 1), lengths)
    back = tf.RaggedTensor.from_tensor(rows.to_tensor(), lengths=lengths)
    assert back.to_list() == rows.to_list()
    splits = tf.RaggedTensor.from_row_splits(rows.flat_values, rows.row_splits)
    assert splits.to_list() == rows.to_list()
    assert tf.RaggedTensor.from_row_lengths(rows.values, lengths).to_list() == rows.to_list()


def test_padding_is_left_out(tf: Any) -> None:
    rows = tf.RaggedTensor.from_tensor([[1, 0, 2, 0], [3, 0, 0, 0]], padding=0)
    assert rows.to_list() == [[1, 0, 2], [3]]


def test_lengths_add_up() -> None:
    with pytest.raises(ValueError, match="3 values are not rows of the lengths"):
        RaggedTensor([1, 2, 3], [1, 1])


def test_texts_are_cut_into_rows(tf: Any) -> None:
    words = tf.strings.split(["a b", "c"])
    filled = words.to_tensor(default_value=b"<pad>").numpy().tolist()
    assert filled == [[b"a", b"b"], [b"c", b"<pad>"]]
    joined = tf.strings.reduce_join(words, axis=-1, separator="-").numpy().tolist()
    assert joined == [b"a-b", b"c"]
    assert tf.strings.upper(words).to_list() == [[b"A", b"B"], [b"C"]]
    codes = tf.strings.unicode_decode(["ab", "é"], "UTF-8")
    assert codes.to_list() == [[97, 98], [233]]
    assert tf.strings.unicode_encode(codes, "UTF-8").tolist() == ["ab", "é"]
    assert tf.strings.regex_replace("Hi!", b"[!?]", rb" \0 ") == "Hi ! "


def test_layers_number_rows(tf: Any) -> None:
    lookup = StringLookup(vocabulary=["a", "b"])
    letters = lookup(tf.strings.unicode_split(["ab", "b", ""], "UTF-8"))
    assert letters.to_list() == [[1, 2], [2], []]
    back = StringLookup(vocabulary=["a", "b"], invert=True)(letters)
    assert back.to_list() == [[b"a", b"b"], [b"b"], []]
    layer = TextVectorization(vocabulary=["lego", "brick"], ragged=True)
    assert layer(["a lego brick", "brick"]).to_list() == [[1, 2, 3], [3]]
    assert TextVectorization.from_config(layer.get_config())(["brick"]).to_list() == [[3]]


def test_a_split_of_ones_own_reads_a_text_alone(tf: Any) -> None:
    layer = TextVectorization(vocabulary=["lego", "brick"], split=tf.strings.split)
    assert layer("a lego brick").numpy().tolist() == [1, 2, 3]
    assert layer(["lego", "a brick"]).numpy().tolist() == [[2, 0], [1, 3]]


def test_rows_are_refused_without_as_keras() -> None:
    with pytest.raises(ValueError, match="no sparse or ragged tensors"):
        TextVectorization(ragged=True)


def test_places_of_numbers_make_a_tensor(tf: Any) -> None:
    sparse = tf.SparseTensor(indices=[[0, 1], [2, 0]], values=[1.0, 2.0], dense_shape=[3, 2])
    dense = tf.sparse.to_dense(sparse)
    assert dense.numpy().tolist() == [[0, 1], [0, 0], [2, 0]]
    back = tf.sparse.from_dense(dense)
    assert back.indices.numpy().tolist() == [[0, 1], [2, 0]]
    assert tf.sparse.to_dense(back, default_value=-1.0).numpy()[0].tolist() == [-1, 1]


def test_unknown_texts_are_spread_over_buckets(tf: Any) -> None:
    keys = tf.lookup.KeyValueTensorInitializer(["red", "blue"], [0, 1])
    table = tf.lookup.StaticVocabularyTable(keys, 5)
    assert table.lookup(["blue", "green", "pink"]).numpy().tolist() == [1, 6, 3]
    assert table.size() == 7
    assert table.lookup(tf.strings.split(["red pink", "blue"])).to_list() == [[0, 3], [1]]
