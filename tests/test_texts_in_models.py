"""Texts that go into models: layers that read them run in front of the program of the others."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import layers, ops
from pylego.core.text_array import text_array
from pylego.models import Model, Sequential, clone_model, load_model

TEXTS = np.array(["a good film", "a bad film", "good good", "bad"] * 3)
LABELS = np.array([1.0, 0.0, 1.0, 0.0] * 3)


def vectorizer(**options: Any) -> layers.TextVectorization:
    return layers.TextVectorization(vocabulary=["film", "good", "bad"], **options)


def of_texts(*others: Any) -> Sequential:
    """A stack that begins with texts, compiled."""
    model = Sequential([layers.Input((1,), dtype="string"), *others])
    model.compile("adam", "mse")
    return model


def reviewer() -> Sequential:
    return of_texts(
        vectorizer(output_sequence_length=4),
        layers.Embedding(5, 3, mask_zero=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    )


def test_a_stack_that_begins_with_texts_learns_as_the_one_behind_it() -> None:
    whole = reviewer()
    assert whole.inputs[0].dtype == "string"
    assert whole.layers[0].output.dtype == "int64"
    behind = clone_model(Sequential([layers.Input((4,), dtype="int64"), *whole.layers[1:]]))
    behind.set_weights(whole.get_weights())
    behind.compile("adam", "mse")
    of_whole = whole.fit(TEXTS, LABELS, batch_size=4, epochs=2, shuffle=False, verbose=0)
    numbers = whole.layers[0](TEXTS)
    of_behind = behind.fit(numbers, LABELS, batch_size=4, epochs=2, shuffle=False, verbose=0)
    assert of_whole.history == of_behind.history
    np.testing.assert_array_equal(
        whole.predict(TEXTS, verbose=0), behind.predict(numbers, verbose=0)
    )
    assert len(whole.programs) > 1, "the layers behind the texts run as programs"


@pytest.mark.parametrize(
    "given",
    [
        TEXTS,
        TEXTS[:, None],
        TEXTS.tolist(),
        TEXTS.astype(object),
        np.char.encode(TEXTS),
        [[text] for text in TEXTS],
    ],
    ids=["array", "column", "list", "objects", "bytes", "rows"],
)
def test_texts_come_to_a_model_in_any_form(given: Any) -> None:
    model = reviewer()
    expected = model.predict(TEXTS, verbose=0)
    assert expected.shape == (12, 1)
    np.testing.assert_array_equal(model.predict(given, verbose=0), expected)
    np.testing.assert_array_equal(model.predict_on_batch(given), expected)
    np.testing.assert_array_equal(model(given), expected)
    model.fit(given, LABELS, validation_split=0.25, verbose=0)
    assert model.evaluate(given, LABELS, verbose=0) == pytest.approx(
        model.test_on_batch(given, LABELS), rel=1e-5
    )
    model.train_on_batch(given, LABELS)


def test_the_program_behind_the_texts_is_shown() -> None:
    model = reviewer()
    with pytest.raises(ValueError, match="call fit or predict first"):
        model.program()
    model.fit(TEXTS, LABELS, verbose=0)
    assert "take" in str(model.program())


def test_a_stack_is_built_by_texts() -> None:
    model = Sequential([vectorizer(output_sequence_length=4), layers.Embedding(5, 2)])
    assert model.predict(TEXTS, verbose=0).shape == (12, 4, 2)
    assert model.inputs[0].dtype == "string"
    model = Sequential([vectorizer(output_mode="multi_hot"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(TEXTS, LABELS, verbose=0)
    assert model.predict(["good"], verbose=0).shape == (1, 1)


def test_rows_are_as_long_as_the_longest_text_of_a_batch() -> None:
    """As in Keras: where no length was given, each batch has its own."""
    model = of_texts(vectorizer(), layers.Lambda(lambda x: ops.sum(ops.ones_like(x), 1)))
    lengths = model.predict(["a", "a b c", "a", "a b"], batch_size=2, verbose=0)
    assert lengths.tolist() == [3, 3, 2, 2]


def test_an_end_to_end_model_around_a_trained_one(tmp_path: Path) -> None:
    vectorize = vectorizer(output_sequence_length=4)
    inner = Sequential(
        [layers.Input((4,), dtype="int64"), layers.Embedding(5, 2), layers.Flatten()]
    )
    texts = layers.Input((1,), dtype="string")
    whole = Model(texts, layers.Dense(1)(inner(vectorize(texts))))
    expected = whole.predict(TEXTS, verbose=0)
    behind = whole.layers[-1](inner(vectorize(TEXTS)))
    np.testing.assert_allclose(expected, behind, rtol=1e-6)
    whole.save(tmp_path / "whole.keras")
    loaded = load_model(tmp_path / "whole.keras")
    np.testing.assert_array_equal(loaded.predict(TEXTS, verbose=0), expected)
    np.testing.assert_array_equal(copy.deepcopy(whole).predict(TEXTS, verbose=0), expected)
    again = clone_model(whole)
    again.set_weights(whole.get_weights())
    np.testing.assert_array_equal(again.predict(TEXTS, verbose=0), expected)


def test_texts_and_numbers_go_into_one_model(tmp_path: Path) -> None:
    town = layers.Input((1,), dtype="string", name="town")
    day = layers.Input((1,), dtype="int64", name="day")
    size = layers.Input((2,), name="size")
    look = layers.StringLookup(vocabulary=["Seoul", "Busan"])
    inner = Sequential(
        [layers.Input((1,), dtype="string"), layers.StringLookup(vocabulary=["Seoul"]),
         layers.Embedding(2, 3), layers.Flatten()]
    )  # fmt: skip
    parts = [
        layers.CategoryEncoding(3, output_mode="one_hot")(look(town)),
        layers.HashedCrossing(4, output_mode="one_hot")([town, day]),
        layers.Hashing(5, output_mode="one_hot")(day),
        inner(town),
        size,
    ]
    model = Model([town, day, size], layers.Dense(1)(layers.Concatenate()(parts)))
    model.compile("adam", "mse")
    table = {
        "town": np.array(["Seoul", "Busan", "Jeju"] * 4),
        "day": np.arange(12),
        "size": np.ones((12, 2)),
    }
    former = inner.get_weights()[0].copy()
    model.fit(table, np.ones(12), verbose=0)
    assert (inner.get_weights()[0] != former).any(), "weights of the inner model learn"
    expected = model.predict(table, verbose=0)
    np.testing.assert_array_equal(model.predict(list(table.values()), verbose=0), expected)
    np.testing.assert_allclose(model(table), expected, rtol=1e-6)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(table, verbose=0), expected)


def test_a_hash_at_the_beginning_of_a_model_runs_in_front_of_its_program() -> None:
    model = Sequential(
        [layers.Input((1,), dtype="int64"), layers.Hashing(4), layers.Embedding(4, 2)]
    )
    model.compile("sgd", "mse")
    numbers = np.arange(40)[:, None]
    expected = model.predict(numbers, verbose=0)
    for _ in range(2):  # the second time is remembered, if any
        np.testing.assert_array_equal(model.predict(numbers, verbose=0), expected)
        np.testing.assert_array_equal(model.predict_on_batch(numbers), expected)
        np.testing.assert_array_equal(model(numbers), expected)
    model.fit(numbers, np.zeros((40, 1, 2)), verbose=0)


class TwoTowers(Model):
    """Texts that the code of a subclass reads, as in programs that recommend films."""

    def __init__(self) -> None:
        super().__init__()
        self.user, self.film = (
            Sequential([layers.StringLookup(vocabulary=["a", "b"]), layers.Embedding(3, 2)])
            for _ in range(2)
        )

    def call(self, features: Any) -> Any:
        return ops.sum(self.user(features["user"]) * self.film(features["film"]), axis=-1)


def test_the_call_of_a_subclass_is_given_texts() -> None:
    model = TwoTowers()
    model.compile("sgd", "mse")
    table = {"user": np.array(["a", "b", "c"]), "film": np.array(["b", "b", "a"])}
    former = model.predict(table, verbose=0)
    assert former.shape == (3,)
    model.fit(table, np.ones(3), verbose=0)
    after = model.predict(table, verbose=0)
    assert (after != former).any()
    np.testing.assert_array_equal(model(table), after)


def test_a_subclass_is_called_on_texts_of_any_form() -> None:
    class Pair(Model):
        def __init__(self) -> None:
            super().__init__()
            self.look = layers.StringLookup(vocabulary=["a", "b"])

        def call(self, inputs: Any) -> Any:
            first, second = inputs
            return self.look(first) * 10 + self.look(second)

    pair = Pair()
    for given in (
        (["a", "b"], ["b", "c"]),
        (np.array(["a", "b"]), text_array(["b", "c"])),
        [np.array(["a", "b"]), np.array(["b", "c"])],
    ):
        assert pair(given).numpy().tolist() == [12, 20]


class Halves(layers.Layer):
    """Texts and weights in one layer, as where programs save memory on embeddings."""

    def __init__(self, words: list[str]):
        super().__init__()
        self.lookup = layers.StringLookup(vocabulary=words, num_oov_indices=0)
        self.first, self.second = layers.Embedding(2, 3), layers.Embedding(2, 3)

    def call(self, inputs: Any) -> Any:
        number = self.lookup(inputs)
        return self.first(number // 2) * self.second(number % 2)


def test_a_layer_of_ones_own_reads_texts_and_has_weights() -> None:
    texts = layers.Input((), dtype="string")
    halves = Halves(["a", "b", "c"])
    model = Model(texts, ops.sum(halves(texts), axis=-1))
    assert model.output_shape == (None,)
    model.compile("sgd", "mse")
    former = [weight.numpy().copy() for weight in model.weights]
    given = np.array(["a", "b", "c", "a"])
    model.fit(given, np.ones(4), verbose=0)
    assert all((a != b).any() for a, b in zip(former, model.get_weights(), strict=True))
    expected = ops.sum(halves(text_array(given)), -1)
    np.testing.assert_array_equal(model.predict(given, verbose=0), expected)
    around = Model(texts, model(texts) * 2)
    np.testing.assert_array_equal(around.predict(given, verbose=0), 2 * np.asarray(expected))


def test_a_layer_of_ones_own_makes_texts_of_texts() -> None:
    texts = layers.Input((1,), dtype="string")
    small = layers.Lambda(lambda x: text_array(np.char.lower(x.astype(str))))(texts)
    assert (small.dtype, small.shape) == ("string", (None, 1))
    model = Model(texts, layers.StringLookup(vocabulary=["a"])(small))
    assert model.predict(np.array([["A"], ["b"]]), verbose=0).tolist() == [[1], [0]]


def test_numbers_are_refused_where_texts_belong_and_texts_where_numbers_do() -> None:
    texts, numbers = layers.Input((1,), dtype="string"), layers.Input((1,))
    vectorize = vectorizer()
    for refused, words in (
        (lambda: vectorize(numbers), r"text_vectorization.*dtype='string'"),
        (lambda: Sequential([numbers, vectorize]), "dtype='string'"),
        (lambda: layers.Dense(1)(texts), "cannot hold text.* TextVectorization"),
        (lambda: ops.add(texts, 1), "cannot hold text"),
        (lambda: Sequential([layers.Dense(1)]).predict(TEXTS), "dense.* computes with numbers"),
        (lambda: Sequential([numbers, layers.Dense(1)]).predict(TEXTS), "cannot hold text"),
        (lambda: layers.StringLookup(vocabulary=["a"], invert=True)(numbers), "makes texts"),
    ):
        with pytest.raises(TypeError, match=words):
            refused()
