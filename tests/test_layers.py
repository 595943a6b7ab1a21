"""Layers give Keras's numbers, shapes, names and configurations; layers of one's own do as well."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego import constraints, dtype_policies, initializers, layers, names, ops, random
from pylego.autograd import GradientTape
from pylego.core.variable import Variable
from pylego.metrics import Mean

GOLDEN = load("layers")
AREAS = [
    GOLDEN,
    load("shapes_and_noise"),
    load("convolution_layers"),
    load("pooling_layers"),
]
CASES = {label: case for area in AREAS for label, case in area["cases"].items()}
CONFIGS = {label: config for area in AREAS for label, config in area["configs"].items()}


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def made(case: dict[str, Any]) -> layers.Layer:
    layer = getattr(layers, case["class"])(**case["arguments"])
    layer(np.array(case["input"], np.float32))
    layer.set_weights([np.array(weight, np.float32) for weight in case["weights"]])
    return layer


def as_json(value: Any) -> Any:
    return [as_json(one) for one in value] if isinstance(value, (list, tuple)) else value


# ---- real Keras -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_output_and_losses(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    output = layer(np.array(case["input"], np.float32))
    assert output.shape == np.shape(case["output"])
    assert output.dtype == case["dtype"]
    expect_close(output, case["output"], rtol=1e-5)
    expect_close([loss.item() for loss in layer.losses], case["losses"], rtol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_weights(name: str) -> None:
    case = CASES[name]
    layer = made(case)
    assert [weight.name for weight in layer.weights] == case["weight_names"]
    assert [weight.path for weight in layer.weights] == case["weight_paths"]
    assert len(layer.trainable_weights) == case["trainable_weights"]
    assert layer.count_params() == case["count_params"]
    for ours, golden in zip(layer.get_weights(), case["weights"]):
        expect_close(ours, golden)


@pytest.mark.parametrize("name", CASES)
def test_config_comes_round(name: str) -> None:
    layer = made(CASES[name])
    config = layer.get_config()
    again = type(layer).from_config(config)
    assert again.get_config() == config
    golden = CONFIGS.get(name, {})
    assert set(golden) - {"quantization_config"} <= set(config) | {"dtype"}
    plain = {key: value for key, value in golden.items() if not isinstance(value, dict)}
    plain.pop("quantization_config", None)
    plain.pop("dtype", None)  # the policy of it, which is compared in test_configs.py
    assert {key: as_json(config[key]) for key in plain} == plain


@pytest.mark.parametrize("case", [c for area in AREAS for c in area["output_shapes"]], ids=str)
def test_output_shape_with_free_lengths(case: dict[str, Any]) -> None:
    layer = getattr(layers, case["class"])(**case["arguments"])
    assert layer.compute_output_shape(tuple(case["input_shape"])) == tuple(case["output_shape"])


@pytest.mark.parametrize("name", [n for n in CASES if len(np.shape(CASES[n]["input"])) > 1])
def test_output_shape_is_that_of_the_output(name: str) -> None:
    case = CASES[name]
    layer = getattr(layers, case["class"])(**case["arguments"])
    shape = np.shape(case["input"])
    expected = np.shape(case["output"])
    assert layer.compute_output_shape(shape) == expected
    assert layers.Layer.compute_output_shape(layer, (None, *shape[1:])) == (None, *expected[1:])


# ---- layers on their own --------------------------------------------------------------------


def test_dense_takes_lists_integers_and_other_floats() -> None:
    layer = layers.Dense(2, kernel_initializer="ones")
    for x in ([[1, 2, 3]], [[1.0, 2.0, 3.0]], np.array([[1, 2, 3]]), np.float64([[1, 2, 3]])):
        output = layer(x)
        assert output.dtype == "float32"
        assert output.numpy().tolist() == [[6.0, 6.0]]
    assert layer(np.zeros((0, 3))).shape == (0, 2)


def test_dense_in_float64() -> None:
    layer = layers.Dense(2, dtype="float64")
    assert layer(np.ones((1, 3), np.float32)).dtype == "float64"
    assert layer.kernel.dtype == layer.compute_dtype == layer.variable_dtype == "float64"


def test_autocast_can_be_switched_off() -> None:
    assert layers.Flatten(autocast=False)(np.ones((2, 2))).dtype == "float64"
    assert layers.Flatten()(np.ones((2, 2))).dtype == "float32"
    assert layers.Flatten()(np.ones((2, 2), np.int32)).dtype == "int32"


def test_dense_hands_its_constraints_to_the_weights() -> None:
    layer = layers.Dense(2, kernel_constraint="non_neg", bias_constraint="max_norm")
    layer.build((None, 3))
    assert isinstance(layer.kernel.constraint, constraints.NonNeg)
    assert isinstance(layer.bias.constraint, constraints.MaxNorm)


def test_gradients_of_dense() -> None:
    layer = layers.Dense(2, activation="relu")
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    layer.build((None, 3))
    with GradientTape() as tape:
        loss = ops.sum(layer(x))
    kernel, bias = tape.gradient(loss, layer.trainable_weights)
    lit = (x @ layer.kernel.numpy() + layer.bias.numpy() > 0).astype(np.float32)
    expect_close(kernel, x.T @ lit, rtol=1e-4)
    expect_close(bias, lit.sum(axis=0))


def test_dropout_drops_while_training_only() -> None:
    layer = layers.Dropout(0.25, seed=3)
    x = np.ones((100, 100), np.float32)
    assert (layer(x).numpy() == x).all()
    assert (layer(x, training=False).numpy() == x).all()
    first, second = layer(x, training=True).numpy(), layer(x, training=True).numpy()
    assert set(np.unique(first)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((first == 0).mean() - 0.25) < 0.02
    assert (first != second).any()
    assert (layers.Dropout(0.25, seed=3)(x, training=True).numpy() == first).all()


def test_dropout_shares_its_choice_along_noise_shape() -> None:
    x = np.ones((6, 8), np.float32)
    rows = layers.Dropout(0.5, noise_shape=(None, 1), seed=1)(x, training=True).numpy()
    assert all(len(set(row)) == 1 for row in rows.tolist())


def test_dropout_state_is_no_weight() -> None:
    layer = layers.Dropout(0.5)
    assert layer.weights == layer.get_weights() == layer.trainable_variables == []
    assert [v.name for v in layer.variables] == ["seed_generator_state"]
    assert len(layer.non_trainable_variables) == 1
    assert not layers.Dropout(1)(np.ones((2, 2)), training=True).numpy().any()


def test_reshape_of_no_samples() -> None:
    assert layers.Reshape((2, -1))(np.ones((0, 6))).shape == (0, 2, 3)
    assert layers.Flatten()(np.ones((0, 2, 3))).shape == (0, 6)


def test_input() -> None:
    for text, golden in GOLDEN["input_layers"].items():
        if text.startswith("shape=(4, 2)"):
            layer = layers.InputLayer((4, 2), batch_size=3, dtype="int32", name="first")
            assert layer.batch_shape == tuple(golden["batch_shape"])
            assert layer.get_config().items() <= {**golden, "batch_shape": (3, 4, 2)}.items()
    placeholder = layers.Input((5,), name="five")
    assert (placeholder.shape, placeholder.dtype) == ((None, 5), "float32")
    assert placeholder.node.operation.name == "five"
    assert layers.Input(batch_shape=(2, 5)).shape == (2, 5)
    assert layers.Input(()).shape == (None,)
    assert layers.Dense(2)(placeholder).shape == (None, 2)


# ---- a placeholder --------------------------------------------------------------------------

REFUSED: dict[str, Callable] = {
    "np.exp": np.exp,
    "np.hypot": lambda x: np.hypot(1.0, x),
    "np.maximum": lambda x: np.maximum.reduce(x),
    "np.sum": np.sum,
    "np.concatenate": lambda x: np.concatenate([x, x]),
    "np.norm": np.linalg.norm,
    "an array": np.array,
    r"float\(\)": float,
    r"int\(\)": int,
    r"bool\(\)": bool,
    r"len\(\)": len,
    "a loop": list,
    "`in`": lambda x: 1.0 in x,
}  # fmt: skip


@pytest.mark.parametrize("word", REFUSED)
def test_a_placeholder_has_no_numbers_to_compute_with(word: str) -> None:
    with pytest.raises(TypeError, match=word) as error:
        REFUSED[word](layers.Input((3,)))
    assert re.search(r"KerasTensor shape=\(None, 3\).* has no numbers for", str(error.value))


def test_a_refusal_names_the_function_to_use() -> None:
    with pytest.raises(TypeError, match=r"use ops\.exp"):
        np.exp(layers.Input((3,)))
    with pytest.raises(TypeError, match="compute with the functions of ops"):
        np.spacing(layers.Input((3,)))


def test_a_placeholder_is_what_it_was_where_no_number_is_needed() -> None:
    placeholder = layers.Input((3,))
    assert np.shape(placeholder) == (None, 3)
    assert np.ndim(placeholder) == 2
    assert placeholder in [placeholder]
    assert len({placeholder, placeholder}) == 1
    assert copy.deepcopy(placeholder).shape == (None, 3)


# ---- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Dense(0), "units=0"),
        (lambda: layers.Dense(3, "rellu"), "Did you mean 'relu'"),
        (lambda: layers.Dense(3, kernel_initializer="glorot"), "Did you mean 'glorot_"),
        (lambda: layers.Dropout(1.5), "rate=1.5"),
        (lambda: layers.Dropout("a"), "rate='a'"),
        (lambda: layers.Flatten("last"), "'last'"),
        (lambda: layers.Reshape((-1, -1)), r"\(-1, -1\)"),
        (lambda: layers.Reshape((3, 3))(np.ones((2, 4))), r"\(4,\), 4 numbers.*\(3, 3\)"),
        (lambda: layers.Reshape((3, -1))(np.ones((2, 4))), r"\(4,\), 4 numbers.*\(3, -1\)"),
        (lambda: layers.Input(), "needs the shape of one sample"),
        (lambda: layers.Input(3), r"Input\(shape=\(3,\)\)"),
        (lambda: layers.Input((3,), batch_shape=(2, 3)), "not both"),
        (lambda: layers.Input(batch_size=2, batch_shape=(2, 3)), "not both"),
        (lambda: layers.Input((-1,)), "-1"),
        (lambda: layers.Dense(2).build((None, None)), "length of its input is not known"),
        (lambda: layers.Dense(2).count_params(), "does not know its input's shape"),
    ],
)
def test_wrong_values(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("units", ["3", 3.0, True, None])
def test_units_are_a_whole_number(units: Any) -> None:
    with pytest.raises(TypeError, match="Dense: units must be a whole number"):
        layers.Dense(units)


def test_numpy_counts_are_accepted() -> None:
    assert layers.Dense(np.int64(3), input_shape=(np.int64(4),)).units == 3


def test_unknown_arguments() -> None:
    with pytest.raises(TypeError, match=r"Dense got an unknown .*'kernel_regulariser'. Did "):
        layers.Dense(2, kernel_regulariser="l2")
    with pytest.raises(
        TypeError, match=r"Dense got an unknown argument 'nam'. Did you mean 'name'"
    ):
        layers.Dense(2, nam="a")


def test_inputs_that_do_not_fit() -> None:
    layer = layers.Dense(2, name="head")
    with pytest.raises(ValueError, match=r"'head' expects inputs with at least 2 axes.*\(4,\)"):
        layer(np.ones(4))
    layer(np.ones((1, 4)))
    with pytest.raises(ValueError, match=r"'head' expects inputs with 4 numbers along axis -1.*5"):
        layer(np.ones((2, 5)))


@pytest.mark.parametrize(
    ("shape", "received", "advice"),
    [
        ((None, 60000, 28, 28), (32, 28, 28), r"leave it out: input_shape=\(28, 28\)"),
        ((None, 28, 28), (28, 28), r"x.reshape\(1, 28, 28\)"),
        ((None, 28, 28, 1), (32, 784), r"x.reshape\(-1, 28, 28, 1\) makes samples of its numbers"),
        ((None, 28, 28, 1), (28, 28), r"x.reshape\(-1, 28, 28, 1\)"),
        ((None, 3), (5, 4), "3 numbers along axis 1"),
        ((None, 3), (5, 4, 3), r"of shape \(None, 3\) with 2 axes"),
    ],
)
def test_input_spec_gives_advice(shape: Any, received: Any, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        layers.InputSpec(shape=shape).check("net", received)
    layers.InputSpec(shape=shape).check("net", shape)


def test_input_spec_of_other_kinds() -> None:
    spec = layers.InputSpec(dtype="int32", max_ndim=2, axes={1: 3})
    spec.check("net", (2, 3), "int32")
    for shape, dtype in (((1, 2, 3), "int32"), ((2, 4), "int32"), ((2, 3), "float32")):
        with pytest.raises(ValueError, match="Layer 'net' expects"):
            spec.check("net", shape, dtype)
    with pytest.raises(ValueError, match="an axis 1"):
        spec.check("net", (2,))
    assert repr(spec) == "InputSpec(dtype=int32, max_ndim=2, axes={1: 3})"


def test_set_weights_says_what_does_not_fit_and_changes_nothing() -> None:
    layer = layers.Dense(2)
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"2 weights \(dense/kernel \(3, 2\), .* received 1 array"):
        layer.set_weights([np.ones((3, 2))])
    with pytest.raises(ValueError, match=r"'dense/bias' .* shape \(2,\), .* shape \(3,\)"):
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    assert all((a == b).all() for a, b in zip(layer.get_weights(), before))
    with pytest.raises(ValueError, match="not built: call it on data first"):
        layers.Dense(2).set_weights([1, 2])


def test_weights_before_the_build() -> None:
    layer = layers.Dense(2)
    assert layer.weights == layer.get_weights() == []
    with pytest.raises(AttributeError, match=r"'kernel'.*built"):
        _ = layer.kernel
    layer.build((None, 3))
    with pytest.raises(AttributeError, match=r"'kernal'. Did you mean 'kernel'\?"):
        _ = layer.kernal


def test_a_property_may_say_itself_what_is_missing() -> None:
    class Shy(layers.Layer):
        @property
        def answer(self) -> int:
            raise AttributeError("ask later")

    with pytest.raises(AttributeError, match=r"^ask later$"):
        _ = Shy().answer


# ---- old tutorials --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({"input_dim": 8}, (None, 8)),
        ({"input_shape": (28, 28)}, (None, 28, 28)),
        ({"input_shape": [8]}, (None, 8)),
        ({"input_shape": 8}, (None, 8)),
        ({"input_shape": ()}, (None,)),
        ({"input_shape": (8,), "batch_size": 4}, (4, 8)),
        ({"batch_input_shape": (4, 8)}, (4, 8)),
        ({}, None),
    ],
)
def test_ways_to_say_the_input_shape(arguments: dict, shape: Any) -> None:
    assert layers.Dense(2, **arguments).batch_input_shape == shape


def test_first_weights() -> None:
    layer = layers.Dense(2, weights=[np.ones((3, 2)), np.array([1, 2])])
    assert layer([[1.0, 1.0, 1.0]]).numpy().tolist() == [[4.0, 5.0]]


# ---- layers of one's own --------------------------------------------------------------------


class Block(layers.Layer):
    """Two layers in a list, a dictionary, weights of its own, a constant from __init__."""

    def __init__(self, units: int = 3, **kwargs: Any):
        super().__init__(**kwargs)
        self.hidden = layers.Dense(units)
        self.parts = [layers.Dropout(0.5), {"last": layers.Dense(1)}]
        self.offset = Variable(np.zeros(1), name="offset")

    def build(self, input_shape: Any) -> None:
        self.counter = self.add_weight(name="counter", trainable=False, initializer="zeros")
        self.scale = self.add_weight(shape=(1,), name="scale", initializer="ones")

    def call(self, x: Any) -> Any:
        x = self.parts[0](self.hidden(x))
        return self.parts[1]["last"](x) * self.scale + self.offset


def test_composite_layers_own_what_they_hold() -> None:
    block = Block()
    assert block(np.ones((2, 4))).shape == (2, 1)
    assert [w.path for w in block.weights] == [
        "offset",
        "block/scale",
        "block/counter",
        "block/dense/kernel",
        "block/dense/bias",
        "block/dense_1/kernel",
        "block/dense_1/bias",
    ]
    assert [w.path for w in block.non_trainable_weights] == ["block/counter"]
    assert len(block.trainable_weights) == len(block.trainable_variables) == 6
    assert [v.name for v in block.non_trainable_variables] == ["counter", "seed_generator_state"]
    assert block.count_params() == 1 + 1 + 1 + 15 + 4


def test_lists_may_grow_and_attributes_may_go() -> None:
    block = Block()
    block(np.ones((2, 4)))
    block.parts.append(layers.Dense(7))
    block.parts[-1].build((None, 1))
    assert len(block.weights) == 9
    del block.parts, block.hidden
    assert [w.name for w in block.weights] == ["offset", "scale", "counter"]


def test_order_of_weights_is_that_of_assignment() -> None:
    class Late(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.first = None
            self.second = self.add_weight(name="second")
            self.first = self.add_weight(name="first")
            self.add_weight(name="nameless")

        def call(self, x: Any) -> Any:
            return x

    assert [w.path for w in Late().weights] == ["late/second", "late/first", "late/nameless"]


def test_shared_and_circular_layers_count_once() -> None:
    outer, inner = Block(), layers.Dense(2)
    outer.again, outer.twice = inner, [inner, inner]
    inner.parent = outer
    inner.build((None, 2))
    assert sum(w is inner.kernel for w in outer.weights) == 1


def test_freezing() -> None:
    block = Block()
    block(np.ones((2, 4)))
    order = [w.path for w in block.weights]
    block.trainable = False
    assert block.trainable_weights == block.trainable_variables == []
    assert not any(w.trainable for w in block.weights)
    assert not block.hidden.trainable
    assert [w.path for w in block.weights] == order
    block.parts[1]["last"].trainable = True
    assert block.parts[1]["last"].kernel.trainable
    assert block.trainable_weights == []
    block.trainable = True
    assert [w.path for w in block.weights if not w.trainable] == ["block/counter"]
    block.hidden.trainable = False
    assert len(block.trainable_weights) == 4
    assert len(block.non_trainable_weights) == 3


def test_thawing_a_layer_leaves_what_was_frozen_by_hand() -> None:
    block = Block()
    block(np.ones((2, 4)))
    block.trainable = False
    block.trainable = True
    block.scale.trainable = False
    block.trainable = True
    assert not block.scale.trainable


def test_frozen_before_the_build() -> None:
    layer = layers.Dense(2, trainable=False)
    x = np.ones((1, 3), np.float32)
    layer(x)
    with GradientTape() as tape:
        loss = ops.sum(layer(x))
    assert tape.gradient(loss, layer.weights) == [None, None]
    layer.trainable = True
    assert len(layer.trainable_weights) == 2


class Recorder(layers.Layer):
    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.seen: Any = "nothing"

    def call(self, x: Any, training: Any = None) -> Any:
        self.seen = training
        return x


class Around(layers.Layer):
    def __init__(self, inner: Any):
        super().__init__()
        self.inner = inner

    def call(self, x: Any) -> Any:
        return self.inner(x)


def test_training_reaches_inner_layers() -> None:
    recorder = Recorder()
    net = Around(Around(recorder))
    for training in (True, False, None):
        net(np.ones(1), training=training)
        assert recorder.seen is training
    recorder(np.ones(1), True)
    assert recorder.seen is True
    recorder(x=np.ones(1), training=True)
    assert recorder.seen is True
    recorder(np.ones(1))
    assert recorder.seen is None


def test_training_of_a_layer_overrules_that_around_it() -> None:
    class Fixed(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.frozen, self.free = Recorder(), Recorder()

        def call(self, x: Any) -> Any:
            return self.free(self.frozen(x, training=False))

    net = Fixed()
    net(np.ones(1), training=True)
    assert (net.frozen.seen, net.free.seen) == (False, True)


def test_training_is_forgotten_after_an_error() -> None:
    class Failing(layers.Layer):
        def call(self, x: Any) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Failing()(np.ones(1), training=True)
    recorder = Recorder()
    recorder(np.ones(1))
    assert recorder.seen is None


def test_paths_nest() -> None:
    net = Around(Block(name="inside"))
    net(np.ones((2, 4)))
    assert net.weights[-1].path == "around/inside/dense_1/bias"
    assert net.inner.hidden.path == "around/inside/dense"


def test_losses_are_those_of_the_last_call() -> None:
    class Lossy(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2, kernel_regularizer="l2", activity_regularizer="l1")

        def call(self, x: Any) -> Any:
            self.add_loss([ops.sum(x), 2.0])
            return self.dense(x)

    net = Lossy()
    for _ in range(3):
        y = net(np.ones((4, 3)))
    added, constant, activity, penalty = (loss.item() for loss in net.losses)
    assert (added, constant) == (12.0, 2.0)
    assert activity == pytest.approx(0.01 * np.abs(y.numpy()).sum() / 4, rel=1e-5)
    assert penalty == pytest.approx(0.01 * (net.dense.kernel.numpy() ** 2).sum(), rel=1e-5)
    net.dense.trainable = False
    assert len(net.losses) == 3


def test_losses_of_a_layer_that_is_called_twice_add_up() -> None:
    class Twice(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.tanh = layers.Activation("tanh", activity_regularizer="l1")

        def call(self, x: Any) -> Any:
            return self.tanh(self.tanh(x))

    net = Twice()
    net(np.ones((1, 2)))
    assert len(net.losses) == 2


def test_losses_of_an_earlier_call_are_forgotten() -> None:
    class Switch(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.tanh = layers.Activation("tanh", activity_regularizer="l1")

        def call(self, x: Any, training: Any = None) -> Any:
            return self.tanh(x) if training else x

    net = Switch()
    net(np.ones((1, 2)), training=True)
    assert len(net.losses) == 1
    net(np.ones((1, 2)))
    assert net.losses == []


def test_build_may_call_that_of_the_base_at_any_time() -> None:
    class Early(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.dense = layers.Dense(2)

        def build(self, input_shape: Any) -> None:
            super().build(input_shape)
            was_built = self.built
            self.scale = self.add_weight(initializer="ones", name="scale")
            assert not was_built

        def call(self, x: Any) -> Any:
            return self.dense(x) * self.scale

    layer = Early()
    assert layer(np.ones((1, 3))).shape == (1, 2)
    assert [w.path for w in layer.weights][:2] == ["early/scale", "early/dense/kernel"]


def test_build_of_a_composite_builds_what_is_inside() -> None:
    class Two(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = layers.Dense(3), layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.b(self.a(x))

    net = Two()
    net.build((None, 5))
    assert net.built
    assert [w.shape for w in net.weights] == [(5, 3), (3,), (3, 2), (2,)]
    assert net.weights[0].path == "two/dense/kernel"
    assert net.compute_output_shape((None, 5)) == (None, 2)
    assert Two().compute_output_shape((None, None, 5)) == (None, None, 2)


def test_several_inputs_and_outputs() -> None:
    class Mix(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.shapes = input_shape

        def call(self, inputs: Any, scale: float = 1.0, extra: Any = None) -> Any:
            a, b = inputs
            return {"sum": (a + b) * scale, "extra": extra}

    layer = Mix()
    outputs = layer([np.ones((2, 3)), [[1.0, 2.0, 3.0]] * 2], scale=2.0, extra=np.ones(2))
    assert layer.shapes == [(2, 3), (2, 3)]
    assert outputs["sum"].numpy().tolist() == [[4.0, 6.0, 8.0]] * 2
    assert outputs["extra"].dtype == "float32"
    shapes = layers.Layer.compute_output_shape(Sum(), [(None, 3), (None, 3)])
    assert shapes == (None, 3)


class Sum(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs[0] + inputs[1]


def test_metrics_are_no_weights() -> None:
    block = Block()
    block.parts.append(Mean())
    assert block.metrics == block.parts[-1:]
    assert block.metrics_variables == block.parts[-1].variables
    assert not {id(v) for v in block.metrics_variables} & {id(v) for v in block.variables}


def test_seed_generators_are_state() -> None:
    class Noisy(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.generator = random.SeedGenerator(1)

        def call(self, x: Any) -> Any:
            return x + random.normal(x.shape, seed=self.generator)

    layer = Noisy()
    assert layer.variables == [layer.generator.state]
    assert layer.weights == []
    assert (layer(np.zeros(3)).numpy() != layer(np.zeros(3)).numpy()).all()


def test_config_of_a_layer_without_get_config() -> None:
    block = Block(5, name="mine", trainable=False)
    assert block.get_config() == {
        "name": "mine", "trainable": False, "units": 5,
        "dtype": dtype_policies.serialize(block.dtype_policy),
    }  # fmt: skip
    assert Block.from_config(block.get_config()).hidden.units == 5


def test_config_of_a_layer_that_takes_little() -> None:
    class Plain(layers.Layer):
        def __init__(self, size: Any, start: Any = None, sizes: Any = ()):
            super().__init__()

    layer = Plain(np.int64(3), start=initializers.Constant(2.0), sizes=[1, (2, {"a": 3})])
    config = layer.get_config()
    assert config == {
        "size": 3,
        "start": initializers.serialize(initializers.Constant(2.0)),
        "sizes": [1, (2, {"a": 3})],
    }
    assert Plain.from_config(config).get_config()["start"] == config["start"]
    inner = Plain(layers.Dense(1, name="inner")).get_config()["size"]
    assert inner["class_name"] == "Dense"
    assert inner["config"]["name"] == "inner"
    with pytest.raises(NotImplementedError, match=r"size=<object .*define get_config\(self\)"):
        Plain(object()).get_config()


def test_config_of_a_subclass_keeps_both_arguments() -> None:
    class Scaled(layers.Dense):
        def __init__(self, *args: Any, factor: float = 1.0, **kwargs: Any):
            super().__init__(*args, **kwargs)
            self.factor = factor

    layer = Scaled(3, activation="relu", factor=0.5)
    again = Scaled.from_config(layer.get_config())
    assert (again.factor, again.units, again.activation) == (0.5, 3, layer.activation)


def test_mistakes_in_layers_of_one_s_own() -> None:
    class Forgetful(layers.Layer):
        def __init__(self) -> None:
            self.units = 3

    class Empty(layers.Layer):
        pass

    with pytest.raises(RuntimeError, match=r"Forgetful.__init__\(\) has to begin with super"):
        Forgetful()(np.ones(1))
    with pytest.raises(NotImplementedError, match="define call"):
        Empty()(np.ones(1))


def test_names_count() -> None:
    assert [layers.Dense(1).name for _ in range(3)] == ["dense", "dense_1", "dense_2"]
    layer = layers.Dense(1, name="mine")
    assert repr(layer) == "<Dense name=mine, built=False>"


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_an_activation_that_is_taken_away(data_format: str) -> None:
    """As Grad-CAM does: model.layers[-1].activation = None."""
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 6)).astype("float32")
    for make in (
        lambda activation: layers.Conv2D(2, 3, activation=activation, data_format=data_format),
        lambda activation: layers.Dense(3, activation=activation),
    ):
        layer = make("softmax")
        layer(x)
        layer.activation = None
        plain = make(None)
        plain.build(x.shape)
        plain.set_weights(layer.get_weights())
        np.testing.assert_array_equal(layer(x), plain(x))
        assert layer.get_config()["activation"] == "linear"


@pytest.mark.parametrize("layer", [layers.MaxPooling2D(), layers.Dropout(0.5), layers.ReLU()])
def test_what_has_no_weights_is_built_by_a_placeholder(layer: layers.Layer) -> None:
    layer(layers.Input((4, 4, 2)))
    assert layer.built


def test_masks_that_do_not_fit_probabilities_are_refused() -> None:
    x = np.array([[1.0, 2.0, 1.0]])
    assert layers.Softmax()(x, mask=np.array([1.0, 0.0, 1.0])).numpy()[0, 1] == 0
    for mask in (np.ones((2, 3)), np.ones((1, 1, 3)), np.ones(2)):
        with pytest.raises(ValueError, match="cannot be broadcast to inputs of shape"):
            layers.Softmax()(x, mask=mask)


def test_lengths_below_what_is_left_are_refused() -> None:
    with pytest.raises(ValueError, match=r"target_shape=\(-2, 5\)"):
        layers.Reshape((-2, 5))
