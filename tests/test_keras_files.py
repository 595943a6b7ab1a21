"""Files of real Keras open here and go on training; files that are written here do so there.

`tests/golden/keras_files.zip` has what Keras wrote, for all models of `saved_models.py`; see
`tests/golden/make_keras_files.py`. The way back needs Keras: `KERAS_PYTHON` names a Python that has
it, or this one has it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import goldens
import pytest
import saved_models
from saved_models import CASES

import pylego
from pylego.models import load_model

SCRIPT = goldens.FOLDER / "make_keras_files.py"


@pytest.fixture(scope="module")
def of_keras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras")
    with zipfile.ZipFile(goldens.FOLDER / "keras_files.zip") as archive:
        archive.extractall(folder)
    return folder


def expected_of(folder: Path, name: str) -> dict[str, Any]:
    return json.loads((folder / "expected.json").read_text(encoding="utf-8"))[name]


@pytest.mark.parametrize("name", CASES)
def test_a_file_of_keras_opens_and_goes_on(of_keras: Path, name: str) -> None:
    case = CASES[name](pylego)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = load_model(of_keras / f"{name}.keras", case.custom_objects)
    expected = expected_of(of_keras, name)
    if not case.custom_objects:  # names that their own code gives are numbered anew
        assert [layer.name for layer in model.layers] == expected["layers"]
    assert not saved_models.difference(saved_models.facts(case._replace(model=model)), expected)


@pytest.mark.parametrize("name", [name for name in CASES if "_" not in name])
def test_weights_of_keras_fit_the_same_code(of_keras: Path, name: str) -> None:
    case, expected = CASES[name](pylego), expected_of(of_keras, name)
    case.model.optimizer.build(case.model.trainable_variables)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        case.model.load_weights(of_keras / f"{name}.weights.h5")
    assert not saved_models.difference(saved_models.facts(case), expected)


def python_with_keras() -> str:
    if importlib.util.find_spec("keras"):
        return sys.executable
    path = os.environ.get("KERAS_PYTHON")
    return path or pytest.skip("KERAS_PYTHON names no Python that has Keras")


def test_keras_opens_what_is_written_here(tmp_path: Path) -> None:
    python, expected = python_with_keras(), {}
    for name, make in CASES.items():
        pylego.utils.set_random_seed(1)
        case = make(pylego)
        saved_models.train(case, 3)
        case.model.save(tmp_path / f"{name}.keras")
        case.model.save_weights(tmp_path / f"{name}.weights.h5")
        names = [layer.name for layer in case.model.layers]
        expected[name] = {**saved_models.facts(case), "layers": names}
    (tmp_path / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    run = subprocess.run([python, SCRIPT, "check", tmp_path], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
