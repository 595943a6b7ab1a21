"""Files of real Keras, and what their models do: `keras_files.zip` beside this script.

`python tests/golden/make_keras_files.py` writes it, with Keras 3.15 and jax. `... write FOLDER` and
`... check FOLDER` write the files of all models of `tests/saved_models.py`, and open those that
pylego has written there; tests call it so in a Python that has Keras.
"""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import json
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import keras

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import saved_models  # noqa: E402


def write(folder: Path) -> None:
    """Write `name.keras`, `name.weights.h5` and what the models do after that."""
    expected = {}
    for name, make in saved_models.CASES.items():
        keras.utils.set_random_seed(1)
        keras.utils.clear_session()
        case = make(keras)
        saved_models.train(case, 3)
        # Weights that are replaced by averages share jax's buffers with these, and jax takes a
        # buffer that a step has read: numbers of their own, or the next step fails.
        case.model.set_weights(case.model.get_weights())
        case.model.save(folder / f"{name}.keras")
        case.model.save_weights(folder / f"{name}.weights.h5")
        names = [layer.name for layer in case.model.layers]
        expected[name] = {**saved_models.facts(case), "layers": names}
    (folder / "expected.json").write_text(json.dumps(expected), encoding="utf-8")


def check(folder: Path) -> int:
    """Open what is in a folder; print what differs, and return how many models do."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wrong = 0
    for name, facts in expected.items():
        case = saved_models.CASES[name](keras)
        loaded = keras.models.load_model(folder / f"{name}.keras", case.custom_objects)
        case.model.load_weights(folder / f"{name}.weights.h5")
        weights_alone = saved_models.flat(case.model.predict(case.x, verbose=0))
        found = saved_models.facts(case._replace(model=loaded))
        said = saved_models.difference(found, facts)
        said += saved_models.difference(
            {**found, "outputs": weights_alone}, {**facts, "logs": found["logs"]}
        )
        names = [layer.name for layer in loaded.layers]
        if names != facts["layers"] and not case.custom_objects:
            said += f"layers {names}"
        if said:
            wrong += 1
            print(f"{name}: {said}")
    return wrong


def pack(target: Path) -> None:
    """Write the golden files into one archive."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        write(Path(folder))
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name, zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    match sys.argv[1:]:
        case ["write", folder]:
            write(Path(folder))
        case ["check", folder]:
            sys.exit(min(check(Path(folder)), 99))
        case _:
            pack(HERE / "keras_files.zip")
