"""Affine maps of images, and layers of images where chance has one choice only."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

MODES = ("constant", "nearest", "reflect", "wrap")
IMAGES = np.random.default_rng(11).integers(0, 256, (2, 4, 5, 2)).astype("float32")
COLORS = np.random.default_rng(12).integers(0, 256, (2, 4, 5, 3)).astype("float32")
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

# Colors: class -> arguments of which chance has one choice, for images of a byte or from 0 to 1.
COLORED: list[tuple[str, dict[str, Any]]] = [
    ("AutoContrast", {}),
    ("AutoContrast", {"value_range": [0, 1]}),
    ("Equalization", {}),
    ("Equalization", {"value_range": [0, 1], "bins": 16}),
    ("RandomColorDegeneration", {"factor": [0.3, 0.3]}),
    ("RandomColorDegeneration", {"factor": [1, 1], "value_range": [0, 1]}),
    ("RandomColorJitter",
     {"brightness_factor": [0.1, 0.1], "saturation_factor": [0.4, 0.4], "value_range": [0, 1]}),
    ("RandomGrayscale", {"factor": 1.0}),
    ("RandomInvert", {"factor": [1, 1]}),
    ("RandomInvert", {"factor": [1, 1], "value_range": [0, 1]}),
    ("RandomInvert", {"factor": [0, 0]}),
    ("RandomPosterization", {"factor": [3, 3]}),
    ("RandomPosterization", {"factor": 1}),
    ("RandomPosterization", {"factor": [2, 2], "value_range": [0, 1]}),
    ("RandomSaturation", {"factor": [0.3, 0.3], "value_range": [0, 1]}),
    ("RandomSaturation", {"factor": [0.9, 0.9], "value_range": [0, 1]}),
    ("RandomSharpness", {"factor": [0.2, 0.2]}),
    ("RandomSharpness", {"factor": [0.9, 0.9], "value_range": [0, 1]}),
    ("Solarization", {}),
    ("Solarization", {"value_range": [0, 1]}),
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
    ("AugMix", {"num_chains": 2, "factor": 0.25, "all_ops": False}),
    ("AutoContrast", {}),
    ("CutMix", {"factor": 0.5, "seed": 2}),
    ("Equalization", {"bins": 32}),
    ("MixUp", {"alpha": 0.4}),
    ("RandAugment", {"num_ops": 3, "factor": 0.25}),
    ("RandomColorJitter", {"hue_factor": 0.5, "contrast_factor": [0.1, 0.2]}),
    ("RandomErasing", {"fill_value": 3.0}),
    ("RandomErasing", {"factor": [0.1, 0.5], "scale": [0.1, 0.2], "fill_value": [1, 2, 3]}),
    ("RandomHue", {"factor": 0.25}),
    ("RandomInvert", {"factor": 0.25}),
    ("RandomPosterization", {"factor": 4}),
    ("RandomSharpness", {"factor": [0.1, 0.3], "value_range": [0, 1]}),
    ("Solarization", {"addition_factor": 0.5, "threshold_factor": [0.2, 0.3]}),
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


def colored_facts() -> list[dict[str, Any]]:
    """Each image alone: Keras counts a batch as one image where it equalizes."""
    facts = []
    for name, arguments in COLORED:
        layer = getattr(keras.layers, name)(**arguments)
        images = COLORS / 255 if "value_range" in arguments else COLORS
        many = [np.asarray(layer(image[None], training=True))[0] for image in images]
        facts.append({"layer": name, "arguments": arguments, "outputs": encode(np.stack(many))})
    return facts


def drawn_facts() -> list[dict[str, Any]]:
    """Layers where Keras draws a sign, too: what is drawn is given."""
    shear = np.array([[0.3, 0.2], [0.0, 0.7]], "float32")
    rows = [
        ("RandomShear", {"x_factor": 1.0, "y_factor": 1.0}, {"shear_factor": shear}),
        ("RandomHue", {"factor": 1.0}, {"factor": np.array([0.1, 0.4], "float32")}),
        ("Solarization", {},
         {"additions": np.full((2, 1, 1, 1), 51.0), "thresholds": np.full((2, 1, 1, 1), 102.0)}),
    ]  # fmt: skip
    facts = []
    for name, arguments, drawn in rows:
        layer = getattr(keras.layers, name)(**arguments)
        given = {key: encode(np.asarray(value)) for key, value in drawn.items()}
        y = layer.transform_images(COLORS, {**drawn, "input_shape": COLORS.shape}, training=True)
        facts.append({"layer": name, "drawn": given, "outputs": encode(np.asarray(y))})
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
        "colors": encode(COLORS),
        "colored": colored_facts(),
        "drawn": drawn_facts(),
        "configs": config_facts(),
    }
