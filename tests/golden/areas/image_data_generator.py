"""Keras's legacy ImageDataGenerator: single changes of a square image, and normalizing.

Needs scipy beside Keras.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.ndimage
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from areas.encoding import encode

# Keras 3.15.1 asks for a name that scipy has dropped.
scipy.ndimage.interpolation = getattr(scipy.ndimage, "interpolation", scipy.ndimage)

IMAGES = np.random.default_rng(21).integers(0, 256, (6, 5, 5, 3)).astype("float32")
CHANGES: list[dict[str, Any]] = [
    {},
    {"theta": 25.0},
    {"tx": 1.5, "ty": -0.75},
    {"shear": 15.0},
    {"zx": 0.75, "zy": 1.5},
    {"theta": -40.0, "tx": 0.5, "ty": 1.25, "shear": 10.0, "zx": 1.25, "zy": 0.8},
    {"theta": 30.0, "ty": 1.25, "flip_horizontal": True, "flip_vertical": True},
    {"theta": 10.0, "flip_horizontal": True, "channel_shift_intensity": 30.0},
]
NORMALIZING: list[dict[str, Any]] = [
    {"rescale": 0.5},
    {"samplewise_center": True},
    {"samplewise_std_normalization": True, "rescale": 2.0},
    {"featurewise_center": True},
    {"featurewise_std_normalization": True},
    {"zca_whitening": True},
]


def change_facts() -> list[dict[str, Any]]:
    facts = []
    for mode in ("nearest", "reflect"):
        generator = ImageDataGenerator(fill_mode=mode)
        for parameters in CHANGES:
            output = generator.apply_transform(IMAGES[0].copy(), parameters)
            facts.append({"fill_mode": mode, "parameters": parameters, "output": encode(output)})
    return facts


def normalizing_facts() -> list[dict[str, Any]]:
    facts = []
    for arguments in NORMALIZING:
        generator = ImageDataGenerator(**arguments)
        # In float64, which zca_whitening by six images needs.
        generator.fit(IMAGES)
        output = np.asarray(generator.standardize(IMAGES[0].copy()), "float32")
        facts.append({"arguments": arguments, "output": encode(output)})
    return facts


def facts() -> dict[str, Any]:
    return {
        "image": encode(IMAGES[0]),
        "images": encode(IMAGES),
        "transforms": change_facts(),
        "standardized": normalizing_facts(),
    }
