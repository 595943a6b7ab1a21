"""Losses, metrics and weights of each output of a graph: logs and results are those of Keras."""

from __future__ import annotations

from typing import Any

import goldens
import numpy as np
import output_cases
import pytest

import pylego
from pylego import layers, metrics, ops
from pylego.models import Model, Sequential

KERAS = goldens.load("output_logs")["cases"]

# What Keras refuses, or reads in another way, and what is right here.
OURS = {
    "list: weights by name of outputs": {"loss", "number_loss", "flag_loss", "classes_loss"},
    "some losses by name": {"loss", "number_loss", "classes_loss"},
    "some weights by name": {"loss", "number_loss", "flag_loss", "classes_loss"},
    "an unknown output in loss": r"output in loss 'clases'. Did you mean 'classes'\?",
    "an unknown output in metrics": r"output in metrics 'clases'. Did you mean 'classes'\?",
    "an unknown output in loss_weights": r"output in loss_weights 'clases'. Did you mean",
    "too few losses": "loss has 2 parts, but the model has 3 outputs: number, flag, classes",
    "too few weights": "2 weights for 3 losses",
    "too many metrics": "metrics has 3 parts, but the model has 2 outputs: number, flag",
}


def expect_same(ours: Any, golden: Any, where: str) -> None:
    """Fail unless both have the same names and numbers."""
    if isinstance(golden, dict):
        assert set(ours) == set(golden), where
        for name, part in golden.items():
            expect_same(ours[name], part, f"{where}: {name}")
    else:
        np.testing.assert_allclose(ours, golden, rtol=2e-5, atol=1e-6, err_msg=where)


@pytest.mark.parametrize("case", [case for case in output_cases.CASES if case not in OURS])
def test_logs_are_those_of_keras(case: str) -> None:
    assert "error" not in KERAS[case]
    expect_same(output_cases.logs(pylego, case), KERAS[case], case)


@pytest.mark.parametrize("case", OURS)
def test_what_keras_does_not_do(case: str) -> None:
    expected = OURS[case]
    if isinstance(expected, set):
        assert set(output_cases.logs(pylego, case)["evaluate_dict"]) == expected
    else:
        with pytest.raises(ValueError, match=expected):
            output_cases.logs(pylego, case)


def two_outputs() -> Model:
    x = layers.Input((3,))
    hidden = layers.Dense(4, "relu")(x)
    return Model(x, [layers.Dense(1, name="size")(hidden), layers.Dense(2, name="kind")(hidden)])


X = np.linspace(-1, 1, 24).reshape(8, 3).astype("float32")
Y = {"size": X[:, :1], "kind": X[:, 1:]}


def test_targets_by_a_wrong_name_and_missing_targets_are_named() -> None:
    model = two_outputs()
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"output in y 'sise'. Did you mean 'size'\?"):
        model.fit(X, {"sise": Y["size"], "kind": Y["kind"]}, verbose=0)
    with pytest.raises(ValueError, match="loss of the output 'kind' needs targets"):
        model.fit(X, {"size": Y["size"]}, verbose=0)
    with pytest.raises(ValueError, match="output in sample_weight 'sise'"):
        model.fit(X, Y, sample_weight={"sise": np.ones(8)}, verbose=0)
    model.compile("sgd", {"size": "mse"}, metrics={"kind": ["mae"]})
    with pytest.raises(ValueError, match="metrics of the output 'kind' need targets"):
        model.fit(X, {"size": Y["size"]}, verbose=0)


def test_targets_of_outputs_without_a_loss_may_be_missing() -> None:
    model = two_outputs()
    model.compile("sgd", {"size": "mse", "kind": None})
    assert list(model.fit(X, {"size": Y["size"]}, verbose=0).history) == ["loss"]
    model.compile("sgd", ["mse", None], loss_weights=[2.0, 1.0])
    doubled = model.evaluate(X, [Y["size"], None], verbose=0)
    model.compile("sgd", ["mse", None])
    np.testing.assert_allclose(doubled, 2 * model.evaluate(X, [Y["size"], None], verbose=0))


def test_a_subclass_with_a_graph_and_a_step_of_its_own() -> None:
    class Own(Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            with pylego.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(x, y, y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            self._loss_tracker.update_state(loss)
            return self.compute_metrics(x, y, y_pred, None)

    plain = two_outputs()
    own = Own(inputs=plain.inputs, outputs=plain.outputs)
    weights = plain.get_weights()
    logs = []
    for model in (plain, own):
        model.set_weights(weights)
        model.compile("sgd", {"size": "mse", "kind": "mae"}, metrics={"kind": ["mse"]})
        logs.append(model.fit(X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0).history)
    assert logs[0].keys() == logs[1].keys() == {"loss", "size_loss", "kind_loss", "kind_mse"}
    np.testing.assert_allclose(logs[0]["loss"], logs[1]["loss"], rtol=1e-6)
    assert own.metrics_names == ["loss", "size_loss", "kind_loss", "kind_mse"]


def test_losses_and_metrics_of_layers_in_a_graph() -> None:
    class Watched(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.mean = metrics.Mean(name="watched")

        def call(self, inputs: Any) -> Any:
            self.add_loss(0.1 * ops.mean(ops.square(inputs)))
            self.mean.update_state(ops.mean(inputs))
            return inputs

    x = layers.Input((3,))
    model = Model(x, layers.Dense(1, kernel_initializer="ones")(Watched()(x)))
    model.compile("sgd", "mse")
    logs = model.evaluate(X, Y["size"], batch_size=8, verbose=0, return_dict=True)
    missed = np.mean((X.sum(1) - X[:, 0]) ** 2)
    np.testing.assert_allclose(logs["loss"], missed + 0.1 * np.mean(X**2), rtol=1e-5)
    np.testing.assert_allclose(logs["watched"], X.mean(), atol=1e-6)
    assert model.metrics_names == ["loss", "watched"]


def test_own_metrics_replace_those_of_the_model() -> None:
    class Own(Sequential):
        def __init__(self) -> None:
            super().__init__([layers.Dense(1)])
            self.tracker = metrics.Mean(name="loss")

        @property
        def metrics(self) -> list:
            return [self.tracker]

        def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
            loss = ops.mean(ops.square(y - y_pred))
            self.tracker.update_state(loss)
            return loss

    model = Own()
    model.compile("sgd")
    model.fit(X, Y["size"], verbose=0)
    assert model.metrics_names == ["loss"]
    assert isinstance(model.evaluate(X, Y["size"], verbose=0), float)
    assert list(model.evaluate(X, Y["size"], verbose=0, return_dict=True)) == ["loss"]


def test_steps_of_keras_2() -> None:
    class Older(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            with pylego.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
            self.compiled_metrics.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    stack = [layers.Dense(1, kernel_initializer="ones", kernel_regularizer="l2")]
    older, plain = Older(stack), Sequential(stack)
    logs = []
    for model in (plain, older):
        model.build((None, 3))
        model.set_weights([np.ones((3, 1)), np.zeros(1)])
        model.compile("sgd", "mse", metrics=["mae"])
        logs.append(model.fit(X, Y["size"], epochs=2, batch_size=4, shuffle=False, verbose=0))
    assert logs[0].history == logs[1].history
    older.compile("sgd")
    with pytest.raises(ValueError, match="needs a loss"):
        older.fit(X, Y["size"], verbose=0)


@pytest.mark.parametrize("way", ["returned", "assigned"])
def test_a_train_function_of_ones_own(way: str) -> None:
    kept = []

    class Own(Sequential):
        calls = 0

        def make_train_function(self, force: bool = False) -> Any:
            inner = super().make_train_function(force)
            kept.append(self.train_function is inner)

            def train(iterator: Any) -> dict[str, Any]:
                self.calls += 1
                x, y = next(iterator)
                return inner((x, y))

            if way == "returned":
                return train
            self.train_function = train
            return None

    model = Own([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y["size"], epochs=2, batch_size=4, verbose=0)
    model.train_on_batch(X, Y["size"])
    assert model.calls == 5
    assert all(kept)


def test_metrics_in_lists_and_dictionaries_of_a_model_are_found_and_reset() -> None:
    class Watching(Sequential):
        def __init__(self) -> None:
            super().__init__([layers.Dense(1)])
            self.some = [metrics.Sum(name="rows")]
            self.more = {"x": metrics.Mean(name="mean")}

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            self.some[0].update_state(ops.ones(inputs.shape[:1]))
            self.more["x"].update_state(inputs)
            return super().call(inputs, training=training)

    model = Watching()
    model.compile("sgd", "mse")
    history = model.fit(X, Y["size"], epochs=2, batch_size=4, verbose=0).history
    assert history["rows"] == [8.0, 8.0]
    assert model.metrics_names == ["loss", "rows", "mean"]


def test_build_gets_a_shape_for_each_argument_that_it_names() -> None:
    class Attention(layers.Layer):
        def build(self, query_shape: tuple, value_shape: tuple) -> None:
            self.kernel = self.add_weight((query_shape[-1], value_shape[-1]), "ones")

        def call(self, query: Any, value: Any) -> Any:
            return ops.matmul(query, self.kernel) + value

    query, value = np.ones((2, 3), np.float32), np.ones((2, 4), np.float32)
    for layer, args, kwargs in (
        (Attention(), (query, value), {}),
        (Attention(), (query,), {"value": value}),
        (Attention(), (), {"value": value, "query": query}),
    ):
        assert layer(*args, **kwargs).numpy().tolist() == [[4.0] * 4] * 2
        assert layer.kernel.shape == (3, 4)


def test_losses_of_one_name_are_all_returned() -> None:
    """As Keras does: total, first, second = model.evaluate(x, (y1, y2)), without names."""

    class Two(Model):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.second = layers.Dense(1), layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.first(x), self.second(x)

    model = Two()
    model.compile("sgd", ["mse", "mse"])
    x, y = np.ones((8, 3)), (np.zeros((8, 1)), np.ones((8, 1)))
    assert len(model.evaluate(x, y, verbose=0)) == 3
    assert len(model.train_on_batch(x, y)) == len(model.train_on_batch(x, y)) == 3
    assert model.metrics_names == ["loss", "mse_loss", "mse_loss"]
    assert set(model.evaluate(x, y, verbose=0, return_dict=True)) == {"loss", "mse_loss"}
