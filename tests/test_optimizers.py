"""Optimizers walk Keras's way: trajectories, names of states, configs, refusals."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import Variable, constraints, ops, optimizers

GOLDEN = load("optimizers")


def start() -> list[Variable]:
    return [
        Variable(array(value), name=name) for name, value in zip(GOLDEN["shapes"], GOLDEN["start"])
    ]


def gradients() -> list[list[Any]]:
    return [[ops.convert_to_tensor(array(g)) for g in step] for step in GOLDEN["gradients"]]


def flat(variables: list[Variable]) -> np.ndarray:
    return np.concatenate([v.numpy().ravel() for v in variables])


def expect_trajectory(
    optimizer: optimizers.Optimizer, golden: dict[str, Any], variables: list
) -> None:
    for step, expected in zip(gradients(), golden["steps"]):
        optimizer.apply(step, variables)
        expect_close(flat(variables), expected, rtol=2e-5, atol=2e-5)
    names = [variable.path.split("/")[1] for variable in optimizer.variables]
    assert names == [path.split("/")[1] for path in golden["state_paths"]]
    assert int(optimizer.iterations) == golden["iterations"]


@pytest.mark.parametrize("name", GOLDEN["cases"])
def test_trajectory(name: str) -> None:
    golden = GOLDEN["cases"][name]
    optimizer = getattr(optimizers, golden["class"])(**golden["arguments"])
    variables = start()
    expect_trajectory(optimizer, golden, variables)
    for state, expected in zip(optimizer.variables, golden["state"]):
        expect_close(state, expected, rtol=2e-5, atol=2e-5)
    if "finalized" in golden:
        optimizer.finalize_variable_values(variables)
        expect_close(flat(variables), golden["finalized"], rtol=2e-5, atol=2e-5)


def test_variables_can_be_kept_from_decay() -> None:
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["b"])
    expect_trajectory(optimizer, GOLDEN["special"]["decay_excluded_for_names_with_b"], start())


def test_constraint_after_the_step() -> None:
    variables = start()
    for variable in variables:
        variable.constraint = constraints.NonNeg()
    expect_trajectory(optimizers.SGD(0.1), GOLDEN["special"]["non_negative_constraint"], variables)


def test_loss_scale_factor() -> None:
    optimizer = optimizers.SGD(0.1, loss_scale_factor=4.0)
    expect_trajectory(optimizer, GOLDEN["special"]["loss_scale_factor_4"], start())


def test_learning_rate_of_a_function() -> None:
    golden = GOLDEN["special"]["learning_rate_is_a_function_returning_0.2"]
    expect_trajectory(optimizers.SGD(lambda: 0.2), golden, start())


def test_learning_rate_can_be_set() -> None:
    optimizer, variables = optimizers.SGD(0.1), start()
    steps = GOLDEN["special"]["learning_rate_set_to_half_after_step_2"]["steps"]
    for index, (step, expected) in enumerate(zip(gradients(), steps)):
        if index == 2:
            optimizer.learning_rate = 0.5
        optimizer.apply(step, variables)
        expect_close(flat(variables), expected, rtol=2e-5)


@pytest.mark.parametrize("name", GOLDEN["default_configs"])
def test_config_is_keras_s_and_comes_round(name: str) -> None:
    kind = getattr(optimizers, name)
    config = kind(name="x").get_config()
    assert config == pytest.approx({**GOLDEN["default_configs"][name], "name": "x"})
    assert kind.from_config(config).get_config() == config
    assert optimizers.deserialize(optimizers.serialize(kind(name="x"))).get_config() == config


@pytest.mark.parametrize("name", ["sgd", "Adam", "RMSprop", "rmsprop", "ADAM"])
def test_names(name: str) -> None:
    assert type(optimizers.get(name)).__name__.lower() == name.lower()


def test_wrong_names_and_arguments() -> None:
    with pytest.raises(ValueError, match="Did you mean 'adam'"):
        optimizers.get("adamm")
    with pytest.raises(TypeError, match="learning_rate"):
        optimizers.Adam(learning_rat=0.1)
    with pytest.raises(ValueError, match="only one of clipnorm"):
        optimizers.Adam(clipnorm=1.0, clipvalue=1.0)
    with pytest.raises(ValueError, match="weight_decay"):
        optimizers.AdamW(weight_decay=None)
    with pytest.raises(ValueError, match="momentum"):
        optimizers.SGD(momentum=1.5)
    with pytest.raises(ValueError, match="learning_rate"):
        optimizers.SGD("fast")


def test_old_names() -> None:
    assert float(optimizers.SGD(lr=0.5).lr) == 0.5
    with pytest.warns(UserWarning, match="decay"):
        optimizers.SGD(decay=0.1)


def test_gradients_that_do_not_fit() -> None:
    v, w = Variable([1.0, 2.0]), Variable([3.0])
    optimizer = optimizers.SGD(0.1)
    with pytest.raises(ValueError, match="no gradient"):
        optimizer.apply([None], [v])
    with pytest.raises(ValueError, match=r"shape \(1,\)"):
        optimizer.apply([ops.ones((1,))], [v])
    with pytest.raises(ValueError, match="other variables"):
        optimizer.apply([ops.ones((1,))], [w])
    with pytest.raises(ValueError, match="2 gradients came for 1"):
        optimizer.apply([ops.ones((2,))] * 2, [v])
    assert v.numpy().tolist() == [1.0, 2.0]


def test_missing_gradients_are_told() -> None:
    v, w = Variable([1.0]), Variable([3.0], name="lonely")
    optimizer = optimizers.SGD(0.5)
    with pytest.warns(UserWarning, match="lonely"):
        optimizer.apply([ops.ones((1,)), None], [v, w])
    assert (v.numpy().item(), w.numpy().item()) == (0.5, 3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        optimizer.apply([ops.ones((1,)), ops.ones((1,))], [v, w])


@pytest.mark.parametrize(
    "name", ["clipnorm", "clipvalue", "global_clipnorm", "gradient_accumulation_steps"]
)
def test_a_limit_of_zero_is_none(name: str) -> None:
    variable = Variable([3.0, 4.0])
    optimizers.SGD(1.0, **{name: 0}).apply([ops.convert_to_tensor([10.0, 20.0])], [variable])
    assert variable.numpy().tolist() == [-7.0, -16.0]
    with pytest.raises(ValueError, match="must be"):
        optimizers.SGD(1.0, **{name: -1})
