"""Files of real Keras with the state of every optimizer open here, and training goes on.

`tests/golden/make_optimizer_files.py` wrote them.
"""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import goldens
import numpy as np
import pytest

import pylego
from pylego.models import load_model

ARCHIVE = goldens.FOLDER / "optimizer_files.zip"
with zipfile.ZipFile(ARCHIVE) as archive:
    GOLDEN = json.loads(archive.read("expected.json"))
CASES = GOLDEN["cases"]
X, Y = (np.array(GOLDEN[name], np.float32) for name in "xy")


def flat(model: pylego.Model) -> np.ndarray:
    return np.concatenate([weight.ravel() for weight in model.get_weights()])


def opened(folder: Path, name: str) -> pylego.Model:
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_model(folder / f"{name}.keras")


def go_on(model: pylego.Model) -> None:
    for _ in range(3):
        model.train_on_batch(X, Y)


@pytest.mark.parametrize("name", CASES)
def test_a_file_of_keras_opens_and_goes_on(tmp_path: Path, name: str) -> None:
    model = opened(tmp_path, name)
    assert as_data(model.optimizer.get_config()) == pytest.approx(as_data(CASES[name]["config"]))
    go_on(model)
    np.testing.assert_allclose(flat(model), CASES[name]["weights"], rtol=2e-5, atol=2e-6)
    parts = getattr(model.optimizer, "optimizers", [model.optimizer])
    rates = [float(part.learning_rate) for part in parts]
    assert rates == pytest.approx(CASES[name]["learning_rate"], rel=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_a_file_written_here_goes_on_with_the_same_bits(tmp_path: Path, name: str) -> None:
    model = opened(tmp_path, name)
    model.save(tmp_path / "again.keras")
    again = load_model(tmp_path / "again.keras")
    go_on(model)
    go_on(again)
    assert flat(again).tobytes() == flat(model).tobytes()


@pytest.mark.parametrize("name", CASES)
def test_the_state_alone_fits_a_compiled_model(tmp_path: Path, name: str) -> None:
    model = opened(tmp_path, name)
    other = load_model(tmp_path / f"{name}.keras", compile=False)
    optimizer = pylego.optimizers.deserialize(pylego.optimizers.serialize(model.optimizer))
    other.compile(optimizer=optimizer, loss="mse")
    other.load_weights(tmp_path / f"{name}.weights.h5")
    go_on(other)
    np.testing.assert_allclose(flat(other), CASES[name]["weights"], rtol=2e-5, atol=2e-6)


def as_data(config: dict[str, Any]) -> dict[str, Any]:
    """Flat, for comparisons of numbers up to float32's rounding; without names and builds."""
    flat = {}
    for key, value in config.items():
        if isinstance(value, dict):
            flat.update({f"{key}/{k}": v for k, v in as_data(value).items()})
        elif isinstance(value, (list, tuple)):
            flat.update({f"{key}/{i}": v for i, v in enumerate(value)})
        elif key != "name" and value is not None:
            flat[key] = value
    return flat
