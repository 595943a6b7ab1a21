"""Graphs of layers and ops: what is a node, how a graph is ordered, and that it computes what the
same calls compute on tensors."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import layers, ops
from pylego.graph import Function, KerasTensor, Node
from pylego.layers import Dense, Input
from pylego.models import Model, Sequential
from pylego.utils import set_random_seed

X = np.linspace(-1.0, 1.0, 24, dtype=np.float32).reshape(3, 8)

# Each is called on a placeholder of shape (None, 8), and on a tensor.
CALLS: dict[str, Callable] = {
    "x + 1": lambda x: x + 1,
    "1 - x": lambda x: 1 - x,
    "x * x / 2": lambda x: x * x / 2,
    "x @ ones": lambda x: x @ ops.ones((8, 2)),
    "tensor + x": lambda x: ops.ones(8) + x,
    "array * x": lambda x: np.full(8, 2.0, np.float32) * x,
    "-abs(x) ** 2": lambda x: -(abs(x) ** 2),
    "x > 0": lambda x: x > 0,
    "x[:, 2:5]": lambda x: x[:, 2:5],
    "x[..., -1]": lambda x: x[..., -1],
    "x[:, None]": lambda x: x[:, None],
    "reshape": lambda x: ops.reshape(x, (-1, 2, 4)),
    "x.reshape": lambda x: x.reshape(-1, 2, 4),
    "transpose": lambda x: ops.transpose(ops.expand_dims(x, 1), (0, 2, 1)),
    "split": lambda x: ops.split(x, 2, axis=-1)[1],
    "concatenate": lambda x: ops.concatenate([x, x[:, :3]], axis=-1),
    "stack": lambda x: ops.stack([x, x], axis=1),
    "where": lambda x: ops.where(x > 0, x, 0.0),
    "mean": lambda x: ops.mean(x, axis=-1, keepdims=True),
    "softmax": lambda x: ops.softmax(x),
    "nn.relu": lambda x: ops.nn.relu(x),
    "cast": lambda x: ops.cast(x, "float64"),
    "convert_to_tensor": lambda x: ops.convert_to_tensor(x),
    "shape": lambda x: ops.reshape(x, (-1, ops.shape(x)[1] // 2)),
    "repeat": lambda x: ops.repeat(x, 2, axis=1),
}


@pytest.mark.parametrize("name", CALLS)
def test_ops_on_placeholders_are_what_they_are_on_tensors(name: str) -> None:
    x = Input((8,))
    y = CALLS[name](x)
    expected = CALLS[name](ops.convert_to_tensor(X))
    assert isinstance(y, KerasTensor)
    assert y.shape == (None, *expected.shape[1:])
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(Function(x, y)(X).numpy(), expected.numpy())


def test_activations_are_taken_too() -> None:
    from pylego import activations

    x = Input((8,))
    for name in ("relu", "gelu", "softmax", "linear", "tanh"):
        y = activations.get(name)(x)
        expected = activations.get(name)(ops.convert_to_tensor(X))
        np.testing.assert_array_equal(Model(x, y)(X).numpy(), expected.numpy())


def test_a_call_is_a_node() -> None:
    x = Input((8,), name="x")
    layer = Dense(3)
    y = layer(x)
    (node,) = layer._inbound_nodes
    assert isinstance(node, Node)
    assert node.inputs == [x]
    assert node.outputs[0] is y is layer.output
    assert layer.input is x
    assert y._keras_history == (layer, 0, 0)
    assert [parent.operation.name for parent in node.parents] == ["x"]
    z = layer(x)
    assert z._keras_history.node_index == 1
    assert layer.output is y  # of the first call


def test_a_layer_that_was_not_called_has_no_output() -> None:
    layer = Dense(3)
    layer(X)
    with pytest.raises(AttributeError, match="no output yet"):
        layer.output  # noqa: B018
    assert not hasattr(layer, "input")


def test_layers_come_in_the_order_of_keras() -> None:
    # Keras 3.15 lists the layers of this graph so.
    x = Input((8,), name="x")
    short = Dense(3, name="short")(x)
    long = Dense(3, name="long2")(Dense(3, name="long1")(x))
    other = Input((3,), name="other")
    y = layers.Dense(1, name="top")(short + long * other)
    model = Model([x, other], y)
    assert [layer.name for layer in model.layers] == [
        "x", "long1", "long2", "other", "short", "top",
    ]  # fmt: skip
    assert [w.path for w in model.weights][:2] == ["long1/kernel", "long1/bias"]
    assert all(isinstance(o, pylego.Operation) for o in model.operations)
    assert len(model.operations) == 8


def test_structures_go_in_and_come_out() -> None:
    a, b = Input((8,), name="a"), Input((8,), name="b")
    total = layers.Dense(2)(a) + b[:, :2]
    model = Model({"a": a, "b": b}, {"sum": total, "parts": [a * 2, (b,)]})
    found = model({"b": X, "a": X + 1})
    np.testing.assert_array_equal(found["parts"][0].numpy(), (X + 1) * 2)
    np.testing.assert_array_equal(found["parts"][1][0].numpy(), X)
    assert found["sum"].shape == (3, 2)
    by_list = Model([a, b], total)
    same = by_list({"a": X + 1, "b": X}).numpy()  # by name
    np.testing.assert_array_equal(same, by_list([X + 1, X]).numpy())
    np.testing.assert_array_equal(same, found["sum"].numpy())
    with pytest.raises(ValueError, match=r"2 inputs: 'a', 'b'.*Received: 1"):
        by_list(X)
    with pytest.raises(ValueError, match="nothing for 'b'"):
        by_list({"a": X})


def test_a_shared_layer_has_one_set_of_weights() -> None:
    shared = Dense(4, use_bias=False)
    a, b = Input((8,)), Input((8,))
    model = Model([a, b], shared(a) - shared(b))
    assert len(model.weights) == 1
    np.testing.assert_array_equal(model([X, X]).numpy(), np.zeros((3, 4)))
    model.compile("sgd", "mse")
    before = shared.get_weights()[0]
    model.fit([X, -X], np.ones((3, 4)), epochs=1, verbose=0)
    assert (shared.get_weights()[0] != before).any()


def residual(x: KerasTensor) -> KerasTensor:
    y = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    return x + y


def test_a_residual_network_learns_the_same_eagerly_and_recorded() -> None:
    losses = []
    for run_eagerly in (True, False):
        set_random_seed(3)
        x = Input((6, 6, 4))
        y = layers.Dense(2)(layers.GlobalAveragePooling2D()(residual(residual(x))))
        model = Model(x, y)
        model.compile("adam", "mse", run_eagerly=run_eagerly)
        data = np.random.default_rng(0).normal(size=(10, 6, 6, 4)).astype(np.float32)
        history = model.fit(data, data[:, 0, 0, :2], epochs=3, batch_size=4, verbose=0)
        losses.append(history.history["loss"])
    assert losses[0] == losses[1]
    assert losses[0][-1] < losses[0][0]


def test_a_graph_is_the_sequential_of_the_same_layers() -> None:
    set_random_seed(1)
    stack = Sequential([Input((8,)), Dense(5, "relu"), layers.Dropout(0.5), Dense(2)])
    graph = Model(stack.inputs, stack.outputs)
    assert [layer.name for layer in graph.layers[1:]] == [layer.name for layer in stack.layers]
    np.testing.assert_array_equal(graph(X).numpy(), stack(X).numpy())
    np.testing.assert_array_equal(graph.predict(X, verbose=0), stack.predict(X, verbose=0))
    assert graph.weights == stack.weights


def test_features_are_taken_from_inside() -> None:
    model = Sequential([Input((8,)), Dense(5, "relu", name="inner"), Dense(2)])
    features = Model(model.inputs, model.get_layer("inner").output)
    np.testing.assert_array_equal(features(X).numpy(), model.layers[0](X).numpy())
    both = Model(model.input, [layer.output for layer in model.layers])
    assert [y.shape for y in both(X)] == [(3, 5), (3, 2)]


def test_a_model_can_begin_inside_of_another() -> None:
    model = Sequential([Input((8,)), Dense(5, "relu", name="inner"), Dense(2, name="top")])
    top = Model(model.get_layer("inner").output, model.output)
    assert [type(layer).__name__ for layer in top.layers] == ["InputLayer", "Dense"]
    hidden = model.layers[0](X)
    np.testing.assert_array_equal(top(hidden).numpy(), model(X).numpy())


def test_models_are_layers() -> None:
    inner = Model(x := Input((8,)), Dense(3)(x), name="inner")
    stack = Sequential([Dense(4), Dense(8)], name="stack")
    x = Input((8,))
    y = inner(stack(x), training=False)
    model = Model(x, inner(y @ ops.ones((3, 8))))
    assert [layer.name for layer in model.layers[1:]] == ["stack", "inner"]
    assert model.count_params() == inner.count_params() + stack.count_params()
    expected = inner(inner(stack(X)) @ ops.ones((3, 8)))
    np.testing.assert_allclose(model(X).numpy(), expected.numpy(), rtol=1e-6)
    np.testing.assert_allclose(
        Sequential([stack, inner])(X).numpy(), inner(stack(X)).numpy(), rtol=1e-6
    )


def test_training_is_said_in_the_graph() -> None:
    x = Input((8,))
    frozen = Model(x, layers.Dropout(0.5)(x, training=False))
    np.testing.assert_array_equal(frozen(X, training=True).numpy(), X)
    free = Model(x, layers.Dropout(0.5)(x))
    assert (free(X, training=True).numpy() != X).any()
    np.testing.assert_array_equal(free(X).numpy(), X)


def test_a_subclass_may_give_a_graph() -> None:
    class Own(Model):
        def __init__(self) -> None:
            x = Input((8,))
            super().__init__(inputs=x, outputs=Dense(1)(x))

        def train_step(self, data: tuple) -> dict:
            return {**super().train_step(data), "own": ops.ones(())}

    model = Own()
    model.compile("sgd", "mse")
    history = model.fit(X, X[:, :1], epochs=1, verbose=0).history
    assert set(history) == {"loss", "own"}


def test_the_same_layer_twice_in_a_stack() -> None:
    layer = Dense(8, activation="tanh")
    model = Sequential([Input((8,)), layer, layer])
    assert len(model.weights) == 2
    np.testing.assert_allclose(model(X).numpy(), layer(layer(X)).numpy(), rtol=1e-6)
    assert len(Sequential([layer, layer]).layers) == 2


def test_layers_of_several_inputs() -> None:
    class Mix(layers.Layer):
        def build(self, left_shape: tuple, right_shape: tuple) -> None:
            self.w = self.add_weight((left_shape[-1], right_shape[-1]), "ones")

        def call(self, left, right, scale=1.0):  # type: ignore[no-untyped-def]
            return ops.matmul(left, self.w) + right * scale

    a, b = Input((8,)), Input((2,))
    mix = Mix()
    model = Model([a, b], mix(a, right=b, scale=3.0))
    assert model.output_shape == (None, 2)
    right = np.ones((3, 2), np.float32)
    np.testing.assert_allclose(model([X, right]).numpy(), X.sum(1)[:, None] + 3 * right, rtol=1e-5)


def test_copies_have_graphs_of_their_own() -> None:
    x = Input((8,))
    y = x
    for _ in range(1500):  # no recursion along the graph
        y = y + 1e-3
    model = Model(x, layers.Dense(2, name="top")(y))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(twin(X).numpy(), model(X).numpy())
        assert twin.get_layer("top") is not model.get_layer("top")
        assert twin.output is twin.get_layer("top").output
    stack = copy.deepcopy(Sequential([Input((8,)), Dense(2, name="a"), Dense(3)]))
    assert Model(stack.inputs, stack.get_layer("a").output)(X).shape == (3, 2)


def test_what_is_not_connected_is_named() -> None:
    a, b = Input((8,), name="a"), Input((8,), name="b")
    with pytest.raises(ValueError, match=r"not connected.*name=b>"):
        Model(a, a + b)
    with pytest.raises(ValueError, match="not connected"):
        Model(a, b)
    with pytest.raises(ValueError, match="have the name 'same'"):
        Model(a, Dense(2, name="same")(Dense(2, name="same")(a)))
    with pytest.raises(TypeError, match="inputs are what Input"):
        Model(X, a)
    with pytest.raises(TypeError, match="outputs are what Input"):
        Model(a, [a, None])
    with pytest.raises(TypeError, match="inputs and outputs"):
        Model(a)
    shared = Dense(2)
    shared(a)
    with pytest.raises(ValueError, match=r"Layer 'dense.*\(None, 4\)"):
        shared(Input((4,)))


def test_models_without_a_graph_say_so() -> None:
    class Plain(Model):
        def call(self, inputs):  # type: ignore[no-untyped-def]
            return inputs

    for name in ("inputs", "outputs", "input_shape", "output_shape", "output_names"):
        with pytest.raises(AttributeError, match=f"has no {name}.*Model.inputs, outputs"):
            getattr(Plain(), name)
    with pytest.raises(NotImplementedError, match=r"no call.*Model.inputs, outputs"):
        Model()(X)


@pytest.mark.parametrize("kind", ["list", "dictionary"])
def test_several_inputs_are_predicted_again_by_the_same_program(kind: str) -> None:
    a, b = Input((8,), name="a"), Input((8,), name="b")
    model = Model([a, b], {"y": Dense(2)(a) - b[:, :2], "z": b * 2})

    def predict(left: np.ndarray, right: np.ndarray) -> dict:
        given = [left, right] if kind == "list" else {"b": right, "a": left}
        return model.predict(given, verbose=0)

    predict(X, X)
    known = len(model.programs._again)
    assert known == 1  # the second time nothing else is asked
    for scale in (1, 2):
        found = predict(X * scale, X + scale)
        np.testing.assert_array_equal(found["z"], (X + scale) * 2)
        expected = model([X * scale, X + scale])["y"].numpy()
        np.testing.assert_allclose(found["y"], expected, rtol=1e-6)
        model.set_weights([w + 1 for w in model.get_weights()])
    assert len(model.programs._again) == known
    assert predict(X[:2], X[:2])["y"].shape == (2, 2)
    long = np.tile(X, (20, 1))  # several batches
    np.testing.assert_array_equal(predict(long, long)["z"], long * 2)


def test_a_model_of_a_graph_is_printed_as_keras_prints_it() -> None:
    x = Input((2,))
    model = Model(x, layers.Dense(1)(x), name="line")
    assert repr(model) == "<Functional name=line, built=True>"
    assert repr(Sequential(name="stack")) == "<Sequential name=stack, built=False>"


class Times(pylego.Operation):
    def __init__(self, factor: float, name: str | None = None):
        super().__init__(name=name)
        self.factor = factor

    def call(self, x: Any) -> Any:
        return x * self.factor


def test_an_operation_of_ones_own_is_a_part_of_models_and_their_files(tmp_path: Any) -> None:
    x = pylego.Input((3,))
    double = Times(2.0, name="double")
    model = pylego.Model(x, pylego.layers.Dense(2)(double(x)))
    model.compile("sgd", "mse")
    rows = np.ones((4, 3), np.float32)
    model.fit(rows, rows[:, :2], verbose=0)
    assert double.get_config() == {"name": "double", "factor": 2.0}
    model.save(tmp_path / "model.keras")
    load = pylego.models.load_model
    with pytest.raises(ValueError, match="Times"):
        load(tmp_path / "model.keras")
    loaded = load(tmp_path / "model.keras", custom_objects={"Times": Times})
    clone = pylego.models.clone_model(model)
    assert clone.operations[1] is not double
    clone.set_weights(model.get_weights())
    for again in (loaded, clone):
        assert again.operations[1].factor == 2.0
        np.testing.assert_array_equal(again(rows), model(rows))
    assert isinstance(model, pylego.Operation)
    assert not isinstance(x, pylego.Operation)
    with pytest.raises(NotImplementedError, match="define call"):
        pylego.Operation()(rows)
