"""Limits and deviations of the random initializers, exact values of the others, and configs."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras.src.initializers.random_initializers import compute_fans

from areas.encoding import answer, encode, outcome

SHAPES: list[tuple[int, ...]] = [
    (), (5,), (4, 6), (784, 512), (1, 64), (3, 3, 16, 32), (5, 4, 8), (2, 2, 2, 4, 8), (0, 3),
    (1, 1), (2, 1), (1, 0), (700, 501), (3, 5, 31, 64),
]  # fmt: skip

# class -> (scale, mode, distribution) of variance scaling
SCALING = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
    "VarianceScaling": (1.0, "fan_in", "truncated_normal"),
}

# standard deviation of a unit normal cut off at 2
TRUNCATED_DEVIATION = 0.87962566103423978

DETERMINISTIC: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("Zeros", {}, (2, 3)),
    ("Ones", {}, (2, 3)),
    ("Constant", {}, (2,)),
    ("Constant", {"value": 0.5}, (2, 2)),
    ("Identity", {}, (3, 3)),
    ("Identity", {"gain": 2.0}, (2, 3)),
    ("Identity", {"gain": 2.0}, (3, 2)),
    ("Identity", {"gain": 3.0}, (1, 1)),
    ("Identity", {}, (2, 2, 2)),
]

CONFIGS = (*SCALING, "RandomNormal", "RandomUniform", "TruncatedNormal", "Orthogonal", "Zeros",
           "Ones", "Constant", "Identity")  # fmt: skip

STRINGS = (
    "zeros", "Zeros", "zero", "ones", "one", "constant", "identity", "uniform", "normal",
    "random_normal", "random_uniform", "truncated_normal", "variance_scaling", "orthogonal",
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform",
    "lecun_normal", "GlorotUniform", "xavier", "glorot",
)  # fmt: skip

ERRORS: list[tuple[str, dict[str, Any]]] = [
    ("VarianceScaling", {"scale": 0.0}),
    ("VarianceScaling", {"mode": "fan"}),
    ("VarianceScaling", {"distribution": "gauss"}),
    ("GlorotUniform", {"seed": "a"}),
]


def scaled(name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return fans and the bound that samples keep: uniform limit, or two deviations."""
    scale, mode, distribution = SCALING[name]
    fan_in, fan_out = compute_fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    variance = scale / max(1.0, fan)
    facts = {"class": name, "shape": list(shape), "fan_in": fan_in, "fan_out": fan_out}
    if distribution == "uniform":
        facts["limit"] = math.sqrt(3 * variance)
    else:
        facts["stddev"] = math.sqrt(variance)
        facts["limit"] = 2 * math.sqrt(variance) / TRUNCATED_DEVIATION
    check_samples(name, shape, facts)
    return facts


def check_samples(name: str, shape: tuple[int, ...], facts: dict[str, Any]) -> None:
    """Fail when what Keras samples does not fit the formula."""
    samples = np.asarray(getattr(keras.initializers, name)(seed=1)(shape))
    assert np.all(np.abs(samples) <= facts["limit"] * (1 + 1e-6))
    if samples.size > 4000:
        deviation = facts.get("stddev", facts["limit"] / math.sqrt(3))
        assert abs(samples.std() / deviation - 1) < 0.03
        assert samples.max() > 0.98 * facts["limit"] or "stddev" in facts


def plain_distributions() -> dict[str, Any]:
    """Return bounds and moments of 100,000 samples with the default arguments."""
    facts = {}
    for name in ("RandomNormal", "RandomUniform", "TruncatedNormal"):
        samples = np.asarray(getattr(keras.initializers, name)(seed=1)((100_000,)))
        facts[name] = {
            "mean": round(float(samples.mean()), 3),
            "stddev": round(float(samples.std()), 3),
            "max": round(float(samples.max()), 3),
        }
    return facts


def deterministic(name: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
    """Return the exact values, or the exception type for a shape that does not fit."""
    facts = {"class": name, "arguments": arguments, "shape": list(shape)}
    return facts | outcome(lambda: getattr(keras.initializers, name)(**arguments)(shape))


def orthogonal() -> dict[str, Any]:
    """Return how far gain-scaled orthogonal samples are from orthogonality."""
    facts = {}
    for shape in ((4, 6), (6, 4), (3, 3, 2, 4)):
        flat = np.asarray(keras.initializers.Orthogonal(gain=2.0, seed=1)(shape))
        flat = flat.reshape(-1, shape[-1])
        product = flat @ flat.T if flat.shape[0] < flat.shape[1] else flat.T @ flat
        error = float(np.abs(product - 4 * np.eye(len(product))).max())
        facts[str(list(shape))] = {"product_is_gain_squared_times_identity": error < 1e-5}
    facts["rank 1"] = outcome(lambda: keras.initializers.Orthogonal()((3,)))
    return facts


def seeds() -> dict[str, bool]:
    """Return how seeds behave: an instance with a seed repeats itself."""
    seeded = keras.initializers.GlorotUniform(seed=7)
    unseeded = keras.initializers.GlorotUniform()
    other = keras.initializers.GlorotUniform(seed=7)
    shape = (4, 5)
    return {
        "seeded instance called twice gives equal values": same(seeded(shape), seeded(shape)),
        "two instances with one seed give equal values": same(seeded(shape), other(shape)),
        "unseeded instance called twice gives equal values": same(unseeded(shape), unseeded(shape)),
    }


def same(a: Any, b: Any) -> bool:
    """Say whether two tensors are equal."""
    return bool(np.array_equal(np.asarray(a), np.asarray(b)))


def config(name: str, arguments: dict[str, Any]) -> Any:
    """Return the config of an initializer."""
    return encode(getattr(keras.initializers, name)(**arguments).get_config())


def string(name: str) -> str:
    """Return the class behind a string, or the exception type."""
    return answer(lambda: type(keras.initializers.get(name)).__name__)


def facts() -> dict[str, Any]:
    """Return the content of initializers.json."""
    return {
        "about": "limit: samples stay in [-limit, limit]; normals are cut at two deviations",
        "scaling": {name: list(rule) for name, rule in SCALING.items()},
        "bounds": [scaled(name, shape) for name in SCALING for shape in SHAPES],
        "defaults_sampled": plain_distributions(),
        "deterministic": [deterministic(*row) for row in DETERMINISTIC],
        "orthogonal": orthogonal(),
        "seeds": seeds(),
        "configs": {name: config(name, {}) for name in CONFIGS},
        "strings": {name: string(name) for name in STRINGS},
        "errors": [
            {"class": name, "arguments": arguments} | outcome(config, name, arguments)
            for name, arguments in ERRORS
        ],
    }
