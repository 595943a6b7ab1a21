"""Errors of the engine say in which layer, loss or metric they came up, and in which brick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego as keras
from pylego import layers, ops
from pylego.core.tensor import Tensor

X = np.ones((6, 4), "float32")
Y = np.ones((6, 4), "float32")


class Misfit(layers.Layer):
    """Its weight fits only to inputs of five numbers."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((5,), name="scale")

    def call(self, x: Tensor) -> Tensor:
        return x * self.scale

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


class Lookup(layers.Layer):
    """Fails for numbers above 2, and only when it has numbers."""

    def call(self, x: Tensor) -> Tensor:
        return ops.take(ops.arange(3.0), ops.cast(x, "int32"))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def deep(layer: layers.Layer, **settings: Any) -> keras.Sequential:
    around = [layers.Activation("linear", name=f"layer_{i}") for i in range(5)]
    model = keras.Sequential([*around[:3], layer, *around[3:]])
    model.compile(optimizer="sgd", loss="mse", **settings)
    return model


class Subclassed(keras.Model):
    def __init__(self, layer: layers.Layer | None, **kwargs: Any):
        super().__init__(**kwargs)
        self.inner = layer

    def call(self, x: Tensor) -> Tensor:
        return ops.matmul(x, ops.ones((5, 2))) if self.inner is None else self.inner(x)


DOINGS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "call": lambda model, x, y: model(x),
    "fit": lambda model, x, y: model.fit(x, y, batch_size=3, verbose=0),
    "evaluate": lambda model, x, y: model.evaluate(x, y, verbose=0),
    "predict": lambda model, x, y: model.predict(x, verbose=0),
    "train_on_batch": lambda model, x, y: model.train_on_batch(x, y),
}


def message_of(kind: type[Exception], act: Callable[[], Any]) -> str:
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    return str(caught.value)


@pytest.mark.parametrize("doing", DOINGS)
def test_a_misfit_names_layer_and_brick(doing: str) -> None:
    model = deep(Misfit(name="culprit"))
    message = message_of(ValueError, lambda: DOINGS[doing](model, X, Y))
    assert "culprit' (Misfit), called with inputs of shape" in message
    assert "multiply: shapes" in message
    assert message.count("Layer '") == 1


@pytest.mark.parametrize("settings", [{}, {"run_eagerly": True}, {"jit_compile": False}])
@pytest.mark.parametrize("doing", DOINGS)
def test_a_number_that_fails_names_layer_and_brick(doing: str, settings: dict) -> None:
    model = deep(Lookup(name="culprit"), **settings)
    good, bad = np.zeros_like(X), X + 6
    DOINGS[doing](model, good, Y)  # recorded; what comes now fails in the engine
    message = message_of(IndexError, lambda: DOINGS[doing](model, bad, Y))
    assert "culprit' (Lookup)" in message
    assert "take: index 7 at position" in message
    assert message.count("Layer '") == 1
    DOINGS[doing](model, good, Y)


@pytest.mark.parametrize("settings", [{}, {"run_eagerly": True}])
def test_each_embedding_says_which_numbers_it_takes(settings: dict) -> None:
    users, movies = keras.Input((1,), name="user"), keras.Input((1,), name="movie")
    vectors = [layers.Embedding(3, 2)(users), layers.Embedding(7, 2)(movies)]
    model = keras.Model([users, movies], layers.Dense(1)(layers.Concatenate()(vectors)))
    model.compile(loss="mse", optimizer="sgd", **settings)
    for wrong, count in (({"user": 3, "movie": 6}, 3), ({"user": 2, "movie": 7}, 7)):
        x = {name: np.full((4, 1), number) for name, number in wrong.items()}
        message = message_of(IndexError, lambda x=x: model.fit(x, np.ones((4, 1, 1)), verbose=0))
        assert f": take: index {count} at position (0, 0)" in message
        assert f". input_dim={count} takes the numbers 0 to {count - 1}: it must be" in message
        assert message.count("input_dim") == 1


@pytest.mark.parametrize("doing", DOINGS)
def test_the_innermost_layer_of_a_subclassed_model_is_named(doing: str) -> None:
    model = Subclassed(deep(Misfit(name="culprit")), name="outside")
    model.compile(optimizer="sgd", loss="mse")
    message = message_of(ValueError, lambda: DOINGS[doing](model, X, Y))
    assert "culprit' (Misfit)" in message
    assert message.count("Layer '") == 1


@pytest.mark.parametrize("doing", DOINGS)
def test_a_subclassed_model_that_computes_itself_is_named(doing: str) -> None:
    model = Subclassed(None, name="outside")
    model.compile(optimizer="sgd", loss="mse")
    message = message_of(ValueError, lambda: DOINGS[doing](model, X, Y))
    assert "Layer 'outside' (Subclassed)" in message
    assert "matmul: " in message


@pytest.mark.parametrize("settings", [{}, {"run_eagerly": True}])
def test_a_loss_and_a_metric_are_named(settings: dict) -> None:
    def wrong(y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.mean(ops.matmul(y_true, ops.ones((5, 5))))

    model = keras.Sequential([layers.Dense(4)])
    model.compile(loss=wrong, optimizer="sgd", **settings)
    assert "Loss 'wrong': matmul: " in message_of(ValueError, lambda: model.fit(X, Y, verbose=0))
    model.compile(loss="mse", metrics=[wrong], optimizer="sgd", **settings)
    assert "Metric 'wrong': matmul: " in message_of(ValueError, lambda: model.fit(X, Y, verbose=0))


@pytest.mark.parametrize("settings", [{}, {"run_eagerly": True}])
def test_a_loss_and_a_metric_are_named_when_numbers_fail(settings: dict) -> None:
    def picky(y_true: Tensor, y_pred: Tensor) -> Tensor:
        return ops.mean(ops.take(ops.arange(3.0), ops.cast(y_true, "int32"))) + 0 * ops.sum(y_pred)

    model = keras.Sequential([layers.Dense(4)])
    for setting, place in (
        ({"loss": picky}, "Loss"),
        ({"loss": "mse", "metrics": [picky]}, "Metric"),
    ):
        model.compile(optimizer="sgd", **setting, **settings)
        model.fit(X, Y, verbose=0)
        message = message_of(IndexError, lambda: model.fit(X, Y + 6, verbose=0))
        assert message.startswith(f"{place} 'picky': take: index 7"), message


def test_labels_out_of_range_name_their_row_and_say_what_mends_it() -> None:
    model = keras.Sequential([layers.Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd")
    model.fit(X, np.arange(6) % 3, verbose=0)
    message = message_of(IndexError, lambda: model.fit(X, np.arange(6) % 4, verbose=0))
    assert message.startswith("y[3] is the label 3, but there are 3 classes: 0 to 2")
    assert "y - 1" in message


def test_errors_of_a_layer_s_own_stay_as_they_are() -> None:
    class Refusing(layers.Layer):
        def call(self, x: Tensor) -> Tensor:
            raise ValueError("not today")

    assert message_of(ValueError, lambda: Refusing()(X)) == "not today"


def test_an_error_outside_of_layers_names_the_brick_alone() -> None:
    message = message_of(ValueError, lambda: ops.multiply(np.ones((2, 3)), np.ones(5)))
    assert message.startswith("multiply: shapes")


def test_a_failure_is_not_remembered_by_the_next_run() -> None:
    model = deep(Lookup(name="culprit"))
    model.predict(np.zeros_like(X), verbose=0)
    message_of(IndexError, lambda: model.predict(X + 6, verbose=0))
    plain = keras.function(lambda x: ops.take(ops.arange(3.0), x))
    plain(np.array([0, 1]))
    message = message_of(IndexError, lambda: plain(np.array([0, 7])))
    assert "culprit" not in message
