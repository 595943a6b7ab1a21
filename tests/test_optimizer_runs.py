"""Fifty steps of every optimizer are Keras's, in float32 and float64; so are the rates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import Variable, config, ops, optimizers
from pylego.optimizers import schedules

GOLDEN = load("optimizer_runs")
CASES, SCHEDULES = GOLDEN["cases"], GOLDEN["schedules"]
# Relative to the largest number.
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
STEPS = len(GOLDEN["gradients"])


@pytest.fixture(params=["float32", "float64"])
def dtype(request: pytest.FixtureRequest) -> Iterator[str]:
    config.set_floatx(request.param)
    yield request.param
    config.set_floatx("float32")


def start(dtype: str) -> list[Variable]:
    return [
        Variable(np.array(value, dtype), name=name)
        for name, value in zip(GOLDEN["shapes"], GOLDEN["start"])
    ]


def ran(optimizer: optimizers.Optimizer, dtype: str) -> dict[int, np.ndarray]:
    """All numbers of all variables after each step."""
    variables, found = start(dtype), {}
    for number, step in enumerate(GOLDEN["gradients"], 1):
        gradients = [ops.convert_to_tensor(np.array(g, dtype)) for g in step]
        optimizer.apply(gradients, variables)
        found[number] = np.concatenate([v.numpy().ravel() for v in variables])
    return found


def expect_near(ours: Any, golden: Any, dtype: str) -> None:
    tolerance = TOLERANCE[dtype]
    allowed = tolerance * max(1.0, np.abs(golden).max())
    np.testing.assert_allclose(ours, golden, rtol=tolerance, atol=allowed)


@pytest.mark.parametrize("name", CASES)
def test_steps_and_state(name: str, dtype: str) -> None:
    case = CASES[name]
    if dtype not in case:
        pytest.skip("in float32 alone")
    optimizer = getattr(optimizers, case["class"]).from_config(case["arguments"])
    found = ran(optimizer, dtype)
    for number, golden in case[dtype]["shown"].items():
        expect_near(found[int(number)], np.array(golden), dtype)
    states = [[v.path.split("/")[-1], list(v.shape)] for v in optimizer.variables]
    assert states == case["state"]
    sums = [float(v.numpy().sum(dtype="float64")) for v in optimizer.variables]
    expect_near(sums, np.array(case[dtype]["state_sums"]), dtype)


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_and_a_run_with_them(name: str, dtype: str) -> None:
    case = SCHEDULES[name]
    schedule = getattr(schedules, case["class"])(**case["arguments"])
    rates = [schedule(step).item() for step in range(0, STEPS + 1, 2)]
    expect_near(rates, np.array(case[dtype]["rates"]), dtype)
    last = ran(optimizers.SGD(schedule), dtype)[STEPS]
    expect_near(last, np.array(case[dtype]["last"]), dtype)
    assert schedule.get_config() == case["config"]


def test_a_cosine_has_all_digits_of_its_dtype(dtype: str) -> None:
    rates = [schedules.CosineDecay(0.1, 40, alpha=0.1)(step).item() for step in range(41)]
    expected = 0.1 * (0.9 * 0.5 * (1 + np.cos(np.pi * np.arange(41) / 40)) + 0.1)
    np.testing.assert_allclose(rates, expected, rtol=TOLERANCE[dtype])


@pytest.mark.parametrize("name", [name for name in CASES if "=" in name])
def test_every_argument_changes_something(name: str) -> None:
    case = CASES[name]
    plain = CASES[name.partition(":")[0]]
    assert case["float32"]["shown"] != plain["float32"]["shown"], "the golden numbers are the same"


@pytest.mark.parametrize("name", GOLDEN["default_configs"])
def test_config_is_keras_s_and_comes_round(name: str) -> None:
    kind = getattr(optimizers, name)
    settings = kind(name="x").get_config()
    golden = {**GOLDEN["default_configs"][name], "name": "x"}
    assert settings.pop("exclude_layers", []) == golden.pop("exclude_layers", [])
    assert settings == pytest.approx(golden)
    settings = kind(name="x").get_config()
    assert kind.from_config(settings).get_config() == settings
    assert optimizers.deserialize(optimizers.serialize(kind(name="x"))).get_config() == settings
    assert type(optimizers.get(name.lower())) is kind
