"""Values and gradients of the activations over a grid with large, zero and special inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import keras

from areas.encoding import answer, encode, outcome

GRID = [
    -1e4, -100.0, -10.0, -6.0, -3.0, -2.5, -1.0, -0.5, -1e-3, -0.0, 0.0,
    1e-3, 0.3, 0.5, 1.0, 2.0, 2.5, 3.0, 6.0, 10.0, 100.0, 1e4,
]  # fmt: skip
SPECIAL = [float("inf"), float("-inf"), float("nan")]

# (function, arguments)
ELEMENTWISE: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}),
    ("relu", {"negative_slope": 0.1}),
    ("relu", {"max_value": 2.0}),
    ("relu", {"threshold": 1.0}),
    ("relu", {"negative_slope": 0.1, "max_value": 2.5, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.25, "threshold": -1.0}),
    ("relu6", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.5}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softplus", {}),
    ("softsign", {}),
    ("elu", {}),
    ("elu", {"alpha": 0.5}),
    ("selu", {}),
    ("celu", {}),
    ("celu", {"alpha": 2.0}),
    ("gelu", {}),
    ("gelu", {"approximate": True}),
    ("silu", {}),
    ("exponential", {}),
    ("linear", {}),
    ("hard_sigmoid", {}),
    ("hard_tanh", {}),
    ("hard_silu", {}),
    ("mish", {}),
    ("log_sigmoid", {}),
    ("tanh_shrink", {}),
    ("soft_shrink", {}),
    ("soft_shrink", {"threshold": 1.0}),
    ("hard_shrink", {}),
    ("hard_shrink", {"threshold": 1.0}),
    ("threshold", {"threshold": 0.5, "default_value": -7.0}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("squareplus", {}),
    ("squareplus", {"b": 1}),
]

TABLES: dict[str, list[Any]] = {
    "rank 2": [[1.0, 2.0, 3.0, 4.0], [-1e4, 0.0, 1e4, 0.5], [0.25, 0.25, 0.25, 0.25]],
    "rank 3": [[[0.5, -1.0], [2.0, 0.0]], [[1.0, 1.0], [-3.0, 4.0]]],
    "rank 1": [0.5, -0.5, 2.0, 0.0],
    "all minus infinity": [[float("-inf")] * 4],
    "one infinity": [[0.0, float("inf"), 1.0, 2.0]],
    "one minus infinity": [[0.0, float("-inf"), 1.0, 2.0]],
    "one NaN": [[0.0, float("nan"), 1.0, 2.0]],
}

# (function, arguments, names of tables); no sparsemax: on jax Keras 3.15.1 gives rows of sum 0
ALONG_AXIS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("softmax", {}, tuple(TABLES)),
    ("softmax", {"axis": 0}, ("rank 2",)),
    ("softmax", {"axis": 1}, ("rank 3",)),
    ("softmax", {"axis": [1, 2]}, ("rank 3",)),
    ("log_softmax", {}, tuple(TABLES)),
    ("log_softmax", {"axis": 0}, ("rank 2",)),
    ("log_softmax", {"axis": 1}, ("rank 3",)),
    ("glu", {}, ("rank 2", "rank 3")),
    ("glu", {"axis": 1}, ("rank 3",)),
]

STRINGS = (
    "relu", "relu6", "leaky_relu", "sigmoid", "tanh", "softmax", "log_softmax", "softplus",
    "softsign", "elu", "selu", "celu", "gelu", "silu", "swish", "exponential", "linear",
    "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "mish", "log_sigmoid", "tanh_shrink",
    "soft_shrink", "hard_shrink", "threshold", "sparse_plus", "sparse_sigmoid", "squareplus",
    "sparsemax", "glu", "ReLU", "Sigmoid", "rellu", "exp", "none", "",
)  # fmt: skip


def function(name: str, arguments: dict[str, Any]) -> Callable[[Any], Any]:
    """Return the activation with its arguments bound; a list of axes becomes a tuple."""
    bound = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    return lambda x: getattr(keras.activations, name)(x, **bound)


def elementwise(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return values and d sum / d x over the grid, and values at inf, -inf, NaN."""
    activation = function(name, arguments)
    grid = jnp.asarray(GRID, "float32")
    return {
        "function": name,
        "arguments": arguments,
        "value": encode(activation(grid)),
        "gradient": encode(jax.grad(lambda x: activation(x).sum())(grid)),
        "special": encode(activation(jnp.asarray(SPECIAL, "float32"))),
    }


def along_axis(name: str, arguments: dict[str, Any], table: str) -> dict[str, Any]:
    """Return the value and the gradient of sum(value * [1, 2, 3, ...]), counted row by row."""
    activation = function(name, arguments)
    x = jnp.asarray(TABLES[table], "float32")
    facts = {"function": name, "arguments": arguments, "input": table}
    facts |= outcome(lambda: activation(x))
    if "value" in facts and table in ("rank 1", "rank 2", "rank 3"):
        facts["gradient"] = encode(jax.grad(lambda x: weighted_sum(activation(x)))(x))
    return facts


def weighted_sum(y: jax.Array) -> jax.Array:
    """Return the sum of y times 1, 2, 3, ... in row-major order."""
    return (y * jnp.arange(1, y.size + 1, dtype=y.dtype).reshape(y.shape)).sum()


def strings() -> dict[str, str]:
    """Return the name of the function behind each string."""
    return {
        string: answer(lambda s: keras.activations.get(s).__name__, string) for string in STRINGS
    }


def facts() -> dict[str, Any]:
    """Return the content of activations.json."""
    return {
        "about": "gradient: of sum(f(grid)); along_axis: of sum(f(x) * [1, 2, 3, ...])",
        "grid": GRID,
        "special": SPECIAL,
        "elementwise": [elementwise(*row) for row in ELEMENTWISE],
        "tables": TABLES,
        "along_axis": [
            along_axis(name, arguments, table)
            for name, arguments, tables in ALONG_AXIS
            for table in tables
        ],
        "strings": strings(),
        "none_gives": keras.activations.get(None).__name__,
    }
