"""utils.FeatureSpace: the numbers of Keras, and what it refuses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import layers
from pylego.core.tree import leaves
from pylego.models import Model, load_model
from pylego.utils import FeatureSpace

GOLDEN = load("feature_space")
TABLE: dict[str, list] = {
    "f": [0.0, 0.5, 1.5, 2.0],
    "n": [1.0, 2.0, 4.0, 9.0],
    "r": [1.0, 2.0, 3.0, 4.0],
    "d": [0.1, 0.2, 5.0, 9.0],
    "i": [3, 7, 3, 9],
    "h": [1, 2, 3, 4],
    "s": ["서울", "b", "서울", "c"],
    "sh": ["x", "y", "z", "w"],
}


def space(output_mode: str = "concat", of_columns: str = "one_hot") -> FeatureSpace:
    """As in tests/golden/areas/feature_space.py."""
    features = {
        "f": "float",
        "n": "float_normalized",
        "r": FeatureSpace.float_rescaled(2.0, 1.0),
        "d": FeatureSpace.float_discretized(3, output_mode=of_columns),
        "i": FeatureSpace.integer_categorical(output_mode=of_columns),
        "h": FeatureSpace.integer_hashed(4, output_mode=of_columns),
        "s": FeatureSpace.string_categorical(output_mode=of_columns, max_tokens=3),
        "sh": FeatureSpace.string_hashed(5, output_mode=of_columns),
    }
    crosses = [
        FeatureSpace.cross(("s", "i"), 6, output_mode=of_columns),
        FeatureSpace.cross(("i", "h"), 7, output_mode=of_columns),
    ]
    return FeatureSpace(features, output_mode=output_mode, crosses=crosses)


def adapted(made: FeatureSpace) -> FeatureSpace:
    made.adapt(TABLE)
    return made


def test_rows_are_those_of_keras() -> None:
    made = adapted(space())
    np.testing.assert_allclose(made(TABLE), GOLDEN["rows"], rtol=1e-6)
    one = made({key: value[1] for key, value in TABLE.items()})
    np.testing.assert_allclose(one, GOLDEN["row"], rtol=1e-6)
    arrays = {key: np.array(value).reshape(4, 1) for key, value in TABLE.items()}
    np.testing.assert_array_equal(made(arrays), made(TABLE))


def test_columns_are_those_of_keras() -> None:
    found = adapted(space("dict", "int"))(TABLE)
    assert list(found) == list(GOLDEN["columns"])
    for key, expected in GOLDEN["columns"].items():
        np.testing.assert_allclose(found[key], expected, rtol=1e-6)


def test_kinds_may_be_said_in_words() -> None:
    kinds = {
        "f": "float_discretized",
        "i": "integer_hashed",
        "s": "string_hashed",
        "r": "float_rescaled",
        "h": "integer_categorical",
    }
    settings: dict[str, Any] = {"num_discretization_bins": 4, "hashing_dim": 3, "crossing_dim": 5}
    made = adapted(FeatureSpace(kinds, crosses=[("i", "s")], **settings))
    np.testing.assert_allclose(made(TABLE), GOLDEN["words"], rtol=1e-6)


def test_it_adapts_to_batches_to_rows_and_to_pairs() -> None:
    expected = adapted(space())(TABLE)
    batches = [{k: v[:3] for k, v in TABLE.items()}, {k: np.array(v[3:]) for k, v in TABLE.items()}]
    rows = [{k: v[i] for k, v in TABLE.items()} for i in range(4)]
    for data in (batches, rows, [(batch, [0]) for batch in batches], iter(batches)):
        made = space()
        made.adapt(data)
        np.testing.assert_allclose(made(TABLE), expected, rtol=1e-6)


def test_a_layer_of_ones_own_reads_a_column() -> None:
    words = layers.TextVectorization(output_mode="multi_hot", max_tokens=6)
    made = FeatureSpace({"text": FeatureSpace.feature("string", words, "float"), "f": "float"})
    table = {"text": ["a b", "b c"], "f": [1.0, 2.0], "unknown": [0, 0]}
    made.adapt(table)
    assert made(table).numpy().tolist() == [[1, 0, 1, 0, 1], [2, 0, 1, 1, 0]]


def test_boundaries_may_be_given() -> None:
    made = FeatureSpace({"d": FeatureSpace.float_discretized(3, [0.15, 6.0])})
    assert made(TABLE).numpy().argmax(-1).tolist() == [0, 1, 1, 2]  # nothing is to be learned
    with pytest.raises(ValueError, match="2 boundaries make 3 bins"):
        FeatureSpace.float_discretized(5, [0.15, 6.0])


def test_ranges_have_as_many_columns_as_were_asked_for() -> None:
    made = FeatureSpace({"f": "float_discretized"}, num_discretization_bins=8)
    made.adapt({"f": [0.1, 0.2, 0.3]})  # which lead to fewer boundaries
    assert made({"f": [0.1, 0.3]}).shape == (2, 8)  # as in Keras


def test_a_given_vocabulary_is_not_learned() -> None:
    words = layers.TextVectorization(vocabulary=["a", "b"], output_mode="multi_hot")
    made = FeatureSpace({"text": FeatureSpace.feature("string", words, "float")})
    assert made({"text": ["b", "c"]}).numpy().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_model_learns_from_what_it_returns() -> None:
    made = adapted(space())
    inputs = made.get_encoded_features()
    model = Model(inputs, layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    model.fit(made(TABLE), np.ones(4), verbose=0)
    assert model.predict(made(TABLE), verbose=0).shape == (4, 1)
    columns = adapted(space("dict", "int")).get_encoded_features()
    assert columns["i"].shape == (None, 1)
    assert columns["i"].dtype == "int64"


def test_a_model_takes_the_table_itself(tmp_path: Path) -> None:
    made = adapted(space())
    encoded = made.get_encoded_features()
    outputs = layers.Dense(1)(encoded)
    on_rows, on_table = Model(encoded, outputs), Model(made.get_inputs(), outputs)
    table = {key: np.array(column) for key, column in TABLE.items()}
    expected = on_rows.predict(made(TABLE), verbose=0)
    np.testing.assert_array_equal(on_table.predict(table, verbose=0), expected)
    on_table.save(tmp_path / "table.keras")
    loaded = load_model(tmp_path / "table.keras")
    np.testing.assert_array_equal(loaded.predict(table, verbose=0), expected)


def test_it_is_described_and_copied() -> None:
    made = adapted(space())
    again = FeatureSpace.from_config(made.get_config())
    assert again.get_config() == made.get_config()
    np.testing.assert_array_equal(adapted(again)(TABLE), made(TABLE))
    np.testing.assert_array_equal(copy.deepcopy(made)(TABLE), made(TABLE))


def test_a_file_holds_what_it_has_learned(tmp_path: Path) -> None:
    path = str(tmp_path / "space.keras")
    for made in (space(), space("dict", "int")):
        with pytest.raises(ValueError, match="adapt"):
            made.save(path)
        adapted(made).save(path)
        found, again = made(TABLE), load_model(path)(TABLE)
        for ours, theirs in zip(leaves(found), leaves(again), strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: FeatureSpace({}), ValueError, "at least one"),
        (lambda: FeatureSpace({"a": "floats"}), ValueError, "kinds float, float_disc.*'floats'"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="rows"), ValueError, "'concat' or"),
        (lambda: FeatureSpace({"a": "float"}, crosses=[("a", "b")]), ValueError, r"\['b'\]"),
        (lambda: FeatureSpace.cross(("a", "b"), 4, "float"), ValueError, "one of int, one_hot"),
        (lambda: FeatureSpace({"a": "float_normalized"})({"a": [1]}), ValueError, "adapt"),
        (lambda: adapted(space())([1.0]), TypeError, "a dict of columns. Received: list"),
        (lambda: adapted(space())({"f": [1.0]}), ValueError, r"needs column 'n'.*\['f'\]"),
        (lambda: space().adapt({"f": [1.0]}), ValueError, "needs column 'n'"),
        (lambda: space().adapt([[1.0]]), TypeError, "one of list"),
        (lambda: space().adapt(3), TypeError, "Received: int"),
        (lambda: adapted(space("concat", "int"))(TABLE), ValueError, "Take output_mode='dict'"),
        (lambda: space().get_inputs(), ValueError, "adapt"),
        (
            lambda: FeatureSpace(
                {"f": FeatureSpace.feature("float32", layers.Rescaling(2.0), "one_hot")}
            )(TABLE),
            ValueError,
            "whole numbers of a known number",
        ),
    ],
)
def test_mistakes_are_named(call: Callable, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()
