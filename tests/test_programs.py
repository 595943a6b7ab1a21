"""The programs of Korean Keras tutorials, with only the import changed, print what they print."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np

# ruff: noqa: N806, UP031 - the programs are written as their authors wrote them
from pylego import config, utils


def test_numbers_small_or_big() -> None:
    from pylego.layers import Dense
    from pylego.models import Sequential
    from pylego.utils import np_utils

    assert np_utils.to_categorical([1], 2).tolist() == [[0, 1]]
    utils.set_random_seed(0)
    X = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).reshape(10, 1)
    Y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    model = Sequential()
    model.add(Dense(64, input_dim=1, activation="relu"))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(64, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    assert 0 < model.predict(np.array([[3]]), verbose=0)[0, 0] < 1
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    history = model.fit(X, Y, epochs=100, batch_size=10, verbose=0)
    assert history.history["accuracy"][-1] == 1.0
    assert model.predict(np.array([[3]]), verbose=0)[0, 0] < 0.3
    assert model.predict(np.array([[8]]), verbose=0)[0, 0] > 0.7


def test_pima() -> None:
    from pylego.layers import Dense
    from pylego.models import Sequential

    utils.set_random_seed(1)
    rng = np.random.default_rng(0)
    dataset = np.c_[rng.uniform(0, 100, (200, 8)), np.zeros(200)]
    dataset[:, 8] = dataset[:, 1] + dataset[:, 5] > 100
    X = dataset[:, 0:8]
    Y = dataset[:, 8]
    model = Sequential()
    model.add(Dense(12, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(X, Y, epochs=200, batch_size=64, verbose=0)
    scores = model.evaluate(X, Y, verbose=0)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))
    name, percent = printed.getvalue().split()
    assert name == "accuracy:"
    assert float(percent.rstrip("%")) > 70


def images_like_digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, and a bright patch whose place is the label."""
    rng = np.random.default_rng(count)
    labels = rng.integers(0, 10, count)
    images = rng.uniform(0, 0.3, (count, 784))
    for row, label in enumerate(labels):
        images[row, 70 * label : 70 * label + 40] += 0.5
    return images, labels


def mnist_model() -> Any:
    from pylego.layers import Dense
    from pylego.models import Sequential

    model = Sequential()
    model.add(Dense(units=512, activation="relu", input_shape=(784,)))
    model.add(Dense(units=512, activation="relu"))
    model.add(Dense(units=10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def fit_mnist(model: Any) -> Any:
    x_train, y_train = images_like_digits(600)
    x_valid, y_valid = images_like_digits(100)
    y_train, y_valid = utils.to_categorical(y_train, 10), utils.to_categorical(y_valid, 10)
    return model.fit(x_train, y_train, epochs=2, verbose=1, validation_data=(x_valid, y_valid))


def test_mnist() -> None:
    utils.set_random_seed(0)
    model = mnist_model()
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        model.summary()
        history = fit_mnist(model)
    assert "Total params: 669,706 (2.55 MB)" in printed.getvalue()
    assert printed.getvalue().count("val_accuracy: ") == 2
    assert history.history["val_accuracy"][-1] > 0.95
    assert [weight.shape for weight in model.get_weights()] == [
        (784, 512), (512,), (512, 512), (512,), (512, 10), (10,),
    ]  # fmt: skip


def test_mnist_has_the_same_bits_with_one_thread_and_two() -> None:
    def weights(count: int) -> list[np.ndarray]:
        config.set_num_threads(count)
        utils.set_random_seed(1)
        model = mnist_model()
        with contextlib.redirect_stdout(io.StringIO()):
            fit_mnist(model)
        return model.get_weights()

    threads = config.num_threads()
    try:
        for one, two in zip(weights(1), weights(2)):
            np.testing.assert_array_equal(one, two)
    finally:
        config.set_num_threads(threads)
