"""Inputs that a model may go without."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pylego import models, saving, utils
from pylego.layers import Dense, Input, Layer
from pylego.optimizers import SGD

X, Y = np.linspace(-1, 1, 16).reshape(8, 2).astype("float32"), np.ones((8, 1), "float32")


@saving.register_keras_serializable("optional")
class Plus(Layer):
    """The sum of both inputs, or the first alone."""

    def call(self, one: Any, other: Any = None) -> Any:
        return one if other is None else one + other

    def compute_output_shape(self, one_shape: Any, other_shape: Any = None) -> Any:
        return one_shape


def model(run_eagerly: bool = False) -> models.Model:
    utils.set_random_seed(3)
    a, b = Input((2,), name="a"), Input((2,), optional=True, name="b")
    made = models.Model({"a": a, "b": b}, Dense(1)(Plus()(a, b)))
    made.compile(SGD(0.1), "mse", run_eagerly=run_eagerly)
    return made


def test_none_stands_for_the_input_everywhere() -> None:
    made = model()
    kernel, bias = made.get_weights()
    alone, both = X @ kernel + bias, (X + X) @ kernel + bias
    for given, wanted in (
        ({"a": X, "b": None}, alone), ({"a": X, "b": X}, both), ([X, None], alone),
    ):  # fmt: skip
        for found in (
            made(given), made.predict(given, verbose=0), made.predict(given, batch_size=3),
            made.predict_on_batch(given),
        ):  # fmt: skip
            np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_steps_with_and_without_it_are_those_of_eager_ones() -> None:
    def batches() -> Iterator[tuple]:
        for first in range(0, 8, 2):
            x = X[first : first + 2]
            yield {"a": x, "b": x if first % 4 else None}, Y[first : first + 2]

    found = []
    for run_eagerly in (False, True):
        made = model(run_eagerly)
        histories = [
            made.fit(batches(), verbose=0).history,
            made.fit({"a": X, "b": None}, Y, shuffle=False, verbose=0).history,
            made.train_on_batch([X, None], Y),
            made.evaluate({"a": X, "b": None}, Y, verbose=0),
        ]
        found.append([repr(histories), *(weight.tobytes() for weight in made.get_weights())])
    assert found[0] == found[1]


def test_files_and_copies_know_it(tmp_path: Path) -> None:
    made = model()
    made.save(tmp_path / "model.keras")
    wanted = made.predict({"a": X, "b": None}, verbose=0)
    for again in (
        models.load_model(tmp_path / "model.keras"),
        pickle.loads(pickle.dumps(made)),
        models.clone_model(made),
    ):
        again.set_weights(made.get_weights())
        assert np.array_equal(again.predict({"a": X, "b": None}, verbose=0), wanted)
        assert again.get_layer("b").get_config()["optional"] is True


def test_other_inputs_are_needed() -> None:
    made = model()
    for call in (made, made.predict, lambda x: made.fit(x, Y, verbose=0)):
        with pytest.raises(ValueError, match=r"got None for its input 'a'.*optional=True"):
            call({"a": None, "b": X})
    with pytest.raises(ValueError, match="there is nothing for 'b'"):
        made({"a": X})
