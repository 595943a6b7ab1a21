"""Drawn optimizers step now as they do in a recorded step, bit for bit, with one thread or two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import pylego as keras
from pylego import Variable, ops, optimizers

STEPS = 3
SHAPES = ((), (3,), (4, 3), (40, 30))
shares = st.floats(0.01, 0.99)
epsilons = st.sampled_from((1e-8, 1e-7, 1e-3, 0.5))
means = {"beta_1": shares, "beta_2": shares}
adam = {**means, "epsilon": epsilons}
# What is drawn for each class; Optimizer's own arguments come to all of them.
OWN: dict[str, dict[str, st.SearchStrategy]] = {
    "SGD": {"momentum": shares, "nesterov": st.booleans()},
    "RMSprop": {
        "rho": shares,
        "momentum": st.just(0.0) | shares,
        "epsilon": epsilons,
        "centered": st.booleans(),
    },
    "Adam": {**adam, "amsgrad": st.booleans()},
    "AdamW": {**adam, "amsgrad": st.booleans(), "weight_decay": shares},
    "Adadelta": {"rho": shares, "epsilon": epsilons},
    "Adagrad": {"initial_accumulator_value": shares, "epsilon": epsilons},
    "Adamax": adam,
    "Nadam": adam,
    "Ftrl": {
        "learning_rate_power": st.sampled_from((-0.5, -0.7, 0.0)),
        "initial_accumulator_value": shares,
        "l1_regularization_strength": st.just(0.0) | shares,
        "l2_regularization_strength": st.just(0.0) | shares,
        "l2_shrinkage_regularization_strength": st.just(0.0) | shares,
        "beta": st.just(0.0) | shares,
    },
    "Lion": means,
    "Lamb": adam,
    "Adafactor": {"beta_2_decay": st.floats(-1.0, -0.1), "clip_threshold": shares},
    "Muon": {"momentum": shares, "nesterov": st.booleans(), "ns_steps": st.integers(0, 3)},
    "ScheduleFreeAdamW": {**adam, "warmup_steps": st.integers(0, 4)},
}
AROUND = st.sampled_from(
    (
        {},
        {"clipnorm": 0.5},
        {"clipvalue": 0.3},
        {"global_clipnorm": 1.0},
        {"weight_decay": 0.1},
        {"use_ema": True, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 2},
    )
)
Numbers = list[np.ndarray]


@st.composite
def arguments_of(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Some of its own arguments, a rate, and what all optimizers accept."""
    own = draw(st.fixed_dictionaries({}, optional=OWN[kind]))
    return {"learning_rate": draw(shares), **draw(AROUND), **own}


def drawn_numbers(seed: int, dtype: str) -> Numbers:
    random = np.random.default_rng(seed)
    return [np.array(random.normal(size=shape), dtype) for shape in SHAPES]


def bits_after_steps(optimizer: Any, seed: int, dtype: str, around: Callable) -> list[bytes]:
    """What all variables hold; `around` makes a function of the step, such as `keras.function`."""
    variables = [Variable(value, dtype=dtype, name="v") for value in drawn_numbers(seed, dtype)]
    optimizer.build(variables)
    step = around(lambda gradients: optimizer.apply(gradients, variables))
    for number in range(STEPS):
        gradients = drawn_numbers(seed + 1 + number, dtype)
        step([ops.convert_to_tensor(gradient) for gradient in gradients])
    return [v.numpy().tobytes() for v in (*variables, *optimizer.variables)]


@pytest.mark.parametrize("kind", OWN)
@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(0, 1000), st.sampled_from(("float32", "float64")))
def test_now_and_recorded_are_the_same_bits(
    kind: str, data: st.DataObject, seed: int, dtype: str
) -> None:
    arguments = data.draw(arguments_of(kind))

    def bits(around: Callable, threads: int) -> list[bytes]:
        keras.config.set_num_threads(threads)
        optimizer = getattr(optimizers, kind)(name="x", **arguments)
        return bits_after_steps(optimizer, seed, dtype, around)

    threads = keras.config.num_threads()
    try:
        now = bits(lambda step: step, 1)
        assert bits(keras.function, 1) == now
        assert bits(keras.function, 2) == now
    finally:
        keras.config.set_num_threads(threads)
