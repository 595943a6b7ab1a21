"""Objects as plain data and back: values, names, custom objects, what is shared and compiled."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import (
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    models,
    ops,
    optimizers,
    regularizers,
    saving,
    utils,
)
from pylego.graph import KerasTensor
from pylego.registry import custom

serialize, deserialize = saving.serialize_keras_object, saving.deserialize_keras_object


@pytest.fixture(autouse=True)
def nothing_is_registered() -> Any:
    before, names = dict(custom.registered), dict(custom._names)
    yield
    for now, then in ((custom.registered, before), (custom._names, names)):
        now.clear()
        now.update(then)


def through_json(thing: Any) -> Any:
    return json.loads(json.dumps(serialize(thing)))


# ---- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, "text", [1, [2]], {"a": {"b": 1}}, slice(1, None, 2), ..., b"\xc3\xa9"],
    ids=repr,
)
def test_values_come_round(value: Any) -> None:
    again = deserialize(through_json(value))
    assert again == value
    assert type(again) is type(value)


def test_arrays_and_tensors_come_round() -> None:
    array = np.arange(6, dtype=np.int64).reshape(2, 3)
    again = deserialize(through_json({"a": array, "t": ops.ones((2, 2)), "n": np.float32(0.5)}))
    np.testing.assert_array_equal(again["a"], array)
    assert again["a"].dtype == np.int64
    assert isinstance(again["t"], pylego.Tensor)
    assert again["t"].dtype == "float32"
    assert again["n"] == 0.5
    assert serialize((1, (2, 3))) == (1, (2, 3))


def test_a_placeholder_comes_round_as_a_placeholder() -> None:
    x = pylego.Input((3,), name="words")
    described = through_json([x])
    assert described[0]["class_name"] == "__keras_tensor__"
    assert described[0]["config"]["keras_history"] == ["words", 0, 0]
    (again,) = deserialize(described)
    assert isinstance(again, KerasTensor)
    assert again.shape == (None, 3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "has no get_config"),
        ({1, 2}, "of type set cannot be described"),
        (layers.Dense, r"an object of it can: Dense\(\.\.\.\)"),
        (lambda x: x, "A lambda cannot be described by a name"),
        (b"\xff", "not UTF-8 text"),
    ],
)
def test_what_cannot_be_described_is_refused(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        serialize([value])


def test_what_holds_itself_is_refused() -> None:
    endless: list = []
    endless.append(endless)
    with pytest.raises(ValueError, match="nested without end"):
        serialize(endless)


# ---- functions and classes of one's own -----------------------------------------------------


def cubes(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.abs(y_true - y_pred) ** 3, axis=-1)


class Scale(layers.Layer):
    def __init__(self, factor: float = 2.0, inner: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.factor, self.inner = factor, inner

    def call(self, inputs: Any) -> Any:
        inputs = inputs if self.inner is None else self.inner(inputs)
        return inputs * self.factor


def test_functions_are_found_by_name() -> None:
    for function in (losses.mean_squared_error, pylego.activations.relu, metrics.binary_accuracy):
        assert deserialize(through_json(function)) is function
    described = through_json(cubes)
    assert described == {
        "module": "builtins", "class_name": "function", "config": "cubes",
        "registered_name": "function",
    }  # fmt: skip
    with pytest.raises(ValueError, match=r"Unknown function 'cubes'.*register_keras_serializable"):
        deserialize(described)
    assert deserialize(described, {"cubes": cubes}) is cubes
    assert deserialize("cubes", {"cubes": cubes}) is cubes
    assert deserialize("cubes") == "cubes"


def test_registered_classes_and_functions_are_known_by_their_package() -> None:
    assert saving.register_keras_serializable("mine")(Scale) is Scale
    saving.register_keras_serializable("mine", "third_power")(cubes)
    described = through_json(Scale(3.0, layers.Dense(2, name="inside")))
    assert described["registered_name"] == "mine>Scale"
    again = deserialize(described)
    assert type(again) is Scale
    assert (again.factor, again.inner.name, type(again.inner)) == (3.0, "inside", layers.Dense)
    assert through_json(again) == described
    assert through_json(cubes)["config"] == "mine>third_power"
    assert losses.get("mine>third_power") is cubes
    assert utils.get_registered_name(Scale) == "mine>Scale"
    assert utils.get_registered_object("mine>Scale") is Scale
    assert utils.get_registered_object("Scale", {"Scale": Scale}) is Scale
    assert utils.get_registered_object("Scale", None, {"Scale": Scale}) is Scale
    assert utils.get_custom_objects() is custom.registered


def test_registering_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match="with parentheses"):
        saving.register_keras_serializable(Scale)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"Plain has no get_config\(\)"):
        saving.register_keras_serializable()(type("Plain", (), {}))
    with pytest.raises(TypeError, match="A class or a function can be registered"):
        saving.register_keras_serializable()(3)


def test_scopes_nest_and_end() -> None:
    described = through_json(Scale())
    with saving.custom_object_scope({"Scale": Scale}), utils.CustomObjectScope({"cubes": cubes}):
        assert type(deserialize(described)) is Scale
        assert losses.get("cubes") is cubes
    with pytest.raises(ValueError, match="Unknown class 'Scale'"):
        deserialize(described)
    with pytest.raises(TypeError, match="custom_objects is a dictionary"):
        saving.custom_object_scope([Scale])  # type: ignore[arg-type]


def test_all_unknown_classes_are_listed() -> None:
    class Other(Scale):
        pass

    model = models.Sequential([Scale(name="a"), Other(name="b"), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"Unknown layer 'Scale'.*Unknown besides: 'Other'.*own"):
        deserialize(through_json(model))
    again = deserialize(through_json(model), {"Scale": Scale, "Other": Other})
    assert [type(layer) for layer in again.layers] == [Scale, Other, layers.Dense]


def test_a_class_of_the_user_wins_over_the_same_name() -> None:
    class Dense(layers.Dense):
        pass

    assert type(deserialize(through_json(layers.Dense(2)))) is layers.Dense
    described = through_json(Dense(2))
    assert type(deserialize(described, {"Dense": Dense})) is Dense
    with pytest.raises(ValueError, match="The description says that it is of"):
        deserialize(described)


@pytest.mark.parametrize(
    ("base", "given"),
    [
        (losses.Loss, {"name": "mine"}),
        (metrics.Metric, {"name": "mine"}),
        (regularizers.Regularizer, {}),
        (constraints.Constraint, {}),
        (initializers.Initializer, {}),
        (optimizers.SGD, {"learning_rate": 0.25}),
        (layers.Layer, {"name": "mine"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_classes_without_get_config_are_described_by_their_arguments(
    base: type, given: dict[str, Any]
) -> None:
    class Mine(base):  # type: ignore[misc,valid-type]
        def __init__(self, factor: float, part: Any = None, **kwargs: Any):
            super().__init__(**kwargs)
            self.factor, self.part = factor, part

    described = through_json(Mine(3.0, initializers.Constant(2.0), **given))
    assert given.items() <= described["config"].items()
    again = deserialize(described, {"Mine": Mine})
    assert (again.factor, type(again.part), again.part.value) == (3.0, initializers.Constant, 2.0)
    assert through_json(again) == described


def test_layers_serve_as_activations() -> None:
    layer = layers.Dense(2, activation=layers.LeakyReLU(0.25))
    again = deserialize(through_json(layer))
    assert type(again.activation) is layers.LeakyReLU
    assert again.activation.negative_slope == 0.25


def test_an_array_as_initializer_is_described_as_a_constant() -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(3, 2)
    again = deserialize(through_json(layers.Dense(2, kernel_initializer=numbers)))
    again.build((None, 3))
    np.testing.assert_array_equal(again.kernel, numbers)


# ---- what is shared -------------------------------------------------------------------------


def test_shared_layers_are_one_again() -> None:
    dense, other = layers.Dense(3, name="one"), layers.Dense(3, name="two")
    pair = [models.Sequential([dense, other], name=name) for name in ("a", "b")]
    a, b = deserialize(through_json(pair))
    assert a.layers[0] is b.layers[0]
    assert a.layers[1] is b.layers[1]
    assert a.layers[0] is not a.layers[1]
    a, b = (deserialize(through_json(model)) for model in pair)
    assert a.layers[0] is not b.layers[0]


def test_a_layer_that_comes_twice_in_a_stack_is_one_again() -> None:
    dense = layers.Dense(3)
    model = models.Sequential([layers.Input((3,)), dense, layers.ReLU(), dense])
    for again in (
        models.model_from_json(model.to_json()),
        models.Sequential.from_config(model.get_config()),
        models.clone_model(model),
    ):
        assert again.layers[0] is again.layers[2]
        assert again.count_params() == 12


# ---- how a model was built and compiled -----------------------------------------------------


class Two(models.Model):
    def __init__(self, units: int, act: Any = "relu"):
        super().__init__()
        self.first, self.second = layers.Dense(units, activation=act), layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))


def test_a_subclassed_model_is_built_and_compiled_again() -> None:
    model = Two(4)
    model.compile(optimizers.Adam(0.25), "mse", metrics=["mae", metrics.MeanSquaredError()])
    model.fit(np.ones((4, 3), np.float32), np.ones((4, 1), np.float32), verbose=0)
    described = through_json(model)
    assert described["build_config"] == {"input_shape": [4, 3]}
    again = deserialize(described, {"Two": Two})
    assert [w.shape for w in again.weights] == [(3, 4), (4,), (4, 1), (1,)]
    assert again.compiled
    assert float(again.optimizer.learning_rate) == 0.25
    assert again.optimizer.built
    assert again.get_compile_config() == model.get_compile_config()
    clone = models.clone_model(model)
    assert [w.shape for w in clone.weights] == [w.shape for w in again.weights]


def test_a_loss_that_is_not_known_leaves_the_model_uncompiled_with_a_warning() -> None:
    model = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", cubes)
    described = through_json(model)
    with pytest.warns(UserWarning, match="was not compiled: Unknown function 'cubes'"):
        again = deserialize(described)
    assert not again.compiled
    assert again.predict(np.ones((2, 3)), verbose=0).shape == (2, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert deserialize(described, {"cubes": cubes}).loss is cubes


def test_a_model_with_a_compile_of_its_own_says_so() -> None:
    class Own(models.Sequential):
        def compile(self, *args: Any, **kwargs: Any) -> None:
            super().compile(*args, **kwargs)

    model = Own([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"Own has a compile\(\) of its own"):
        again = deserialize(through_json(model), {"Own": Own})
    assert not again.compiled


def test_a_subclass_with_a_graph_comes_round() -> None:
    class Mine(models.Model):
        pass

    x = pylego.Input((3,))
    model = Mine(x, layers.Dense(2)(x), name="mine")
    again = models.model_from_json(model.to_json(indent=1), {"Mine": Mine})
    assert type(again) is Mine
    assert again.to_json() == model.to_json()


# ---- clones ---------------------------------------------------------------------------------


def test_clone_functions_see_layers_and_calls() -> None:
    x = pylego.Input((3,))
    y = layers.Dense(2, name="a")(x) + 1.0
    model = models.Model(x, layers.Dense(2, name="b")(y))
    seen: list[str] = []

    def clone_function(layer: layers.Layer) -> layers.Layer:
        seen.append(layer.name)
        return layer

    def call_function(layer: Any, *args: Any, **kwargs: Any) -> Any:
        out = layer(*args, **kwargs)
        return layers.Dropout(0.5)(out) if isinstance(layer, layers.Dense) else out

    clone = models.clone_model(model, None, clone_function, call_function)
    assert seen == ["a", "b"]
    assert clone.get_layer("a") is model.get_layer("a")
    assert sum(isinstance(layer, layers.Dropout) for layer in clone.layers) == 2
    new = pylego.Input((3,), name="new")
    assert models.clone_model(model, input_tensors=new).input is new


def test_clones_of_stacks_and_refusals() -> None:
    inner = models.Sequential([layers.Dense(2, name="deep")], name="inner")
    model = models.Sequential([layers.Input((3,)), inner, layers.Dense(1)])
    seen: list[str] = []

    def clone_function(layer: layers.Layer) -> layers.Layer:
        seen.append(layer.name)
        return type(layer).from_config(layer.get_config())

    models.clone_model(model, clone_function=clone_function, recursive=True)
    assert seen[0] == "deep"
    assert models.clone_model(model, input_tensors=pylego.Input((3,))).output_shape == (None, 1)
    with pytest.raises(ValueError, match="call_function is for models with a graph"):
        models.clone_model(model, call_function=clone_function)
    with pytest.raises(ValueError, match=r"computes in the call\(\) of Two"):
        models.clone_model(Two(3), clone_function=clone_function)
    with pytest.raises(TypeError, match="clone_function must return a layer"):
        models.clone_model(model, clone_function=lambda layer: 3)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match="clone_model takes a model"):
        models.clone_model(layers.Dense(2))  # type: ignore[arg-type]
    x = pylego.Input((3,))
    graph = models.Model([x], layers.Dense(1)(x))
    with pytest.raises(ValueError, match="must have the structure of the inputs"):
        models.clone_model(graph, input_tensors=x)
