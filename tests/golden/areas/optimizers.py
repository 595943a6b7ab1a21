"""Trajectories, variable paths, configs and string names of the optimizers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras.src.optimizers import ALL_OBJECTS_DICT

from areas.encoding import encode, outcome

STEPS = 6
SHAPES = {"a": (3,), "b": (2, 3), "c": ()}

LAYER_NAMES = ("dense_bias", "dense_kernel", "kernel_2")

# name of the case -> (class, arguments of the constructor)
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {}),
    "sgd_learning_rate": ("SGD", {"learning_rate": 0.1}),
    "sgd_momentum": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "sgd_nesterov": ("SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "sgd_nesterov_without_momentum": ("SGD", {"learning_rate": 0.1, "nesterov": True}),
    "rmsprop": ("RMSprop", {}),
    "rmsprop_rho": ("RMSprop", {"learning_rate": 0.01, "rho": 0.5, "epsilon": 1e-3}),
    "rmsprop_momentum": ("RMSprop", {"learning_rate": 0.01, "momentum": 0.8}),
    "rmsprop_centered": ("RMSprop", {"learning_rate": 0.01, "centered": True}),
    "rmsprop_centered_momentum": (
        "RMSprop",
        {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.8, "centered": True},
    ),
    "adam": ("Adam", {}),
    "adam_betas": (
        "Adam",
        {"learning_rate": 0.05, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-3},
    ),
    "adam_amsgrad": ("Adam", {"learning_rate": 0.05, "beta_2": 0.5, "amsgrad": True}),
    "adamw": ("AdamW", {}),
    "adamw_weight_decay": ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.3}),
    "adamw_amsgrad": ("AdamW", {"learning_rate": 0.05, "beta_2": 0.5, "amsgrad": True}),
}

EXTRAS: dict[str, dict[str, Any]] = {
    "clipnorm": {"clipnorm": 0.5},
    "clipvalue": {"clipvalue": 0.3},
    "global_clipnorm": {"global_clipnorm": 1.0},
    "weight_decay": {"weight_decay": 0.1},
    "ema": {"use_ema": True, "ema_momentum": 0.8},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2},
    "accumulation": {"gradient_accumulation_steps": 2},
    "accumulation_clipnorm_decay": {
        "gradient_accumulation_steps": 3,
        "clipnorm": 0.5,
        "weight_decay": 0.1,
    },
    "accumulation_ema": {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.8,
    },
    "accumulation_ema_overwrite": {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_momentum": 0.8,
        "ema_overwrite_frequency": 2,
    },
    "accumulation_loss_scale_clipvalue": {
        "gradient_accumulation_steps": 2,
        "loss_scale_factor": 4.0,
        "clipvalue": 0.3,
    },
}

# the base of each combined case -> (class, arguments, names of EXTRAS)
BASES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "sgd": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}, tuple(EXTRAS)),
    "rmsprop": ("RMSprop", {"learning_rate": 0.01}, ("clipnorm", "weight_decay", "accumulation")),
    "adam": ("Adam", {"learning_rate": 0.05}, tuple(EXTRAS)),
    "adamw": ("AdamW", {"learning_rate": 0.05}, ("clipnorm", "accumulation_clipnorm_decay")),
}

ERRORS: dict[str, tuple[str, dict[str, Any]]] = {
    "integer learning rate": ("SGD", {"learning_rate": 1}),
    "two kinds of clipping": ("Adam", {"clipnorm": 1.0, "clipvalue": 1.0}),
    "unknown argument": ("Adam", {"betas": (0.9, 0.999)}),
    "lr": ("SGD", {"lr": 0.1}),
    "decay": ("SGD", {"decay": 0.1}),
    "integer momentum": ("SGD", {"momentum": 1}),
    "momentum above one": ("SGD", {"momentum": 1.5}),
    "accumulation of one": ("SGD", {"gradient_accumulation_steps": 1}),
    "ema momentum above one": ("SGD", {"use_ema": True, "ema_momentum": 1.5}),
    "ema frequency of zero": ("SGD", {"use_ema": True, "ema_overwrite_frequency": 0}),
    "adamw without decay": ("AdamW", {"weight_decay": None}),
}


def start_values() -> list[np.ndarray]:
    """Return the variables' values before the first step."""
    random = np.random.default_rng(1)
    return [random.normal(size=shape).round(3).astype("float32") for shape in SHAPES.values()]


def gradients() -> list[list[np.ndarray]]:
    """Return one list of gradients per step: some zeros, sizes from 1e-4 to 1e2."""
    random = np.random.default_rng(2)
    steps = []
    for scale in (1.0, 0.1, 100.0, 1e-4, 0.0, 2.0):
        step = [scale * random.normal(size=shape).round(3) for shape in SHAPES.values()]
        steps.append([np.asarray(gradient, "float32") for gradient in step])
    steps[0][0][1] = 0.0
    return steps


def all_cases() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the plain cases and every base combined with every extra."""
    combined = {
        f"{base}_{extra}": (name, arguments | EXTRAS[extra])
        for base, (name, arguments, extras) in BASES.items()
        for extra in extras
    }
    return CASES | combined


def make_variables() -> list[keras.Variable]:
    """Return fresh variables named like `SHAPES`."""
    return [
        keras.Variable(value, name=name) for name, value in zip(SHAPES, start_values(), strict=True)
    ]


def make_layer_variables() -> list[keras.Variable]:
    """Return the same variables under names that hold a searched word at other places."""
    return [
        keras.Variable(value, name=name)
        for name, value in zip(LAYER_NAMES, start_values(), strict=True)
    ]


def flat(variables: list[keras.Variable]) -> list[float]:
    """Return the numbers of all variables in one row: a, then b row by row, then c."""
    return encode(np.concatenate([np.ravel(variable.numpy()) for variable in variables]))


def run(optimizer: keras.optimizers.Optimizer, variables: list[keras.Variable]) -> dict[str, Any]:
    """Apply every step of gradients and record the variables after each."""
    steps = []
    for step in gradients():
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        steps.append(flat(variables))
    facts = {
        "steps": steps,
        "state_paths": [variable.path for variable in optimizer.variables],
        "state": encode([variable.value for variable in optimizer.variables]),
        "iterations": int(optimizer.iterations),
    }
    if optimizer.use_ema:
        optimizer.finalize_variable_values(variables)
        facts["finalized"] = flat(variables)
    return facts


def make(name: str, arguments: dict[str, Any]) -> keras.optimizers.Optimizer:
    """Return an optimizer."""
    return getattr(keras.optimizers, name)(**arguments)


def trajectory(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of one case."""
    keras.utils.clear_session()
    optimizer = make(name, arguments)
    facts = {"class": name, "arguments": encode(arguments)}
    return facts | run(optimizer, make_variables())


def special_cases() -> dict[str, Any]:
    """Return the cases that need more than constructor arguments."""
    keras.utils.clear_session()
    excluding = keras.optimizers.SGD(0.1, weight_decay=0.5)
    excluding.exclude_from_weight_decay(var_names=["b"])
    excluding_part = keras.optimizers.SGD(0.1, weight_decay=0.5)
    excluding_part.exclude_from_weight_decay(var_names=["^kernel", "bias"])
    constrained = make_variables()
    for variable in constrained:
        variable.constraint = keras.constraints.NonNeg()
    return {
        "decay_excluded_for_names_with_b": run(excluding, make_variables()),
        "decay_excluded_for_^kernel_and_bias": run(excluding_part, make_layer_variables()),
        "non_negative_constraint": run(keras.optimizers.SGD(0.1), constrained),
        "loss_scale_factor_4": run(
            keras.optimizers.SGD(0.1, loss_scale_factor=4.0), make_variables()
        ),
        "learning_rate_set_to_half_after_step_2": run_with_new_rate(),
        "learning_rate_is_a_function_returning_0.2": run(
            keras.optimizers.SGD(lambda: 0.2), make_variables()
        ),
    }


def run_with_new_rate() -> dict[str, Any]:
    """Return the steps of SGD(0.1) whose learning rate is set to 0.5 after two steps."""
    optimizer = keras.optimizers.SGD(0.1)
    variables = make_variables()
    steps = []
    for index, step in enumerate(gradients()):
        if index == 2:
            optimizer.learning_rate = 0.5
        optimizer.apply(step, variables)
        steps.append(flat(variables))
    return {"steps": steps}


def names() -> dict[str, str]:
    """Return which class each lower-case string gives (any case of letters is accepted)."""
    wanted = ("sgd", "rmsprop", "adam", "adamw")
    return {key: ALL_OBJECTS_DICT[key].__name__ for key in wanted}


def errors() -> dict[str, str]:
    """Return the type of exception for wrong arguments ("accepted" when there is none)."""
    facts = {
        label: outcome(make, name, arguments).get("raises", "accepted")
        for label, (name, arguments) in ERRORS.items()
    }
    return facts | {"unknown name": outcome(keras.optimizers.get, "adamm")["raises"]}


def configs() -> dict[str, Any]:
    """Return the default config of each class."""
    keras.utils.clear_session()
    return {
        name: encode(make(name, {}).get_config()) for name in ("SGD", "RMSprop", "Adam", "AdamW")
    }


def facts() -> dict[str, Any]:
    """Return the content of optimizers.json."""
    return {
        "about": "steps[i]: all numbers of a, b (row by row), c after applying gradients[i]",
        "shapes": encode(SHAPES),
        "layer_names": list(LAYER_NAMES),
        "start": encode(start_values()),
        "gradients": encode(gradients()),
        "cases": {label: trajectory(*case) for label, case in all_cases().items()},
        "special": special_cases(),
        "default_configs": configs(),
        "strings": names(),
        "errors": errors(),
    }
