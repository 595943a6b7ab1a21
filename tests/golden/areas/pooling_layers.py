"""Pooling, up-sampling, padding and cropping: outputs, shapes, configs, gradients, resizing."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np

from areas.encoding import encode
from areas.layers import case, make, numbers
from areas.shapes_and_noise import FIRST, output_shape

SAME = {"padding": "same"}
BILINEAR = {"interpolation": "bilinear"}

# The shape of an input of each rank, long enough for every case; channels first as well.
INPUTS = {1: (2, 7, 2), 2: (1, 4, 5, 2), 3: (1, 3, 3, 4, 1)}

# suffix -> (arguments, ranks)
POOLS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "": ({"pool_size": 2}, (1, 2, 3)),
    "strides": ({"pool_size": 3, "strides": 2}, (1, 2, 3)),
    "same": ({"pool_size": 3, "strides": 2} | SAME, (1, 2, 3)),
    "same, dense": ({"pool_size": 2, "strides": 1} | SAME, (1, 2)),
    "gaps": ({"pool_size": 1, "strides": 3}, (1, 2)),
    "oblong": ({"pool_size": [2, 3], "strides": [3, 1]}, (2,)),
    "oblong, same": ({"pool_size": [3, 1, 2], "strides": [1, 2, 3]} | SAME, (3,)),
    "first": ({"pool_size": 2} | FIRST, (1, 2, 3)),
    "first, same": ({"pool_size": 3, "strides": 2} | SAME | FIRST, (1, 2, 3)),
}

OTHERS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "ZeroPadding": ({}, (1, 2, 3)),
    "ZeroPadding number": ({"padding": 2}, (1, 2)),
    "ZeroPadding first": ({"padding": 1} | FIRST, (1, 2)),
    "ZeroPadding first axes": ({"padding": [0, 0, [1, 0]]} | FIRST, (3,)),
    "ZeroPadding one side": ({"padding": [0, 2]}, (1,)),
    "ZeroPadding symmetric": ({"padding": [1, 2]}, (2,)),
    "ZeroPadding each": ({"padding": [[0, 1], [2, 0]]}, (2,)),
    "ZeroPadding all": ({"padding": [[0, 1], [2, 0], [1, 1]]}, (3,)),
    "Cropping": ({}, (1, 2, 3)),
    "Cropping number": ({"cropping": 1}, (1, 2, 3)),
    "Cropping first": ({"cropping": 1} | FIRST, (2, 3)),
    "Cropping one side": ({"cropping": [0, 3]}, (1,)),
    "Cropping symmetric": ({"cropping": [1, 2]}, (2,)),
    "Cropping each": ({"cropping": [[0, 3], [2, 0]]}, (2,)),
    "Cropping all": ({"cropping": [[0, 1], [2, 0], [1, 1]]}, (3,)),
    "UpSampling": ({}, (1, 2)),
    "UpSampling 3": ({"size": 3}, (1,)),
    "UpSampling first": ({"size": [2, 1]} | FIRST, (2,)),
    "UpSampling first axes": ({"size": [1, 1, 2]} | FIRST, (3,)),
    "UpSampling oblong": ({"size": [1, 3]}, (2,)),
    "UpSampling some": ({"size": [1, 2, 1]}, (3,)),
    "UpSampling bilinear": ({"size": [2, 3]} | BILINEAR, (2,)),
    "UpSampling bilinear first": ({"size": 2} | BILINEAR | FIRST, (2,)),
}


def shape_for(rank: int, arguments: dict[str, Any]) -> tuple[int, ...]:
    """Return the shape of the input, with its channels where the arguments have them."""
    batch, *lengths, channels = INPUTS[rank]
    is_first = arguments.get("data_format") == "channels_first"
    return (batch, channels, *lengths) if is_first else INPUTS[rank]


def all_cases() -> dict[str, tuple[str, dict[str, Any], tuple[int, ...]]]:
    """Return label -> (class, arguments, shape of the input)."""
    rows = {
        f"{kind}Pooling {suffix}".strip(): row
        for kind in ("Max", "Average")
        for suffix, row in POOLS.items()
    }
    for kind in ("GlobalMaxPooling", "GlobalAveragePooling"):
        rows[kind] = ({}, (1, 2, 3))
        rows[f"{kind} keepdims"] = ({"keepdims": True}, (1, 2, 3))
        rows[f"{kind} first"] = (FIRST, (1, 2, 3))
        rows[f"{kind} keepdims first"] = ({"keepdims": True} | FIRST, (2,))
    for kind in ("AdaptiveAveragePooling", "AdaptiveMaxPooling"):
        rows[kind] = ({"output_size": 3}, (1, 2, 3))
        rows[f"{kind} first"] = ({"output_size": 2} | FIRST, (1, 2, 3))
        rows[f"{kind} oblong"] = ({"output_size": [1, 3]}, (2,))
    cases = {}
    for label, (arguments, ranks) in (rows | OTHERS).items():
        family, _, suffix = label.partition(" ")
        for rank in ranks:
            name = f"{family}{rank}D"
            cases[f"{name} {suffix}".strip()] = (name, arguments, shape_for(rank, arguments))
    return cases


CASES = all_cases()

SLOPES = [
    label
    for label in CASES
    if label.startswith(("MaxPooling", "AveragePooling", "UpSampling2D b")) and "first" not in label
]

# One of each class, and all arguments that are written in several ways.
CONFIGS = [label for label in CASES if " " not in label or label.endswith(("oblong", "each"))]

# size, arguments, shape
RESIZED: list[tuple[tuple[int, int], dict[str, Any], tuple[int, ...]]] = [
    ((6, 4), {}, (1, 4, 3, 2)),
    ((2, 5), {}, (1, 4, 3, 2)),
    ((6, 4), {"interpolation": "nearest"}, (1, 4, 3, 2)),
    ((3, 2), {"interpolation": "nearest"}, (7, 5, 1)),
    ((3, 8), {"data_format": "channels_first"}, (2, 4, 3)),
    ((3, 8), {"data_format": "channels_first"}, (1, 2, 4, 3)),
    ((4, 4), {"crop_to_aspect_ratio": True}, (1, 4, 9, 1)),
    ((3, 6), {"crop_to_aspect_ratio": True}, (7, 5, 1)),
    ((4, 4), {"pad_to_aspect_ratio": True, "fill_value": 0.5}, (1, 4, 9, 1)),
    ((3, 6), {"pad_to_aspect_ratio": True}, (1, 7, 5, 1)),
    ((5, 5), {"pad_to_aspect_ratio": True, "data_format": "channels_first"}, (1, 2, 3, 6)),
]


def resized(size: tuple[int, int], arguments: dict[str, Any], shape: tuple) -> dict[str, Any]:
    """Return a picture resized."""
    x = numbers(shape, 7)
    y = keras.ops.image.resize(x, size, **arguments)
    return {"size": size, "arguments": arguments, "input": encode(x), "output": encode(y)}


def resized_integers(interpolation: str) -> dict[str, Any]:
    """Return a picture of bytes resized."""
    x = np.random.default_rng(8).integers(0, 256, (3, 5, 2)).astype("uint8")
    y = keras.ops.image.resize(x, (5, 7), interpolation)
    arguments = {"interpolation": interpolation}
    return {"size": (5, 7), "arguments": arguments, "input": encode(x), "output": encode(y)}


def slope(label: str) -> dict[str, Any]:
    """Return the gradient of sum(weights * layer(x)) by x."""
    name, arguments, shape = CASES[label]
    layer = make(name, arguments)
    x = numbers(shape, 5)
    weights = numbers(layer(x).shape, 9)
    gradient = jax.grad(lambda x: (layer(x) * weights).sum())(x)
    return {"weights": encode(weights), "gradient": encode(np.asarray(gradient).round(5))}


def free_shapes() -> list[dict[str, Any]]:
    """Return compute_output_shape of shapes whose samples and first length are free."""
    return [
        output_shape(name, arguments, (None, *shape[1:-2], None, shape[-1]))
        for name, arguments, shape in CASES.values()
        if "data_format" not in arguments
    ]


def facts() -> dict[str, Any]:
    """Return the content of pooling_layers.json."""
    return {
        "about": "output = layer(input); gradient of sum(weights * output) by input",
        "cases": {label: case(*row) for label, row in CASES.items()},
        "configs": {label: config_of(label) for label in CONFIGS},
        "output_shapes": free_shapes(),
        "gradients": {label: slope(label) for label in SLOPES},
        "resized": [resized(*row) for row in RESIZED],
        "resized_integers": [resized_integers(name) for name in ("nearest", "bilinear")],
    }


def config_of(label: str) -> dict[str, Any]:
    """Return the config of a case's layer."""
    name, arguments, _ = CASES[label]
    return encode(make(name, arguments).get_config())
