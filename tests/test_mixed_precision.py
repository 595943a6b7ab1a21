"""Layers that compute with 16 bits: policies, what bricks read, and training as in Keras."""

from __future__ import annotations

import base64
import copy
import pickle
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import load

import pylego
from pylego import config, dtype_policies, layers, models, ops, optimizers, saving, tree
from pylego.autograd import GradientTape
from pylego.core.variable import Variable
from pylego.dtype_policies import DTypePolicy, DTypePolicyMap
from pylego.training.data import read

GOLDEN = load("mixed_precision")
# How far a loss may be from Keras's: some roundings of a number of 11 bits, or of 8.
TOLERANCES = {"float16": 4e-3, "bfloat16": 3e-2}


@pytest.fixture(autouse=True)
def own_policy() -> Iterator[None]:
    yield
    config.set_dtype_policy(None)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The numbers that the golden file was made with."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


# ---- training as in Keras --------------------------------------------------------------------


def dense() -> Any:
    return [layers.Input((4,)), layers.Dense(5, "tanh"), layers.Dense(1, dtype="float32")]


def convolution() -> Any:
    return [
        layers.Input((6, 6, 2)),
        layers.Conv2D(3, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.LayerNormalization(),
        layers.Dense(1),
    ]


def recurrent() -> Any:
    return [
        layers.Input((3, 2)),
        layers.LSTM(4, return_sequences=True),
        layers.GRU(3),
        layers.Dense(1),
    ]


MODELS = {"dense": dense, "convolution": convolution, "recurrent": recurrent}
SHAPES = {"dense": (4,), "convolution": (6, 6, 2), "recurrent": (3, 2)}


def model_of(name: str, policy: str) -> Any:
    config.set_dtype_policy(policy)
    model = models.Sequential(MODELS[name]())
    model.set_weights([0.5 * numbers(w.shape, 20 + i) for i, w in enumerate(model.weights)])
    return model


@pytest.mark.parametrize("facts", GOLDEN["models"], ids=lambda f: f"{f['model']} {f['policy']}")
def test_models_learn_as_in_keras(facts: dict[str, Any]) -> None:
    name, policy = facts["model"], facts["policy"]
    model = model_of(name, policy)
    model.compile(optimizers.SGD(0.05), "mse")
    x, y = numbers((8, *SHAPES[name]), 1), numbers((8, 1), 2)
    history = model.fit(x, y, epochs=6, batch_size=4, shuffle=False, verbose=0)
    tolerance = TOLERANCES["bfloat16" if "bfloat16" in policy else "float16"]
    np.testing.assert_allclose(history.history["loss"], facts["losses"], rtol=tolerance)
    predicted = np.asarray(model.predict(x, verbose=0), "float32")
    np.testing.assert_allclose(predicted, facts["predicted"], atol=4 * tolerance)
    assert type(model.optimizer).__name__ == facts["optimizer"]
    assert [weight.dtype for weight in model.weights] == facts["weights"]
    outputs = []
    for layer in model.layers:
        x = layer(x)
        outputs.append(x.dtype)
    assert outputs == facts["outputs"]


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", MODELS)
def test_recorded_steps_have_the_bits_of_eager_ones(name: str, policy: str) -> None:
    x, y = numbers((8, *SHAPES[name]), 1), numbers((8, 1), 2)
    found = []
    for run_eagerly, jit_compile, threads in ((True, True, 1), (False, True, 2), (False, False, 1)):
        config.set_num_threads(threads)
        model = model_of(name, policy)
        model.compile("adam", "mse", run_eagerly=run_eagerly, jit_compile=jit_compile)
        model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
        found.append([w.numpy().tobytes() for w in model.weights])
    assert found[0] == found[1] == found[2]


def test_probabilities_of_16_bits_have_gradients_where_they_are_0() -> None:
    config.set_dtype_policy("mixed_float16")
    model = models.Sequential([layers.Input((2,)), layers.Dense(2, "softmax", use_bias=False)])
    model.set_weights([[[30.0, 0.0], [0.0, 0.0]]])
    model.compile(optimizers.SGD(1.0), "sparse_categorical_crossentropy")
    model.fit(np.ones((4, 2)), np.ones(4), verbose=0)
    assert model.layers[0].kernel.numpy()[0, 0] < 29.5  # p = e^-30 is 0 in float16


# ---- what bricks read ------------------------------------------------------------------------


class Reads(layers.Layer):
    """Says in which dtype it finds its weights."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight((2,), "ones", name="scale")
        self.kept = self.add_weight((2,), "ones", name="kept", autocast=False, trainable=False)
        self.count = self.add_weight((), "zeros", "int32", name="count", trainable=False)

    def call(self, x: Any) -> Any:
        self.found = [v.dtype for v in (self.scale, self.kept, self.count)]
        self.found += [v.dtype for v in (self.scale.value, self.scale[0], self.scale[[0]])]
        self.found += [(self.scale * 2.0).dtype, ops.stack([self.scale, self.scale]).dtype]
        self.count.assign_add(1)
        self.kept.assign(self.kept * 0.5)
        return x * self.scale


def test_a_layer_reads_its_weights_as_it_computes() -> None:
    layer = Reads(dtype="mixed_float16")
    y = layer(np.ones((1, 2), "float32"))
    assert y.dtype == "float16"
    half = "float16"
    assert layer.found == [half, "float32", "int32", half, half, half, half, half]
    assert [v.dtype for v in layer.weights] == ["float32", "float32", "int32"]
    assert layer.count.numpy() == 1
    assert layer.kept.numpy().tolist() == [0.5, 0.5]
    assert layer.scale[0].dtype == layer.scale.value.dtype == "float32"  # outside of the call


def test_gradients_have_the_dtype_of_the_weights() -> None:
    layer = Reads(dtype="mixed_bfloat16")
    with GradientTape() as tape:
        loss = ops.sum(ops.cast(layer(np.full((1, 2), 1.01, "float32")), "float32"))
    gradient = tape.gradient(loss, layer.scale)
    assert gradient.dtype == "float32"
    assert gradient.numpy().tolist() == [1.0078125, 1.0078125]


def test_a_wider_layer_inside_reads_its_own() -> None:
    class Around(layers.Layer):
        def __init__(self, **kwargs: Any):
            super().__init__(**kwargs)
            self.inner = Reads(dtype="float32", name="inner")
            self.same = Reads(name="same", dtype=self.dtype_policy)
            self.plain = Reads(name="plain", dtype=self.dtype_policy, autocast=False)

        def call(self, x: Any) -> Any:
            wide = self.inner(x)
            self.plain(x)
            self.between = self.same.scale.dtype if self.same.built else None
            return self.same(wide)

    layer = Around(dtype="mixed_float16")
    layer(np.ones((1, 2)))
    layer(np.ones((1, 2)))
    assert layer.inner.found[0] == "float32"
    assert layer.plain.found[0] == "float32"  # it casts nothing, so bricks promote
    assert layer.same.found[0] == layer.between == "float16"


def test_a_failing_call_changes_nothing_for_what_follows() -> None:
    class Fails(Reads):
        def call(self, x: Any) -> Any:
            raise RuntimeError("on purpose")

    layer = Fails(dtype="mixed_float16")
    with pytest.raises(RuntimeError, match="on purpose"):
        layer(np.ones((1, 2)))
    assert (layer.scale * 1.0).dtype == "float32"


def test_assigning_inside_a_call_keeps_the_dtype() -> None:
    class Follows(Reads):
        def call(self, x: Any) -> Any:
            self.scale.assign(self.scale * 0.5)
            self.scale.assign_sub(x[0])
            return x

    layer = Follows(dtype="mixed_float16")
    layer(np.full((1, 2), 2.0**-14, "float32"))
    assert layer.scale.dtype == "float32"
    assert layer.scale.numpy().tolist() == [0.5 - 2.0**-14] * 2  # in float16 it would be 0.5


def test_normalization_computes_in_float32() -> None:
    batch = layers.BatchNormalization(momentum=0.5, dtype="mixed_float16")
    y = batch(np.array([[0.0], [600.0]]), training=True)  # the variance is above 65504
    assert y.dtype == "float16"
    assert y.numpy().tolist() == [[-1.0], [1.0]]
    assert batch.moving_variance.numpy().tolist() == [0.5 + 45000.0]
    one = layers.LayerNormalization(epsilon=0.0, dtype="mixed_bfloat16")
    one.build((None, 2))
    one.set_weights([np.full(2, 1 + 2.0**-9), np.full(2, -1.0)])  # in bfloat16 that is 1, and -1
    assert ops.cast(one(np.array([[1.0, 3.0]])), "float32").numpy()[0, 1] == 2.0**-9


def test_predictions_of_bfloat16_are_arrays_again_and_again() -> None:
    model = model_of("recurrent", "bfloat16")
    x = numbers((3, 3, 2), 1)
    first = model.predict(x, verbose=0)
    assert first.dtype == model.predict(x, batch_size=2, verbose=0).dtype
    for given in (x, [x], x, [x], [ops.cast(x, "bfloat16")], [ops.cast(x, "bfloat16")]):
        assert (np.asarray(model.predict(given, verbose=0)) == first).all()
    model.compile("sgd", "mse")
    assert len({model.test_on_batch(x, numbers((3, 1), 2)) for _ in range(3)}) == 1


def test_recurrent_cells_compute_as_the_layer_does() -> None:
    layer = layers.RNN(layers.SimpleRNNCell(3, dtype="mixed_float16"), dtype="mixed_float16")
    assert layer(numbers((2, 4, 3), 1)).dtype == "float16"
    attention = layers.MultiHeadAttention(2, 3, dtype="mixed_bfloat16")
    x = numbers((2, 4, 3), 1)
    assert attention(x, x).dtype == "bfloat16"
    assert {w.dtype for w in attention.weights} == {"float32"}
    stacked = layers.StackedRNNCells(
        [layers.LSTMCell(2, dtype="mixed_float16"), layers.GRUCell(3), layers.SimpleRNNCell(4)]
    )
    outputs, *states = layers.RNN(stacked, return_state=True, dtype="mixed_bfloat16")(x)
    assert outputs.dtype == "float32"
    assert [s.dtype for s in tree.flatten(states)] == ["float16", "float16", "float32", "float32"]
    embedding = layers.Embedding(5, 3, dtype="mixed_float16")
    assert embedding(np.array([[1, 2]])).dtype == "float16"


def test_graphs_know_the_dtypes() -> None:
    x = layers.Input((4,))
    y = layers.Dense(3, dtype="mixed_float16")(x)
    assert y.dtype == "float16"
    assert models.Model(x, y).output.dtype == "float16"


def test_a_graph_takes_inputs_in_its_own_dtypes() -> None:
    half, whole = layers.Input((2,), dtype="float16"), layers.Input((2,), dtype="int32")
    model = models.Model([half, whole], [half + 2, whole + 2])
    x = np.ones((3, 2))
    assert [y.dtype for y in model([x, x])] == ["float16", "int32"]
    assert [y.dtype for y in model.predict([x, x], verbose=0)] == ["float16", "int32"]


class Shifted(layers.Layer):
    """A layer in which a weight alone decides the dtype."""

    def build(self, input_shape: Any) -> None:
        self.shift = self.add_weight(input_shape[1:], name="shift")

    def call(self, inputs: Any) -> Any:
        return self.shift + 1.0


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (lambda **policy: layers.Embedding(5, 3, **policy), [np.zeros((2, 4), "int32")]),
        (lambda **policy: layers.AdditiveAttention(**policy), [[numbers((2, 4, 3), 1)] * 2]),
        (lambda **policy: layers.Attention(True, **policy), [[numbers((2, 4, 3), 1)] * 2]),
        (lambda **policy: layers.MultiHeadAttention(2, 3, **policy), [numbers((2, 4, 3), 1)] * 2),
        (lambda **policy: layers.PReLU(**policy), [numbers((2, 4), 1)]),
        (lambda **policy: layers.GRU(3, **policy), [numbers((2, 4, 3), 1)]),
        (lambda **policy: layers.GroupNormalization(1, **policy), [numbers((2, 4, 3), 1)]),
        (lambda **policy: Shifted(**policy), [numbers((2, 4), 1)]),
        (
            lambda dtype: layers.TimeDistributed(layers.Dense(3, dtype=dtype)),
            [numbers((2, 4, 3), 1)],
        ),
        (lambda dtype: layers.Bidirectional(layers.GRU(3, dtype=dtype)), [numbers((2, 4, 3), 1)]),
    ],
)
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_placeholders_have_the_dtype_that_numbers_will_have(
    layer: Any, inputs: list, policy: str
) -> None:
    is_pair = isinstance(inputs[0], list)
    arrays = inputs[0] if is_pair else inputs
    placeholders: list = [pylego.KerasTensor(x.shape, str(x.dtype)) for x in arrays]
    made = layer(dtype=policy)
    seen = made(placeholders) if is_pair else made(*placeholders)
    computed = made(*inputs)
    assert seen.dtype == computed.dtype == policy.removeprefix("mixed_")


@pytest.mark.parametrize("layer", [layers.LayerNormalization, layers.GroupNormalization])
def test_what_float16_cannot_hold_is_normalized_before_it_is_rounded(layer: type) -> None:
    settings = {"groups": 2} if layer is layers.GroupNormalization else {}
    y = layer(dtype="mixed_float16", **settings)(ops.full((2, 4, 8), 70000.0))
    assert y.dtype == "float16"
    assert (y.numpy() == 0).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_attention_keeps_the_dtype(dtype: str) -> None:
    x = ops.cast(numbers((2, 4, 1, 3), 1), dtype)
    assert ops.dot_product_attention(x, x, x).dtype == dtype


# ---- policies --------------------------------------------------------------------------------


def test_policies_have_names() -> None:
    policy = dtype_policies.get("mixed_float16")
    assert (policy.compute_dtype, policy.variable_dtype) == ("float16", "float32")
    assert policy == DTypePolicy("mixed_float16") != DTypePolicy("float16")
    assert dtype_policies.get(np.float64).name == "float64"
    assert pylego.DTypePolicy is pylego.FloatDTypePolicy is DTypePolicy
    assert policy.convert_input(np.ones(2), True, "float16").dtype == "float16"
    assert policy.convert_input(np.ones(2), False, "float16").dtype == "float64"
    assert policy.convert_input(np.ones(2, int), True, "float16").dtype == "int64"
    assert policy.convert_input("text", True, "float16") == "text"
    with pytest.raises(ValueError, match="'mixed_float16', 'mixed_bfloat16' or the name"):
        dtype_policies.get("mixed_float8")
    with pytest.raises(TypeError, match="has a name"):
        DTypePolicy(3)  # type: ignore[arg-type]


def test_the_global_policy() -> None:
    assert config.dtype_policy().name == "float32"
    config.set_dtype_policy("mixed_bfloat16")
    assert DTypePolicy().name == layers.Dense(1).dtype_policy.name == "mixed_bfloat16"
    assert layers.Dense(1, dtype="float32").compute_dtype == "float32"
    with pytest.raises(ValueError, match="A dtype policy is"):
        config.set_dtype_policy("float33")


def test_policies_by_path() -> None:
    policies = DTypePolicyMap("float32", {"a/.*": "bfloat16", "a/b": "mixed_float16"})
    assert [policies[path].name for path in ("a/b", "a/c", "d")] == [
        "mixed_float16",
        "bfloat16",
        "float32",
    ]
    assert policies.name == "map_float32"
    assert (policies.compute_dtype, policies.variable_dtype) == ("float32", "float32")
    with pytest.raises(ValueError, match="delete it first"):
        policies["a/b"] = "float16"
    policies["a/c.*"] = "float16"
    with pytest.raises(ValueError, match="fits several keys"):
        policies["a/c"]
    del policies["a/c.*"]
    assert sorted(policies) == ["a/.*", "a/b"]
    again = dtype_policies.deserialize(dtype_policies.serialize(policies))
    assert again == policies
    layer = layers.Dense(1, dtype=DTypePolicyMap("float32", {"mine": "mixed_float16"}), name="mine")
    layer.build((None, 2))
    assert layer.compute_dtype == "float16"
    with pytest.raises(TypeError, match="policy_map"):
        DTypePolicyMap("float32", ["a"])  # type: ignore[arg-type]


def test_descriptions_are_keras_s() -> None:
    policy, by_path, layer = GOLDEN["described"]
    assert dtype_policies.serialize(DTypePolicy("mixed_float16")) == policy
    assert dtype_policies.serialize(dtype_policies.deserialize(by_path)) == by_path
    made = saving.deserialize_keras_object(layer)
    assert made.dtype_policy.name == "mixed_bfloat16"
    assert made.get_config()["dtype"] == layer["config"]["dtype"]


# ---- files of Keras --------------------------------------------------------------------------


@pytest.mark.parametrize("facts", GOLDEN["files"], ids=lambda facts: facts["policy"])
def test_files_of_keras_open(facts: dict[str, Any], tmp_path: Path) -> None:
    paths = {}
    for ending in ("keras", "weights.h5"):
        paths[ending] = tmp_path / f"model.{ending}"
        paths[ending].write_bytes(zlib.decompress(base64.b64decode(facts[ending])))
    whole = saving.load_model(paths["keras"])
    weights = models.Sequential([layers.Input((3,)), layers.Dense(2, dtype=facts["policy"])])
    weights.load_weights(paths["weights.h5"])
    for model in (whole, weights):
        assert model.layers[0].dtype_policy.name == facts["policy"]
        predicted = np.asarray(model.predict(numbers((2, 3), 1), verbose=0), "float32")
        tolerance = TOLERANCES["bfloat16" if "bfloat16" in facts["policy"] else "float16"]
        np.testing.assert_allclose(predicted, facts["predicted"], rtol=tolerance, atol=tolerance)
        assert whole.weights[0].numpy().tobytes() == model.weights[0].numpy().tobytes()


# ---- the scale of the loss -------------------------------------------------------------------


def test_compile_scales_the_loss_of_float16_alone(tmp_path: Path) -> None:
    for policy, scale, kind in (
        ("mixed_float16", True, "LossScaleOptimizer"),
        ("mixed_float16", False, "SGD"),
        ("mixed_bfloat16", True, "SGD"),
        ("float16", True, "SGD"),
    ):
        model = model_of("dense", policy)
        model.compile("sgd", "mse", auto_scale_loss=scale)
        assert type(model.optimizer).__name__ == kind
    model = model_of("dense", "mixed_float16")
    own = optimizers.LossScaleOptimizer(optimizers.Adam(), initial_scale=8.0)
    model.compile(own, "mse")
    assert model.optimizer is own
    model.compile("adam", "mse")
    model.fit(numbers((8, 4), 1), numbers((8, 1), 2), verbose=0)
    model.save(tmp_path / "model.keras")
    again = saving.load_model(tmp_path / "model.keras")
    assert type(again.optimizer).__name__ == "LossScaleOptimizer"
    assert again.optimizer.iterations.item() == model.optimizer.iterations.item()
    assert again.layers[0].compute_dtype == "float16"


def test_the_model_is_copied_with_its_policy() -> None:
    model = model_of("dense", "mixed_float16")
    for made in (
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        models.clone_model(model),
    ):
        assert made.layers[0].dtype_policy.name == "mixed_float16"
        assert made(numbers((2, 4), 1)).dtype == "float32"
    v = copy.copy(Variable([1.0], autocast=False))
    assert not v.autocast


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_a_floatx_of_16_bits_is_that_of_weights_and_training(name: str) -> None:
    pylego.utils.set_random_seed(1)
    config.set_floatx(name)
    try:
        model = models.Sequential([
            layers.Input((8,)), layers.Dense(16, "relu"), layers.BatchNormalization(),
            layers.Dropout(0.1), layers.Dense(2, "softmax"),
        ])  # fmt: skip
        optimizer = optimizers.SGD(0.1, momentum=0.9)  # of Adam's beta_2 little is left
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        x = np.random.default_rng(0).normal(size=(64, 8))
        labels = (x[:, 0] > 0).astype(int)
        history = model.fit(x, labels, epochs=20, verbose=0, class_weight={0: 1.0, 1: 1.5})
        assert history.history["loss"][-1] < 0.7 * history.history["loss"][0]
        assert {weight.dtype for weight in model.weights} == {name}
        assert read("x", x).dtype == ("float16" if name == "float16" else "float32")
        assert model(x[:2].tolist()).dtype == ops.zeros(2).dtype == ops.ones(2).dtype == name
        assert {v.dtype for v in model.optimizer.variables[1:]} == {name}
    finally:
        config.set_floatx("float32")
