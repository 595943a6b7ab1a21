"""Fifty steps of every optimizer, in float32 and float64, and the rates of every schedule.

About 320 compiled runs: eight to fifteen minutes. The header names the backend of all numbers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

from areas.encoding import encode

STEPS = 50
SHOWN = (1, 10, 50)  # after how many steps the variables are written down
SHAPES = {"kernel": (4, 3), "bias": (3,), "embeddings": (3, 2), "scale": ()}


def described(name: str, **config: Any) -> dict[str, Any]:
    """Return a description of a part, as configs have it."""
    package, _, name = f"keras.optimizers.{name}".rpartition(".")
    return {"module": package, "class_name": name, "config": config, "registered_name": None}


# name of the case -> (class, arguments of the constructor, parts as descriptions)
OWN: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"learning_rate": 0.01, "momentum": 0.9}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.01, "centered": True}),
    "adam": ("Adam", {"learning_rate": 0.01}),
    "adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.01}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1}),
    "adamax": ("Adamax", {"learning_rate": 0.01}),
    "nadam": ("Nadam", {"learning_rate": 0.01}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "lion": ("Lion", {"learning_rate": 0.01}),
    "lamb": ("Lamb", {"learning_rate": 0.01}),
    "adafactor": ("Adafactor", {"learning_rate": 0.1}),
    "muon": ("Muon", {"learning_rate": 0.01}),
    "schedule_free": ("ScheduleFreeAdamW", {"learning_rate": 0.01}),
}

# What each argument of an optimizer's own changes: (base case, argument, value).
ARGUMENTS: tuple[tuple[str, str, Any], ...] = (
    ("adadelta", "learning_rate", 0.5),
    ("adadelta", "rho", 0.5),
    ("adadelta", "epsilon", 1e-3),
    ("adagrad", "learning_rate", 0.01),
    ("adagrad", "initial_accumulator_value", 0.5),
    ("adagrad", "epsilon", 1e-2),
    ("adamax", "learning_rate", 0.1),
    ("adamax", "beta_1", 0.5),
    ("adamax", "beta_2", 0.5),
    ("adamax", "epsilon", 1e-2),
    ("nadam", "learning_rate", 0.1),
    ("nadam", "beta_1", 0.5),
    ("nadam", "beta_2", 0.5),
    ("nadam", "epsilon", 1e-2),
    ("ftrl", "learning_rate", 0.01),
    ("ftrl", "learning_rate_power", -0.7),
    ("ftrl", "initial_accumulator_value", 0.5),
    ("ftrl", "l1_regularization_strength", 0.1),
    ("ftrl", "l2_regularization_strength", 0.1),
    ("ftrl", "l2_shrinkage_regularization_strength", 0.1),
    ("ftrl", "beta", 0.1),
    ("lion", "learning_rate", 0.1),
    ("lion", "beta_1", 0.5),
    ("lion", "beta_2", 0.5),
    ("lamb", "learning_rate", 0.1),
    ("lamb", "beta_1", 0.5),
    ("lamb", "beta_2", 0.5),
    ("lamb", "epsilon", 1e-2),
    ("adafactor", "learning_rate", 0.01),
    ("adafactor", "beta_2_decay", -0.5),
    ("adafactor", "epsilon_1", 1e-2),
    ("adafactor", "epsilon_2", 2.0),
    ("adafactor", "clip_threshold", 0.5),
    ("muon", "learning_rate", 0.1),
    ("muon", "adam_beta_1", 0.5),
    ("muon", "adam_beta_2", 0.5),
    ("muon", "adam_weight_decay", 0.5),
    ("muon", "epsilon", 1e-2),
    ("muon", "weight_decay", 0.5),
    ("muon", "exclude_layers", ["kern"]),
    ("muon", "exclude_embeddings", False),
    ("muon", "muon_a", 2.0),
    ("muon", "muon_b", -5.0),
    ("muon", "muon_c", 0.5),
    ("muon", "adam_lr_ratio", 0.5),
    ("muon", "momentum", 0.5),
    ("muon", "ns_steps", 2),
    ("muon", "nesterov", False),
    ("muon", "rms_rate", 0.5),
    ("muon", "rms_rate", None),
    ("schedule_free", "learning_rate", 0.1),
    ("schedule_free", "beta_1", 0.5),
    ("schedule_free", "beta_2", 0.5),
    ("schedule_free", "epsilon", 1e-2),
    ("schedule_free", "warmup_steps", 20),
)

# What all optimizers accept.
AROUND: dict[str, dict[str, Any]] = {
    "clipnorm": {"clipnorm": 0.5},
    "clipvalue": {"clipvalue": 0.3},
    "global_clipnorm": {"global_clipnorm": 1.0},
    "weight_decay": {"weight_decay": 0.1},
    "average": {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 7},
    "accumulation": {"gradient_accumulation_steps": 3, "clipnorm": 0.5},
    "schedule": {
        "learning_rate": described(
            "schedules.CosineDecay", initial_learning_rate=0.1, decay_steps=40, alpha=0.1
        ),
    },
}
# Variables by their paths, each with an optimizer of its own.
SEVERAL: dict[str, tuple[str, dict[str, Any]]] = {
    "several": (
        "MultiOptimizer",
        {
            "optimizer_map": described(
                "OptimizerMap",
                default_optimizer=described("SGD", learning_rate=0.01, momentum=0.9),
                optimizer_map={
                    "embed.*": described("RMSprop", learning_rate=0.01, use_ema=True),
                    "kernel|scale": described("Adam", learning_rate=0.01, clipnorm=0.5),
                },
            ),
            "loss_scale_factor": 4.0,
        },
    ),
}
# Muon's own decay stands in these places.
_WITHOUT_DECAY = ("adamw", "muon")

SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9},
    ),
    "exponential_staircase": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9, "staircase": True},
    ),
    "piecewise": (
        "PiecewiseConstantDecay",
        {"boundaries": [5, 20, 30], "values": [0.1, 0.05, 0.01, 0.001]},
    ),
    "piecewise_one": ("PiecewiseConstantDecay", {"boundaries": [20], "values": [0.1, 0.05]}),
    "polynomial": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 30, "end_learning_rate": 0.01, "power": 2.0},
    ),
    "polynomial_cycle": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 12, "power": 0.5, "cycle": True},
    ),
    "inverse_time": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    ),
    "inverse_time_staircase": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
    ),
    "cosine": (
        "CosineDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 40, "alpha": 0.1},
    ),
    "cosine_warmup": (
        "CosineDecay",
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 30,
            "warmup_target": 0.2,
            "warmup_steps": 8,
        },
    ),
    # With 2.0, XLA has a restart one step late: its log(8) / log(2) is 2.9999999999999996.
    "restarts": (
        "CosineDecayRestarts",
        {
            "initial_learning_rate": 0.1,
            "first_decay_steps": 7,
            "t_mul": 1.5,
            "m_mul": 0.5,
            "alpha": 0.05,
        },
    ),
    "restarts_even": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.0},
    ),
}


def start_values() -> list[np.ndarray]:
    """Return the variables' values before the first step."""
    random = np.random.default_rng(1)
    return [random.normal(size=shape).round(2) for shape in SHAPES.values()]


def gradients() -> list[list[np.ndarray]]:
    """Return one list of gradients per step: they turn round and have a direction in common."""
    random = np.random.default_rng(2)
    return [
        [(0.3 + random.normal(size=shape)).round(2) for shape in SHAPES.values()]
        for _ in range(STEPS)
    ]


@contextlib.contextmanager
def floats(dtype: str) -> Iterator[None]:
    """Compute in that dtype inside the `with` block, from end to end.

    On JAX, Keras's table of dtypes makes float32 of a promotion that gives float64. So `ops.mean`,
    `ops.norm` and `ops.cos` round float64 numbers to float32, and with them Adafactor, Muon and the
    cosines, to an error of about 1e-8. On TensorFlow float64 stays float64, as it does here.
    """
    jax.config.update("jax_enable_x64", dtype == "float64")
    keras.config.set_floatx(dtype)
    keras.utils.clear_session()
    try:
        with mock.patch.dict(dtypes.BIT64_TO_BIT32_DTYPE, float64=dtype):
            yield
    finally:
        keras.config.set_floatx("float32")
        jax.config.update("jax_enable_x64", False)


def flat(numbers: list[jax.Array]) -> list[float]:
    """Return the numbers of all variables in one row."""
    return encode(np.concatenate([np.ravel(np.asarray(one)) for one in numbers]))


def run(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return where the variables are after some of the steps, and the last state."""
    dtype = keras.config.floatx()
    variables = [
        keras.Variable(value.astype(dtype), dtype=dtype, name=name)
        for name, value in zip(SHAPES, start_values(), strict=True)
    ]
    optimizer = getattr(keras.optimizers, name).from_config(dict(arguments))
    optimizer.build(variables)
    apply = jax.jit(optimizer.stateless_apply)
    numbers, state = [v.value for v in variables], [v.value for v in optimizer.variables]
    shown = {}
    for number, step in enumerate(gradients(), 1):
        numbers, state = apply(state, [g.astype(dtype) for g in step], numbers)
        if number in SHOWN:
            shown[str(number)] = flat(numbers)
    return {
        "shown": shown,
        "state": [[v.path.split("/")[-1], list(v.shape)] for v in optimizer.variables],
        "state_sums": [float(np.sum(np.asarray(one), dtype="float64")) for one in state],
    }


def facts_of(label: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of one case; of single arguments in float32 alone, and of what is around a
    method in float64 after the last step: the file stays small."""
    facts: dict[str, Any] = {"class": name, "arguments": encode(arguments)}
    for dtype in ("float32",) if "=" in label else ("float32", "float64"):
        with floats(dtype):
            facts[dtype] = run(name, arguments)
            facts["state"] = facts[dtype].pop("state")
    if ": " in label and "float64" in facts:
        shown = facts["float64"]["shown"]
        facts["float64"]["shown"] = {str(STEPS): shown[str(STEPS)]}
    return facts


def with_schedule(schedule: str) -> dict[str, Any]:
    """Return what SGD does with a schedule, and the rates themselves."""
    name, arguments = SCHEDULES[schedule]
    facts: dict[str, Any] = {"class": name, "arguments": encode(arguments)}
    for dtype in ("float32", "float64"):
        with floats(dtype):
            rates = getattr(keras.optimizers.schedules, name)(**arguments)
            ran = run("SGD", {"learning_rate": rates})
            facts[dtype] = {
                "rates": encode(
                    np.array([float(rates(step)) for step in range(0, STEPS + 1, 2)], dtype)
                ),
                "last": ran["shown"][str(STEPS)],
            }
    facts["config"] = encode(rates.get_config())
    return facts


def cases() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the plain cases, each argument alone ("="), and what all optimizers accept."""
    single = {
        f"{base}: {argument}={value}": (OWN[base][0], OWN[base][1] | {argument: value})
        for base, argument, value in ARGUMENTS
    }
    around = {
        f"{base}: {around}": (name, arguments | AROUND[around])
        for base, (name, arguments) in OWN.items()
        for around in AROUND
        if not (around == "weight_decay" and base in _WITHOUT_DECAY)
    }
    return OWN | SEVERAL | single | around


def facts() -> dict[str, Any]:
    """Return the content of optimizer_runs.json."""
    classes = sorted({name for name, _ in OWN.values()})
    return {
        "about": "shown[n]: the numbers of all variables after n steps",
        "shapes": encode(SHAPES),
        "start": encode(start_values()),
        "gradients": encode(gradients()),
        "cases": {label: facts_of(label, *case) for label, case in cases().items()},
        "schedules": {label: with_schedule(label) for label in SCHEDULES},
        "default_configs": {
            name: encode(getattr(keras.optimizers, name)().get_config()) for name in classes
        },
    }
