"""What merging layers make of several inputs: values, shapes and masks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from areas.encoding import encode

STEPS = [(2, 3, 2)] * 2
# Class, arguments, shapes of the inputs.
VALUES: list[tuple[str, dict[str, Any], list[tuple[int, ...]]]] = [
    *(
        (name, {}, shapes)
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
        for shapes in ([(2, 3)] * 3, [(2, 1, 3), (2, 4, 1)], [(2, 2), (2, 3, 2)], [(2, 3)])
    ),
    ("Subtract", {}, [(2, 3)] * 2),
    ("Subtract", {}, [(2, 3, 2), (2, 2)]),
    ("Concatenate", {}, [(2, 3), (2, 1), (2, 2)]),
    ("Concatenate", {"axis": 1}, [(2, 3, 2), (2, 1, 2)]),
    ("Concatenate", {"axis": 0}, [(1, 2), (3, 2)]),
    ("Dot", {"axes": 1}, [(2, 3), (2, 3)]),
    ("Dot", {"axes": -1, "normalize": True}, [(2, 3), (2, 3)]),
    ("Dot", {"axes": [1, 2]}, [(2, 3, 2), (2, 4, 3)]),
    ("Dot", {"axes": [2, 1]}, [(2, 4, 3), (2, 3)]),
    ("Dot", {"axes": [1, -1]}, [(2, 3), (2, 4, 3)]),
    ("Dot", {"axes": [-2, 1], "normalize": True}, [(2, 4, 3), (2, 4, 5)]),
    ("Dot", {"axes": [1, 2]}, [(2, 3, 2, 2), (2, 2, 3, 4)]),
]
# The masks of two inputs of shape (2, 3, 2).
ONE = [[1, 1, 0], [0, 1, 1]]
OTHER = [[1, 0, 0], [1, 1, 0]]
MASKS: list[list[Any]] = [[ONE, OTHER], [ONE, None], [None, OTHER], [None, None]]
THREE: list[list[Any]] = [[ONE, OTHER, ONE], [ONE, OTHER, None], [None, ONE, OTHER]]
MASKED: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")),
    ("Concatenate", {}),
    ("Concatenate", {"axis": 1}),
    ("Dot", {"axes": 2}),
]
OF_THREE = ("Add", "Multiply", "Maximum", "Minimum", "Concatenate")
FREE = [
    ("Add", {}, [[None, 3], [None, 3]]),
    ("Add", {}, [[4, 3], [None, 3]]),
    ("Add", {}, [[None, 3], [None, 5, 3]]),
    ("Multiply", {}, [[None, None, 3], [None, 5, 1]]),
    ("Average", {}, [[None, 1, 3], [None, 5, 1], [None, 3]]),
    ("Concatenate", {}, [[None, 3], [None, 2]]),
    ("Concatenate", {"axis": 1}, [[None, 3, 2], [None, None, 2]]),
    ("Concatenate", {"axis": -2}, [[None, 3, 2], [None, 4, 2]]),
    ("Dot", {"axes": 1}, [[None, 3], [None, 3]]),
    ("Dot", {"axes": [1, 2]}, [[None, 3, 5], [None, 4, 3]]),
    ("Dot", {"axes": -1}, [[None, 5, 3], [None, 3]]),
]
REFUSED = [
    ("Add", {}, [[2, 3], [2, 4]]),
    ("Add", {}, [[2, 3], [3, 3]]),
    ("Add", {}, [[1, 3], [2, 3]]),
    ("Average", {}, [[None, 2, 3], [None, 3, 3]]),
    ("Subtract", {}, [[2, 3]]),
    ("Subtract", {}, [[2, 3]] * 3),
    ("Concatenate", {}, [[2, 3], [3, 3]]),
    ("Concatenate", {"axis": 1}, [[2, 3, 4], [2, 3, 5]]),
    ("Concatenate", {}, [[2, 3, 4], [2, 3]]),
    ("Dot", {"axes": 1}, [[2, 3], [2, 4]]),
    ("Dot", {"axes": 1}, [[2, 3]]),
    ("Dot", {"axes": 1}, [[2, 3]] * 3),
]


def inputs(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """Return numbers of two decimals."""
    generator = np.random.default_rng(7)
    return [generator.normal(size=shape).round(2).astype("float32") for shape in shapes]


def value(name: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]]) -> dict[str, Any]:
    """Return what comes out of a layer, and of the function of its name."""
    given = inputs(shapes)
    y = getattr(keras.layers, name)(**arguments)(given)
    function = getattr(keras.layers, name.lower())
    assert np.array_equal(y, function(given, **arguments))
    config = getattr(keras.layers, name)(**arguments, name="merged").get_config()
    config.pop("dtype")
    return {
        "class": name,
        "arguments": arguments,
        "inputs": [encode(x) for x in given],
        "output": encode(y),
        "config": config,
    }


def masked(name: str, arguments: dict[str, Any], masks: list[Any]) -> dict[str, Any]:
    """Return what becomes of the masks, and what they do to the numbers."""
    given = [keras.ops.convert_to_tensor(x) for x in inputs(STEPS[:1] * len(masks))]
    for x, mask in zip(given, masks):
        if mask is not None:
            x._keras_mask = keras.ops.convert_to_tensor(np.array(mask, bool))
    y = getattr(keras.layers, name)(**arguments)(given)
    mask = getattr(y, "_keras_mask", None)
    return {
        "class": name,
        "arguments": arguments,
        "inputs": [encode(x) for x in given],
        "masks": masks,
        "output": encode(y),
        "mask": None if mask is None else encode(np.asarray(mask).astype(int)),
    }


def is_refused(name: str, arguments: dict[str, Any], shapes: Any) -> dict[str, Any]:
    """Check that Keras takes no such inputs."""
    try:
        getattr(keras.layers, name)(**arguments).build(shapes)
    except ValueError:
        return {"class": name, "arguments": arguments, "shapes": shapes}
    raise AssertionError(f"{name} takes {shapes}")


def output_shape(name: str, arguments: dict[str, Any], shapes: Any) -> dict[str, Any]:
    """Return the shape of a symbolic output."""
    given = [keras.Input(batch_shape=shape) for shape in shapes]
    layer = getattr(keras.layers, name)(**arguments)
    shape = layer(given).shape
    assert shape == tuple(layer.compute_output_shape([tuple(one) for one in shapes]))
    return {"class": name, "arguments": arguments, "shapes": shapes, "output": list(shape)}


def facts() -> dict[str, Any]:
    """Return the content of merging.json."""
    return {
        "about": "layer(inputs) of a list; compute_output_shape; masks that inputs carry",
        "values": [value(*row) for row in VALUES],
        "masked": [masked(*row, masks) for row in MASKED for masks in MASKS]
        + [masked(name, {}, masks) for name in OF_THREE for masks in THREE],
        "shapes": [output_shape(*row) for row in FREE],
        "refused": [is_refused(*row) for row in REFUSED],
    }
