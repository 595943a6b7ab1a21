"""Values, configs and string names of the weight constraints."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import keras

from areas.encoding import answer, encode

INPUT = [[1.0, -2.0, 0.0, 0.1], [0.5, 3.0, 0.0, -0.2], [-4.0, 0.25, 0.0, 0.2]]

CASES: list[tuple[str, dict[str, Any]]] = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 1.5, "axis": 1}),
    ("MaxNorm", {"max_value": 3, "axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {}),
    ("UnitNorm", {"axis": 1}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 0.5, "max_value": 2.0, "rate": 0.25, "axis": 1}),
]

STRINGS = (
    "max_norm", "MaxNorm", "maxnorm", "non_neg", "NonNeg", "nonneg", "unit_norm", "UnitNorm",
    "min_max_norm", "MinMaxNorm", "norm",
)  # fmt: skip


def case(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the projected INPUT and the config."""
    constraint = getattr(keras.constraints, name)(**arguments)
    return {
        "class": name,
        "arguments": arguments,
        "value": encode(constraint(jnp.asarray(INPUT))),
        "config": encode(constraint.get_config()),
    }


def string(name: str) -> str:
    """Return the class behind a string, or the exception type."""
    return answer(lambda: type(keras.constraints.get(name)).__name__)


def facts() -> dict[str, Any]:
    """Return the content of constraints.json."""
    return {
        "input": INPUT,
        "cases": [case(*row) for row in CASES],
        "strings": {name: string(name) for name in STRINGS},
    }
