"""What makes a network of `applications` what it is: used by the golden script and by the tests."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import numpy as np

# Networks whose tops have so many weights that the tests leave them away.
WITHOUT_TOP = ("VGG16", "VGG19", "ConvNeXtLarge", "ConvNeXtXLarge", "EfficientNetV2L")
# They take seconds and up to gigabytes, and are like smaller ones but for numbers in tables.
TOO_LARGE = (
    *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtXLarge", "EfficientNetV2L"),
    *("EfficientNetV2M", "NASNetLarge"),
)
NAMES = [
    "ConvNeXtBase",
    "ConvNeXtLarge",
    "ConvNeXtSmall",
    "ConvNeXtTiny",
    "ConvNeXtXLarge",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "EfficientNetB0",
    "EfficientNetB1",
    "EfficientNetB2",
    "EfficientNetB3",
    "EfficientNetB4",
    "EfficientNetB5",
    "EfficientNetB6",
    "EfficientNetB7",
    "EfficientNetV2B0",
    "EfficientNetV2B1",
    "EfficientNetV2B2",
    "EfficientNetV2B3",
    "EfficientNetV2L",
    "EfficientNetV2M",
    "EfficientNetV2S",
    "InceptionResNetV2",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "MobileNetV3Large",
    "MobileNetV3Small",
    "NASNetLarge",
    "NASNetMobile",
    "ResNet101",
    "ResNet101V2",
    "ResNet152",
    "ResNet152V2",
    "ResNet50",
    "ResNet50V2",
    "VGG16",
    "VGG19",
    "Xception",
]
# One network of each family, and the side of the pictures that it is asked for.
ASKED = {
    "ConvNeXtTiny": 32, "DenseNet121": 32, "EfficientNetB0": 33, "EfficientNetV2B0": 32,
    "InceptionResNetV2": 75, "InceptionV3": 75, "MobileNet": 32, "MobileNetV2": 34,
    "MobileNetV3Small": 33, "NASNetMobile": 32, "ResNet50": 32, "ResNet50V2": 33, "VGG16": 32,
    "Xception": 71,
}  # fmt: skip
# Arguments of layers that make a difference to what they compute.
ARGUMENTS = [
    "filters",
    "kernel_size",
    "strides",
    "padding",
    "use_bias",
    "activation",
    "axis",
    "epsilon",
    "momentum",
    "scale",
    "center",
    "depth_multiplier",
    "pool_size",
    "units",
    "rate",
    "cropping",
    "max_value",
    "groups",
    "target_shape",
    "keepdims",
    "offset",
    "noise_shape",
    "init_values",
    "projection_dim",
]


def structure(model: Any) -> list[Any]:
    """Each layer: its class and name, its arguments, the layers before it, its weights."""
    numbers = _own_numbers(model)
    given = {layer.name for layer in model.layers}

    def name(text: str) -> str:  # operations count in the whole process
        return numbers.get(text, text if text in given else re.sub(r"_\d+$", "", text))

    rows = []
    for layer in model.layers:
        config = layer.get_config()
        known = {key: _plain(config[key]) for key in ARGUMENTS if key in config}
        if known.get("axis") == 3:
            known["axis"] = -1
        node = layer._inbound_nodes[0]
        placeholders = node.input_tensors if hasattr(node, "input_tensors") else node.inputs
        before = [name(x._keras_history[0].name) for x in placeholders]
        weights = [
            [re.sub(r"_\d+$", "", weight.name), list(weight.shape)] for weight in layer.weights
        ]
        rows.append([type(layer).__name__, name(layer.name), known, before, weights])
    return rows


def _own_numbers(model: Any) -> dict[str, str]:
    """Names that layers gave themselves, counted within the model."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for layer in model.layers:
        word = re.sub(
            r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z0-9])", "_", type(layer).__name__
        )
        word = word.lower()
        base = re.sub(r"_\d+$", "", layer.name)
        if base.replace("_", "") == word.replace("_", ""):
            found[layer.name] = f"{base}#{counts.setdefault(base, 0)}"
            counts[base] += 1
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    return round(value, 8) if isinstance(value, float) else value


def digest(model: Any) -> str:
    """A short number of the structure: another one for another structure."""
    text = json.dumps(structure(model), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fill(model: Any) -> None:
    """Give all weights numbers that follow from their place: both networks have the same."""
    numbers = []
    for place, weight in enumerate(model.weights):
        rng = np.random.default_rng(place)
        shape = tuple(weight.shape)
        if weight.name in ("gamma", "moving_variance", "variance"):
            made = rng.uniform(0.8, 1.2, shape)
        elif len(shape) < 2:
            made = rng.uniform(-0.1, 0.1, shape)
        else:
            fan_in = np.prod(shape[:2]) if "depthwise" in weight.name else np.prod(shape[:-1])
            made = rng.normal(0, np.sqrt(1.5 / fan_in), shape)
        numbers.append(made.astype(weight.dtype))
    model.set_weights(numbers)


def picture(side: int) -> np.ndarray:
    """Two pictures of bytes, as floats."""
    return np.random.default_rng(7).integers(0, 256, (2, side, side, 3)).astype("float32")


def answer(applications: Any, name: str) -> list[list[float]]:
    """Some of the numbers that a network without its top gives for pictures."""
    side = ASKED[name]
    model = getattr(applications, name)(
        weights=None, include_top=False, input_shape=(side, side, 3), pooling="avg"
    )
    fill(model)
    y = np.asarray(model(picture(side) / 255 * 2, training=False), "float64")
    return y[:, ::37][:, :12].tolist()
