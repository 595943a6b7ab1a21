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
    for shape in ((3,), (2, 2, 2), ()):
        with pytest.raises(ValueError, match=r"takes a matrix. Received: shape \("):
            regularizer(np.ones(shape))


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
    if name in ("maxnorm", "nonneg"):  # Keras 1's words, which Keras 3 has forgotten
        with pytest.warns(UserWarning, match="today"):
            constraints.get(name)
    elif golden == "ValueError":
        with pytest.raises(ValueError, match="Unknown constraint"):
            constraints.get(name)
    else:
        assert type(constraints.get(name)).__name__ == golden


# ---- one row, one column, nothing -----------------------------------------------------------

LONELY = [(1, 2), (1, 1), (0, 3), (0, 0)]


@pytest.mark.parametrize("shape", LONELY)
@pytest.mark.parametrize("mode", ["rows", "columns"])
def test_a_row_alone_is_orthogonal_to_all_others(mode: str, shape: tuple[int, int]) -> None:
    regularizer = regularizers.OrthogonalRegularizer(1.0, mode)
    x = np.full(shape if mode == "rows" else shape[::-1], 2.0, np.float32)
    assert regularizer(x).item() == 0.0
    x = ops.convert_to_tensor(x)
    with GradientTape() as tape:
        tape.watch(x)
        penalty = regularizer(x)
    assert (tape.gradient(penalty, x).numpy() == 0.0).all()


def test_the_mean_of_cosines_is_that_of_pairs() -> None:
    rows = np.array([[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, -3.0, 3.0], [2.0, 0.0, 2.0]])
    for count, mean in ((2, 0.5), (3, 0.5), (4, (5 * 0.5 + 1.0) / 6)):
        for mode, x in (("rows", rows[:count]), ("columns", rows[:count].T)):
            regularizer = regularizers.OrthogonalRegularizer(0.5, mode)
            np.testing.assert_allclose(regularizer(x).item(), 0.5 * mean, rtol=1e-6)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_no_weights_cost_nothing_and_keep_their_shape(shape: tuple[int, ...]) -> None:
    nothing = np.zeros(shape, np.float32)
    for penalty in (regularizers.L1(1.0), regularizers.L2(1.0), regularizers.L1L2(1.0, 1.0)):
        assert penalty(nothing).item() == 0.0
    for bound in (
        constraints.MaxNorm(), constraints.NonNeg(), constraints.UnitNorm(),
        constraints.MinMaxNorm(0.5),
    ):  # fmt: skip
        assert bound(nothing).shape == shape


def test_constraints_leave_zeros_and_what_is_within_bounds() -> None:
    zeros, short = np.zeros((2, 1), np.float32), np.array([[0.3], [0.4]], np.float32)
    for bound in (constraints.MaxNorm(1.0), constraints.UnitNorm(), constraints.MinMaxNorm(0.5)):
        assert bound(zeros).numpy().tolist() == [[0.0], [0.0]]
    for bound in (constraints.MaxNorm(1.0), constraints.MinMaxNorm(0.25, 1.0)):
        np.testing.assert_allclose(bound(short), short, rtol=1e-6)
    np.testing.assert_allclose(constraints.MaxNorm(0.25)(short), short / 2, rtol=1e-6)


def test_a_penalty_of_nothing_has_the_dtype_of_the_weights() -> None:
    x = np.ones((2, 2))
    for penalty in (regularizers.L1L2(), regularizers.L1L2(1.0), regularizers.L1(1.0)):
        assert penalty(x).dtype == "float64"
        assert penalty(x).shape == ()


@pytest.mark.parametrize("wrong", [-1e-9, float("inf"), float("nan"), True, "1"])
def test_factors_are_finite_and_not_negative(wrong: Any) -> None:
    for make in (
        lambda: regularizers.L1(wrong), lambda: regularizers.L2(wrong),
        lambda: regularizers.L1L2(l1=wrong), lambda: regularizers.L1L2(l2=wrong),
        lambda: regularizers.OrthogonalRegularizer(wrong),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="finite number, 0 or larger"):
            make()
    assert regularizers.L1L2(None, 0).get_config() == {"l1": 0.0, "l2": 0.0}
