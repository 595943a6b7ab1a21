"""Functions of pictures: colors, borders, patches, and the older ones of single images.

Needs scipy beside Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import scipy.ndimage
from keras.src.legacy.preprocessing import image as legacy

from areas.encoding import encode

# Keras 3.15.1 asks for a name that scipy has dropped.
scipy.ndimage.interpolation = getattr(scipy.ndimage, "interpolation", scipy.ndimage)

GENERATOR = np.random.default_rng(31)
BATCH = GENERATOR.random((2, 5, 6, 3)).round(3).astype("float32")
BYTES = GENERATOR.integers(0, 256, (5, 5, 3)).astype("uint8")
COLORS = np.array(
    [
        [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 1]],
        [[0.5, 0.2, 0.5], [2, 1, 0], [-1, 0, 1], [0.3, 0.3, 0.1], [0.1, 0.9, 0.9], [1.5, 0.5, 0.5]],
    ],
    "float32",
)
FIRST = {"data_format": "channels_first"}

# function of ops.image -> (which pictures, arguments)
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("rgb_to_grayscale", "batch", {}),
    ("rgb_to_grayscale", "bytes", {}),
    ("rgb_to_hsv", "colors", {}),
    ("rgb_to_hsv", "batch", {}),
    ("hsv_to_rgb", "colors", {}),
    ("hsv_to_rgb", "batch", {}),
    (
        "crop_images",
        "batch",
        {"top_cropping": 1, "left_cropping": 2, "bottom_cropping": 1, "right_cropping": 0},
    ),
    (
        "crop_images",
        "bytes",
        {"bottom_cropping": 1, "right_cropping": 2, "target_height": 3, "target_width": 2},
    ),
    (
        "pad_images",
        "batch",
        {"top_padding": 1, "left_padding": 0, "bottom_padding": 2, "right_padding": 3},
    ),
    (
        "pad_images",
        "bytes",
        {"bottom_padding": 1, "left_padding": 2, "target_height": 7, "target_width": 8},
    ),
    ("extract_patches", "batch", {"size": 2}),
    ("extract_patches", "batch", {"size": [2, 3], "strides": 1}),
    ("extract_patches", "batch", {"size": 2, "strides": 2, "padding": "same"}),
    ("extract_patches", "bytes", {"size": 2, "strides": 1, "dilation_rate": 2}),
    (
        "extract_patches",
        "batch",
        {"size": 3, "strides": [2, 1], "dilation_rate": 2, "padding": "same"},
    ),
]
IN_BOTH_LAYOUTS = ("rgb_to_grayscale", "rgb_to_hsv", "hsv_to_rgb", "crop_images", "extract_patches")
PICTURES = {"batch": BATCH, "bytes": BYTES, "colors": COLORS}

AXES = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
CHANGES: list[dict[str, Any]] = [
    {"theta": 25.0},
    {"tx": 1.5, "ty": -0.75, "fill_mode": "reflect"},
    {"shear": 15.0, "fill_mode": "nearest"},
    {"zx": 0.75, "zy": 1.5, "fill_mode": "reflect"},
    {"theta": -40.0, "tx": 0.5, "shear": 10.0, "zx": 1.25, "order": 0},
]


def call(name: str, which: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a function makes of pictures."""
    y = getattr(keras.ops.image, name)(PICTURES[which], **arguments)
    return {"function": name, "pictures": which, "arguments": arguments, "output": encode(y)}


def first(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the same for channels first."""
    x = BATCH.transpose(0, 3, 1, 2)
    y = getattr(keras.ops.image, name)(x, **arguments, **FIRST)
    return {"function": name, "arguments": arguments | FIRST, "output": encode(y)}


def smart(size: tuple[int, int], arguments: dict[str, Any]) -> dict[str, Any]:
    """Return pictures resized without distorting them."""
    y = keras.preprocessing.image.smart_resize(BATCH, size, **arguments)
    return {"size": size, "arguments": arguments, "output": encode(y)}


def older(function: Callable, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a function of single images makes of a square one."""
    y = function(BYTES.astype("float32"), **arguments)
    return {"function": function.__name__, "arguments": arguments, "output": encode(y)}


def brightened(factor: float, value_range: tuple[float, float]) -> dict[str, Any]:
    """Return pictures of RandomBrightness, where chance has one choice."""
    layer = keras.layers.RandomBrightness((factor, factor), value_range)
    return {
        "factor": factor,
        "value_range": value_range,
        "output": encode(layer(BATCH, training=True)),
    }


def facts() -> dict[str, Any]:
    """Return the content of image_functions.json."""
    return {
        "about": "output = ops.image.function(pictures, **arguments), and kin",
        "pictures": {name: encode(x) for name, x in PICTURES.items()},
        "calls": [call(*row) for row in CALLS],
        "first": [
            first(name, arguments)
            for name, which, arguments in CALLS
            if name in IN_BOTH_LAYOUTS and which == "batch"
        ],
        "smart_resize": [
            smart((3, 2), {}),
            smart((7, 7), {"interpolation": "bicubic"}),
            smart((4, 6), {"interpolation": "nearest"}),
        ],
        "older": [older(legacy.apply_affine_transform, change | AXES) for change in CHANGES]
        + [older(legacy.apply_channel_shift, {"intensity": 30.0, "channel_axis": 2})],
        "brightened": [
            brightened(0.25, (0.0, 1.0)),
            brightened(-0.5, (0.0, 1.0)),
            brightened(0.125, (-1.0, 1.0)),
        ],
    }
