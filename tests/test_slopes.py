"""Gradients of activations and what a gate leaves: loops of several bricks, with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from test_updates import patterns_in

import pylego
from pylego import GradientTape, engine, ops

LENGTHS = [2, 15, 16, 17, 1000]  # in and beside whole vectors


def gradient_of(function: Callable) -> Callable:
    """The gradient of sum(c function(x)) by x, for a c that differs from number to number."""

    def gradient(x: Any, c: Any, _: Any) -> Any:
        with GradientTape() as tape:
            tape.watch(x)
            total = ops.sum(c * function(x))
        return tape.gradient(total, x)

    return gradient


PROGRAMS: dict[str, Callable] = {
    "sigmoid_gradient": gradient_of(ops.sigmoid),
    "tanh_gradient": gradient_of(ops.tanh),
    "gate_rest": lambda a, f, b: a + (1 - f) * b,
    "gate_gradient": lambda a, f, b: -(a * f) + a * b,
}


def numbers(length: int, dtype: str) -> list[Any]:
    values = np.random.default_rng(length).normal(size=(3, length)).astype(dtype)
    return [ops.convert_to_tensor(x) for x in values]


def test_every_such_pattern_has_a_program_here() -> None:
    of_ops = {p.name for p in engine.PATTERNS.values() if p.python.startswith("pylego/ops/")}
    others = {name for name in of_ops if name.startswith(("normalization", "repeated", "scale"))}
    assert of_ops - others == set(PROGRAMS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_one_loop_has_the_bits_of_its_bricks(name: str, dtype: str) -> None:
    function = pylego.function(PROGRAMS[name])
    for length in LENGTHS:
        given = numbers(length, dtype)
        found = function(*given)
        assert patterns_in(function.program.view().info.instructions) == {name: 1}
        assert found.numpy().tobytes() == PROGRAMS[name](*given).numpy().tobytes()


def test_factors_and_summands_may_come_in_either_order() -> None:
    function = pylego.function(lambda a, f, b: b * (1 - f) + a)
    function(*numbers(20, "float32"))
    assert patterns_in(function.program.view().info.instructions) == {"gate_rest": 1}


def test_what_others_read_too_is_no_part_of_a_loop() -> None:
    def function(a: Any, f: Any, b: Any) -> Any:
        rest = 1 - f
        return a + rest * b, rest

    recorded = pylego.function(function)
    recorded(*numbers(20, "float32"))
    assert not patterns_in(recorded.program.view().info.instructions)
