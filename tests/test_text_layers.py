"""Layers that read words, categories and raw features: Keras's numbers, and what must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import layers, names
from pylego.core.tensor import Tensor
from pylego.models import Model, load_model

GOLDEN = load("text_layers")
FLOATS = array(GOLDEN["floats"])


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def cases(kind: str) -> Any:
    params = [pytest.param(case, id=label) for label, case in GOLDEN[kind].items()]
    return pytest.mark.parametrize("case", params)


def arguments(case: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    return {k: tuple(v) if isinstance(v, list) else v for k, v in case["arguments"].items()}


def expect_config(layer: layers.Layer, case: dict[str, Any]) -> None:
    """Fail unless the layer describes itself as Keras does."""
    config, golden = layer.get_config(), case["config"]
    unlike = {"dtype", "vocabulary_size", "trainable"}  # Keras has other dtypes
    assert set(config) - unlike == set(golden) - unlike
    for key in set(golden) - unlike:
        ours, theirs = registry_form(config[key]), golden[key]
        if isinstance(theirs, (float, list)) and theirs and not isinstance(theirs, str):
            expect_close(ours, theirs)
        else:
            assert ours == theirs, key
    again = type(layer).from_config(config)
    assert again.get_config() == config


def registry_form(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


LEARNERS = {
    "TextVectorization": (GOLDEN["texts"], GOLDEN["unseen"]),
    "StringLookup": (GOLDEN["words"], GOLDEN["new_words"]),
    "IntegerLookup": (GOLDEN["numbers"], GOLDEN["new_numbers"]),
}
LEARNED = [
    pytest.param(kind, case, id=f"{kind}: {label}")
    for kind in LEARNERS
    for label, case in GOLDEN[kind].items()
]
every_learned = pytest.mark.parametrize(("kind", "case"), LEARNED)


def adapted(kind: str, case: dict[str, Any]) -> Any:
    layer = getattr(layers, kind)(**arguments(case))
    layer.adapt(LEARNERS[kind][0])
    return layer


# ---- real Keras -----------------------------------------------------------------------------


@every_learned
def test_vocabularies_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    layer = adapted(kind, case)
    assert layer.get_vocabulary() == case["vocabulary"]
    assert layer.vocabulary_size() == case["size"]
    if case["idf_weights"] is not None:
        expect_close(getattr(layer, "_lookup_layer", layer).idf_weights, case["idf_weights"])


@every_learned
def test_outputs_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    layer = adapted(kind, case)
    found = layer(LEARNERS[kind][1])
    assert isinstance(found, Tensor)
    expect_close(found, case["outputs"])
    mode = case["arguments"].get("output_mode", "int")
    assert found.dtype == ("int64" if mode == "int" else "float32")
    assert found.shape == np.shape(case["outputs"])


@every_learned
def test_configs_are_keras_s(kind: str, case: dict[str, Any]) -> None:
    expect_config(adapted(kind, case), case)


@every_learned
def test_saved_and_opened(kind: str, case: dict[str, Any], tmp_path: Path) -> None:
    class Reader(Model):
        def __init__(self, **options: Any):
            super().__init__(**options)
            self.reader = getattr(layers, kind)(**arguments(case))
            self.scale = layers.Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.scale(inputs)

        def get_config(self) -> dict[str, Any]:
            return {"name": self.name}

    model = Reader()
    model.reader.adapt(LEARNERS[kind][0])
    model(np.ones((1, 2)))
    model.save(tmp_path / "model.keras")
    opened = load_model(tmp_path / "model.keras", custom_objects={"Reader": Reader})
    assert opened.reader.get_vocabulary() == case["vocabulary"]
    expect_close(opened.reader(LEARNERS[kind][1]), case["outputs"])


@cases("Discretization")
def test_bins_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Discretization(**case["arguments"])
    if "num_bins" in case["arguments"]:
        layer.adapt([FLOATS, FLOATS * 2 - 1])
    expect_close(layer.bin_boundaries, case["boundaries"])
    expect_close(layer(FLOATS), case["outputs"])
    expect_config(layer, case)


@cases("Hashing")
def test_hashes_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Hashing(**arguments(case))
    np.testing.assert_array_equal(layer(case["inputs"]), case["outputs"])
    expect_config(layer, case)


@cases("HashedCrossing")
def test_crossings_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.HashedCrossing(**arguments(case))
    np.testing.assert_array_equal(layer(case["inputs"]), case["outputs"])
    expect_config(layer, case)


@cases("CategoryEncoding")
def test_encodings_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.CategoryEncoding(**arguments(case))
    found = layer(case["inputs"])
    np.testing.assert_array_equal(found, case["outputs"])
    assert layer.compute_output_shape(np.shape(case["inputs"])) == found.shape
    expect_config(layer, case)


@cases("Normalization")
def test_normalizations_are_keras_s(case: dict[str, Any]) -> None:
    layer = layers.Normalization(**arguments(case))
    if "mean" not in case["arguments"]:
        layer.adapt(FLOATS)
    expect_close(layer(FLOATS), case["outputs"], rtol=1e-5)
    for ours, theirs in zip(layer.get_weights()[:2], case["weights"][:2], strict=True):
        expect_close(ours, theirs)
    expect_config(layer, case)
