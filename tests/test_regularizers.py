"""Regularizers and constraints give Keras's numbers, gradients and configurations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego import constraints, ops, regularizers
from pylego.autograd import GradientTape

PENALTIES = load("regularizers")
BOUNDS = load("constraints")


def title(case: dict[str, Any]) -> str:
    return f"{case['class']}-{case['arguments']}"


@pytest.mark.parametrize("case", PENALTIES["cases"], ids=title)
def test_penalty_gradient_and_config(case: dict[str, Any]) -> None:
    regularizer = getattr(regularizers, case["class"])(**case["arguments"])
    x = ops.convert_to_tensor(np.array(PENALTIES["input"], np.float32))
    with GradientTape() as tape:
        tape.watch(x)
        penalty = regularizer(x)
    expect_close(penalty, case["value"])
    gradient = tape.gradient(penalty, x, unconnected_gradients="zero")
    expect_close(gradient, case["gradient"], rtol=1e-4)
    config = regularizer.get_config()
    assert config.keys() == case["config"].keys()
    assert all(
        config[key] in (value, pytest.approx(value)) for key, value in case["config"].items()
    )
    again = regularizers.deserialize(regularizers.serialize(regularizer))
    assert type(again) is type(regularizer)
    assert again.get_config() == config


@pytest.mark.parametrize("name", PENALTIES["strings"])
def test_names_of_regularizers(name: str) -> None:
    golden = PENALTIES["strings"][name]
    if golden != "ValueError":
        assert type(regularizers.get(name)).__name__ == golden[0]
    elif name != "l1_l2":
        with pytest.raises(ValueError, match="Unknown regularizer"):
            regularizers.get(name)


def test_l1_l2_by_name_is_no_empty_penalty() -> None:
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.01, "l2": 0.01}
    assert regularizers.l1_l2().get_config() == PENALTIES["function l1_l2 with defaults"]


@pytest.mark.parametrize("case", PENALTIES["errors"], ids=title)
def test_factors_are_checked(case: dict[str, Any]) -> None:
    (name,) = case["arguments"]
    with pytest.raises(ValueError, match=f"Received: {name}="):
        getattr(regularizers, case["class"])(**case["arguments"])


def test_orthogonal_rows_cost_nothing_and_a_row_of_zeros_does_no_harm() -> None:
    regularizer = regularizers.OrthogonalRegularizer(1.0)
    assert regularizer(np.eye(3, 4)).item() == 0.0
    x = ops.convert_to_tensor(np.zeros((2, 2), np.float32))
    with GradientTape() as tape:
        tape.watch(x)
        penalty = regularizer(x)
    assert np.isfinite(tape.gradient(penalty, x).numpy()).all()
    with pytest.raises(ValueError, match=r"takes a matrix. Received: shape \(3,\)"):
        regularizer(np.ones(3))


def test_any_function_is_a_regularizer_and_none_is_none() -> None:
    assert regularizers.get(ops.sum) is ops.sum
    assert regularizers.get(None) is None
    with pytest.raises(TypeError, match="Received: 3"):
        regularizers.get(3)


@pytest.mark.parametrize("case", BOUNDS["cases"], ids=title)
def test_constraint_and_config(case: dict[str, Any]) -> None:
    constraint = getattr(constraints, case["class"])(**case["arguments"])
    expect_close(constraint(np.array(BOUNDS["input"], np.float32)), case["value"], rtol=1e-5)
    assert constraint.get_config() == case["config"]
    again = constraints.deserialize(constraints.serialize(constraint))
    assert type(again) is type(constraint)
    assert again.get_config() == constraint.get_config()


@pytest.mark.parametrize("name", BOUNDS["strings"])
def test_names_of_constraints(name: str) -> None:
    golden = BOUNDS["strings"][name]
    if golden == "ValueError":
        with pytest.raises(ValueError, match="Unknown constraint"):
            constraints.get(name)
    else:
        assert type(constraints.get(name)).__name__ == golden
