"""What Keras says of Lambda layers, and which shapes and masks they give."""

from __future__ import annotations

import sys
from typing import Any

import keras
import numpy as np

from areas.encoding import encode


@keras.saving.register_keras_serializable("golden")
def scaled(x: Any, times: float = 2.0) -> Any:
    """Return x, scaled; both frameworks register it."""
    return x * times


def shape_of(shape: Any) -> tuple:
    """Return the shape of a batch."""
    return (shape[0], 7)


# Arguments of the layer, shape of the inputs.
SHAPES: list[tuple[dict[str, Any], Any]] = [
    ({"output_shape": [5]}, [None, 3]),
    ({"output_shape": [5]}, [8, 3]),
    ({"output_shape": []}, [8, 3]),
    ({"output_shape": [None, 2]}, [None, 3]),
    ({"output_shape": [5]}, [[None, 3], [None, 4]]),
    ({"output_shape": [[5], [6, 7]]}, [4, 3]),
    ({}, [None, 3]),
]


def tuples(value: Any) -> Any:
    """Return shapes as tuples, in lists."""
    if isinstance(value, list) and all(x is None or isinstance(x, int) for x in value):
        return tuple(value)
    return [tuples(item) for item in value] if isinstance(value, list) else value


def output_shape(arguments: dict[str, Any], shape: Any) -> dict[str, Any]:
    """Return the shape of the outputs."""
    given = {key: tuples(value) for key, value in arguments.items()}
    layer = keras.layers.Lambda(lambda x: x, **given)
    return {
        "arguments": arguments,
        "shape": shape,
        "output": encode(layer.compute_output_shape(tuples(shape))),
    }


def description(function: Any, **kwargs: Any) -> Any:
    """Return what Keras writes of a layer."""
    return encode(keras.saving.serialize_keras_object(keras.layers.Lambda(function, **kwargs)))


def facts() -> dict[str, Any]:
    """Return the content of lambda_layers.json."""
    ones = keras.ops.ones(2)
    named = {"name": "named"}
    return {
        "about": "serialize_keras_object(Lambda(...)), compute_output_shape",
        "python": list(sys.version_info[:2]),
        "registered": description(scaled, arguments={"times": 3.0}, **named),
        "tensor": description(scaled, arguments={"times": ones}, **named),
        "relu": description(keras.activations.relu, output_shape=(5,), **named),
        "op": description(keras.ops.relu, output_shape=scaled, mask=scaled, **named),
        "code": description(eval(compile("lambda x: x * 2 + 1", "golden", "eval")), **named),
        "shapes": [output_shape(*row) for row in SHAPES],
        "numbers": encode(np.asarray(scaled(np.ones(2, np.float32)))),
    }
