"""Initializers, regularizers, constraints and activations as Keras 1 and 2 described them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Old name: class, and its settings. Other names are what they were.
_INITIALIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "normal": ("RandomNormal", {"mean": 0.0, "stddev": 0.05}),
    "one": ("Ones", {}),
    "uniform": ("RandomUniform", {"minval": -0.05, "maxval": 0.05}),
    "zero": ("Zeros", {}),
}
_CONSTRAINTS = {"maxnorm": "MaxNorm", "nonneg": "NonNeg", "unitnorm": "UnitNorm"}
_DISTRIBUTIONS = {"normal": "truncated_normal"}
_REGULARIZERS = {
    "ActivityRegularizer": "L1L2",
    "L1L2Regularizer": "L1L2",
    "WeightRegularizer": "L1L2",
    "l1l2": "l1_l2",
}
_ACTIVATIONS = {"hard_sigmoid": "hard_sigmoid_of_keras_2"}

# TensorFlow 1 numbered its classes: GlorotUniformV2.
_VERSION = re.compile(r"V[12]$")


def initializer(given: Any) -> Any:
    """Return what an initializer is called today."""
    if isinstance(given, str):
        name, settings = _INITIALIZERS.get(given, (given, None))
        return given if settings is None else _object(name, settings)
    if not _is_object(given):
        return given
    settings = {key: plain(value) for key, value in given["config"].items() if key != "dtype"}
    if "distribution" in settings:
        distribution = settings["distribution"]
        settings["distribution"] = _DISTRIBUTIONS.get(distribution, distribution)
    return _object(_VERSION.sub("", given["class_name"]), settings)


def regularizer(given: Any) -> Any:
    """Return how a regularizer is described today; Keras 1 has it as {'name': ..., 'l1': ...}."""
    if isinstance(given, str):
        return _REGULARIZERS.get(given, given)
    if not isinstance(given, Mapping):
        return given
    name, settings = _name_and_settings(given)
    return _object(_REGULARIZERS.get(name, name), settings)


def constraint(given: Any) -> Any:
    """Return how a constraint is described today; Keras 1 has it as {'name': ..., 'm': ...}."""
    if isinstance(given, str):
        return _CONSTRAINTS.get(given, given)
    if not isinstance(given, Mapping):
        return given
    name, settings = _name_and_settings(given)
    if "m" in settings:
        settings["max_value"] = settings.pop("m")
    return _object(_CONSTRAINTS.get(name, name), settings)


def activation(given: Any) -> Any:
    """Return what an activation is called today.

    `hard_sigmoid` was `clip(x / 5 + 1/2, 0, 1)` until Keras 2; Keras 3 divides by 6.
    """
    return _ACTIVATIONS.get(given, given) if isinstance(given, str) else given


def dtype(given: Any) -> Any:
    """Return the name of a dtype or a policy."""
    if isinstance(given, Mapping):
        settings = given.get("config")
        given = settings.get("name") if isinstance(settings, Mapping) else None
    return "float32" if given == "infer" else given


def plain(value: Any) -> Any:
    """Return a value that Keras 2 wrote as {'type': 'ndarray', 'value': ...}, as a value.

    TensorFlow wrote shapes as {'class_name': 'TensorShape', 'items': [...]}.
    """
    if isinstance(value, Mapping) and value.get("type") == "ndarray":
        return value.get("value")
    if isinstance(value, Mapping) and value.get("class_name") in ("TensorShape", "__tuple__"):
        return value.get("items")
    return value


def _is_object(given: Any) -> bool:
    return (
        isinstance(given, Mapping)
        and isinstance(given.get("class_name"), str)
        and isinstance(given.get("config"), Mapping)
    )


def _name_and_settings(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if _is_object(given):
        return given["class_name"], dict(given["config"])
    settings = dict(given)
    return str(settings.pop("name", settings.pop("class_name", ""))), settings


def _object(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    return {"class_name": name, "config": dict(settings)}
