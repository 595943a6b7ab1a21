"""Devices and rematerialization: names that programs say, and which change no number."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import pylego


def test_devices_and_rematerialization_are_understood() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pylego.device("cpu:0"):
            assert pylego.ops.ones(2).shape == (2,)
    with pytest.warns(UserWarning, match="not on 'gpu:0'"), pylego.device("gpu:0"):
        assert pylego.ops.ones(2).shape == (2,)
    with pytest.raises(TypeError, match="is a name"):
        pylego.device(0)  # type: ignore[arg-type]
    with pylego.RematScope("list_of_layers", layer_names=["one"]) as scope:
        layer = pylego.layers.Dense(2)
    assert scope.layer_names == ["one"]
    x = np.ones((1, 3), np.float32)
    np.testing.assert_array_equal(pylego.remat(layer)(x), layer(x))
    slope = pylego.grad(pylego.remat(lambda x: x**3))(2.0)
    assert slope.item() == 12.0
    with pytest.raises(ValueError, match="mode"):
        pylego.RematScope("fully")
