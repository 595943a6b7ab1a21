"""Every layer of pictures: made again of Keras's description, and what it says comes out."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import layers, names
from pylego.graph import KerasTensor

CASES = load("descriptions")["cases"]


@pytest.fixture(autouse=True)
def names_from_the_start() -> None:
    names.reset_names()


def plain(config: dict[str, Any]) -> Any:
    """What no object describes, with lists for tuples."""
    config = {k: v for k, v in config.items() if k not in ("dtype", "quantization_config")}
    described = json.loads(json.dumps(config))
    return {k: v for k, v in described.items() if not isinstance(v, dict) or "class_name" not in v}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["class"])
def test_a_layer_is_made_of_keras_description_and_gives_the_same(case: dict[str, Any]) -> None:
    cls = getattr(layers, case["class"])
    config = cls.from_config(case["config"]).get_config()
    assert plain(config) == plain(case["config"])
    assert cls.from_config(config).get_config() == config


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["class"])
def test_what_comes_out_is_what_is_said_before(case: dict[str, Any]) -> None:
    layer = getattr(layers, case["class"])(**case["arguments"])
    shape = tuple(case["input_shape"])
    spec = layer.compute_output_spec(KerasTensor((None, *shape[1:])))
    assert list(spec.shape) == case["output_shape"]
    assert spec.dtype == case["output_dtype"]
    y = layer(np.ones(shape, np.float32))
    assert y.shape == (shape[0], *spec.shape[1:])
    assert y.dtype == spec.dtype


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["class"])
def test_layers_of_float64_compute_in_float64(case: dict[str, Any]) -> None:
    layer = getattr(layers, case["class"])(**case["arguments"], dtype="float64")
    y = layer(np.ones(case["input_shape"], np.float32))
    assert y.dtype == "float64"
    assert {weight.dtype for weight in layer.weights} <= {"float64"}


@pytest.mark.parametrize("name", ["Flatten", "Permute", "Reshape"])
def test_integers_stay_integers_where_numbers_only_move(name: str) -> None:
    (case,) = (case for case in CASES if case["class"] == name)
    layer = getattr(layers, name)(**case["arguments"])
    x = np.ones(case["input_shape"], np.int32)
    assert layer.compute_output_spec(KerasTensor(x.shape, "int32")).dtype == "int32"
    assert layer(x).dtype == "int32"


def test_few_bits_are_refused_in_words() -> None:
    assert layers.Dense(2, lora_rank=None, quantization_config=None).units == 2
    with pytest.raises(NotImplementedError, match="is not there"):
        layers.Dense(2, quantization_config={"bits": 8})
