"""Optimizers take Keras's steps: trajectories, names of states, configs, refusals."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from goldens import array, expect_close, load

from pylego import Variable, constraints, layers, ops, optimizers
from pylego.models import Sequential

GOLDEN = load("optimizers")


def start(names: Iterable[str] = GOLDEN["shapes"]) -> list[Variable]:
    return [Variable(array(value), name=name) for name, value in zip(names, GOLDEN["start"])]


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


def test_names_are_searched_for_words_and_patterns() -> None:
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["^kernel", "bias"])
    golden = GOLDEN["special"]["decay_excluded_for_^kernel_and_bias"]
    expect_trajectory(optimizer, golden, start(GOLDEN["layer_names"]))


def test_the_variables_of_a_list_are_kept_from_decay_and_no_others() -> None:
    kept, shrunk = Variable([1.0]), Variable([1.0])
    optimizer = optimizers.SGD(0.5, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_list=[kept])
    optimizer.apply([ops.zeros((1,))] * 2, [kept, shrunk])
    assert (kept.numpy().item(), shrunk.numpy().item()) == (1.0, 0.75)
    with pytest.raises(ValueError, match="before the optimizer is built"):
        optimizer.exclude_from_weight_decay(var_list=[shrunk])


def test_constraint_after_the_step() -> None:
    variables = start()
    for variable in variables:
        variable.constraint = constraints.NonNeg()
    expect_trajectory(optimizers.SGD(0.1), GOLDEN["special"]["non_negative_constraint"], variables)


def test_each_variable_is_held_by_its_own_constraint() -> None:
    variables = [Variable([1.0, -1.0]) for _ in range(3)]
    variables[0].constraint = constraints.NonNeg()
    variables[2].constraint = constraints.MaxNorm(1.0)
    optimizers.SGD(1.0).apply([ops.convert_to_tensor([2.0, 2.0])] * 3, variables)
    held, free, short = (variable.numpy() for variable in variables)
    assert (held.tolist(), free.tolist()) == ([0.0, 0.0], [-1.0, -3.0])
    assert np.linalg.norm(short) == pytest.approx(1.0, 1e-6)


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


# ---- state over time ------------------------------------------------------------------------


def trajectory(optimizer: optimizers.Optimizer, gradients: Iterable[float]) -> list[float]:
    """Where a variable that begins at 0 is after each step."""
    variable, places = Variable([0.0]), []
    for gradient in gradients:
        optimizer.apply([ops.convert_to_tensor([gradient])], [variable])
        places.append(variable.numpy().item())
    return places


def test_a_step_of_accumulated_gradients_counts_once() -> None:
    optimizer = optimizers.SGD(0.5, gradient_accumulation_steps=3)
    assert trajectory(optimizer, [1.0, 2.0, 6.0, 3.0, 3.0]) == [0.0, 0.0, -1.5, -1.5, -1.5]
    assert int(optimizer.iterations) == 1
    assert int(optimizer.variables[0]) == 5


def test_a_rate_set_between_two_gradients_holds_for_both() -> None:
    optimizer = optimizers.SGD(0.5, gradient_accumulation_steps=2)
    variable = Variable([0.0])
    optimizer.apply([ops.ones((1,))], [variable])
    optimizer.learning_rate = 0.25
    optimizer.apply([ops.ones((1,))], [variable])
    assert variable.numpy().item() == -0.25


def test_a_schedule_of_ones_own_is_asked_with_accumulation() -> None:
    optimizer: optimizers.Optimizer

    def rate() -> Any:
        return 1.0 / (1.0 + ops.cast(optimizer.iterations, "float32"))

    optimizer = optimizers.SGD(rate, gradient_accumulation_steps=2)
    assert trajectory(optimizer, [1.0] * 5) == [0.0, -1.0, -1.0, -1.5, -1.5]


def test_averages_stay_beside_the_variables_until_the_end() -> None:
    optimizer = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5)
    variable = Variable([0.0])
    for _ in range(3):
        optimizer.apply([ops.ones((1,))], [variable])
    assert variable.numpy().item() == -3.0
    optimizer.finalize_variable_values([variable])
    assert variable.numpy().item() == -2.25  # ((-1 - 2) / 2 - 3) / 2
    plain = optimizers.SGD(1.0)
    plain.build([variable])
    plain.finalize_variable_values([variable])
    assert variable.numpy().item() == -2.25


class Halving(optimizers.SGD):
    """At the end of training, half of each variable is left."""

    def finalize_variable_values(self, var_list: Any) -> None:
        for variable in var_list:
            variable.assign(variable / 2)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (optimizers.SGD(0.25), 2.0),  # by 4, by 2
        (optimizers.SGD(0.25, use_ema=True, ema_momentum=0.5), 3.0),
        (Halving(0.25), 1.0),
    ],
)
def test_fit_sets_final_values_where_there_are_some(optimizer: Any, expected: float) -> None:
    dense = layers.Dense(1, use_bias=False)
    model = Sequential([layers.Input((1,)), dense])
    model.compile(optimizer, loss="mse")
    dense.set_weights([np.array([[8.0]])])
    model.fit(np.ones((1, 1)), np.zeros((1, 1)), epochs=2, verbose=0)
    assert dense.kernel.numpy().item() == pytest.approx(expected)


def test_a_finished_state_can_be_set_again() -> None:
    optimizer, other = (optimizers.Adam(0.1, amsgrad=True) for _ in range(2))
    gradients = [1.0, -2.0, 0.5, 4.0]
    whole = trajectory(optimizers.Adam(0.1, amsgrad=True), gradients)
    half = trajectory(optimizer, gradients[:2])
    variable = Variable(half[-1:])
    other.build([variable])
    other.set_weights([v.numpy() for v in optimizer.variables])
    for gradient, place in zip(gradients[2:], whole[2:]):
        other.apply([ops.convert_to_tensor([gradient])], [variable])
        assert variable.numpy().item() == place
    with pytest.raises(ValueError, match="but 1 weights came"):
        other.set_weights([1])


def test_an_optimizer_knows_its_variables_by_their_places() -> None:
    optimizer = optimizers.SGD(1.0, momentum=0.5)
    a, b = Variable([0.0]), Variable([0.0, 0.0])
    optimizer.build([a, b])
    optimizer.apply([ops.ones((2,)), ops.ones((1,)) * 2], [b, a])
    optimizer.apply([ops.ones((2,))], [b])
    assert a.numpy().tolist() == [-2.0]
    assert b.numpy().tolist() == [-2.5, -2.5]


# ---- nothing, one, and limits ---------------------------------------------------------------


def test_nothing_to_do_is_no_step() -> None:
    optimizer = optimizers.SGD(0.1)
    optimizer.apply([], [])
    assert int(optimizer.iterations) == 0
    optimizer.build([])
    optimizer.apply([])
    optimizer.finalize_variable_values([])
    assert int(optimizer.iterations) == 0
    assert len(optimizer.variables) == 2


def test_a_variable_without_elements_is_stepped_over() -> None:
    for kind in (optimizers.SGD, optimizers.RMSprop, optimizers.Adam, optimizers.AdamW):
        for clipping in ({"clipnorm": 1.0}, {"global_clipnorm": 1.0}, {"clipvalue": 1.0}):
            empty, one = Variable(np.zeros((0, 3), np.float32)), Variable([1.0])
            kind(0.1, **clipping).apply([ops.zeros((0, 3)), ops.ones((1,))], [empty, one])
            assert empty.shape == (0, 3)
            assert 0.5 < one.numpy().item() < 1.0


@pytest.mark.parametrize("limit", ["clipnorm", "clipvalue", "global_clipnorm"])
def test_gradients_at_a_limit_stay_and_zeros_do_no_harm(limit: str) -> None:
    for gradient, step in (([3.0, 4.0], None), ([0.0, 0.0], [0.0, 0.0])):
        variable = Variable([0.0, 0.0])
        bound = 4.0 if limit == "clipvalue" else 5.0
        optimizer = optimizers.SGD(1.0, **{limit: bound})
        optimizer.apply([ops.convert_to_tensor(gradient)], [variable])
        np.testing.assert_allclose(-variable.numpy(), step or gradient, rtol=1e-6)


def test_one_norm_for_all_gradients_together() -> None:
    a, b = Variable([0.0]), Variable([0.0])
    optimizers.SGD(1.0, global_clipnorm=2.5).apply(
        [ops.convert_to_tensor([3.0]), ops.convert_to_tensor([-4.0])], [a, b]
    )
    np.testing.assert_allclose([a.numpy().item(), b.numpy().item()], [-1.5, 2.0], rtol=1e-6)


@pytest.mark.parametrize(
    "limits",
    [
        {"clipnorm": 1.0, "global_clipnorm": 1.0},
        {"clipvalue": 1.0, "global_clipnorm": 1.0},
        {"clipnorm": 1.0, "clipvalue": 1.0, "global_clipnorm": 1.0},
    ],
)
def test_two_kinds_of_clipping_exclude_each_other(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="only one of clipnorm"):
        optimizers.SGD(**limits)


def test_settings_at_and_past_their_edges() -> None:
    for name in ("clipnorm", "clipvalue", "global_clipnorm"):
        with pytest.raises(ValueError, match="0"):
            optimizers.SGD(**{name: -0.5})
    for steps in (1, -2):
        with pytest.raises(ValueError, match="2 or more"):
            optimizers.SGD(gradient_accumulation_steps=steps)
    assert optimizers.SGD(gradient_accumulation_steps=2).gradient_accumulation_steps == 2
    for momentum in (0.0, 1.0):
        assert optimizers.SGD(ema_momentum=momentum, momentum=momentum).ema_momentum == momentum
    with pytest.raises(ValueError, match="ema_momentum"):
        optimizers.SGD(ema_momentum=1.01)
    with pytest.raises(ValueError, match="weight_decay"):
        optimizers.SGD(weight_decay=-0.1)
    assert optimizers.SGD(use_ema=True, ema_overwrite_frequency=0).ema_overwrite_frequency is None


def test_a_scaled_loss_is_scaled_back() -> None:
    optimizer = optimizers.SGD(1.0, loss_scale_factor=8.0)
    assert optimizer.scale_loss(ops.convert_to_tensor(3.0)).item() == 24.0
    assert optimizers.SGD(1.0).scale_loss(ops.convert_to_tensor(3.0)).item() == 3.0
    assert trajectory(optimizer, [4.0]) == [-0.5]


@pytest.mark.parametrize(
    "name", ["clipnorm", "clipvalue", "global_clipnorm", "gradient_accumulation_steps"]
)
def test_a_limit_of_zero_is_none(name: str) -> None:
    variable = Variable([3.0, 4.0])
    optimizers.SGD(1.0, **{name: 0}).apply([ops.convert_to_tensor([10.0, 20.0])], [variable])
    assert variable.numpy().tolist() == [-7.0, -16.0]
    with pytest.raises(ValueError, match="must be"):
        optimizers.SGD(1.0, **{name: -1})


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Adam", {"beta_1": 0.7, "beta_2": 0.8, "epsilon": 0.1, "amsgrad": True}),
        ("AdamW", {"weight_decay": 0.2, "amsgrad": True}),
        ("SGD", {"momentum": 0.3, "nesterov": True}),
        ("RMSprop", {"rho": 0.4, "momentum": 0.3, "epsilon": 0.2, "centered": True}),
    ],
)
def test_every_setting_comes_round(kind: str, settings: dict[str, Any]) -> None:
    optimizer = getattr(optimizers, kind)(0.5, name="mine", use_ema=True, **settings)
    config = optimizer.get_config()
    assert {name: config[name] for name in settings} == settings
    assert type(optimizer).from_config(config).get_config() == config
