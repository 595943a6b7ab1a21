"""Models and weights in files: `.keras` and `.weights.h5`, written and opened here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pylego import Input, layers
from pylego.models import Sequential, load_model

X = np.linspace(-1, 1, 32, dtype="float32").reshape(8, 4)
Y = np.linspace(0, 1, 8, dtype="float32").reshape(8, 1)


def stack(units: int = 3) -> Sequential:
    return Sequential(
        [Input((4,)), layers.Dense(units), layers.BatchNormalization(), layers.Dense(1)]
    )


def trained(model: Sequential) -> Sequential:
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def test_a_model_that_was_opened_goes_on_as_the_other_one(tmp_path: Path) -> None:
    model = trained(stack())
    path = tmp_path / "내 모델.keras"
    model.save(path)
    opened = load_model(path)
    assert np.array_equal(opened.predict(X, verbose=0), model.predict(X, verbose=0))
    both = [one.fit(X, Y, epochs=3, shuffle=False, verbose=0).history for one in (model, opened)]
    assert both[0] == both[1]


def test_weights_come_back(tmp_path: Path) -> None:
    model, other = stack(), stack()
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))


def test_what_does_not_fit_is_listed_and_changes_nothing(tmp_path: Path) -> None:
    stack().save_weights(tmp_path / "m.weights.h5")
    wider = stack(5)
    before = wider.get_weights()
    with pytest.raises(
        ValueError, match=r"(?s)'kernel' has the shape \(4, 5\), and \(4, 3\).*gamma"
    ):
        wider.load_weights(tmp_path / "m.weights.h5")
    assert all(map(np.array_equal, before, wider.get_weights()))
