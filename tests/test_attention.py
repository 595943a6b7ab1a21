"""Attention, einsum and what is built of it: Keras's numbers, and what must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

import pylego
from pylego import layers, losses, names, ops
from pylego.autograd import GradientTape
from pylego.core.tree import leaves
from pylego.models import Model, Sequential, load_model

GOLDEN = load("attention")
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def golden_cases(kind: str) -> Any:
    facts = GOLDEN[kind]
    return pytest.mark.parametrize("case", [pytest.param(v, id=k) for k, v in facts.items()])


def made(case: dict[str, Any]) -> layers.Layer:
    return getattr(layers, case["class"])(**case["arguments"])


def given(case: dict[str, Any]) -> list[Any]:
    return [ops.convert_to_tensor(array(GOLDEN["given"][one])) for one in case["inputs"]]


def options(case: dict[str, Any]) -> dict[str, Any]:
    masks = {k: np.array(mask) for k, mask in GOLDEN["masks"].items() if k != "mask"}
    masks["mask"] = [masks["query_mask"], masks["value_mask"]]
    return {name: masks.get(name, value) for name, value in case["options"].items()}


def ready(layer: layers.Layer, args: list[Any]) -> layers.Layer:
    layer(*args)
    layer.set_weights([numbers(weight.shape, 6 + i) for i, weight in enumerate(layer.weights)])
    return layer


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The numbers that the golden file was made with."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


def expect_gradients(ours: list[Any], golden: list[Any]) -> None:
    for mine, theirs in zip(ours, golden, strict=True):
        expect_close(np.ravel(mine), theirs, rtol=1e-3, atol=1e-3)


def expect_all(ours: Any, golden: list[Any], rtol: float = 1e-4) -> None:
    for mine, theirs in zip(leaves(ours), golden, strict=True):
        expect_close(mine, theirs, rtol=rtol, atol=1e-4)


def expect_facts(layer: Any, tensors: list[Any], args: list[Any], kwargs: Any, case: Any) -> None:
    """Compare outputs, losses, paths, gradients and config with Keras's."""
    with GradientTape() as tape:
        for x in tensors:
            tape.watch(x)
        outputs = layer(*args, **kwargs)
        loss = sum(ops.sum(ops.square(y)) for y in leaves(outputs))
    expect_all(outputs, case["outputs"])
    expect_gradients(tape.gradient(loss, [*tensors, *layer.trainable_weights]), case["gradients"])
    expect_close(sum(loss.item() for loss in layer.losses), sum(case["losses"]), rtol=1e-5)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    if "config" in case:
        expect_config(layer, case["config"])


def expect_config(layer: layers.Layer, golden: dict[str, Any]) -> None:
    config = layer.get_config()
    assert set(config) - {"activity_regularizer"} == set(golden) - {"activity_regularizer"}
    for key, value in config.items():
        shown = value["class_name"] if isinstance(value, dict) else value
        assert leaves(shown) == leaves(golden.get(key)), key
    again = type(layer).from_config(config)
    assert again.get_config() == config


# ---- real Keras -----------------------------------------------------------------------------


@golden_cases("layers")
def test_layers_of_attention(case: dict[str, Any]) -> None:
    layer, tensors, kwargs = made(case), given(case), options(case)
    args = [tensors] if isinstance(layer, layers.Attention) else tensors
    ready(layer, args)
    expect_facts(layer, tensors, args, kwargs, case)


@golden_cases("dense")
def test_einsum_dense(case: dict[str, Any]) -> None:
    layer = layers.EinsumDense(**case["arguments"])
    x = ops.convert_to_tensor(numbers(tuple(case["shape"]), 5))
    ready(layer, [x])
    expect_facts(layer, [x], [x], {}, case)
    assert layer.compute_output_shape(x.shape) == layer(x).shape


@pytest.mark.parametrize("groups", ["2", "4"])
@pytest.mark.parametrize("label", GOLDEN["op"]["4"])
def test_dot_product_attention(label: str, groups: str) -> None:
    case, n = GOLDEN["op"][groups][label], int(groups)
    arrays = numbers((2, 3, 4, 2), 0), numbers((2, 5, n, 2), 1), numbers((2, 5, n, 2), 2)
    tensors = [ops.convert_to_tensor(x) for x in arrays]
    bias, mask = numbers((1, 4, 3, 5), 3), np.array(GOLDEN["masks"]["attention_mask"])[:, None]
    kwargs: dict[str, Any] = {
        "plain": {},
        "causal": {"is_causal": True},
        "bias, scale": {"bias": bias, "scale": 0.3},
        "mask, causal": {"mask": mask, "is_causal": True, "bias": bias},
    }[label]
    with GradientTape() as tape:
        for x in tensors:
            tape.watch(x)
        y = ops.dot_product_attention(*tensors, **kwargs)
        loss = ops.sum(ops.square(y))
    expect_close(y, case["output"], rtol=1e-4, atol=1e-4)
    expect_gradients(tape.gradient(loss, tensors), case["gradients"])


@pytest.mark.parametrize("kind", GOLDEN["carried"]["layers"])
def test_masks_that_inputs_carry(kind: str) -> None:
    facts = GOLDEN["carried"]
    case = facts["layers"][kind]
    data = [array(facts[name]) for name in ("query", "value")]
    layer = ready(
        getattr(layers, kind)(**case["arguments"]), [data] if kind == "Attention" else data
    )
    query, value = map(layers.Masking(), data)
    y = layer([query, value]) if kind == "Attention" else layer(query, value)
    expect_close(y, case["output"], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(y._keras_mask, case["mask"])
    inputs = [layers.Input(x.shape[1:]) for x in data]
    masked = [layers.Masking()(x) for x in inputs]
    model = Model(inputs, layer(masked) if kind == "Attention" else layer(*masked))
    expect_close(model.predict(data, verbose=0), case["output"], rtol=1e-4, atol=1e-5)


def test_inputs_keep_their_mask() -> None:
    """As in a graph of Keras; called on numbers, Keras takes the mask off them."""
    x = layers.Embedding(12, 8, mask_zero=True)(PADDED)
    y = layers.MultiHeadAttention(2, 4)(x, x)
    for one in (x, y, layers.Add()([x, y])):
        np.testing.assert_array_equal(one._keras_mask, PADDED > 0)


@golden_cases("embedding")
def test_a_reversible_embedding(case: dict[str, Any]) -> None:
    layer = layers.ReversibleEmbedding(4, 3, **case["arguments"])
    layer.build()
    layer.set_weights([numbers(weight.shape, 6 + i) for i, weight in enumerate(layer.weights)])
    vectors = layer(np.array([[1, 3, 0]]))
    expect_close(vectors, case["vectors"])
    expect_close(layer(numbers((1, 2, 3), 3), reverse=True), case["scores"], rtol=1e-5)
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    expect_config(layer, case["config"])
    assert hasattr(vectors, "_keras_mask") == case["arguments"].get("mask_zero", False)
    assert not hasattr(layer(vectors, reverse=True), "_keras_mask")


# ---- einsum against NumPy -------------------------------------------------------------------

EQUATIONS = [
    ("ij,jk->ik", [(2, 3), (3, 4)]),
    ("ij,jk", [(2, 3), (3, 4)]),
    ("...ij,...jk->...ik", [(5, 2, 3), (3, 4)]),
    ("...ij,...jk", [(5, 2, 3), (6, 1, 3, 4)]),
    ("ii->i", [(3, 3)]),
    ("iji->j", [(3, 2, 3)]),
    ("iij,iik->jk", [(2, 2, 3), (2, 2, 4)]),
    ("iii", [(3, 3, 3)]),
    ("i,j->ij", [(2,), (3,)]),
    ("i,i->i", [(3,), (3,)]),
    ("ij,ij->j", [(2, 3), (2, 3)]),
    ("abc,cd,de->abe", [(2, 3, 4), (4, 5), (5, 2)]),
    ("ji", [(2, 3)]),
    ("ij->", [(2, 3)]),
    ("i...->...", [(2, 3)]),
    ("btnh,bsnh->bnts", [(2, 3, 2, 4), (2, 5, 2, 4)]),
    ("bnts,bsnh->btnh", [(2, 2, 3, 5), (2, 5, 2, 4)]),
    ("abcd,cde->abe", [(2, 3, 4, 2), (4, 2, 3)]),
    ("i,j,k->kji", [(2,), (3,), (4,)]),
    ("ij,k->i", [(2, 3), (4,)]),
    ("ij,jk->ik", [(2, 1), (3, 4)]),
    (" i j , j k -> i k ", [(2, 3), (3, 4)]),
    (",i->i", [(), (3,)]),
    ("ab,ab,ab->a", [(2, 3)] * 3),
    ("Ab,bA", [(2, 3), (3, 2)]),
    ("a...b,b...->...a", [(2, 5, 3), (3, 5)]),
    ("ij,kj->", [(2, 3), (4, 3)]),
    ("ij,jk->ik", [(2, 0), (0, 4)]),
]


@pytest.mark.parametrize(("equation", "shapes"), EQUATIONS)
def test_einsum_is_numpys(equation: str, shapes: list[tuple[int, ...]]) -> None:
    xs = [RNG.normal(size=shape) for shape in shapes]
    tensors = [ops.convert_to_tensor(x) for x in xs]
    with GradientTape() as tape:
        for x in tensors:
            tape.watch(x)
        y = ops.einsum(equation, *tensors)
        loss = ops.sum(ops.sin(y))
    expected = np.einsum(equation, *xs)
    assert y.shape == expected.shape
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    step = [RNG.normal(size=shape) for shape in shapes]
    slope = sum((np.asarray(g) * d).sum() for g, d in zip(tape.gradient(loss, tensors), step))
    ends = [
        np.sin(np.einsum(equation, *(x + h * d for x, d in zip(xs, step)))).sum()
        for h in (1e-6, -1e-6)
    ]
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-7)


def test_einsum_on_placeholders_is_a_node_of_the_graph(tmp_path: Any) -> None:
    x, y = layers.Input((3, 4)), layers.Input((5, 4))
    scores = ops.einsum("bth,bsh->bts", x, y, optimize=True)
    assert scores.shape == (None, 3, 5)
    model = Model([x, y], scores)
    data = [RNG.normal(size=(2, 3, 4)), RNG.normal(size=(2, 5, 4))]
    expected = model.predict(data, verbose=0)
    np.testing.assert_allclose(expected, np.einsum("bth,bsh->bts", *data), rtol=1e-4, atol=1e-5)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(data, verbose=0), expected)


# ---- what must hold -------------------------------------------------------------------------

X = RNG.normal(size=(4, 6, 8)).astype("float32")


def test_a_soft_cap_is_a_tangent() -> None:
    query, key = X[:, :, None, :], X[:, :, None, ::-1].copy()
    scores = np.einsum("btnh,bsnh->bnts", query, key) / np.sqrt(8)
    scores = 0.5 * np.tanh(scores / 0.5)
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    found = ops.dot_product_attention(query, key, key, attn_logits_soft_cap=0.5)
    np.testing.assert_allclose(
        found, np.einsum("bnts,bsnh->btnh", shares, key), rtol=1e-4, atol=1e-5
    )


def test_values_may_be_longer_than_keys() -> None:
    layer = layers.MultiHeadAttention(2, 3, value_dim=5)
    y, _ = layer(X, X, return_attention_scores=True)
    np.testing.assert_allclose(layer(X, X), y, rtol=1e-4, atol=1e-5)


def test_groups_of_one_head_are_heads() -> None:
    heads, groups = layers.MultiHeadAttention(4, 3), layers.GroupQueryAttention(3, 4, 4)
    expected = heads(X, X)
    groups(X, X)
    groups.set_weights(heads.get_weights())
    np.testing.assert_array_equal(groups(X, X), expected)


@pytest.mark.parametrize("kind", [layers.MultiHeadAttention, layers.GroupQueryAttention])
def test_a_step_sees_nothing_of_the_future(kind: type) -> None:
    layer = kind(4, 2) if kind is layers.MultiHeadAttention else kind(2, 4, 2)
    changed = X.copy()
    changed[:, 3:] += 1
    before, after = (np.asarray(layer(x, x, use_causal_mask=True)) for x in (X, changed))
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert (before[:, 3:] != after[:, 3:]).any()


@pytest.mark.parametrize("kind", ["heads", "groups", "dot"])
def test_dropout_drops_while_training_only(kind: str) -> None:
    layer: Any = {
        "heads": lambda: layers.MultiHeadAttention(2, 3, dropout=0.5, seed=1),
        "groups": lambda: layers.GroupQueryAttention(3, 4, 2, dropout=0.5, seed=1),
        "dot": lambda: layers.Attention(dropout=0.5, seed=1),
    }[kind]()
    args = [[X, X]] if kind == "dot" else [X, X]
    calm, trained = (np.asarray(layer(*args, training=training)) for training in (False, True))
    np.testing.assert_array_equal(layer(*args), calm)
    assert (calm != trained).any()


def test_an_own_way_to_attend_is_given_the_whole_mask() -> None:
    class Own(layers.MultiHeadAttention):
        def _compute_attention(self, query: Any, key: Any, value: Any, mask: Any, *_: Any) -> Any:
            self.seen = mask.shape
            return value, None

    layer = Own(2, 4)
    layer(X, X, use_causal_mask=True)
    assert layer.seen == (1, 6, 6)


# ---- models ---------------------------------------------------------------------------------


def encoder() -> Model:
    """Two blocks of a transformer that sort sequences of words into two kinds."""
    words = layers.Input((None,), dtype="int32")
    x = layers.Embedding(12, 8, mask_zero=True)(words)
    for _ in range(2):
        seen = layers.MultiHeadAttention(2, 4, dropout=0.1, seed=3)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, seen]))
        y = layers.Dense(8)(layers.Dense(16, activation="relu")(x))
        x = layers.LayerNormalization()(layers.Add()([x, y]))
    pooled = layers.GlobalAveragePooling1D()(x)
    return Model(words, layers.Dense(1, activation="sigmoid")(pooled))


def language_model() -> Model:
    """A causal model that says which word follows."""
    words = layers.Input((None,), dtype="int32")
    table = layers.ReversibleEmbedding(12, 8)
    x = table(words)
    for kind in (layers.MultiHeadAttention(2, 4), layers.GroupQueryAttention(4, 2, 1)):
        x = layers.Add()([x, kind(x, x, use_causal_mask=True)])
        x = layers.Add()([x, layers.Dense(8, activation="gelu")(layers.LayerNormalization()(x))])
    return Model(words, table(x, reverse=True))


WORDS = np.array([[1 + (i + j) % 11 for j in range(7)] for i in range(16)], "int32")
PADDED = np.where(np.arange(7) < 4 + np.arange(16)[:, None] % 4, WORDS, 0)


def trained(kind: str, eager: bool) -> tuple[Model, list[float], np.ndarray]:
    names.reset_names()
    model = encoder() if kind == "encoder" else language_model()
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=w.shape) * 0.3 + 0.1 for w in model.weights])
    if kind == "encoder":
        x, y = PADDED, (WORDS[:, :1] > 5).astype("float32")
        loss: Any = "binary_crossentropy"
    else:
        x, y = WORDS[:, :-1], WORDS[:, 1:]
        loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, run_eagerly=eager)
    model.optimizer.learning_rate = 0.02
    history = model.fit(x, y, epochs=40, batch_size=8, shuffle=False, verbose=0)
    return model, history.history["loss"], x


@pytest.mark.parametrize("kind", ["encoder", "language model"])
def test_transformers_train_and_are_saved(kind: str, tmp_path: Any) -> None:
    model, found, x = trained(kind, eager=False)
    assert found[-1] < 0.7 * found[0]
    other, _, _ = trained(kind, eager=True)
    for recorded, eager in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(recorded, eager)
    expected = model.predict(x, verbose=0)
    model.save(tmp_path / "model.keras")
    again = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), expected)
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = encoder() if kind == "encoder" else language_model()
    fresh.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(fresh.predict(x, verbose=0), expected)


def test_einsum_dense_in_a_sequential() -> None:
    model = Sequential([layers.EinsumDense("...x,xy->...y", 3, bias_axes="y")])
    assert model.predict(X, verbose=0).shape == (4, 6, 3)


# ---- mistakes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ops.einsum("ij,jk", np.ones((2, 3))), "2 parts"),
        (lambda: ops.einsum("i.j", np.ones((2, 3))), "is not read"),
        (lambda: ops.einsum("ij->k", np.ones((2, 3))), "wants the axis 'k'"),
        (lambda: ops.einsum("ij->ii", np.ones((2, 3))), "has an axis twice"),
        (lambda: ops.einsum("ij,jk", np.ones((2, 3)), np.ones((4, 5))), "lengths 3 and 4"),
        (lambda: ops.einsum("ii", np.ones((2, 3))), "needs a square"),
        (lambda: ops.einsum("ijk", np.ones((2, 3))), "names 3 axes"),
        (lambda: ops.dot_product_attention(X, X, X), "takes queries"),
        (lambda: layers.MultiHeadAttention(0, 2), "num_heads must be 1 or more"),
        (lambda: layers.MultiHeadAttention(2, 2, dropout=0.1, flash_attention=True), "dropout"),
        (lambda: layers.MultiHeadAttention(2, 2)(X[0], X[0]), "attends over steps"),
        (lambda: layers.MultiHeadAttention(2, 2)(X, X, X[:, 1:]), "a key for each value"),
        (
            lambda: layers.MultiHeadAttention(2, 2, flash_attention=True)(
                X, X, return_attention_scores=True
            ),
            "flash_attention=True",
        ),
        (lambda: layers.GroupQueryAttention(2, 3, 2), "is a multiple of"),
        (lambda: layers.Attention()(X), "is called with a list"),
        (lambda: layers.AdditiveAttention()(X), "AdditiveAttention.* is called with a list"),
        (lambda: layers.AdditiveAttention()(layers.Input((3, 4))), "is called with a list"),
        (lambda: layers.Attention(score_mode="sum"), "score_mode is"),
        (lambda: layers.Attention()([X, X], mask=X[:, :, 0] > 0), "a list of masks"),
        (lambda: layers.EinsumDense("ab->a", 3), "has the form"),
        (lambda: layers.EinsumDense("ab,bc->ad", 3), "'d' is neither"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3, bias_axes="x"), "no axis 'x'"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3)(X), "have other axes"),
        (lambda: layers.EinsumDense("abc,cd->abd", 3)(X), "3 axes, the batch axis"),
        (lambda: layers.EinsumDense("abc,cd->abd", (5, 3))(X), "length 6 in the inputs"),
    ],
)
def test_mistakes_are_named(call: Callable, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("inputs", [X, [X, X], layers.Input((3, 4))])
@pytest.mark.parametrize("make", [layers.MultiHeadAttention, layers.GroupQueryAttention])
def test_queries_alone_are_refused(make: Callable, inputs: Any) -> None:
    layer = make(2, 2, 1)
    with pytest.raises(TypeError, match=rf"{make.__name__}.* is called with \(query, value\)"):
        layer(inputs)


class CachedAttention(layers.MultiHeadAttention):
    """The one of examples/shakespeare.py, for texts of 5 steps."""

    def build(self, query_shape: Any, value_shape: Any) -> None:  # type: ignore[override]
        super().build(query_shape, value_shape)
        shape = (1, 5, self.num_heads, self.key_dim)
        self.keys = self.add_weight(shape, "zeros", trainable=False)
        self.values = self.add_weight(shape, "zeros", trainable=False)

    def step(self, x: Any, place: Any) -> Any:
        places = ops.arange(5)
        is_here = ops.reshape(places == place, (1, 5, 1, 1))
        self.keys.assign(ops.where(is_here, self.key_dense(x), self.keys))
        self.values.assign(ops.where(is_here, self.value_dense(x), self.values))
        seen = ops.reshape(places <= place, (1, 1, 1, 5))
        y = ops.dot_product_attention(self.query_dense(x), self.keys, self.values, mask=seen)
        return self.output_dense(y)


def test_a_step_with_cached_keys_is_a_row_of_the_whole() -> None:
    """One program serves every step: the place is an input."""
    layer = CachedAttention(num_heads=2, key_dim=3)
    x = RNG.normal(size=(1, 5, 8)).astype("float32")
    whole = layer(x, x, use_causal_mask=True).numpy()
    step = pylego.function(layer.step)
    for _ in range(2):  # what a first text left in the caches is not seen by a second one
        rows = [step(x[:, i : i + 1], np.array(i, "int32")).numpy() for i in range(5)]
        np.testing.assert_allclose(np.concatenate(rows, 1), whole, rtol=1e-5, atol=1e-6)
    assert len(step.programs) == 1
