"""The files that are damaged, and what opens them."""

from __future__ import annotations

import importlib.util
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import pylego
from pylego.saving import load_model, safetensors_file
from pylego.saving.archive import create_archive, open_archive
from pylego.saving.hdf5 import HDF5File, create_hdf5, open_hdf5

OLD_MODELS = Path(os.environ.get("PYLEGO_TEST_DATA", "/nowhere")) / "old_keras_models"
MOST_PLACES = 3000
HAS_LEGACY = importlib.util.find_spec("pylego.saving.legacy") is not None

Case = tuple[str, bytes, Callable[[str], Any]]  # a name, the content, and what opens a path


def low_level() -> list[Case]:
    """Files of each kind, and the lowest functions that read them."""
    cases: list[Case] = [
        ("plain.h5", _plain_hdf5(), _walk_hdf5),
        ("compressed.h5", _written(_fill_compressed), _walk_hdf5),
        ("newest.h5", _written(_fill_newest, libver="latest"), _walk_hdf5),
        ("archive.keras", _archive(), _walk_archive),
        ("arrays.safetensors", _safetensors(), safetensors_file.read),
    ]
    old = sorted(OLD_MODELS.glob("*.h5"))
    return cases + [(path.name, path.read_bytes(), _walk_hdf5) for path in old]


def _plain_hdf5() -> bytes:
    content = io.BytesIO()
    with create_hdf5(content) as file:
        file.set_attribute("", "layer_names", ["dense", "dense_1", "한글"])
        file.set_attribute("", "model_config", "{" + "x" * 3000 + "}")
        file.set_attribute("", "rate", 0.5)
        for k in range(12):
            file.write(f"layers/dense_{k}/vars/0", np.arange(12, dtype="float32").reshape(3, 4))
            file.set_attribute(f"layers/dense_{k}", "names", ["kernel", "bias"])
    return content.getvalue()


def _written(fill: Callable[[Any], None], **options: Any) -> bytes:
    import h5py

    content = io.BytesIO()
    with h5py.File(content, "w", **options) as file:
        fill(file)
    return content.getvalue()


def _fill_compressed(file: Any) -> None:
    array = np.arange(4000, dtype="int64").reshape(40, 100) % 7
    options: dict[str, Any] = {"chunks": (16, 16), "compression": "gzip"}
    file.create_dataset("all", data=array, shuffle=True, fletcher32=True, **options)
    file.create_dataset("gzip", data=np.zeros((30, 30)), **options)
    file["boolean"] = np.array([True, False])
    file.attrs["texts"] = ["a", "bc", "한글"]


def _fill_newest(file: Any) -> None:
    for k in range(40):
        file.create_dataset(f"group {k}/array", data=np.float32(k))
        file.attrs[f"attribute {k}"] = np.arange(k)


def _archive() -> bytes:
    content = io.BytesIO()
    with create_archive(content) as archive:
        archive.write("config.json", b'{"layers": [1, 2, 3]}' * 20)
        with archive.create("model.weights.h5") as member:
            member.write(_plain_hdf5())
    return content.getvalue()


def _safetensors() -> bytes:
    content = io.BytesIO()
    arrays = {name: np.ones((2, 3), "float32") for name in ("kernel", "bias", "recurrent")}
    safetensors_file.write(content, arrays, {"format": "np"})
    return content.getvalue()


def _walk_hdf5(source: Any) -> None:
    with open_hdf5(source) as file:
        waiting, seen = [""], 0
        while waiting and seen < MOST_PLACES:
            path = waiting.pop()
            seen += 1
            for name in file.attribute_names(path):
                file.attribute(path, name)
            waiting += _look_at(file, path)


def _look_at(file: HDF5File, path: str) -> list[str]:
    if file.is_dataset(path):
        array = file.read(path)
        assert array.shape == file.shape(path)
        assert array.dtype == file.dtype(path)
        return []
    return [f"{path}/{name}".strip("/") for name in file.children(path)]


def _walk_archive(source: Any) -> None:
    with open_archive(source) as archive:
        for name in archive.names:
            if name.endswith(".h5"):
                with archive.open(name) as member:
                    _walk_hdf5(member)
            else:
                archive.read(name)


# ---- models ----


def models() -> list[Case]:
    """Models and weights in every format, and what loads them."""
    cases: list[Case] = []
    for name, make in {"sequential": _sequential, "graph": _graph}.items():
        saved = make()
        for ending in (".keras", ".h5")[: 2 if HAS_LEGACY else 1]:
            content = _saved(saved.save, name + ending)
            cases.append((name + ending, content, load_model))
            cases.append((f"into-{name}{ending}", content, Into(make())))
        for ending in (".weights.h5", ".safetensors"):
            content = _saved(saved.save_weights, name + ending)
            cases.append((f"into-{name}{ending}", content, Into(make())))
    old = sorted(OLD_MODELS.glob("*.h5")) if HAS_LEGACY else []
    return cases + [(f"old-{path.name}", path.read_bytes(), load_model) for path in old]


def _saved(save: Callable[[str], Any], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/{name}"
        save(path)
        return Path(path).read_bytes()


class Into:
    """Loads weights into a model, which is as it was where they are refused."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, path: str) -> None:
        before = _state(self.model)
        try:
            self.model.load_weights(path)
        except Exception:
            assert _state(self.model) == before, "weights were refused, and some of them assigned"
            raise


def _state(model: Any) -> list[bytes]:
    variables = [*model.variables, *model.optimizer.variables]
    return [np.asarray(variable).tobytes() for variable in variables]


def _sequential() -> Any:
    layers = pylego.layers
    model = pylego.Sequential(
        [
            pylego.Input((6, 6, 1)),
            layers.Conv2D(2, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, kernel_regularizer="l2", name="밀집"),
        ]
    )
    return _trained(model, [np.ones((8, 6, 6, 1), "float32")])


def _graph() -> Any:
    layers = pylego.layers
    left, right = pylego.Input((4,), name="left"), pylego.Input((4,), name="right")
    shared = layers.Dense(3, activation="tanh")
    both = layers.concatenate([shared(left), shared(right * 2.0)])
    inner = pylego.Sequential([pylego.Input((6,)), layers.Dense(3)])
    model = pylego.Model([left, right], inner(both))
    return _trained(model, [np.ones((8, 4), "float32")] * 2)


def _trained(model: Any, inputs: list[np.ndarray]) -> Any:
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(inputs[0] if len(inputs) == 1 else inputs, np.ones((8, 3)), verbose=0)
    return model
