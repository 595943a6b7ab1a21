"""Layers that read words, categories and raw features: Keras's numbers, and what must hold."""

from __future__ import annotations

import copy
import pickle
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names, registry
from pylego.core.tensor import Tensor
from pylego.layers.preprocessing import fingerprints, tokens
from pylego.layers.preprocessing.search import count_up_to
from pylego.models import Model, Sequential, load_model
from pylego.saving import register_keras_serializable

GOLDEN = load("text_layers")
FLOATS = array(GOLDEN["floats"])


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def cases(kind: str) -> Any:
    params = [pytest.param(case, id=label) for label, case in GOLDEN[kind].items()]
    return pytest.mark.parametrize("case", params)


def arguments(case: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in case["arguments"].items()}


def expect_config(layer: layers.Layer, case: dict[str, Any]) -> None:
    """Fail unless the layer describes itself as Keras does."""
    config, golden = layer.get_config(), case["config"]
    unlike = {"dtype", "vocabulary_size"}  # Keras has other dtypes
    assert set(config) - unlike == set(golden) - unlike
    for key in set(golden) - unlike:
        ours, theirs = _as_list(config[key]), golden[key]
        if isinstance(theirs, (float, list)) and theirs and not isinstance(theirs, str):
            expect_close(ours, theirs)
        else:
            assert ours == theirs, key
    again = type(layer).from_config(config)
    assert again.get_config() == config


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


LEARNERS = {
    "TextVectorization": (GOLDEN["texts"], GOLDEN["unseen"]),
    "StringLookup": (GOLDEN["words"], GOLDEN["new_words"]),
    "IntegerLookup": (GOLDEN["numbers"], GOLDEN["new_numbers"]),
}
LEARNED = [
    pytest.param(kind, case, id=f"{kind}: {label}")
    for kind in LEARNERS
    for label, case in GOLDEN[kind].items()
]
every_learned = pytest.mark.parametrize(("kind", "case"), LEARNED)


def adapted(kind: str, case: dict[str, Any]) -> Any:
    layer = getattr(layers, kind)(**arguments(case))
    layer.adapt(LEARNERS[kind][0])
    return layer


# ---- real Keras -----------------------------------------------------------------------------


@every_learned
def test_vocabularies_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    layer = adapted(kind, case)
    assert layer.get_vocabulary() == case["vocabulary"]
    assert layer.vocabulary_size() == case["size"]
    if case["idf_weights"] is not None:
        expect_close(getattr(layer, "_lookup_layer", layer).idf_weights, case["idf_weights"])


@every_learned
def test_outputs_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    layer = adapted(kind, case)
    found = layer(LEARNERS[kind][1])
    assert isinstance(found, Tensor)
    expect_close(found, case["outputs"])
    mode = case["arguments"].get("output_mode", "int")
    assert found.dtype == ("int64" if mode == "int" else "float32")
    assert found.shape == np.shape(case["outputs"])


@every_learned
def test_configs_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    expect_config(adapted(kind, case), case)


@every_learned
def test_saved_and_opened(kind: str, case: dict[str, Any], tmp_path: Path) -> None:
    class Reader(Model):
        def __init__(self, **options: Any):
            super().__init__(**options)
            self.reader = getattr(layers, kind)(**arguments(case))
            self.scale = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.scale(inputs)

        def get_config(self) -> dict[str, Any]:
            return {"name": self.name}

    model = Reader()
    model.reader.adapt(LEARNERS[kind][0])
    model(np.ones((1, 2)))
    model.save(tmp_path / "model.keras")
    opened = load_model(tmp_path / "model.keras", custom_objects={"Reader": Reader})
    assert opened.reader.get_vocabulary() == case["vocabulary"]
    expect_close(opened.reader(LEARNERS[kind][1]), case["outputs"])


@cases("Discretization")
def test_bins_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Discretization(**case["arguments"])
    if "num_bins" in case["arguments"]:
        layer.adapt([FLOATS, FLOATS * 2 - 1])
    expect_close(layer.bin_boundaries, case["boundaries"])
    expect_close(layer(FLOATS), case["outputs"])
    expect_config(layer, case)


@cases("Hashing")
def test_hashes_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Hashing(**arguments(case))
    np.testing.assert_array_equal(layer(case["inputs"]), case["outputs"])
    expect_config(layer, case)


@cases("HashedCrossing")
def test_crossings_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.HashedCrossing(**arguments(case))
    np.testing.assert_array_equal(layer(case["inputs"]), case["outputs"])
    expect_config(layer, case)


@cases("CategoryEncoding")
def test_encodings_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.CategoryEncoding(**arguments(case))
    found = layer(case["inputs"])
    np.testing.assert_array_equal(found, case["outputs"])
    assert layer.compute_output_shape(np.shape(case["inputs"])) == found.shape
    expect_config(layer, case)


@cases("Normalization")
def test_normalizations_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Normalization(**arguments(case))
    if "mean" not in case["arguments"]:
        layer.adapt(FLOATS)
    expect_close(layer(FLOATS), case["outputs"], rtol=1e-5)
    for ours, theirs in zip(layer.get_weights()[:2], case["weights"][:2], strict=True):
        expect_close(ours, theirs)
    expect_config(layer, case)


def test_fingerprints_of_all_lengths_are_tensorflow_s() -> None:
    """The values are those of tf.strings.to_hash_bucket_fast and ..._strong with 2**62 bins."""
    words = ["", "a", "abc", "lego", "블록", "hello world", "x" * 17, "y" * 33, "z" * 64, "q" * 65]
    fast = [
        1936946117179621455,
        3694432073954588131,
        2640714258260161385,
        699942462200135851,
        113129513829336674,
        1769834696496558107,
        2082709914559524773,
        3999049019338133246,
        294799756062990872,
        3080958293828885289,
    ]
    strong = [
        3269837966603453289,
        3554414941829180607,
        457224437584804608,
        2658478091653178490,
        1322787630802826645,
        3538389196981654134,
        236906178125097461,
        977855272188289804,
        4193146664473071207,
        2927052420274286261,
    ]
    assert [fingerprints.bin_of(word, 2**62) for word in words] == fast
    assert [fingerprints.bin_of(word, 2**62, [3, 5]) for word in words] == strong


# ---- texts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("space", ["\x1c", "\x1f", "\x85", "\xa0", "\u3000", "\u200b"])
def test_only_spaces_of_ascii_are_between_words(space: str) -> None:
    texts = np.array([f" a{space}b\tc\n\v", f"\u0431{space}\f\r ", " \t ", ""], dtype=object)
    words = [[f"a{space}b", "c"], [f"\u0431{space}"], [], []]
    assert tokens.split_texts(texts, "whitespace").tolist() == words


@pytest.mark.parametrize("standard", tokens.STANDARDS)
def test_letters_of_ascii_alone_are_standardized(standard: str) -> None:
    letters = "".join(map(chr, range(0x3000))) + "\ud7a3\U0001f9f1\ud83e\uddf1\udcff"
    wanted = letters
    if "lower" in standard:
        wanted = "".join(c.lower() if c in string.ascii_uppercase else c for c in wanted)
    if "punctuation" in standard:
        wanted = "".join(c for c in wanted if c not in string.punctuation)
    assert tokens.standardized(np.array([[letters]], dtype=object), standard).tolist() == [[wanted]]


def test_korean_text() -> None:
    layer = layers.TextVectorization(output_sequence_length=4)
    layer.adapt(["나는 블록을 쌓는다.", "나는 블록을 부순다!", "블록을 쌓는다"])
    assert layer.get_vocabulary() == ["", "[UNK]", "블록을", "쌓는다", "나는", "부순다"]
    assert layer(["나는 집을 쌓는다", "블록을"]).numpy().tolist() == [[4, 1, 3, 0], [2, 0, 0, 0]]
    letters = layers.TextVectorization(split="character", standardize=None)
    letters.adapt(["가나가", "다"])
    assert letters.get_vocabulary() == ["", "[UNK]", "가", "다", "나"]


TEXTS = ["red brick", "blue brick", "a red one"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(lambda: tuple(TEXTS), id="tuple"),
        pytest.param(lambda: np.array(TEXTS), id="array"),
        pytest.param(lambda: np.array(TEXTS, dtype=object)[:, None], id="column of objects"),
        pytest.param(lambda: [text.encode() for text in TEXTS], id="bytes"),
        pytest.param(lambda: [np.array(TEXTS[:2]), np.array(TEXTS[2:])], id="list of batches"),
        pytest.param(lambda: iter([TEXTS[:1], TEXTS[1:]]), id="generator"),
        pytest.param(lambda: iter([(np.array(TEXTS), np.zeros(3))]), id="texts and labels"),
    ],
)
@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_what_adapt_reads(data: Callable[[], Any], mode: str) -> None:
    layer = layers.TextVectorization(output_mode=mode)
    layer.adapt(TEXTS)
    other = layers.TextVectorization(output_mode=mode)
    other.adapt(data())
    assert other.get_vocabulary() == layer.get_vocabulary()
    expect_close(other(np.array(TEXTS)), layer(TEXTS))


def test_adapt_stops_after_some_steps() -> None:
    def batches() -> Iterator[list[str]]:
        while True:
            yield ["red"]
            yield ["blue"]

    layer = layers.StringLookup()
    layer.adapt(batches(), steps=1)
    assert layer.get_vocabulary() == ["[UNK]", "red"]


def test_one_text_and_functions_of_the_user() -> None:
    layer = layers.TextVectorization(vocabulary=["a", "b"])
    assert layer("b a c").numpy().tolist() == [3, 2, 1]
    assert layer([]).shape == (0, 0)
    own = layers.TextVectorization(
        standardize=np.char.upper, split=lambda texts: [text.split("-") for text in texts]
    )
    own.adapt(["a-b", "b"])
    assert own.get_vocabulary() == ["", "[UNK]", "B", "A"]


@register_keras_serializable("tests")
def spaced(texts: np.ndarray) -> np.ndarray:
    return np.char.replace(texts, "-", " ")


def test_functions_are_described() -> None:
    layer = layers.TextVectorization(standardize=spaced, vocabulary=["a", "b"])
    again = layers.TextVectorization.from_config(layer.get_config())
    assert again(["b-a"]).numpy().tolist() == [[3, 2]]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies(copied: Callable[[Any], Any]) -> None:
    made: list[tuple[Any, Any]] = [
        (layers.TextVectorization(vocabulary=["a", "b"]), ["b a c"]),
        (layers.StringLookup(vocabulary=["a", "b"]), ["b", "c"]),
        (layers.Hashing(3, salt=1), ["b", "c"]),
        (layers.HashedCrossing(3), (["b", "c"], [1, 2])),
    ]
    for layer, inputs in made:
        again = copied(layer)
        np.testing.assert_array_equal(again(inputs), layer(inputs))
        assert again.get_config() == layer.get_config()
    again.num_bins = 2
    assert layer.num_bins == 3


def test_there_and_back() -> None:
    words = [["red", "", "blue"], ["blue", "violet", "red"]]
    there = layers.StringLookup(vocabulary=["red", "blue"], mask_token="")
    back = layers.StringLookup(vocabulary=there.get_vocabulary(), mask_token="", invert=True)
    found = back(there(words))
    assert found.tolist() == [["red", "", "blue"], ["blue", "[UNK]", "red"]]
    numbers = [[7, 0, -3], [0, 5, 7]]
    of_numbers = layers.IntegerLookup(vocabulary=[7, -3], mask_token=0)
    back = layers.IntegerLookup(vocabulary=[7, -3], mask_token=0, invert=True)
    assert back(of_numbers(numbers)).numpy().tolist() == [[7, 0, -3], [0, -1, 7]]


def test_vocabularies_come_from_files_and_go_into_files(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("red\nblue\n", encoding="utf-8")
    layer = layers.StringLookup(vocabulary=str(file))
    assert layer.get_vocabulary() == ["[UNK]", "red", "blue"]
    assert layer.get_config()["vocabulary"] is None
    with pytest.raises(ValueError, match="safe_mode=False"):
        registry.deserialize(_description("StringLookup", vocabulary=str(file)))
    letters = layers.TextVectorization(standardize=None, split="character")
    letters.adapt(["a\nb\r\n"])
    letters.save_assets(str(tmp_path))
    again = layers.TextVectorization(standardize=None, split="character")
    again.load_assets(str(tmp_path))
    assert again.get_vocabulary() == letters.get_vocabulary()


@pytest.mark.parametrize("terms", [["a", "b"], ["a", ""], ["", "a"], ["a\nb", "c\n"]])
def test_files_hold_each_term(terms: list[str], tmp_path: Path) -> None:
    written, read = layers.StringLookup(), layers.StringLookup()
    written.set_vocabulary(terms)
    written.save_assets(str(tmp_path))
    read.load_assets(str(tmp_path))
    assert read.get_vocabulary() == written.get_vocabulary()


def test_a_file_of_terms_may_end_in_line_breaks(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.txt").write_text("[UNK]\nred\nblue\n\n", encoding="utf-8")
    layer = layers.StringLookup()
    layer.load_assets(str(tmp_path))
    assert layer.get_vocabulary() == ["[UNK]", "red", "blue"]


def _description(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": name, "config": config}


# ---- in models ------------------------------------------------------------------------------


def towns() -> Model:
    """Numbers of towns, ages and sizes: all layers that take numbers."""
    town = layers.Input((2,), dtype="int64", name="town")
    age = layers.Input((1,), name="age")
    lookup = layers.IntegerLookup(output_mode="multi_hot", name="lookup")
    lookup.adapt([[5, 7], [7, 90000]])
    bins = layers.Discretization(num_bins=3, output_mode="one_hot", name="bins")
    bins.adapt(np.arange(10.0))
    norm = layers.Normalization(name="norm")
    norm.adapt(np.arange(10.0)[:, None])
    category = layers.CategoryEncoding(10, output_mode="count")(layers.Lambda(_last_digit)(town))
    parts = [lookup(town), bins(age), norm(age), category]
    assert [part.shape for part in parts] == [(None, 4), (None, 3), (None, 1), (None, 10)]
    return Model([town, age], layers.Dense(1)(layers.Concatenate()(parts)))


def _last_digit(x: Any) -> Any:
    return x % 10


TOWNS = [
    np.array([[5, 7], [8, 90000], [7, 7], [90000, 1]]),
    np.array([[1.0], [4.0], [9.0], [2.0]]),
]


def test_layers_of_numbers_are_part_of_models(tmp_path: Path) -> None:
    def trained(eager: bool) -> Model:
        names.reset_names()
        model = towns()
        model.set_weights(
            [np.full(w.shape, 0.1) if w.ndim == 2 else w for w in model.get_weights()]
        )
        model.compile("adam", "mse", run_eagerly=eager)
        model.fit(TOWNS, np.ones((4, 1)), epochs=3, batch_size=2, shuffle=False, verbose=0)
        return model

    model = trained(False)
    for recorded, eager in zip(model.get_weights(), trained(True).get_weights(), strict=True):
        np.testing.assert_array_equal(recorded, eager)
    model.save(tmp_path / "towns.keras")
    opened = load_model(
        tmp_path / "towns.keras", custom_objects={"_last_digit": _last_digit}, safe_mode=False
    )
    np.testing.assert_array_equal(opened.predict(TOWNS, verbose=0), model.predict(TOWNS, verbose=0))


def test_hashes_in_a_model_that_runs_eagerly() -> None:
    model = Sequential(
        [layers.Input((2,), dtype="int32"), layers.Hashing(4), layers.Embedding(4, 2)]
    )
    assert model.output_shape == (None, 2, 2)
    model.compile("sgd", "mse", run_eagerly=True)
    assert model.predict(np.array([[1, 2], [3, 4]]), verbose=0).shape == (2, 2, 2)


# ---- mistakes -------------------------------------------------------------------------------

V = layers.TextVectorization
MISTAKES: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: V(standardize="lowre"), ValueError, "standardize.*'lower'"),
    (lambda: V(split="words"), ValueError, "split"),
    (lambda: V(ngrams=0), ValueError, "ngrams is a whole number from 1"),
    (lambda: V(output_mode="ints"), ValueError, "output_mode.*'int'"),
    (
        lambda: V(output_mode="count", output_sequence_length=3),
        ValueError,
        "is for output_mode='int'",
    ),
    (lambda: V(ragged=True), ValueError, "no sparse or ragged tensors"),
    (lambda: V()(["a"]), RuntimeError, "has no vocabulary yet: adapt it"),
    (
        lambda: V(vocabulary=["a"])([1]),
        TypeError,
        "'text_vectorization': it takes texts. Received: 1",
    ),
    (lambda: V(vocabulary=["a"])([["a", "b"]]), ValueError, "one text a sample"),
    (lambda: V(vocabulary=["a"])([["a"], ["b", "c"]]), ValueError, "lists of unequal lengths"),
    (lambda: V(vocabulary=["a"]).adapt(["b"]), ValueError, "made with a vocabulary"),
    (lambda: V().adapt("one text"), TypeError, "adapt takes an array, a list"),
    (lambda: V(vocabulary=["a", "a"]), ValueError, r"terms twice: \['a'\]"),
    (lambda: V(vocabulary=["a", ""]), ValueError, "reserved token ''"),
    (lambda: V(vocabulary=["a", "b"], max_tokens=3), ValueError, "more than max_tokens=3"),
    (lambda: V(vocabulary="none.txt"), ValueError, "no file 'none.txt'"),
    (lambda: V(vocabulary=["a"], output_mode="tf_idf"), ValueError, "idf_weights go with"),
    (lambda: V(pad_to_max_tokens=True), ValueError, "pads to max_tokens"),
    (
        lambda: layers.StringLookup(vocabulary=["a"], num_oov_indices=0)(["a", "b"]),
        ValueError,
        r"found \['b'\]: make it with num_oov_indices=1",
    ),
    (
        lambda: layers.IntegerLookup(vocabulary=[1], num_oov_indices=0)([1, 2]),
        ValueError,
        r"found \[2\]",
    ),
    (lambda: layers.StringLookup(invert=True, output_mode="count"), ValueError, "invert=True"),
    (lambda: layers.IntegerLookup(vocabulary_dtype="int32"), ValueError, "'int64'"),
    (lambda: layers.IntegerLookup(salt=1), ValueError, "oov_method='farmhash'"),
    (lambda: layers.IntegerLookup(oov_method="hash"), ValueError, "farmhash"),
    (lambda: layers.CategoryEncoding(), ValueError, "num_tokens, the number of categories"),
    (lambda: layers.CategoryEncoding(2, "int"), ValueError, "output_mode"),
    (
        lambda: layers.CategoryEncoding(2)([[1]], count_weights=[[2.0]]),
        ValueError,
        "count_weights are for output_mode='count'",
    ),
    (lambda: layers.Discretization(), ValueError, "bin_boundaries, or num_bins"),
    (lambda: layers.Discretization([1.0, 0.0]), ValueError, "ascending order"),
    (lambda: layers.Discretization(num_bins=2)([1.0]), ValueError, "no boundaries yet"),
    (lambda: layers.Discretization([1.0]).adapt([1.0]), ValueError, "num_bins instead"),
    (lambda: layers.Discretization(num_bins=2).adapt([]), ValueError, "no numbers"),
    (lambda: layers.Hashing(0), ValueError, "num_bins"),
    (lambda: layers.Hashing(2, dtype="float32"), ValueError, "'int32' or 'int64'"),
    (lambda: layers.Hashing(2, salt="x"), ValueError, "salt is a whole number"),
    (lambda: layers.HashedCrossing(2)(["a"]), ValueError, "two or more features"),
    (lambda: layers.HashedCrossing(2)((["a"], [1, 2])), ValueError, "features of one shape"),
    (lambda: layers.HashedCrossing(2)((["a"], [1.5])), TypeError, "whole numbers and texts"),
    (lambda: layers.Normalization(mean=1.0), ValueError, "mean and variance go together"),
    (lambda: layers.Normalization(axis=3)(FLOATS), ValueError, "do not have all of the axes"),
    (lambda: layers.Normalization()(layers.Input((None,))), ValueError, "lengths are to be known"),
    (lambda: layers.Normalization().adapt(iter([])), ValueError, "there are no batches"),
    (
        lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 2.0])(FLOATS),
        ValueError,
        "does not fit the axes",
    ),
    (
        lambda: layers.Normalization().adapt([np.ones((2, 3)), np.ones((2, 4))]),
        ValueError,
        r"of length \[3\]. Received: data of shape \(2, 4\)",
    ),
]


@pytest.mark.parametrize(("make", "kind", "message"), MISTAKES)
def test_mistakes(make: Callable[[], Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        make()


# ---- numbers --------------------------------------------------------------------------------


def test_batches_give_the_mean_of_all() -> None:
    numbers = np.random.default_rng(1).normal(1e4, 1.0, (101, 3))
    whole, parts = layers.Normalization(), layers.Normalization()
    whole.adapt(numbers)
    parts.adapt(batch for batch in np.array_split(numbers, [1, 30, 31]))
    for ours, theirs in zip(parts.get_weights(), whole.get_weights(), strict=True):
        expect_close(ours, theirs)
    expect_close(whole.get_weights()[1], numbers.var(axis=0), rtol=1e-6)
    pairs, rows = layers.Normalization(), np.array_split(numbers, [1, 30, 31])
    pairs.adapt([(some, np.zeros(len(some))) for some in rows])
    for ours, theirs in zip(pairs.get_weights(), parts.get_weights(), strict=True):
        assert np.array_equal(ours, theirs)
    for nothing in ([], np.zeros((0, 3)), iter(())):
        with pytest.raises(ValueError, match="cannot adapt to no data"):
            layers.Normalization().adapt(nothing)
    inverse = layers.Normalization(invert=True)
    inverse.adapt(numbers)
    expect_close(inverse(whole(numbers)), numbers, rtol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 1000])
def test_a_search_finds_what_numpy_finds(count: int) -> None:
    generator = np.random.default_rng(count)
    table = np.sort(generator.integers(-50, 50, count))
    x = generator.integers(-60, 60, (30, 2))
    np.testing.assert_array_equal(count_up_to(table, x), np.searchsorted(table, x, side="right"))
    assert count_up_to(table.astype("float32"), [np.nan, np.inf]).numpy().tolist() == [count] * 2


def test_weights_of_counts() -> None:
    layer = layers.CategoryEncoding(3, output_mode="count")
    found = layer([[0, 2, 2], [1, 7, -1]], count_weights=[[0.5, 1.0, 2.0], [4.0, 1.0, 1.0]])
    assert found.numpy().tolist() == [[0.5, 0.0, 3.0], [0.0, 4.0, 0.0]]
