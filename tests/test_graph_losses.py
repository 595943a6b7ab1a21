"""Losses and metrics that read placeholders of their model's graph, as in Keras 1 and 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import backend as K, ops
from pylego.layers import Dense, Input
from pylego.models import Model

X = np.random.default_rng(0).normal(size=(12, 4)).astype("float32")


def autoencoder() -> tuple[Model, Any]:
    pylego.utils.set_random_seed(3)
    x = Input((4,))
    code = Dense(2, name="code")(x)
    return Model(x, Dense(4)(code)), code


def trained(model: Model, loss: Callable, **options: Any) -> tuple[list, list[np.ndarray]]:
    model.compile("sgd", loss, **options)
    losses = model.fit(X, X, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
    return losses, model.get_weights()


def penalty(code: Any) -> Any:
    return K.sum(K.square(code), axis=-1)


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_a_loss_of_placeholders_trains_as_an_added_loss(run_eagerly: bool) -> None:
    with pylego.as_keras():
        model, code = autoencoder()

        def loss(x: Any, decoded: Any) -> Any:
            return K.mean(K.square(x - decoded), axis=-1) + penalty(code)

        losses, weights = trained(model, loss, run_eagerly=run_eagerly)
        other, code = autoencoder()
        other.add_loss(penalty(code))
        expected, of_added = trained(other, "mse", run_eagerly=run_eagerly)
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    for one, another in zip(weights, of_added):
        np.testing.assert_allclose(one, another, rtol=1e-5, atol=1e-7)


def test_metrics_read_placeholders_too_and_evaluate_computes_both() -> None:
    with pylego.as_keras():
        model, code = autoencoder()

        def of_code(x: Any, decoded: Any) -> Any:
            return penalty(code)

        def loss(x: Any, decoded: Any) -> Any:
            return of_code(x, decoded) + K.mean(K.square(x - decoded), axis=-1)

        model.compile("sgd", loss, metrics=[of_code, "mse"])
        value, size, error = model.evaluate(X, X, verbose=0)
        found = Model(model.input, code).predict(X, verbose=0)
    assert size == pytest.approx(np.square(found).sum(-1).mean(), rel=1e-5)
    assert value == pytest.approx(size + error, rel=1e-5)
    assert loss.__name__ == "loss"


def test_a_loss_of_numbers_stays_the_function_that_it_is() -> None:
    calls: list[int] = []

    def loss(x: Any, decoded: Any) -> Any:
        calls.append(1)
        return ops.mean(ops.square(x - decoded), axis=-1)

    with pylego.as_keras():
        model, _ = autoencoder()
        model.compile("sgd", loss)
    assert not calls, "compile calls no loss that reads no placeholder"
    assert model._extended is None


def test_without_as_keras_it_is_refused_as_keras_3_refuses_it() -> None:
    model, code = autoencoder()
    model.compile("sgd", lambda x, decoded: ops.mean(ops.square(x - decoded), -1) + penalty(code))
    with pytest.raises((TypeError, ValueError)):
        model.fit(X, X, verbose=0)


def test_compiling_again_forgets_what_a_former_loss_read() -> None:
    with pylego.as_keras():
        model, code = autoencoder()
        model.compile("sgd", lambda x, decoded: penalty(code))
        model.evaluate(X, X, verbose=0)
        model.compile("sgd", "mse")
        plain = model.evaluate(X, X, verbose=0)
    decoded = model.predict(X, verbose=0)
    assert plain == pytest.approx(np.square(decoded - X).mean(), rel=1e-5)
