"""Resizing with wider curves, with antialiasing, of integers; its gradients; the layers."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode

METHODS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")
SIZES = ((6, 9), (3, 2), (5, 16))
SHAPE = (1, 7, 5, 2)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Return reproducible float32 numbers with three decimals."""
    return np.random.default_rng(seed).normal(size=shape).round(3).astype("float32")


def floats(method: str, size: tuple[int, int], antialias: bool) -> dict[str, Any]:
    """Return a picture resized, and the gradient of sum(factors * output)."""
    x = numbers(SHAPE, 7)
    how = {"interpolation": method, "antialias": antialias}
    y = keras.ops.image.resize(x, size, **how)
    factors = numbers(y.shape, 8)
    gradient = jax.grad(lambda x: (keras.ops.image.resize(x, size, **how) * factors).sum())(x)
    return {
        "size": size,
        "arguments": how,
        "factors": encode(factors),
        "output": encode(np.asarray(y).round(5)),
        "gradient": encode(np.asarray(gradient).round(5)),
    }


def integers(method: str, dtype: str) -> dict[str, Any]:
    """Return sharp edges of integers resized: curves overshoot there."""
    x = np.random.default_rng(9).choice([0, 3, 250, 255], (4, 6, 1)).astype(dtype)
    y = keras.ops.image.resize(x, (9, 10), method)
    return {"interpolation": method, "dtype": dtype, "input": encode(x), "output": encode(y)}


LAYERS: list[tuple[str, dict[str, Any]]] = [
    ("Resizing", {"height": 4, "width": 3, "interpolation": "bicubic", "antialias": True}),
    ("Resizing", {"height": 8, "width": 3, "interpolation": "lanczos3"}),
    (
        "Resizing",
        {"height": 6, "width": 6, "interpolation": "lanczos5", "crop_to_aspect_ratio": True},
    ),
    (
        "Resizing",
        {
            "height": 4,
            "width": 6,
            "interpolation": "bicubic",
            "pad_to_aspect_ratio": True,
            "fill_value": 0.5,
            "antialias": True,
        },
    ),
    (
        "Resizing",
        {"height": 4, "width": 9, "antialias": True, "data_format": "channels_first"},
    ),
    ("UpSampling2D", {"size": (2, 3), "interpolation": "bicubic"}),
    ("UpSampling2D", {"size": 2, "interpolation": "lanczos3"}),
    (
        "UpSampling2D",
        {"size": (1, 2), "interpolation": "lanczos5", "data_format": "channels_first"},
    ),
]


def layer(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a layer makes of a picture."""
    keras.utils.clear_session()
    made = getattr(keras.layers, name)(**arguments)
    shape = (1, 2, 7, 5) if "data_format" in arguments else SHAPE
    x = numbers(shape, 3)
    return {
        "class": name,
        "arguments": arguments,
        "input": encode(x),
        "output": encode(made(x)),
        "config": encode(made.get_config()),
    }


def facts() -> dict[str, Any]:
    """Return the content of resizing.json."""
    return {
        "about": "output = ops.image.resize(input, size, ...); gradient of sum(factors * output)",
        "input": encode(numbers(SHAPE, 7)),
        "floats": [
            floats(method, size, antialias)
            for method in METHODS
            for size in SIZES
            for antialias in (False, True)
            if method != "nearest" or not antialias
        ],
        "integers": [integers(method, "uint8") for method in METHODS]
        + [integers("bicubic", "int32"), integers("lanczos5", "int32")],
        "layers": [layer(*row) for row in LAYERS],
    }
