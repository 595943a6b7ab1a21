"""What layers do with the mask that their inputs carry: pass it on, use it, or let it fall."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np

from areas.encoding import encode

MASK = np.array([[1, 1, 0, 0, 1], [0, 1, 1, 1, 1], [1, 0, 0, 0, 0]], bool)
WINDOW = {"filters": 2, "kernel_size": 2}

# Each class with what it takes for inputs of shape (3, 5, 2).
LAYERS: list[tuple[str, dict[str, Any]]] = [
    ("Activation", {"activation": "relu"}),
    ("AlphaDropout", {"rate": 0.5}),
    ("AveragePooling1D", {"pool_size": 2}),
    ("BatchNormalization", {}),
    ("Conv1D", WINDOW),
    ("Conv1DTranspose", WINDOW),
    ("Cropping1D", {}),
    ("Dense", {"units": 2}),
    ("DepthwiseConv1D", {"kernel_size": 2}),
    ("Dropout", {"rate": 0.5}),
    ("ELU", {}),
    ("Flatten", {}),
    ("GaussianDropout", {"rate": 0.5}),
    ("GaussianNoise", {"stddev": 1.0}),
    ("GlobalAveragePooling1D", {}),
    ("GlobalMaxPooling1D", {}),
    ("GroupNormalization", {"groups": 1}),
    ("Identity", {}),
    ("LayerNormalization", {}),
    ("LeakyReLU", {}),
    ("MaxPooling1D", {}),
    ("PReLU", {}),
    ("Permute", {"dims": [2, 1]}),
    ("RMSNormalization", {}),
    ("ReLU", {}),
    ("Rescaling", {"scale": 2.0}),
    ("Reshape", {"target_shape": [10]}),
    ("SeparableConv1D", WINDOW),
    ("SpatialDropout1D", {"rate": 0.5}),
    ("UnitNormalization", {}),
    ("UpSampling1D", {}),
    ("ZeroPadding1D", {}),
]


def carried(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return whether the mask goes on, and whether there is a warning."""
    layer = getattr(keras.layers, name)(**arguments)
    x = keras.ops.ones((3, 5, 2))
    x._keras_mask = keras.ops.convert_to_tensor(MASK)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        y = layer(x)
    return {
        "class": name,
        "arguments": arguments,
        "supports_masking": bool(layer.supports_masking),
        "passes_on": getattr(y, "_keras_mask", None) is not None,
        "warns": any("mask" in str(warning.message) for warning in caught),
    }


def averaged(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the means over the steps that count."""
    is_first = "data_format" in arguments
    x = np.random.default_rng(3).normal(size=(3, 2, 5) if is_first else (3, 5, 2)).round(3)
    y = keras.layers.GlobalAveragePooling1D(**arguments)(x.astype("float32"), mask=MASK)
    return {"arguments": arguments, "input": encode(x), "output": encode(y)}


def facts() -> dict[str, Any]:
    """Return the content of masks.json."""
    first = {"data_format": "channels_first"}
    return {
        "about": "layer(inputs with a mask); GlobalAveragePooling1D()(input, mask=mask)",
        "mask": encode(MASK.astype(int)),
        "carried": [carried(*row) for row in LAYERS],
        "averaged": [
            averaged(a) for a in ({}, {"keepdims": True}, first, first | {"keepdims": True})
        ],
    }
