"""Values, gradients and refusals of keras.ops' convolutions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from areas.encoding import encode, outcome

# (operation, lengths and channels of the inputs, shapes of the kernels, arguments)
CALLS: list[tuple[str, list[int], list[list[int]], dict[str, Any]]] = [
    ("conv", [7, 2], [[3, 2, 3]], {}),
    ("conv", [7, 2], [[4, 2, 1]], {"padding": "same"}),
    ("conv", [7, 2], [[3, 2, 3]], {"strides": 2, "padding": "same"}),
    ("conv", [9, 1], [[3, 1, 2]], {"dilation_rate": 3, "padding": "same"}),
    ("conv", [8, 4], [[2, 2, 6]], {}),
    ("conv", [5, 6, 2], [[3, 2, 2, 3]], {}),
    ("conv", [5, 6, 2], [[3, 2, 2, 3]], {"padding": "same"}),
    ("conv", [5, 6, 2], [[3, 3, 2, 2]], {"strides": 2, "padding": "same"}),
    ("conv", [5, 7, 1], [[2, 3, 1, 2]], {"strides": [2, 3], "padding": "valid"}),
    ("conv", [6, 5, 1], [[3, 2, 1, 2]], {"dilation_rate": [2, 3], "padding": "same"}),
    ("conv", [4, 4, 6], [[1, 1, 6, 2]], {}),
    ("conv", [4, 4, 6], [[1, 1, 6, 2]], {"strides": 2}),
    ("conv", [4, 4, 6], [[2, 2, 2, 3]], {"padding": "same"}),
    ("conv", [3, 4, 3, 2], [[2, 2, 2, 2, 2]], {"padding": "same"}),
    ("conv", [3, 4, 5, 1], [[2, 3, 2, 1, 2]], {"strides": [1, 2, 2]}),
    ("conv", [4, 2], [[5, 2, 3]], {}),
    ("conv", [4, 2], [[2, 3, 3]], {}),
    ("depthwise_conv", [6, 2], [[3, 2, 2]], {}),
    ("depthwise_conv", [5, 6, 3], [[3, 3, 3, 1]], {"padding": "same"}),
    ("depthwise_conv", [5, 6, 2], [[3, 2, 2, 3]], {"strides": 2, "padding": "same"}),
    ("depthwise_conv", [6, 6, 2], [[2, 2, 2, 1]], {"dilation_rate": 2}),
    ("depthwise_conv", [6, 6, 3], [[2, 2, 2, 1]], {}),
    ("separable_conv", [6, 2], [[3, 2, 2], [1, 4, 3]], {}),
    ("separable_conv", [5, 5, 2], [[3, 3, 2, 1], [1, 1, 2, 3]], {"padding": "same"}),
    ("separable_conv", [5, 6, 2], [[2, 2, 2, 2], [1, 1, 4, 3]], {"strides": 2}),
    ("conv_transpose", [4, 2], [[3, 3, 2]], {}),
    ("conv_transpose", [4, 2], [[3, 3, 2]], {"strides": 2}),
    ("conv_transpose", [4, 2], [[2, 1, 2]], {"strides": 3, "padding": "valid"}),
    ("conv_transpose", [4, 2], [[3, 1, 2]], {"strides": 2, "padding": "same"}),
    ("conv_transpose", [4, 1], [[2, 1, 1]], {"strides": 3, "padding": "same"}),
    ("conv_transpose", [4, 1], [[3, 1, 1]], {"dilation_rate": 2, "padding": "same"}),
    ("conv_transpose", [3, 4, 2], [[3, 2, 3, 2]], {"strides": 2, "padding": "same"}),
    ("conv_transpose", [3, 4, 2], [[3, 3, 3, 2]], {"strides": 2, "output_padding": 1}),
    (
        "conv_transpose", [3, 4, 1], [[4, 3, 2, 1]],
        {"strides": [2, 3], "padding": "same", "output_padding": [1, 2]},
    ),
    ("conv_transpose", [2, 3, 2, 1], [[2, 2, 3, 2, 1]], {"strides": 2, "padding": "same"}),
    ("conv_transpose", [4, 2], [[3, 2, 3]], {}),
]  # fmt: skip


def numbers(shape: list[int], seed: int) -> np.ndarray:
    """Return quarters from -2 to 2, which the JSON file shows in few digits."""
    return np.random.default_rng(seed).integers(-8, 9, shape).astype("float32") / 4


def channels_first(x: np.ndarray) -> np.ndarray:
    """Return x with its last axis behind the batch."""
    return np.moveaxis(x, -1, 1)


def convolution(
    name: str, shape: list[int], kernel_shapes: list[list[int]], arguments: dict[str, Any]
) -> dict[str, Any]:
    """Return the value, and the gradients of the sum of its squares, for a batch of two."""
    operation = getattr(keras.ops, name)
    arrays = [
        numbers([2, *shape], 1),
        *(numbers(one, 2 + i) for i, one in enumerate(kernel_shapes)),
    ]
    bound = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    facts = {"op": name, "arguments": arguments, "inputs": encode(arrays)}
    facts |= outcome(lambda: operation(*arrays, **bound))
    if "raises" in facts:
        return facts
    first = operation(channels_first(arrays[0]), *arrays[1:], data_format="channels_first", **bound)
    facts["channels_first_is_the_same"] = bool(
        np.allclose(channels_first(np.asarray(facts["value"])), first, atol=1e-5)
    )
    total = jax.grad(lambda xs: jnp.sum(operation(*xs, **bound) ** 2))
    facts["gradients"] = encode(total([jnp.asarray(x) for x in arrays]))
    return facts


def facts() -> dict[str, Any]:
    """Return the content of convolution.json."""
    return {"calls": [convolution(*call) for call in CALLS]}
