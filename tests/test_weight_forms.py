"""The ways to make weights and variables, and calls with values in place of variables.

What Keras 3.15 does is the reference: its answers were compared when the tests were written.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pylego
from pylego import initializers, layers, metrics, ops
from pylego.core.variable import Variable
from pylego.models import Sequential


def numbers(x: Any) -> Any:
    return np.asarray(x).tolist()


@pytest.mark.parametrize(
    ("initializer", "expected"),
    [
        ("ones", [1.0, 1.0]),
        (initializers.Zeros, [0.0, 0.0]),
        (initializers.Constant(2.0), [2.0, 2.0]),
        ({"class_name": "Constant", "config": {"value": 7.0}}, [7.0, 7.0]),
        (lambda shape, dtype: ops.ones(shape, dtype) * 3, [3.0, 3.0]),
        (lambda shape, dtype=None: np.full(shape, 4.0), [4.0, 4.0]),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
    ],
)
def test_what_makes_the_first_numbers(initializer: Any, expected: list[float]) -> None:
    weight = layers.Layer().add_weight(shape=(2,), initializer=initializer)
    variable = Variable(initializer, shape=(2,), dtype="float32")
    assert numbers(weight) == numbers(variable) == expected
    assert weight.dtype == variable.dtype == "float32"


@pytest.mark.parametrize(
    ("args", "kwargs", "shape"),
    [
        ((), {}, ()),
        (((2, 3),), {}, (2, 3)),
        (([2, 3], "ones"), {}, (2, 3)),
        ((3, "zeros"), {}, (3,)),
        ((np.int64(3),), {"initializer": "zeros"}, (3,)),
        (((), "zeros", "int32"), {}, ()),
        ((), {"shape": None, "initializer": "zeros"}, ()),
        (("kernel", (2, 3)), {"initializer": "ones"}, (2, 3)),  # Keras 2
        (("kernel",), {"shape": (2, 3), "initializer": "ones"}, (2, 3)),
        (("kernel", (2, 3), "float32", "ones", "l2", False), {}, (2, 3)),
    ],
)
def test_orders_of_arguments(args: tuple, kwargs: dict, shape: tuple) -> None:
    for make in ("add_weight", "add_variable"):
        layer = layers.Layer(name="outer")
        weight = getattr(layer, make)(*args, **kwargs)
        assert weight.shape == shape
        assert layer.weights == [weight]
        if args[:1] == ("kernel",):
            assert weight.path == "outer/kernel"


def test_keras_2_regularizer_and_trainable_have_their_places() -> None:
    layer = layers.Layer()
    weight = layer.add_weight("kernel", (2,), None, "ones", "l2", False, "non_neg")
    assert type(weight.regularizer).__name__ == "L2"
    assert type(weight.constraint).__name__ == "NonNeg"
    assert not weight.trainable
    with pytest.raises(TypeError, match="shape is given twice"):
        layer.add_weight("kernel", (2,), shape=(2,))


@pytest.mark.parametrize("shape", [(None, 2), (2.0, 2), (-2, 2), "2", {2: 3}])
def test_shapes_that_a_weight_cannot_have(shape: Any) -> None:
    with pytest.raises(ValueError, match=r"shape|length"):
        layers.Layer().add_weight(shape=shape, initializer="zeros")
    with pytest.raises(ValueError, match="shape"):
        Variable("zeros", shape=shape)


def test_what_a_variable_refuses() -> None:
    for bad, match in (
        (lambda: Variable("zeros"), "needs a shape"),
        (lambda: Variable(None, shape=(2,)), "begins with numbers"),
        (lambda: Variable("zerox", shape=(2,)), "zeros"),
        (lambda: Variable([1.0], name="a/b"), "without '/'"),
        (lambda: Variable([1.0], aggregation="sun"), "sum"),
        (lambda: Variable([1.0], synchronization="on_reed"), "on_read"),
        (lambda: layers.Layer().add_weight((2,), name="a/b"), "without '/'"),
    ):
        with pytest.raises(ValueError, match=match):
            bad()


def test_variables_keep_what_keras_asks_them() -> None:
    variable = Variable("ones", (2,), trainable=None, aggregation="mean", name="v")  # type: ignore[arg-type]
    assert (variable.trainable, variable.aggregation, variable.synchronization) == (
        False,
        "mean",
        "auto",
    )
    assert not variable.overwrite_with_gradient


def test_a_gradient_in_place_of_the_numbers() -> None:
    layer = layers.Layer()
    scale = layer.add_weight((), "ones", overwrite_with_gradient=True)
    weight = layer.add_weight((), "ones")
    pylego.optimizers.SGD(0.5).apply([ops.convert_to_tensor(7.0)] * 2, [scale, weight])
    assert (float(scale), float(weight)) == (7.0, 1.0 - 3.5)


def test_metrics_begin_with_a_name_as_well() -> None:
    metric = metrics.Metric(name="m")
    total = metric.add_weight("total", initializer="ones")
    assert (total.path, float(total)) == ("m/total", 1.0)
    assert metric.add_weight(name="x", shape=(2,), initializer=None).shape == (2,)


# ---- values in place of variables -----------------------------------------------------------


class Noted(layers.Layer):
    """A layer that counts its calls in a variable."""

    def build(self, input_shape: tuple) -> None:
        self.kernel = self.add_weight((input_shape[-1], 1), "ones", regularizer="l2")
        self.calls = self.add_weight((), "zeros", trainable=False)

    def call(self, inputs: Any) -> Any:
        self.calls.assign_add(1.0)
        self.add_loss(ops.sum(inputs))
        return ops.matmul(inputs, self.kernel)


def test_stateless_call_changes_nothing() -> None:
    layer = Noted()
    x = np.ones((3, 2), np.float32)
    layer(x)
    before = layer.get_weights()
    outputs, others, losses = layer.stateless_call(
        [np.full((2, 1), 5.0)], [10.0], x, return_losses=True
    )
    assert numbers(outputs) == [[10.0]] * 3
    assert numbers(others) == [11.0]
    np.testing.assert_allclose([float(loss) for loss in losses], [6.0, 0.01 * 50])
    np.testing.assert_array_equal(before[0], layer.get_weights()[0])
    assert float(layer.calls) == 1.0


def test_stateless_call_is_differentiated_by_its_values() -> None:
    model = Sequential([layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)])
    x = pylego.random.normal((8, 4), seed=1)
    model(x)

    def loss(trainable: list, others: list) -> Any:
        outputs, _ = model.stateless_call(trainable, others, x, training=True)
        return ops.mean(ops.square(outputs))

    with pylego.GradientTape() as tape:
        value = ops.mean(ops.square(model(x, training=True)))
    wanted = tape.gradient(value, model.trainable_variables)
    given = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    _, found = pylego.value_and_grad(loss)(given, others)
    for one, other in zip(found, wanted):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_stateless_steps_are_recorded() -> None:
    layer = layers.Dense(1, use_bias=False)
    layer.build((None, 2))

    @pylego.function
    def step(kernel: Any, x: Any) -> Any:
        def loss(kernel: Any) -> Any:
            return ops.mean(ops.square(layer.stateless_call([kernel], [], x)[0]))

        value, gradient = pylego.value_and_grad(loss)(kernel)
        return value, kernel - 0.1 * gradient

    kernel = ops.ones((2, 1))
    losses = []
    for _ in range(4):
        value, kernel = step(kernel, np.ones((3, 2), np.float32))
        losses.append(float(value))
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == 4.0


def test_stateless_call_refuses_values_that_do_not_fit() -> None:
    layer = Noted()
    with pytest.raises(ValueError, match="no variables yet"):
        layer.stateless_call([], [], np.ones((1, 2)))
    layer.build((None, 2))
    with pytest.raises(ValueError, match="1 trainable_variables"):
        layer.stateless_call([], [0.0], np.ones((1, 2)))
    with pytest.raises(ValueError, match="1 non_trainable_variables"):
        layer.stateless_call([np.ones((2, 1))], [], np.ones((1, 2)))
    with pytest.raises(ValueError, match=r"shape \(2, 1\)"):
        layer.stateless_call([np.ones((3, 1))], [0.0], np.ones((1, 2)))
