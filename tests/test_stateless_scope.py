"""A stateless scope: values stand for variables, and variables keep their numbers."""

from __future__ import annotations

import numpy as np
import pytest

import pylego
from pylego import StatelessScope, Variable, layers, metrics, models, ops, random

X = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)


def numbers(variables: list) -> list[np.ndarray]:
    return [np.array(variable.numpy()) for variable in variables]


def test_values_stand_for_variables_and_give_way_after_the_block():
    layer = layers.Dense(2)
    layer.build((None, 3))
    before = numbers(layer.variables)
    with StatelessScope([(v, ops.ones(v.shape)) for v in layer.variables]) as scope:
        inside = layer(X).numpy()
    np.testing.assert_allclose(inside, X.sum(1, keepdims=True).repeat(2, 1) + 1, rtol=1e-6)
    for variable, number in zip(layer.variables, before):
        assert np.array_equal(variable.numpy(), number)
        assert np.array_equal(scope.get_current_value(variable).numpy(), np.ones(variable.shape))


def test_what_is_assigned_is_collected_and_not_written():
    mean, other = metrics.Mean(), Variable(3.0)
    mean.update_state([4.0])
    with StatelessScope() as scope:
        mean.update_state([8.0])
        scope.add_update((other, 5.0))
        inside = float(mean.result()), float(other)
    assert inside == (6.0, 5.0)
    assert (float(mean.result()), float(other)) == (4.0, 3.0)
    assert [float(scope.get_current_value(v)) for v in (*mean.variables, other)] == [12, 2, 5]
    assert scope.get_current_value(Variable(1.0)) is None


def test_training_in_a_scope_changes_no_weight():
    model = models.Sequential([layers.Input((3,)), layers.BatchNormalization(), layers.Dense(1)])
    model.compile("adam", "mse")
    model.train_on_batch(X, X[:, :1])
    held = [*model.variables, *model.optimizer.variables]
    before = numbers(held)
    with StatelessScope() as scope:
        model(X, training=True)
        tape = pylego.GradientTape()
        with tape:
            loss = ops.mean(model(X) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply(gradients, model.trainable_variables)
    assert all(map(np.array_equal, numbers(held), before))
    kernel = model.layers[-1].kernel
    assert not np.array_equal(scope.get_current_value(kernel).numpy(), kernel.numpy())


def test_gradients_reach_the_values():
    variable = Variable(2.0)

    def cubed(value):
        with StatelessScope([(variable, value)]):
            return variable * variable * variable

    assert float(pylego.grad(cubed)(ops.array(5.0))) == 75


def test_draws_do_not_count():
    seed = random.SeedGenerator(1)
    with StatelessScope():
        inside = random.normal((3,), seed=seed).numpy()
    assert np.array_equal(random.normal((3,), seed=seed).numpy(), inside)


def test_scopes_in_scopes_and_blocks_that_fail():
    variable = Variable(1.0)
    with StatelessScope([(variable, 2.0)]) as outer:
        inner = StatelessScope()
        with pytest.raises(ValueError, match="matmul"), inner:
            ops.ones((2,)) @ variable.assign(3.0)
        assert float(variable) == 2
        variable.assign_add(10.0)
        assert float(outer.get_current_value(variable)) == 12
    assert float(variable) == 1
    assert float(inner.get_current_value(variable)) == 3


def test_losses_are_collected_where_that_is_asked_for():
    layer = layers.ActivityRegularization(l2=1.0)
    with StatelessScope(collect_losses=True) as scope:
        layer(X)
    assert layer.losses == []
    with StatelessScope() as silent:
        layer(X)
    assert float(layer.losses[0]) == float(scope.losses[0]) > 0
    assert silent.losses == []


def test_what_does_not_fit_is_refused_and_nothing_stays_replaced():
    first, second = Variable(1.0), Variable([1.0, 2.0])
    with pytest.raises(TypeError, match=r"pairs \(variable, value\)"):
        StatelessScope([("kernel", 1.0)])
    with (
        pytest.raises(ValueError, match="has shape"),
        StatelessScope([(first, 5.0), (second, 5.0)]),
    ):
        pass
    assert float(first) == 1


def test_programs_do_not_pass_by_the_scope():
    variable = Variable(1.0)
    counted = pylego.function(lambda x: variable.assign_add(x) * 1.0)
    assert float(counted(ops.array(1.0))) == 2
    model = models.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, :1], verbose=0)
    held = [variable, *model.variables]
    before = numbers(held)
    zeros = [(weight, np.zeros(weight.shape)) for weight in model.weights]
    with StatelessScope([(variable, 10.0), *zeros]):
        assert float(counted(ops.array(1.0))) == 11
        outputs = model.predict(X, verbose=0), model(X).numpy(), model.predict_on_batch(X)
    assert all(np.array_equal(found, np.zeros((4, 1))) for found in outputs)
    assert all(map(np.array_equal, numbers(held), before))
    assert not pylego.config.functions_run_eagerly()
    assert float(counted(ops.array(1.0))) == 3


def test_a_scope_is_open_once_and_takes_updates_only_then():
    variable = Variable(1.0)
    scope = StatelessScope()
    with pytest.raises(RuntimeError, match="inside the `with` block"):
        scope.add_update((variable, 2.0))
    with scope, pytest.raises(RuntimeError, match="is open"):
        scope.__enter__()
    assert float(variable) == 1
