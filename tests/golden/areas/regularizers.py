"""Values, gradients, configs and string names of the regularizers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras

from areas.encoding import answer, encode, outcome

INPUT = [[1.0, -2.0, 1.5], [0.5, 3.0, -0.25]]

CASES: list[tuple[str, dict[str, Any]]] = [
    ("L1", {}),
    ("L1", {"l1": 0.5}),
    ("L2", {}),
    ("L2", {"l2": 0.5}),
    ("L1L2", {}),
    ("L1L2", {"l1": 0.1}),
    ("L1L2", {"l1": 0.1, "l2": 0.5}),
    ("OrthogonalRegularizer", {}),
    ("OrthogonalRegularizer", {"factor": 0.1, "mode": "columns"}),
]

STRINGS = ("l1", "L1", "l2", "L2", "l1_l2", "l1l2", "L1L2", "orthogonal_regularizer", "l3")

ERRORS: list[tuple[str, dict[str, Any]]] = [
    ("L1", {"l1": "a"}),
    ("L2", {"l2": float("nan")}),
    ("L2", {"l2": -1.0}),
    ("OrthogonalRegularizer", {"mode": "diagonal"}),
]


def make(name: str, arguments: dict[str, Any]) -> Any:
    """Return a regularizer."""
    return getattr(keras.regularizers, name)(**arguments)


def case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return value and gradient for INPUT, and the config."""
    regularizer, x = make(name, arguments), jnp.asarray(INPUT)
    return {
        "class": name,
        "arguments": arguments,
        "value": encode(regularizer(x)),
        "gradient": encode(jax.grad(lambda x: jnp.sum(regularizer(x)))(x)),
        "config": encode(regularizer.get_config()),
    }


def string(name: str) -> Any:
    """Return class and config behind a string, or the exception type."""

    def found() -> list[Any]:
        regularizer = keras.regularizers.get(name)
        return [type(regularizer).__name__, regularizer.get_config()]

    return answer(found)


def facts() -> dict[str, Any]:
    """Return the content of regularizers.json."""
    return {
        "input": INPUT,
        "cases": [case(*row) for row in CASES],
        "strings": {name: string(name) for name in STRINGS},
        "function l1_l2 with defaults": encode(keras.regularizers.l1_l2().get_config()),
        "errors": [
            {"class": name, "arguments": arguments} | outcome(make, name, arguments)
            for name, arguments in ERRORS
        ],
    }
