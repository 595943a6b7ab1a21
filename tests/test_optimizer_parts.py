"""Schedules, loss scales, steps without state, optimizers of one's own: in and around training."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego as keras
from pylego import Variable, ops, optimizers
from pylego.core.tensor import Tensor
from pylego.optimizers import schedules

KINDS = (
    "SGD", "RMSprop", "Adam", "AdamW", "Adadelta", "Adagrad", "Adamax", "Nadam", "Ftrl", "Lion",
    "Lamb", "Adafactor", "Muon", "ScheduleFreeAdamW",
)  # fmt: skip
X, Y = np.random.default_rng(0).normal(size=(2, 12, 4)).astype("float32")


def make_model(optimizer: Any, **settings: Any) -> keras.Sequential:
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, activation="tanh")])
    model.compile(optimizer=optimizer, loss="mse", **settings)
    return model


def trained(optimizer: Any, epochs: int = 3, **settings: Any) -> keras.Sequential:
    model = make_model(optimizer, **settings)
    model.fit(X, Y, epochs=epochs, batch_size=4, verbose=0)
    return model


def bits(model: keras.Sequential) -> list[bytes]:
    return [w.tobytes() for w in model.get_weights()] + [
        v.numpy().tobytes() for v in model.optimizer.variables
    ]


# ---- all optimizers ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "around", [{}, {"gradient_accumulation_steps": 2, "use_ema": True, "global_clipnorm": 0.1}]
)
def test_recorded_steps_have_the_bits_of_eager_ones(kind: str, around: dict[str, Any]) -> None:
    make = lambda: getattr(optimizers, kind)(0.01, **around)  # noqa: E731
    assert bits(trained(make())) == bits(trained(make(), run_eagerly=True))


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_goes_down(kind: str) -> None:
    model = make_model(getattr(optimizers, kind)(1.0 if kind == "Adadelta" else 0.02))
    first = model.evaluate(X, Y, verbose=0)
    model.fit(X, Y, epochs=40, batch_size=12, verbose=0)
    assert model.evaluate(X, Y, verbose=0) < first


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_goes_on_as_the_first_one_does(kind: str) -> None:
    model = trained(getattr(optimizers, kind)(0.01))
    other = copy.deepcopy(model)
    for one in (model, other):
        one.fit(X, Y, epochs=1, batch_size=4, shuffle=False, verbose=0)
    assert bits(other) == bits(model)


@pytest.mark.parametrize("kind", KINDS)
def test_variables_without_elements_axes_or_gradients(kind: str) -> None:
    empty, one = Variable(np.zeros((0, 3), "float32")), Variable(1.0)
    still = Variable(np.ones((2, 2), "float32"), name="still")
    optimizer = getattr(optimizers, kind)(0.1, weight_decay=0.0, name="x")
    if kind == "Muon":
        optimizer.adam_weight_decay = None
    with pytest.warns(UserWarning, match="still"):
        optimizer.apply([ops.zeros((0, 3)), ops.ones(()), None], [empty, one, still])
    assert empty.shape == (0, 3)
    assert 0 < one.numpy() < 1
    assert still.numpy().tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_as_gradients_leave_finite_numbers(kind: str) -> None:
    variables = [Variable(np.ones(shape, "float32")) for shape in ((2, 3), (3,))]
    optimizer = getattr(optimizers, kind)(0.1)
    for _ in range(2):
        optimizer.apply([ops.zeros(v.shape) for v in variables], variables)
    assert all(np.isfinite(v.numpy()).all() for v in variables)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optimizers.Adagrad(epsilom=1.0), "Did you mean 'epsilon'"),
        (lambda: optimizers.Nadam(beta1=0.9), "Did you mean 'beta_1'"),
        (lambda: optimizers.Ftrl(l1_regularisation_strength=0.1), "'l1_regularization_strength'"),
        (lambda: optimizers.Muon(ns_step=5), "Did you mean 'ns_steps'"),
        (lambda: optimizers.Lion(beta_1=0.0), "beta_1 must be above 0"),
        (lambda: optimizers.Ftrl(learning_rate_power=0.5), "learning_rate_power"),
        (lambda: optimizers.Ftrl(initial_accumulator_value=-1.0), "initial_accumulator_value"),
        (lambda: optimizers.Adadelta(rho=2.0), "rho must be a number from 0 to 1"),
        (lambda: optimizers.ScheduleFreeAdamW(warmup_steps=-1), "warmup_steps must be 0 or more"),
        (lambda: optimizers.Muon(ns_steps=2.5), "ns_steps must be a whole number"),
        (lambda: optimizers.get("adagrat"), "Did you mean 'adagrad'"),
        (lambda: optimizers.Adam(float("nan")), "learning_rate must be a number, not NaN"),
        (lambda: optimizers.SGD(loss_scale_factor=0), "loss_scale_factor must be above 0"),
        (
            lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=1.5),
            "ema_overwrite_frequency must be a whole number",
        ),
        (
            lambda: schedules.PiecewiseConstantDecay([3, 2], [0.1, 0.2, 0.3]),
            "boundaries must rise",
        ),
        (lambda: optimizers.SGD(schedules.CosineDecay), "a number, a schedule or a function"),
    ],
)
def test_mistakes_are_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        make()


def test_names_of_keras_2_say_what_is_written_today() -> None:
    for name in ("Adam", "SGD", "RMSprop", "Adagrad", "Ftrl", "Optimizer"):
        with pytest.raises(ImportError, match=f"write optimizers.{name}"):
            getattr(optimizers.legacy, name)(0.01, decay=1e-6)


# ---- schedules --------------------------------------------------------------------------------


class Halving(schedules.LearningRateSchedule):
    def __init__(self, first: float) -> None:
        self.first = first

    def __call__(self, step: Any) -> Tensor:
        return self.first * 0.5 ** ops.cast(step, "float32")


def steps_of(optimizer: optimizers.Optimizer, count: int) -> list[float]:
    """How far a variable moves by a gradient of 1 in each step."""
    variable, places = Variable([0.0]), [0.0]
    for _ in range(count):
        optimizer.apply([ops.ones((1,))], [variable])
        places.append(variable.numpy().item())
    return [before - after for before, after in itertools.pairwise(places)]


def test_a_schedule_of_ones_own_says_the_rate_of_each_step() -> None:
    assert steps_of(optimizers.SGD(Halving(1.0)), 4) == [1.0, 0.5, 0.25, 0.125]


class Returning(schedules.LearningRateSchedule):
    """A schedule that returns what it was made with."""

    def __init__(self, rate: Any):
        self.rate = rate

    def __call__(self, step: Any) -> Any:
        return self.rate


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (None, "must return a number. Received: None"),
        ("0.1", "must return a number. Received: '0.1'"),
        (np.ones(3), r"must return one number. Received: shape \(3,\)"),
    ],
)
def test_a_rate_is_one_number(rate: Any, message: str) -> None:
    for source, name in ((Returning(rate), "Returning"), (lambda: rate, "<lambda>")):
        variable = Variable([1.0, 1.0, 1.0])
        with pytest.raises((TypeError, ValueError), match=f"learning_rate: {name} {message}"):
            optimizers.SGD(source).apply([ops.ones((3,))], [variable])
        assert variable.numpy().tolist() == [1.0, 1.0, 1.0]


def test_a_rate_of_one_element_is_a_number() -> None:
    variable = Variable(1.0)
    optimizers.SGD(Returning([0.5])).apply([ops.convert_to_tensor(1.0)], [variable])
    assert float(variable) == 0.5


def test_a_function_that_says_no_rate_is_named_in_a_recorded_step() -> None:
    model = make_model(optimizers.SGD(lambda: None))
    with pytest.raises(TypeError, match="learning_rate: <lambda> must return a number"):
        model.fit(X, Y, verbose=0)


def test_a_schedule_counts_gradients_as_keras_does() -> None:
    optimizer = optimizers.SGD(Halving(1.0), gradient_accumulation_steps=2)
    assert steps_of(optimizer, 4) == [0.0, 0.5, 0.0, 0.125]


def test_weight_decay_follows_the_schedule() -> None:
    optimizer, variable = optimizers.SGD(Halving(0.5), weight_decay=0.5), Variable([1.0])
    for _ in range(2):
        optimizer.apply([ops.zeros((1,))], [variable])
    assert variable.numpy().item() == 0.75 * 0.875


def test_a_schedule_runs_inside_of_one_recorded_step() -> None:
    model = make_model(optimizers.Adam(Halving(0.1)))
    model.fit(X, Y, epochs=3, batch_size=4, verbose=0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1 * 0.5**9)
    assert len(model.programs) == len(trained(optimizers.Adam(0.1)).programs)
    eager = trained(optimizers.Adam(Halving(0.1)), run_eagerly=True)
    assert bits(model) == bits(eager)


def test_a_setting_of_a_schedule_that_changes_is_seen() -> None:
    halving = Halving(1.0)
    model = make_model(optimizers.SGD(halving))
    model.fit(X, Y, epochs=1, batch_size=4, verbose=0)
    before = model.get_weights()
    halving.first = 0.0
    model.fit(X, Y, epochs=1, batch_size=4, verbose=0)
    assert all((a == b).all() for a, b in zip(before, model.get_weights()))


def test_a_number_cannot_take_the_place_of_a_schedule_and_a_schedule_can_of_a_number() -> None:
    optimizer = optimizers.SGD(Halving(1.0))
    with pytest.raises(TypeError, match="Halving"):
        optimizer.learning_rate = 0.1
    optimizer = optimizers.SGD(0.25)
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate"]
    optimizer.learning_rate = Halving(1.0)
    assert [v.name for v in optimizer.variables] == ["iteration"]
    assert steps_of(optimizer, 2) == [1.0, 0.5]


def test_a_rate_is_set_during_fit() -> None:
    rates = []

    class Lower(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.5**epoch
            rates.append(float(self.model.optimizer.learning_rate))

    model = make_model(optimizers.SGD(3.0))
    model.fit(X, Y, epochs=3, batch_size=4, verbose=0, callbacks=[Lower()])
    assert rates == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True, name="a"),
        schedules.PiecewiseConstantDecay([2, 4], [0.1, 0.05, 0.01]),
        schedules.PolynomialDecay(0.1, 5, power=2.0, cycle=True),
        schedules.InverseTimeDecay(0.1, 3, 0.5),
        schedules.CosineDecay(0.01, 5, alpha=0.1, warmup_target=0.1, warmup_steps=2),
        schedules.CosineDecayRestarts(0.1, 3, t_mul=1.5, m_mul=0.9),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_a_schedule_is_saved_with_the_model(schedule: Any, tmp_path: Path) -> None:
    described = schedules.serialize(schedule)
    assert described["module"] == "keras.optimizers.schedules"
    assert schedules.deserialize(described).get_config() == schedule.get_config()
    model = trained(optimizers.Nadam(schedule))
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras")
    assert type(other.optimizer._learning_rate) is type(schedule)
    for one in (model, other):
        one.fit(X, Y, epochs=1, batch_size=4, shuffle=False, verbose=0)
    assert bits(other) == bits(model)


def test_a_schedule_of_ones_own_comes_back_by_its_name() -> None:
    described = optimizers.serialize(optimizers.SGD(Halving(0.5)))
    made = optimizers.deserialize(described, {"Halving": Halving})
    assert steps_of(made, 2) == [0.5, 0.25]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.ExponentialDecay(0.1, 0, 0.5), "decay_steps must be above 0"),
        (lambda: schedules.CosineDecay(0.1, -1), "decay_steps must be above 0"),
        (lambda: schedules.CosineDecayRestarts(0.1, 0), "first_decay_steps must be above 0"),
        (lambda: schedules.PiecewiseConstantDecay([1, 2], [0.1, 0.2]), "one value more"),
        (lambda: schedules.CosineDecay(0.1, decay_step=5), "Did you mean 'decay_steps'"),
        (lambda: schedules.deserialize({"class_name": "CosinDecay", "config": {}}), "CosineDecay"),
        (lambda: schedules.LearningRateSchedule()(0), "must write __call__"),
    ],
)
def test_mistakes_in_schedules_are_named(make: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=message):
        make()


# ---- a scaled loss ----------------------------------------------------------------------------


def scaled(**settings: Any) -> optimizers.LossScaleOptimizer:
    arguments = {"initial_scale": 8.0, "dynamic_growth_steps": 2, **settings}
    return optimizers.LossScaleOptimizer(optimizers.SGD(1.0, momentum=0.5), **arguments)


def test_a_scale_grows_after_good_steps_and_shrinks_after_a_bad_one() -> None:
    optimizer, variable = scaled(), Variable([0.0])
    scales, places = [], []
    for gradient in (8.0, 8.0, np.inf, 8.0, np.nan, 4.0):
        optimizer.apply([ops.convert_to_tensor([gradient])], [variable])
        scales.append(float(optimizer.dynamic_scale))
        places.append(variable.numpy().item())
    assert scales == [8.0, 16.0, 8.0, 8.0, 4.0, 4.0]
    assert places == [-1.0, -2.5, -2.5, -4.25, -4.25, -6.125]
    assert int(optimizer.iterations) == 4


def test_a_bad_step_changes_nothing_but_the_scale() -> None:
    inner = optimizers.Nadam(
        0.1, use_ema=True, ema_overwrite_frequency=1, gradient_accumulation_steps=2,
        weight_decay=0.1,
    )  # fmt: skip
    optimizer, variable = optimizers.LossScaleOptimizer(inner), Variable([1.0])
    variable.constraint = keras.constraints.NonNeg()
    for gradient in (3.0, 4.0, 5.0):
        optimizer.apply([ops.convert_to_tensor([gradient])], [variable])
    before = [v.numpy().tolist() for v in (variable, *inner.variables)]
    optimizer.apply([ops.convert_to_tensor([np.nan])], [variable])
    assert [v.numpy().tolist() for v in (variable, *inner.variables)] == before
    assert float(optimizer.dynamic_scale) == 2.0**14


def test_training_with_a_scaled_loss_is_training() -> None:
    def make() -> Any:
        return optimizers.LossScaleOptimizer(optimizers.Adam(0.01), initial_scale=2.0**10)

    assert bits(trained(make())) == bits(trained(make(), run_eagerly=True))
    plain = trained(optimizers.Adam(0.01))
    for ours, theirs in zip(trained(make()).get_weights(), plain.get_weights()):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_what_belongs_to_the_inner_optimizer() -> None:
    optimizer = scaled()
    assert float(optimizer.learning_rate) == 1.0
    optimizer.learning_rate = 0.25
    assert float(optimizer.inner_optimizer.learning_rate) == 0.25
    assert optimizer.scale_loss(ops.convert_to_tensor(2.0)).item() == 16.0
    with pytest.raises(ValueError, match="give it to the inner optimizer"):
        scaled(clipnorm=1.0)
    with pytest.raises(ValueError, match="loss_scale_factor"):
        scaled(dynamic=False)
    with pytest.raises(TypeError, match="Did you mean 'initial_scale'"):
        scaled(initial_scal=1.0)
    with pytest.raises(TypeError, match="another optimizer"):
        optimizers.LossScaleOptimizer("adam")
    described = optimizers.serialize(optimizer)
    assert optimizers.deserialize(described).get_config() == optimizer.get_config()


# ---- steps without state, and optimizers of one's own -----------------------------------------


@pytest.mark.parametrize("kind", ["Adam", "Nadam", "Muon"])
def test_a_step_without_state_computes_what_a_step_does(kind: str) -> None:
    optimizer, variable = getattr(optimizers, kind)(0.1), Variable(np.ones((2, 3), "float32"))
    optimizer.build([variable])
    gradient = ops.convert_to_tensor(np.arange(6, dtype="float32").reshape(2, 3))
    state = [v.numpy() for v in optimizer.variables]
    trained, own = optimizer.stateless_apply(state, [gradient], [variable.numpy()])
    assert variable.numpy().tolist() == np.ones((2, 3)).tolist()
    assert int(optimizer.iterations) == 0
    optimizer.apply([gradient], [variable])
    assert trained[0].numpy().tobytes() == variable.numpy().tobytes()
    for given, kept in zip(own, optimizer.variables):
        assert given.numpy().tobytes() == kept.numpy().tobytes()


def test_a_step_without_state_needs_all_numbers() -> None:
    optimizer, variable = optimizers.SGD(0.1), Variable([1.0])
    with pytest.raises(ValueError, match="not built"):
        optimizer.stateless_apply([], [ops.ones((1,))], [variable])
    optimizer.build([variable])
    with pytest.raises(ValueError, match="2 values were given for 3 variables"):
        optimizer.stateless_apply([0], [ops.ones((1,))], [variable])


class Heavy(optimizers.Optimizer):
    """As the pages of Keras write one: with operations, indices and assignments."""

    def __init__(self, learning_rate: float = 0.1, friction: float = 0.5, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.friction = friction

    def build(self, variables: Sequence[Variable]) -> None:
        super().build(variables)
        self.momentums = [
            self.add_variable_from_reference(reference_variable=v, name="momentum")
            for v in variables
        ]
        self.count = Variable(0.0, trainable=False, name="count")

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Any) -> None:
        m = self.momentums[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype)
        self.assign(m, ops.subtract(ops.multiply(m, self.friction), ops.multiply(gradient, rate)))
        self.assign_add(variable, m)
        self.assign_add(self.count, 1.0)


def test_an_optimizer_of_ones_own_trains_and_is_saved(tmp_path: Path) -> None:
    model = trained(Heavy(friction=0.25))
    assert bits(model) == bits(trained(Heavy(friction=0.25), run_eagerly=True))
    assert [v.name for v in model.optimizer.variables][-1] == "count"
    assert float(model.optimizer.count) == 2 * 9
    model.save(tmp_path / "model.keras")
    other = keras.models.load_model(tmp_path / "model.keras", {"Heavy": Heavy})
    assert other.optimizer.friction == 0.25
    assert bits(other) == bits(model)


def test_states_begin_as_initializers_say() -> None:
    optimizer, variable = Heavy(), Variable([1.0, 2.0])
    ones = optimizer.add_variable_from_reference(variable, "one", "ones")
    assert ones.numpy().tolist() == [1.0, 1.0]
    firsts = ["zeros", keras.initializers.Constant(3.0)]
    zeros, threes = optimizer.add_optimizer_variables([variable], ["a", "b"], firsts)
    assert (zeros[0].numpy().tolist(), threes[0].numpy().tolist()) == ([0.0, 0.0], [3.0, 3.0])
    with pytest.raises(ValueError, match="1 initializers came for the 2 names"):
        optimizer.add_optimizer_variables([variable], ["a", "b"], ["zeros"])
