"""Patterns: programs run the ops of each pattern as one loop, in the steps it was made for."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded import ALL, Function, Recorded, bits

import pylego as keras
from pylego import Variable, engine, ops
from pylego.core.tensor import Tensor
from pylego.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lamb,
    Lion,
    Nadam,
    Optimizer,
    RMSprop,
    ScheduleFreeAdamW,
)

ROOT = Path(__file__).resolve().parent.parent

# Optimizers, and the patterns that their step for each variable consists of.
UPDATES: dict[str, tuple[Callable[[], Optimizer], list[str]]] = {
    "sgd": (SGD, ["sgd"]),
    "momentum": (lambda: SGD(momentum=0.9), ["sgd_momentum"]),
    "nesterov": (lambda: SGD(momentum=0.9, nesterov=True), ["sgd_nesterov"]),
    "rmsprop": (RMSprop, ["rmsprop"]),
    "rmsprop momentum": (lambda: RMSprop(momentum=0.9), ["rmsprop_momentum"]),
    "rmsprop centered": (lambda: RMSprop(centered=True), ["rmsprop_centered"]),
    "rmsprop both": (
        lambda: RMSprop(momentum=0.9, centered=True),
        ["rmsprop_centered_momentum"],
    ),
    "adam": (Adam, ["adam"]),
    "amsgrad": (lambda: Adam(amsgrad=True), ["adam_amsgrad"]),
    "adamw": (AdamW, ["weight_decay", "adam"]),
    "adamw amsgrad": (lambda: AdamW(amsgrad=True), ["weight_decay", "adam_amsgrad"]),
    "nadam": (Nadam, ["nadam"]),
    "adagrad": (Adagrad, ["adagrad"]),
    "adadelta": (Adadelta, ["adadelta"]),
    "adamax": (Adamax, ["adamax"]),
    "lamb": (Lamb, ["sgd", "adam_direction"]),
    "lion": (Lion, ["lion"]),
    "ftrl": (Ftrl, ["ftrl"]),
    "ftrl with all that holds": (
        lambda: Ftrl(
            l1_regularization_strength=0.1,
            l2_regularization_strength=0.2,
            l2_shrinkage_regularization_strength=0.3,
            beta=0.4,
        ),
        ["ftrl"],
    ),
    "schedule free": (ScheduleFreeAdamW, ["adam_schedule_free"]),
    "sgd decay": (lambda: SGD(weight_decay=0.1), ["weight_decay", "sgd"]),
    "rmsprop decay": (lambda: RMSprop(weight_decay=0.1), ["weight_decay", "rmsprop"]),
    "nesterov decay": (
        lambda: SGD(momentum=0.9, nesterov=True, weight_decay=0.1),
        ["weight_decay", "sgd_nesterov"],
    ),
}

# What may stand around a step and leaves it one loop.
AROUND: dict[str, dict[str, Any]] = {
    "alone": {},
    "clipnorm": {"clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.01},
    "global_clipnorm": {"global_clipnorm": 0.1},
    "average": {"use_ema": True},
    "loss scale": {"loss_scale_factor": 4.0},
    "a rate that a function says": {"learning_rate": lambda: 0.01},
}


def patterns_in(steps: Iterable[engine.Instruction]) -> Counter[str]:
    """How often each pattern is used in a program."""
    ops = [(number, op) for number, step in enumerate(steps) for op in step.ops]
    loops = {(number, op.pattern_first, op.pattern) for number, op in ops if op.pattern}
    return Counter(pattern for *_, pattern in loops)


def copies_in(steps: Iterable[engine.Instruction]) -> list[engine.Op]:
    """Assignments to whole variables that the loop which makes the numbers does not do itself."""
    ops = [op for step in steps for op in step.ops]
    return [op for op in ops if op.brick.name == "assign" and op.operations > 1 and not op.pattern]


def trained(optimizer: Optimizer, **settings: Any) -> keras.Sequential:
    """A model of two variables: a kernel, whose gradient is a product, and a bias."""
    keras.utils.set_random_seed(3)
    x, y = np.random.default_rng(0).normal(size=(2, 12, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(6, activation="softplus")])
    model.compile(optimizer=optimizer, loss="mse", **settings)
    model.fit(x, y, epochs=3, batch_size=4, verbose=0)
    return model


def numbers_of(model: keras.Sequential) -> list[bytes]:
    return bits([*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)])


def loops_of(model: keras.Sequential) -> Counter[str]:
    return patterns_in(model.program().info.instructions)


# ---- optimizers -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", UPDATES)
def test_the_whole_step_of_an_optimizer_is_one_loop_with_the_same_bits(name: str) -> None:
    make, patterns = UPDATES[name]
    model = trained(make())
    assert loops_of(model) == dict.fromkeys(patterns, 2)
    assert not copies_in(model.program().info.instructions)
    assert numbers_of(model) == numbers_of(trained(make(), run_eagerly=True))
    assert numbers_of(model) == numbers_of(trained(make(), jit_compile=False))


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(
    ("make", "settings", "patterns"),
    [
        (SGD, {"momentum": 0.9, "nesterov": True}, ["sgd_nesterov"]),
        (RMSprop, {"momentum": 0.5, "centered": True}, ["rmsprop_centered_momentum"]),
        (RMSprop, {}, ["rmsprop"]),
        (AdamW, {}, ["weight_decay", "adam"]),
    ],
)
def test_clipping_averages_and_rates_leave_it_one_loop(
    around: str, make: Callable[..., Optimizer], settings: dict, patterns: list[str]
) -> None:
    settings = {**settings, **AROUND[around]}
    model = trained(make(**settings))
    assert {pattern: loops_of(model)[pattern] for pattern in patterns} == dict.fromkeys(patterns, 2)
    assert numbers_of(model) == numbers_of(trained(make(**settings), run_eagerly=True))


# ---- every pattern ---------------------------------------------------------------------------


def accumulating(make: Callable[..., Optimizer]) -> keras.Sequential:
    """Accumulation chooses between values in the middle of a step, so smaller patterns are used."""
    return trained(make(gradient_accumulation_steps=2))


# Those of optimizers, and a program for each; tests/test_normalization_loops.py,
# tests/test_slopes.py and tests/test_passes.py have the others.
PATTERNS = {
    name
    for name, pattern in engine.PATTERNS.items()
    if pattern.of_pass == "fuse" and pattern.python.startswith("pylego/optimizers/")
}
PROGRAMS: dict[str, Callable[[], keras.Sequential]] = {
    **{patterns[-1]: (lambda make=make: trained(make())) for make, patterns in UPDATES.values()},
    "weight_decay": lambda: trained(AdamW()),
    "rmsprop_step": lambda: accumulating(RMSprop),
    "adam_velocity": lambda: accumulating(Adam),
    "adam_step": lambda: accumulating(Adam),
}


def test_every_pattern_of_the_engine_has_a_program_here() -> None:
    assert set(PROGRAMS) == PATTERNS
    elsewhere = ("pylego/ops/", "pylego/models/folding.py")
    others = [p for p in engine.PATTERNS.values() if not p.python.startswith(elsewhere)]
    assert {(p.name, p.of_pass) for p in others if p.name not in PATTERNS} == {
        ("relu_pooling", "mask_before_pooling"),
        ("sgd_rows", "update_rows"),
    }


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_a_pattern_is_used_in_the_program_it_was_made_for(pattern: str) -> None:
    assert loops_of(PROGRAMS[pattern]())[pattern] == 2


@pytest.mark.parametrize("pattern", engine.PATTERNS.values(), ids=lambda pattern: pattern.name)
def test_a_pattern_names_the_python_code_it_is_made_for(pattern: engine.Pattern) -> None:
    path, function = pattern.python.split(": ")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    defined = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert defined.count(function) == 1
    assert pattern.formula
    assert pattern.of_pass in engine.PASSES


# ---- factors and summands in either order ---------------------------------------------------


def in_order(brick: str) -> Function:
    """The descent of a user's own loop, the rate first or last."""

    def function(w: Tensor, g: Tensor, rate: Tensor) -> list[Tensor]:
        return [w - (rate * g if brick == "rate first" else g * rate)]

    return function


@pytest.mark.parametrize("order", ["rate first", "rate last"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_factors_may_stand_in_either_order(order: str, dtype: str) -> None:
    w, g = (ops.convert_to_tensor(np.linspace(a, 5, 700).astype(dtype)) for a in (-1, 2))
    rate = ops.convert_to_tensor(np.array(0.3, dtype))
    recorded = Recorded(in_order(order), (w, g, rate), ALL)
    assert patterns_in(engine.instructions_of(recorded.program)) == {"sgd": 1}
    assert bits(recorded(w, g, rate)) == bits(in_order(order)(w, g, rate))


PLACES = 10  # where RMSprop's step has a product or a sum
ORDERS = [0, 2**PLACES - 1, 0b0101010101, *(1 << place for place in range(PLACES))]


def rmsprop_in(order: int) -> Function:
    """RMSprop, centered and with momentum; bit k of order: whether place k is swapped."""

    def function(w: Tensor, speed: Tensor, g: Tensor, v: Tensor, m: Tensor) -> list[Tensor]:
        def times(place: int, a: Tensor, b: Any) -> Tensor:
            return b * a if order >> place & 1 else a * b

        def plus(place: int, a: Tensor, b: Any) -> Tensor:
            return b + a if order >> place & 1 else a + b

        v = plus(2, times(0, v, 0.9), times(1, ops.square(g), 0.1))
        m = plus(5, times(3, m, 0.8), times(4, g, 0.2))
        step = times(6, g, 0.01) / ops.sqrt(plus(9, v - ops.square(m), 1e-7))
        speed = plus(8, times(7, speed, 0.5), step)
        return [w - speed, speed, v, m]

    return function


@pytest.mark.parametrize("order", ORDERS)
def test_factors_and_summands_may_stand_in_either_order_anywhere(order: int) -> None:
    inputs = tuple(ops.convert_to_tensor(np.linspace(a, 9, 700, dtype="f4")) for a in range(5))
    recorded = Recorded(rmsprop_in(order), inputs, ALL)
    found = patterns_in(engine.instructions_of(recorded.program))
    assert found == {"rmsprop_centered_momentum": 1}
    assert bits(recorded(*inputs)) == bits(rmsprop_in(order)(*inputs))


@pytest.mark.parametrize(
    "function",
    [
        lambda w, g: [w * 2.0 - g],  # what is subtracted is not a product
        lambda w, g: [g * 0.5 - w],
        lambda w, g: [w - g * g],  # no number for all
        lambda w, g: [w - ops.sum(g) * 0.5],
    ],
)
def test_what_only_looks_like_a_pattern_is_none(function: Function) -> None:
    w, g = (ops.convert_to_tensor(np.linspace(a, 5, 700).astype("float32")) for a in (-1, 2))
    recorded = Recorded(function, (w, g), ALL)
    assert not patterns_in(engine.instructions_of(recorded.program))
    assert bits(recorded(w, g)) == bits(function(w, g))


def test_a_result_that_is_read_again_is_the_named_one() -> None:
    """Nesterov's step, but what is taken away in the end is another step."""
    w, v, g, h = (ops.convert_to_tensor(np.linspace(a, 5, 700, dtype="f4")) for a in (-1, 2, 3, 7))

    def function(w: Tensor, v: Tensor, g: Tensor, h: Tensor) -> list[Tensor]:
        step, other = g * 0.1, h * 0.1
        speed = v * 0.9 - step
        return [w + (speed * 0.9 - other), speed]

    recorded = Recorded(function, (w, v, g, h), ALL)
    assert "sgd_nesterov" not in patterns_in(engine.instructions_of(recorded.program))
    assert bits(recorded(w, v, g, h)) == bits(function(w, v, g, h))


def lion(w: Tensor, m: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Lion's step, its mean and what both are made of."""
    change = g - m
    next_m = m + change * 0.01
    return w - ops.sign(m + change * 0.1) * 0.01, next_m, change


@pytest.mark.parametrize(
    "function",
    [
        lambda w, m, g: [*lion(w, m, g)],  # the change is wanted, too
        lambda w, m, g: [(step := lion(w, m, g))[0], step[1], ops.exp(step[2])],  # or read again
        lambda w, m, g: [lion(w, m, g)[0], m + (m - g) * 0.01],  # the mean has another change
    ],
)
def test_what_is_made_beside_a_step_is_made_of_the_same(function: Function) -> None:
    inputs = tuple(ops.convert_to_tensor(np.linspace(a, 9, 700, dtype="f4")) for a in range(3))
    plain = Recorded(lambda w, m, g: [*lion(w, m, g)[:2]], inputs, ALL)
    assert patterns_in(engine.instructions_of(plain.program)) == {"lion": 1}
    recorded = Recorded(function, inputs, ALL)
    assert "lion" not in patterns_in(engine.instructions_of(recorded.program))
    assert bits(recorded(*inputs)) == bits(function(*inputs))


def test_a_variable_that_was_assigned_is_another_operand() -> None:
    """Adam, but the gradient that is squared is the one that was assigned in between."""

    def make() -> Function:
        w, m, v, g = (Variable(np.linspace(a, 5, 700, dtype="f4")) for a in (-1, 2, 3, 4))

        def function(rate: Tensor) -> list[Tensor]:
            next_m = ops.lerp(m, g, 0.1)
            g.assign(next_m)
            next_v = ops.lerp(v, ops.square(g), 0.2)
            v.assign(next_v)
            return [w.assign_sub(next_m * rate / (ops.sqrt(next_v) + 1e-7)).value + 0.0]

        return function

    rate, now = ops.convert_to_tensor(np.float32(0.3)), make()
    recorded = Recorded(make(), (rate,), ALL)
    assert "adam" not in patterns_in(engine.instructions_of(recorded.program))
    for _ in range(3):
        assert bits(recorded(rate)) == bits(now(rate))


@pytest.mark.parametrize("is_assigned", [True, False])
def test_a_loop_reads_nothing_that_it_makes_itself(is_assigned: bool) -> None:
    """Adam with the largest v so far, but that is this v: read as a variable, or as it was made."""

    def make() -> Function:
        w, m, v, g = (Variable(np.linspace(a, 5, 700, dtype="f4")) for a in (-1, 2, 3, 4))

        def function(rate: Tensor) -> list[Tensor]:
            next_m = ops.lerp(m, g, 0.1)
            next_v = ops.lerp(v, ops.square(g), 0.2)
            v.assign(next_v)
            peak = ops.maximum(v if is_assigned else next_v, next_v)
            w.assign_sub(next_m * rate / (ops.sqrt(peak) + 1e-7))
            return [next_m + 0.0, peak + 0.0, w.value + 0.0]

        return function

    rate, now = ops.convert_to_tensor(np.float32(0.3)), make()
    recorded = Recorded(make(), (rate,), ALL)
    assert "adam_amsgrad" not in patterns_in(engine.instructions_of(recorded.program))
    assert any(len(step.ops) > 8 for step in engine.instructions_of(recorded.program))
    for _ in range(3):
        assert bits(recorded(rate)) == bits(now(rate))


# ---- the print-out --------------------------------------------------------------------------


def test_the_print_out_shows_what_is_said_in_one_loop() -> None:
    printed = str(trained(RMSprop()).program()).splitlines()
    marks = [line[5] for line in printed if line[:5] == "     " and line[5:6] in tuple("/|\\")]
    assert "".join(marks) == 2 * ("/" + 9 * "|" + "\\")
    first = next(line for line in printed if line.startswith("     /"))
    last = [line for line in printed if line.startswith("     \\")]
    assert "multiply(0.9, " in first
    assert first.endswith("  [rmsprop]")
    assert sum(line.endswith("[rmsprop]") for line in printed) == 2
    assert [line.split()[1].split("/")[1] for line in last] == ["kernel", "bias"]


def test_nothing_is_marked_where_nothing_is_said_in_one_loop() -> None:
    printed = str(trained(SGD()).program("predict")).split("\n\n", 1)[1]
    assert not any(
        line.startswith(("     /", "     |", "     \\")) for line in printed.splitlines()
    )
