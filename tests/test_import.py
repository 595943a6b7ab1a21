"""`import pylego` is silent, and what a program does not name is not loaded.

What is loaded is counted by its modules, in a fresh process; `make bench` times it.
"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import pylego
from pylego import layers, lazy

ROOT = Path(pylego.__file__).parent
LAZY = (
    "", ".callbacks", ".datasets", ".initializers", ".layers", ".losses", ".metrics", ".optimizers",
    ".optimizers.schedules", ".preprocessing", ".utils",
)  # fmt: skip

OPTIONAL = {"pandas", "matplotlib", "PIL", "h5py", "safetensors", "sklearn", "torch"}
SLOW = {
    "ast", "concurrent.futures", "difflib", "gzip", "hashlib", "html", "http.client", "json",
    "logging", "lzma", "multiprocessing", "numpy.random", "shutil", "socket", "ssl", "textwrap",
    "urllib.request",
}  # fmt: skip

FIRST_MODEL = """
import numpy as np
from pylego.models import Sequential
from pylego.layers import Dense
model = Sequential([Dense(4, activation="relu"), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(np.ones((8, 2)), np.ones(8), batch_size=4, verbose=0)
model.predict(np.ones((8, 2)), verbose=0)
"""


def run(program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )


def loaded_by(program: str) -> set[str]:
    """The modules that a program loads, beyond NumPy and what NumPy loads itself."""
    before = "import sys, numpy; before = set(sys.modules)\n"
    done = run(before + program + "\nprint(sorted(set(sys.modules) - before))")
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    return set(ast.literal_eval(done.stdout))


def package(name: str) -> ModuleType:
    return importlib.import_module("pylego" + name)


# What is loaded


def test_import_alone_loads_no_package() -> None:
    loaded = {name for name in loaded_by("import pylego") if "pylego" in name}
    assert loaded == {"pylego", "pylego.absent", "pylego.lazy", "pylego.tracebacks"}


def test_import_alone_needs_no_threads() -> None:
    done = run("import sys; import pylego; print('threading' in sys.modules)")
    assert done.stdout == "False\n"


def test_a_first_model_loads_what_it_needs() -> None:
    loaded = loaded_by(FIRST_MODEL)
    assert not loaded & (OPTIONAL | SLOW)
    packages = {".".join(name.split(".")[:2]) for name in loaded}
    assert not packages & {"pylego.datasets", "pylego.preprocessing", "pylego.inspection"}
    assert "pylego.layers.core.dense" in loaded
    others = {"convolution", "max_pooling", "dropout", "random_flip", "batch_normalization"}
    assert not loaded & {f"pylego.layers.{name}" for name in others}
    assert not loaded & {"pylego.utils.image_utils", "pylego.callbacks.early_stopping"}


def test_naming_everything_loads_nothing_optional() -> None:
    everything = "; ".join(f"from pylego{name} import *" for name in LAZY)
    assert not loaded_by(everything) & OPTIONAL


# What can be named


@pytest.mark.parametrize("name", LAZY)
def test_a_package_offers_what_its_stub_imports(name: str) -> None:
    path = ROOT.joinpath(*name.split(".")) / "__init__.pyi"
    imports = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ImportFrom)
    ]
    listed = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted(listed) == package(name).__all__
    for one, module in listed.items():
        found = getattr(package(name), one)
        is_same = found is getattr(importlib.import_module(module), one)
        assert is_same, f"pylego{name}: {one} is not that of {module}"


@pytest.mark.parametrize("name", LAZY)
def test_a_package_lists_what_is_not_loaded_yet(name: str) -> None:
    done = run(f"import pylego{name} as package; print(set(package.__all__) - set(dir(package)))")
    assert done.stdout == "set()\n"


def test_all_ways_to_import() -> None:
    run(
        "import pylego as keras; keras.layers.Dense; keras.datasets.mnist.load_data;"
        "keras.preprocessing.image.ImageDataGenerator; keras.utils.np_utils.to_categorical"
    )
    run("import pylego.datasets.mnist; pylego.datasets.mnist.load_data; pylego.Sequential")
    run("from pylego.preprocessing.image import ImageDataGenerator, load_img")
    run("from pylego.utils.np_utils import to_categorical; from pylego.layers import *; Conv2D")
    run("from pylego import Input, Model, Tensor, layers, ops; layers.Layer; ops.relu")


def test_a_wrong_name_is_an_attribute_error_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Dens'"):
        layers.Dens  # noqa: B018
    assert not hasattr(pylego, "__path_of_nothing__")
    program = "import pylego\ntry: pylego.layers.Dens\nfinally: pass"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "Did you mean: 'Dense'?" in done.stderr


def test_layers_are_found_by_name_in_a_fresh_process() -> None:
    config = {"layers": [{"class_name": "Dropout", "config": {"rate": 0.5}}]}
    run(
        f"from pylego.models import Sequential; model = Sequential.from_config({config})\n"
        "assert type(model.layers[0]).__name__ == 'Dropout'\n"
        "import sys; assert 'pylego.layers.convolutional.convolution' not in sys.modules"
    )


def test_every_public_layer_is_found_by_name() -> None:
    known = lazy.Names("pylego.layers")
    assert list(known) == layers.__all__
    assert len(known) == len(layers.__all__)
    for name in known:
        assert known[name] is getattr(layers, name)
    assert "Dens" not in known
    with pytest.raises(KeyError):
        known["Dens"]


def test_layers_are_pickled_by_their_module() -> None:
    done = run("import pickle; from pylego.layers import Dense; print(pickle.dumps(Dense))")
    run(f"import pickle; assert pickle.loads({done.stdout}).__name__ == 'Dense'")


def test_help_shows_what_is_public() -> None:
    done = run("import pylego; help(pylego.callbacks)")
    assert "class EarlyStopping" in done.stdout
