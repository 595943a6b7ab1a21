"""Recurrent layers whose products are convolutions: outputs, states and gradients."""

from __future__ import annotations

from typing import Any

import keras

from areas import recurrent
from areas.encoding import encode
from areas.normalization import numbers

LAST = {"return_sequences": True, "return_state": True}
CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "1-D": ("ConvLSTM1D", {"filters": 2, "kernel_size": 2}, (2, 3, 4, 1)),
    "2-D": ("ConvLSTM2D", {"filters": 2, "kernel_size": (2, 3), **LAST}, (1, 2, 3, 4, 1)),
    "2-D, strides": (
        "ConvLSTM2D",
        {"filters": 1, "kernel_size": 2, "strides": 2, "padding": "same", "use_bias": False},
        (2, 2, 3, 4, 2),
    ),
    "2-D, dilated, backwards": (
        "ConvLSTM2D",
        {"filters": 1, "kernel_size": 2, "dilation_rate": 2, "go_backwards": True, **LAST},
        (1, 3, 4, 3, 1),
    ),
    "2-D, channels first": (
        "ConvLSTM2D",
        {"filters": 2, "kernel_size": 2, "data_format": "channels_first", **LAST},
        (1, 2, 3, 3, 4),
    ),
    "3-D": ("ConvLSTM3D", {"filters": 1, "kernel_size": 2}, (1, 2, 2, 3, 2, 1)),
}


def case(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return what a layer answers, and how it would train; gradients of channels last only."""
    keras.utils.clear_session()
    recurrent.SHAPE = shape
    layer = recurrent.with_numbers(getattr(keras.layers, name)(**arguments))
    return encode(
        {
            "class": name,
            "arguments": arguments,
            "inputs": numbers(shape, 5),
            "weight_paths": [weight.path for weight in layer.weights],
            "weights": layer.get_weights(),
            "outputs": recurrent.outputs(layer),
            "gradients": recurrent.gradients(layer),
            "config": layer.get_config(),
            "output_shape": layer.compute_output_shape((None, *shape[1:])),
        }
    )


def facts() -> dict[str, Any]:
    """Return the content of conv_lstm.json."""
    return {"cases": {label: case(*row) for label, row in CASES.items()}}
