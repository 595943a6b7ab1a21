"""The base of layers that hold another one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from pylego import saving
from pylego.layers import Dense, Input, Wrapper
from pylego.models import Model


@saving.register_keras_serializable("test_wrapper")
class Scaled(Wrapper):
    def __init__(self, layer: Any, times: float = 2.0, **kwargs: Any):
        super().__init__(layer, **kwargs)
        self.times = times

    def call(self, inputs: Any) -> Any:
        return self.layer(inputs) * self.times

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "times": self.times}


def test_it_builds_and_describes_the_layer_that_it_holds() -> None:
    inner = Dense(3, name="inner")
    layer = Scaled(inner, times=3.0, name="outer")
    x = Input((4,))
    model = Model(x, layer(x))
    assert inner.built
    assert layer.weights == inner.weights
    ones = np.ones((2, 4), np.float32)
    assert (model(ones).numpy() == inner(ones).numpy() * 3).all()
    described = json.loads(json.dumps(saving.serialize_keras_object(layer)))
    assert list(described["config"]) == ["name", "trainable", "dtype", "layer", "times"]
    assert described["config"]["layer"]["class_name"] == "Dense"
    again = saving.deserialize_keras_object(described)
    assert (again.name, again.layer.name, again.times) == ("outer", "inner", 3.0)
    assert again(ones).shape == (2, 3)


@pytest.mark.parametrize("layer", [None, 3, "Dense", Dense, [Dense(2)]])
def test_it_needs_a_layer(layer: Any) -> None:
    with pytest.raises(TypeError, match="Scaled is made with a layer"):
        Scaled(layer)
