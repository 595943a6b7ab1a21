"""Layers that rearrange samples, and those that draw while training, as they are at inference."""

from __future__ import annotations

from typing import Any

from areas.encoding import encode
from areas.layers import case, make

FIRST = {"data_format": "channels_first"}

# label -> (class, arguments, shape of the input)
CASES: dict[str, tuple[str, dict[str, Any], tuple[int, ...]]] = {
    "permute": ("Permute", {"dims": [2, 1]}, (2, 3, 4)),
    "permute three": ("Permute", {"dims": [3, 1, 2]}, (2, 2, 3, 4)),
    "permute one": ("Permute", {"dims": [1]}, (2, 3)),
    "repeat vector": ("RepeatVector", {"n": 3}, (2, 4)),
    "spatial dropout 1d": ("SpatialDropout1D", {"rate": 0.5}, (2, 3, 4)),
    "spatial dropout 2d": ("SpatialDropout2D", {"rate": 0.25, "seed": 3}, (2, 2, 3, 2)),
    "spatial dropout 2d first": ("SpatialDropout2D", {"rate": 0.5} | FIRST, (2, 2, 3, 2)),
    "spatial dropout 3d": ("SpatialDropout3D", {"rate": 0.5} | FIRST, (1, 2, 2, 2, 2)),
    "gaussian noise": ("GaussianNoise", {"stddev": 0.5, "seed": 4}, (2, 3)),
    "gaussian dropout": ("GaussianDropout", {"rate": 0.5}, (2, 3)),
    "alpha dropout": ("AlphaDropout", {"rate": 0.5, "noise_shape": [None, 1]}, (2, 3)),
}

# class, arguments, input shape with None -> compute_output_shape
SHAPES: list[tuple[str, dict[str, Any], tuple[int | None, ...]]] = [
    ("Permute", {"dims": [2, 1]}, (None, None, 4)),
    ("RepeatVector", {"n": 3}, (None, None)),
    ("SpatialDropout2D", {"rate": 0.5}, (None, None, 3, 2)),
    ("GaussianNoise", {"stddev": 0.5}, (None, 3)),
]


def config(label: str) -> dict[str, Any]:
    """Return the config of a case's layer before it is built."""
    name, arguments, _ = CASES[label]
    return encode(make(name, arguments).get_config())


def output_shape(name: str, arguments: dict[str, Any], shape: tuple) -> dict[str, Any]:
    """Return what compute_output_shape gives for a shape with unknown sizes."""
    return {
        "class": name,
        "arguments": arguments,
        "input_shape": list(shape),
        "output_shape": list(make(name, arguments).compute_output_shape(shape)),
    }


def facts() -> dict[str, Any]:
    """Return the content of shapes_and_noise.json."""
    return {
        "about": "output = layer(input) at inference",
        "cases": {label: case(*row) for label, row in CASES.items()},
        "configs": {label: config(label) for label in CASES},
        "output_shapes": [output_shape(*row) for row in SHAPES],
    }
