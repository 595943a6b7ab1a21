"""Affine maps of images, and layers of images where chance has one choice only."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

MODES = ("constant", "nearest", "reflect", "wrap")
IMAGES = np.random.default_rng(11).integers(0, 256, (2, 4, 5, 2)).astype("float32")
TRANSFORMS = [[0.8, -0.6, 1.25, 0.5, 1.1, -2.5, 0, 0], [-1.0, 0.0, 3.0, 0.31, 0.7, 4.23, 0, 0]]

# class -> arguments, of which chance has one choice
LAYERS: list[tuple[str, dict[str, Any]]] = [
    *(("RandomRotation", {"factor": [0.1, 0.1], "fill_mode": mode}) for mode in MODES),
    ("RandomRotation", {"factor": [-0.3, -0.3], "interpolation": "nearest"}),
    ("RandomRotation", {"factor": [0.25, 0.25], "fill_mode": "constant", "fill_value": 7.0}),
    *(
        ("RandomTranslation",
         {"height_factor": [0.3, 0.3], "width_factor": [-0.25, -0.25], "fill_mode": mode})
        for mode in MODES
    ),
    ("RandomTranslation",
     {"height_factor": [-0.5, -0.5], "width_factor": [0.4, 0.4], "interpolation": "nearest"}),
    *(
        ("RandomZoom",
         {"height_factor": [0.4, 0.4], "width_factor": [-0.3, -0.3], "fill_mode": mode})
        for mode in MODES
    ),
    ("RandomZoom", {"height_factor": [0.5, 0.5], "interpolation": "nearest"}),
    ("CenterCrop", {"height": 2, "width": 3}),
    ("CenterCrop", {"height": 4, "width": 2}),
    ("CenterCrop", {"height": 6, "width": 3}),
    ("Resizing", {"height": 7, "width": 3}),
    ("Resizing", {"height": 2, "width": 9, "interpolation": "nearest"}),
    ("Resizing", {"height": 3, "width": 3, "crop_to_aspect_ratio": True}),
    ("Resizing", {"height": 6, "width": 6, "pad_to_aspect_ratio": True, "fill_value": 9.0}),
    ("Rescaling", {"scale": 0.5, "offset": -1.0}),
]  # fmt: skip

CONFIGS: list[tuple[str, dict[str, Any]]] = [
    ("RandomFlip", {}),
    ("RandomFlip", {"mode": "horizontal", "seed": 3}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": [0.1, 0.3]}),
    ("RandomZoom", {"height_factor": 0.2}),
    ("RandomContrast", {"factor": [0.2, 0.3], "seed": 1}),
    ("RandomCrop", {"height": 2, "width": 3, "seed": 5}),
    ("CenterCrop", {"height": 2, "width": 3}),
    ("Resizing", {"height": 2, "width": 3}),
    ("Rescaling", {"scale": 0.5}),
]


def affine_facts() -> list[dict[str, Any]]:
    options = [{"interpolation": i, "fill_mode": m} for i in ("bilinear", "nearest") for m in MODES]
    options += [{}, {"fill_value": 9.0}, {"fill_mode": "mirror"}]
    facts = []
    for option in options:
        y = keras.ops.image.affine_transform(IMAGES, np.array(TRANSFORMS, "float32"), **option)
        facts.append({"options": option, "outputs": encode(np.asarray(y))})
    return facts


def layer_facts() -> list[dict[str, Any]]:
    facts = []
    for name, arguments in LAYERS:
        layer = getattr(keras.layers, name)(**arguments)
        y = layer(IMAGES, training=True) if name.startswith("Random") else layer(IMAGES)
        facts.append({"layer": name, "arguments": arguments, "outputs": encode(np.asarray(y))})
    return facts


def contrast_facts() -> list[dict[str, Any]]:
    layer = keras.layers.RandomContrast(0.5)
    facts = []
    for factor in (0.5, 1.0, 1.7):
        numbers = np.full((2, 1, 1, 1), factor, "float32")
        y = layer.transform_images(IMAGES, {"contrast_factor": numbers}, training=True)
        facts.append({"factor": factor, "outputs": encode(np.asarray(y))})
    return facts


def config_facts() -> list[dict[str, Any]]:
    facts = []
    for name, arguments in CONFIGS:
        config = getattr(keras.layers, name)(**arguments, name="named").get_config()
        facts.append({"layer": name, "arguments": arguments, "config": encode(config)})
    return facts


def facts() -> dict[str, Any]:
    return {
        "images": encode(IMAGES),
        "transforms": TRANSFORMS,
        "affine_transform": affine_facts(),
        "layers": layer_facts(),
        "contrast": contrast_facts(),
        "configs": config_facts(),
    }
