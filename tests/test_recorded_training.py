"""Models through programs: the bits of eager training, and nothing that is stale or left behind."""

from __future__ import annotations

import gc
import os
import signal
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pylego import (
    GradientTape,
    Variable,
    config,
    constraints,
    engine,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    utils,
)
from pylego.callbacks import Callback, LambdaCallback
from pylego.constraints import MaxNorm
from pylego.core.tree import leaves
from pylego.layers import Dense, Dropout, Input, Layer
from pylego.models import Model, Sequential
from pylego.programs.cache import MOST_PROGRAMS
from pylego.programs.program import Program
from pylego.regularizers import L1, L2

RNG = np.random.default_rng(5)
X = RNG.normal(size=(23, 4)).astype(np.float32)
LABELS = (X[:, 0] * 3).astype(np.int64) % 3
Y = np.eye(3, dtype=np.float32)[LABELS]

Settings = dict[str, Any]


def classifier(**settings: Any) -> Sequential:
    utils.set_random_seed(1)
    stack = [Input((4,)), Dense(8, "relu"), Dropout(0.3), Dense(3, "softmax")]
    model = Sequential(stack)
    defaults: Settings = {
        "optimizer": "adam", "loss": "categorical_crossentropy", "metrics": ["accuracy"],
    }  # fmt: skip
    model.compile(**{**defaults, **settings})
    return model


def numbers_network(**settings: Any) -> Sequential:
    utils.set_random_seed(1)
    hidden = [Dense(64, "relu") for _ in range(4)]
    model = Sequential([Input((1,)), *hidden, Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], **settings)
    return model


def results(model: Model, *data: Any, **options: Any) -> list[np.ndarray]:
    """What training comes to: the history, weights, states, and what the model says then."""
    utils.set_random_seed(2)
    history = model.fit(*data, **{"batch_size": 5, "epochs": 3, "verbose": 0, **options})
    found = [np.array(values) for _, values in sorted(history.history.items())]
    found += model.get_weights()
    return found + [variable.numpy() for variable in model.optimizer.variables]


def assert_same_bits(make: Callable[..., Model], *data: Any, **options: Any) -> None:
    """Training runs eagerly, recorded, and recorded without passes: the bits are the same."""
    wanted = results(make(run_eagerly=True), *data, **options)
    for settings in ({}, {"jit_compile": False}):
        model = make(**settings)
        found = results(model, *data, **options)
        assert len(list(model.programs)) > 0
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted):
            assert one.tobytes() == other.tobytes()


# ---- the bits of eager training -------------------------------------------------------------


def test_the_numbers_network() -> None:
    x = np.arange(1, 11).reshape(10, 1)
    assert_same_bits(numbers_network, x, np.array([0] * 5 + [1] * 5), batch_size=10)


def test_dropout_and_a_smaller_last_batch() -> None:
    assert_same_bits(classifier, X, Y)


OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.05),
    "momentum": lambda: optimizers.SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True, clipvalue=0.1),
    "adam": lambda: optimizers.Adam(0.01, clipnorm=0.1),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True, global_clipnorm=0.1),
    "adamw": lambda: optimizers.AdamW(0.01),
    "averages": lambda: optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=2),
    "accumulation": lambda: optimizers.Adam(0.01, gradient_accumulation_steps=3),
    "scaled": lambda: optimizers.SGD(0.05, loss_scale_factor=8.0),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers(name: str) -> None:
    assert_same_bits(lambda **kw: classifier(optimizer=OPTIMIZERS[name](), **kw), X, Y)


def test_weights_of_samples_and_classes() -> None:
    weighted = [metrics.CategoricalAccuracy()]
    make = lambda **kw: classifier(weighted_metrics=weighted, **kw)  # noqa: E731
    assert_same_bits(make, X, Y, class_weight={0: 1.0, 1: 3.0})
    assert_same_bits(make, X, Y, sample_weight=np.linspace(0, 2, len(X)))


def test_validation() -> None:
    assert_same_bits(classifier, X, Y, validation_split=0.3)


def test_generators() -> None:
    class Batches:
        def __iter__(self) -> Iterator[tuple]:
            for start in (0, 5, 10, 12):
                yield X[start : start + 5], Y[start : start + 5]

    assert_same_bits(classifier, Batches(), batch_size=None)


def test_regularizers_constraints_and_added_losses() -> None:
    class Penalty(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(0.1 * ops.mean(ops.square(x)))
            return x

    def make(**settings: Any) -> Model:
        utils.set_random_seed(1)
        dense = Dense(
            5, "tanh", kernel_regularizer="l2", activity_regularizer="l1",
            kernel_constraint=constraints.MaxNorm(0.5),
        )  # fmt: skip
        model = Sequential([Input((4,)), dense, Penalty(), Dense(3, "softmax")])
        model.compile("adam", "categorical_crossentropy", **settings)
        return model

    assert_same_bits(make, X, Y)
    model = make()
    model.fit(X, Y, verbose=0)
    assert all(not engine.is_symbolic(loss._handle) for loss in model.losses)


class OwnStep(Model):
    """A model with a train_step of its own, and two optimizers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = Dense(6, "tanh")
        self.head = Dense(3, "softmax")
        self.second = optimizers.SGD(0.01, momentum=0.9)
        self.seen = metrics.Mean(name="seen")

    def call(self, x: Any, training: bool = False) -> Any:
        return self.head(self.body(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        with GradientTape(persistent=True) as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x, y, y_pred)
        weights = [self.head.trainable_variables, self.body.trainable_variables]
        gradients = [tape.gradient(loss, some) for some in weights]
        self.optimizer.apply_gradients(zip(gradients[0], weights[0]))
        self.second.apply_gradients(zip(gradients[1], weights[1]))
        self.seen.update_state(loss)
        return {"loss": loss, "seen": self.seen.result()}


def test_a_train_step_of_ones_own() -> None:
    def make(**settings: Any) -> Model:
        utils.set_random_seed(1)
        model = OwnStep()
        model.compile("adam", "categorical_crossentropy", **settings)
        return model

    assert_same_bits(make, X, Y)


def test_evaluate_predict_and_single_batches() -> None:
    eager, recorded = classifier(run_eagerly=True), classifier()
    for _ in range(3):
        for ask in (
            lambda m: m.train_on_batch(X, Y),
            lambda m: m.test_on_batch(X, Y),
            lambda m: m.evaluate(X, Y, batch_size=4, verbose=0),
            lambda m: m.predict(X, batch_size=4, verbose=0),
            lambda m: m.predict(X[:1], verbose=0),
            lambda m: m.predict_on_batch(X),
            lambda m: m(X),
            lambda m: m(X, training=True),
        ):
            assert np.asarray(ask(eager)).tobytes() == np.asarray(ask(recorded)).tobytes()


def test_several_outputs_are_predicted() -> None:
    class Two(Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = Dense(2)

        def call(self, x: Any) -> dict[str, Any]:
            y = self.dense(x)
            return {"y": y, "pair": (ops.sum(y, axis=-1), y > 0)}

    model = Two()
    found = model.predict(X, batch_size=4, verbose=0)
    model.run_eagerly = True
    wanted = model.predict(X, batch_size=4, verbose=0)
    np.testing.assert_array_equal(found["y"], wanted["y"])
    for one, other in zip(found["pair"], wanted["pair"]):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


# ---- what may not be stale ------------------------------------------------------------------


def test_what_is_set_after_a_recording_counts() -> None:
    def train(**settings: Any) -> list[np.ndarray]:
        model = classifier(**settings)
        found = results(model, X, Y)
        model.layers[0].trainable = False
        found += results(model, X, Y)
        model.layers[0].trainable = True
        model.layers[1].rate = 0.6
        model.optimizer.clipnorm = 0.01
        found += results(model, X, Y)
        model.optimizer.learning_rate = 0.5
        model.layers[2].kernel.constraint = constraints.UnitNorm()
        found += results(model, X, Y)
        model.add(Dense(3, "softmax"))
        model.compile("sgd", "mse", run_eagerly=model.run_eagerly)
        found += results(model, X, Y)
        model.pop()
        return [*found, model.predict(X, verbose=0), model.predict(X[:1], verbose=0)]

    for one, other in zip(train(run_eagerly=True), train(), strict=True):
        assert one.tobytes() == other.tobytes()


def test_freezing_back_and_forth_records_twice_in_all() -> None:
    model = classifier()
    for _ in range(3):
        for is_trainable in (True, False):
            model.layers[0].trainable = is_trainable
            model.train_on_batch(X, Y)
    assert len(list(model.programs)) == 2


def test_a_list_that_grows_inside_a_model_of_ones_own() -> None:
    class Blocks(Model):
        def __init__(self) -> None:
            super().__init__()
            self.blocks: list = [Dense(4, kernel_initializer="ones")]

        def call(self, x: Any) -> Any:
            for block in self.blocks:
                x = block(x)
            return x

    model = Blocks()
    for count in (1, 2):
        wanted = X
        for _ in range(count):
            wanted = np.repeat(wanted.sum(axis=-1, keepdims=True), 4, axis=-1)
        np.testing.assert_allclose(model.predict(X, verbose=0), wanted, rtol=1e-4, atol=1e-4)
        model.blocks.append(Dense(4, kernel_initializer="ones"))


def test_what_is_set_counts_for_a_single_row_and_a_call() -> None:
    model = Sequential([Input((4,)), Dense(3)])
    x = X[:1]
    for activation in (lambda x: x, ops.tanh, ops.sigmoid):
        model.layers[0].activation = activation
        wanted = activation(ops.matmul(x, model.layers[0].kernel) + model.layers[0].bias)
        for _ in range(3):
            assert model.predict(x, verbose=0).tobytes() == wanted.numpy().tobytes()
            assert model(x).numpy().tobytes() == wanted.numpy().tobytes()


def freeze(model: Model) -> None:
    model.layers[0].trainable = not model.layers[0].trainable


class Above(metrics.Mean):
    """The share of outputs above a threshold."""

    threshold = 0.5

    def update_state(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore
        super().update_state(y_pred > self.threshold)


# Made beforehand: to make one sets its attributes, which is noticed for itself.
PENALTY, ACTIVITY, BOUND = L2(1.0), L1(0.1), MaxNorm(0.1)

SETTINGS: dict[str, Callable[[Model], Any]] = {
    "kernel.regularizer": lambda m: setattr(m.layers[0].kernel, "regularizer", PENALTY),
    "a factor of a regularizer": lambda m: setattr(m.layers[2].kernel_regularizer, "l2", 0.5),
    "kernel.constraint": lambda m: setattr(m.layers[0].kernel, "constraint", BOUND),
    "a bound of a constraint": lambda m: setattr(m.layers[2].kernel_constraint, "max_value", 0.1),
    "activity_regularizer": lambda m: setattr(m.layers[0], "activity_regularizer", ACTIVITY),
    "activation": lambda m: setattr(m.layers[0], "activation", ops.tanh),
    "rate": lambda m: setattr(m.layers[1], "rate", 0.7),
    "trainable": freeze,
    "kernel.trainable": lambda m: setattr(m.layers[0].kernel, "trainable", False),
    "learning_rate": lambda m: setattr(m.optimizer, "learning_rate", 0.5),
    "learning_rate, a function": lambda m: setattr(m.optimizer, "learning_rate", lambda: 0.5),
    "clipnorm": lambda m: setattr(m.optimizer, "clipnorm", 1e-3),
    "clipvalue": lambda m: setattr(m.optimizer, "clipvalue", 1e-3),
    "global_clipnorm": lambda m: setattr(m.optimizer, "global_clipnorm", 1e-3),
    "weight_decay": lambda m: setattr(m.optimizer, "weight_decay", 0.5),
    "momentum": lambda m: setattr(m.optimizer, "momentum", 0.1),
    "nesterov": lambda m: setattr(m.optimizer, "nesterov", True),
    "loss_scale_factor": lambda m: setattr(m.optimizer, "loss_scale_factor", 3.0),
    "a loss's reduction": lambda m: setattr(m.loss, "reduction", "sum"),
    "a metric's threshold": lambda m: setattr(m.metrics[1], "threshold", 0.01),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_is_changed_after_three_steps_counts(name: str) -> None:
    """In the very next step, as in eager training, and it is not a change that nobody could see.

    Nothing of the model is a user's own code, for which every step would look closely anyway.
    """

    metric = Above if name == "a metric's threshold" else metrics.BinaryAccuracy

    def train(change: Callable[[Model], Any], **settings: Any) -> list[bytes]:
        utils.set_random_seed(1)
        head = Dense(3, "softmax", kernel_regularizer=L2(0.01), kernel_constraint=MaxNorm(3.0))
        model = Sequential([Input((4,)), Dense(8, "relu"), Dropout(0.3), head])
        model.compile(
            optimizers.SGD(0.05, momentum=0.9), losses.CategoricalCrossentropy(),
            metrics=[metric()], **settings,
        )  # fmt: skip
        found = [model.train_on_batch(X, Y) for _ in range(3)]
        change(model)
        found += [model.train_on_batch(X, Y) for _ in range(3)]
        return [np.asarray(found).tobytes(), *(w.tobytes() for w in model.get_weights())]

    recorded = train(SETTINGS[name])
    assert recorded == train(SETTINGS[name], run_eagerly=True)
    assert recorded != train(lambda model: None)


class Holder:
    """An object of a user's own."""

    def __init__(self, value: Any = None) -> None:
        self.value = value


class Slots:
    """One that has no dictionary."""

    __slots__ = ("unset", "value")


HELD: dict[str, tuple[Callable[[], Any], Callable[[Any, float], Any], Callable[[Any], float]]] = {
    "a number": (lambda: Holder(Holder()), lambda h, v: setattr(h.value, "value", v),
                 lambda h: h.value.value),
    "a list": (lambda: [0.0], lambda h, v: h.__setitem__(0, v), lambda h: h[0]),
    "a list that grows": (list, lambda h, v: h.append(v), lambda h: h[-1]),
    "a list in a list": (lambda: [[0.0]], lambda h, v: h[0].append(v), lambda h: h[0][-1]),
    "a dictionary": (dict, lambda h, v: h.update(a=v), lambda h: h["a"]),
    "a list in a dictionary": (lambda: {"a": [{}]}, lambda h, v: h["a"][0].update(b=v),
                               lambda h: h["a"][0]["b"]),
    "a set": (lambda: {0.0}, lambda h, v: (h.clear(), h.add(v)), max),
    "a deque": (deque, lambda h, v: h.append(v), lambda h: h[-1]),
    "an object": (Holder, lambda h, v: setattr(h, "value", v), lambda h: h.value),
    "an object in a list": (lambda: [Holder()], lambda h, v: setattr(h[0], "value", v),
                            lambda h: h[0].value),
    "a list in an object": (lambda: Holder([]), lambda h, v: h.value.append(v),
                            lambda h: h.value[-1]),
    "an object with slots": (Slots, lambda h, v: setattr(h, "value", v), lambda h: h.value),
    "a namespace": (SimpleNamespace, lambda h, v: setattr(h, "value", v), lambda h: h.value),
    "a small array": (lambda: np.zeros(2), lambda h, v: h.__setitem__(1, v),
                      lambda h: float(h[1])),
    "true and one": (Holder, lambda h, v: setattr(h, "value", True if v == 2.0 else 1),
                     lambda h: 2.0 if h.value is True else 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", HELD)
def test_what_a_layer_of_ones_own_holds_may_change_between_calls(name: str) -> None:
    make, change, read = HELD[name]
    held = make()
    change(held, 1.0)

    class Times(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.held = held

        def call(self, x: Any) -> Any:
            return x * read(self.held)

    model = Sequential([Input((4,)), Times()])
    for ask in (
        lambda: model.predict(X, verbose=0),
        lambda: model.predict(X, batch_size=5, verbose=0),
        lambda: model.predict(X[:1], verbose=0),
        lambda: model.predict_on_batch(X),
        lambda: model(X).numpy(),
    ):
        for value in (1.0, 2.0, 3.0):
            change(held, value)
            wanted = X * np.float32(read(held))
            for _ in range(2):
                found = ask()
                np.testing.assert_array_equal(found, wanted[: len(found)])


def test_what_steps_do_not_read_may_change_without_a_recording() -> None:
    """Callbacks, iterators and functions of the learning rate change in each step."""

    class Counting(Callback):
        count = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.count += 1

    class Falling:
        count = 0

        def __call__(self) -> float:
            self.count += 1
            return 0.1 / self.count

    class Own(Sequential):
        pass

    class Endless:
        count = 0

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> int:
            self.count += 1
            return self.count

    model = Own([Input((4,)), Dense(3, "softmax")])
    model.compile(optimizers.SGD(Falling()), "categorical_crossentropy")
    model.counting, model.endless = Counting(), Endless()
    next_one = LambdaCallback(on_train_batch_end=lambda batch, logs: next(model.endless))
    for _ in range(3):  # each call looks anew
        model.fit(X[:20], Y[:20], batch_size=5, verbose=0, callbacks=[model.counting, next_one])
    assert (model.counting.count, model.endless.count) == (12, 12)
    assert len(list(model.programs)) == 2  # of the step, and of the beginning of an epoch


def test_objects_that_know_each_other_are_looked_at_once() -> None:
    class Knowing(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.holder = Holder(self)
            self.holder.again = self.holder

        def call(self, x: Any) -> Any:
            return x

    model = Sequential([Input((4,)), Knowing()])
    for _ in range(3):
        np.testing.assert_array_equal(model.predict(X, verbose=0), X)
    assert len(list(model.programs)) == 1


def test_a_setting_of_all_of_pylego_counts() -> None:
    class Epsilon(Layer):
        def call(self, x: Any) -> Any:
            return x * 0 + config.epsilon()

    model = Sequential([Input((4,)), Epsilon()])
    before = config.epsilon()
    try:
        for epsilon in (0.25, 0.5):
            config.set_epsilon(epsilon)
            for _ in range(2):
                assert (model.predict(X, verbose=0) == epsilon).all()
    finally:
        config.set_epsilon(before)


def test_a_learning_rate_that_is_a_function_is_asked_in_each_step() -> None:
    asked = []

    def rate() -> float:
        asked.append(1)
        return 0.1 / len(asked)

    def make(**settings: Any) -> Model:
        asked.clear()
        return classifier(optimizer=optimizers.SGD(rate), **settings)

    assert_same_bits(make, X, Y)
    assert len(asked) >= 15


def test_callbacks_can_change_settings_between_epochs() -> None:
    def freeze(model: Model) -> Callback:
        def begin(epoch: int, logs: Any) -> None:
            model.layers[0].trainable = epoch == 1

        return LambdaCallback(on_epoch_begin=begin)

    def train(**settings: Any) -> list[np.ndarray]:
        model = classifier(**settings)
        return results(model, X, Y, callbacks=[freeze(model)])

    for one, other in zip(train(run_eagerly=True), train(), strict=True):
        assert one.tobytes() == other.tobytes()


# ---- calls from Python ----------------------------------------------------------------------


def test_calling_a_model_keeps_gradients_and_logits() -> None:
    model = classifier()
    x = ops.convert_to_tensor(X)
    for _ in range(3):
        model(x)
    assert model(x).logits[0] == "softmax"
    with GradientTape() as tape:
        loss = ops.sum(model(x) ** 2)
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))
    x.requires_grad = True
    assert model(x).requires_grad


def test_calling_a_model_runs_the_users_code() -> None:
    calls = []

    class Loud(Layer):
        def call(self, x: Any) -> Any:
            calls.append(1)
            return x

    with_layer = Sequential([Input((4,)), Loud()])
    with_function = Sequential(
        [Input((4,)), Dense(2, activation=lambda x: (calls.append(1), x)[1])]
    )
    for model in (with_layer, with_function):
        model(X)
        calls.clear()
        for _ in range(4):
            model(X)
        assert len(calls) == 4


def test_the_order_of_hooks_is_that_of_batches() -> None:
    seen: list[Any] = []

    class Listening(Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            seen.append(("begin", batch))

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(("end", batch, sorted(logs)))

    names = ["accuracy", "loss"]
    classifier().fit(X, Y, batch_size=8, callbacks=[Listening()], verbose=0)
    assert seen == [step for i in range(3) for step in (("begin", i), ("end", i, names))]
    for settings in ({}, {"run_eagerly": True}):
        seen.clear()
        model = classifier(steps_per_execution=2, **settings)
        model.fit(X, Y, batch_size=5, callbacks=[Listening()], verbose=0)
        groups = ((0, 1), (2, 3), (4, 4))
        assert seen == [step for i, j in groups for step in (("begin", i), ("end", j, names))]


# ---- mistakes -------------------------------------------------------------------------------


def test_a_step_that_looks_at_numbers_names_the_line() -> None:
    class Looking(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            logs = super().train_step(data)
            if logs["loss"] > 1:
                return {}
            return logs

    model = Looking([Input((4,)), Dense(3, kernel_regularizer="l2")])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(TypeError, match=r'\.py:\d+, `if logs\["loss"\] > 1:`.*run_eagerly=True'):
        model.fit(X, Y, verbose=0)
    assert not engine.is_recording()
    for one, other in zip(before, model.get_weights()):
        np.testing.assert_array_equal(one, other)
    model.run_eagerly = True
    model.fit(X, Y, verbose=0)
    assert all(not engine.is_symbolic(loss._handle) for loss in model.losses)


def test_a_label_that_is_no_class() -> None:
    utils.set_random_seed(1)
    model = Sequential([Input((4,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = LABELS.copy()
    labels[13] = 3
    for _ in range(2):
        with pytest.raises(
            IndexError, match=r"y\[13\] is the label 3, .*3 classes: 0 to 2.*mended by y - 1"
        ):
            model.fit(X, labels, batch_size=5, shuffle=False, verbose=0)
    assert int(model.optimizer.iterations) == 4  # two whole steps each time
    with pytest.raises(IndexError, match="mended by y - 1"):
        model.train_on_batch(X, labels)
    model.fit(X, LABELS, verbose=0)


def test_an_error_of_a_callback_leaves_the_model_usable() -> None:
    def fail(batch: int, logs: Any) -> None:
        raise KeyError("mine")

    model = classifier()
    with pytest.raises(KeyError, match="mine"):
        model.fit(X, Y, batch_size=5, callbacks=[LambdaCallback(on_train_batch_end=fail)])
    assert int(model.optimizer.iterations) == 1
    model.fit(X, Y, batch_size=5, verbose=0)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_leaves_the_weights_of_a_whole_step() -> None:
    data = np.repeat(X, 400, axis=0), np.repeat(Y, 400, axis=0)
    model = classifier(optimizer=optimizers.SGD(0.01))
    model.fit(*data, batch_size=1, shuffle=False, epochs=1, steps_per_epoch=1, verbose=0)
    began = int(model.optimizer.iterations)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(*data, batch_size=1, shuffle=False, epochs=100_000, verbose=0)
    done = int(model.optimizer.iterations)
    assert done > began
    other = classifier(optimizer=optimizers.SGD(0.01))
    other.fit(*data, batch_size=1, shuffle=False, epochs=1, steps_per_epoch=1, verbose=0)
    batches = len(data[0])
    whole, rest = divmod(done - began, batches)
    if whole:
        other.fit(*data, batch_size=1, shuffle=False, epochs=whole, verbose=0)
    if rest:
        other.fit(*data, batch_size=1, shuffle=False, steps_per_epoch=rest, verbose=0)
    for one, two in zip(model.get_weights(), other.get_weights()):
        np.testing.assert_array_equal(one, two)


def test_an_index_that_is_no_label_is_not_explained_as_one() -> None:
    class Taking(Layer):
        def call(self, x: Any, training: bool = False) -> Any:
            return ops.take(x, ops.cast(x[0, :1] * 0 + 7 * training, "int32"), axis=1)

    model = Sequential([Input((4,)), Taking(), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(IndexError, match="index 7 at") as caught:
        model.train_on_batch(X, LABELS)
    assert "mended" not in str(caught.value)


# ---- memory ---------------------------------------------------------------------------------


def test_a_thousand_batch_sizes_keep_few_programs() -> None:
    model = Sequential([Input((4,)), Dense(3)])

    def ask(sizes: range) -> None:
        for size in sizes:
            model.predict(np.zeros((size, 4), np.float32), batch_size=2000, verbose=0)

    ask(range(1990, 2001))
    ask(range(1, MOST_PROGRAMS + 1))
    gc.collect()
    used = engine.memory_used()
    ask(range(1, 2 * MOST_PROGRAMS, 3))
    ask(range(1, MOST_PROGRAMS + 1))
    gc.collect()
    assert len(list(model.programs)) == MOST_PROGRAMS
    assert engine.memory_used() <= used


SEVENTEEN_AND_MORE = {
    "fit": lambda model, x, y: model.fit(x, y, batch_size=len(x), verbose=0),
    "evaluate": lambda model, x, y: model.evaluate(x, y, batch_size=len(x), verbose=0),
    "predict": lambda model, x, y: model.predict(x, batch_size=len(x), verbose=0),
    "train_on_batch": lambda model, x, y: model.train_on_batch(x, y),
    "call": lambda model, x, y: model(x),
}


@pytest.mark.parametrize("what", SEVENTEEN_AND_MORE)
def test_a_hundred_shapes_in_turn_are_recorded_once_each(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    record = Program.record

    def counted(function: Any, inputs: Any, **options: Any) -> Program:
        batch = leaves(inputs)
        sizes.extend(x.shape[0] for x in batch[:1])
        return record(function, inputs, **options)

    monkeypatch.setattr(Program, "record", counted)
    model = Sequential([Input((4,)), Dense(3)])
    model.compile("sgd", "mse")
    rounds = 3 if what == "call" else 2  # a direct call is recorded when it comes again
    for _ in range(rounds):
        for size in range(1, 101):
            SEVENTEEN_AND_MORE[what](model, np.zeros((size, 4), "float32"), np.zeros((size, 3)))
    assert sizes == list(range(1, 101))


def test_twenty_states_in_turn_are_not_recorded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    recordings: list[str] = []
    record = Program.record

    def counted(*arguments: Any, **options: Any) -> Program:
        recordings.append(options["name"])
        return record(*arguments, **options)

    monkeypatch.setattr(Program, "record", counted)
    model = Sequential([Input((4,)), *(Dense(4) for _ in range(20)), Dense(3)])
    model.compile("sgd", "mse")
    model.train_on_batch(np.zeros((2, 4), "float32"), np.zeros((2, 3)))

    def freeze_one_after_the_other() -> int:
        recordings.clear()
        for layer in model.layers[:20]:
            layer.trainable = False
            model.train_on_batch(np.zeros((2, 4), "float32"), np.zeros((2, 3)))
            layer.trainable = True
        return len(recordings)

    freeze_one_after_the_other()
    assert freeze_one_after_the_other() <= 20
    assert freeze_one_after_the_other() == 0


def test_the_programs_of_a_model_share_their_memory() -> None:
    model = Sequential([Input((4,)), Dense(500, "relu"), Dense(500, "relu"), Dense(1)])
    data = np.zeros((1000, 4), np.float32)
    model.predict(data, batch_size=1000, verbose=0)
    used = engine.memory_used()
    for size in range(990, 1000):
        model.predict(data[:size], batch_size=1000, verbose=0)
    assert engine.memory_used() < used + engine.arena_bytes(next(iter(model.programs))._recording)


def test_a_model_that_is_dropped_is_gone_at_once() -> None:
    gc.collect()
    gc.disable()
    try:
        model = classifier()
        model.fit(X, Y, verbose=0)
        model.evaluate(X, Y, verbose=0)
        for _ in range(3):
            model.predict(X[:1], verbose=0)
            model(X)
        seen = weakref.ref(model)
        del model
        assert seen() is None
    finally:
        gc.enable()


def test_models_that_are_dropped_leave_nothing() -> None:
    def live_and_die(count: int) -> None:
        for _ in range(count):
            model = Sequential([Input((4,)), Dense(3, "softmax")])
            model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
            model.fit(X, Y, batch_size=8, verbose=0)
            model.predict(X[:1], verbose=0)
        gc.collect()

    live_and_die(5)
    used = engine.memory_used()
    live_and_die(60 if os.environ.get("HYPOTHESIS_PROFILE") != "thorough" else 1000)
    assert engine.memory_used() == used


def test_many_predictions_take_no_memory() -> None:
    model = classifier()
    x = X[:1]
    model.predict(x, verbose=0)
    model.predict(x, verbose=0)
    gc.collect()
    used, others = engine.memory_used(), set(engine.lifetimes.lent)
    is_thorough = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
    for _ in range(1_000_000 if is_thorough else 100_000):
        model.predict(x, verbose=0)
    gc.collect()
    assert engine.memory_used() == used
    assert len(engine.lifetimes.lent.keys() - others) < 1000


def test_two_threads_train_two_models() -> None:
    wanted = results(classifier(optimizer="sgd"), X, Y, shuffle=False, epochs=20)
    models = [classifier(optimizer="sgd") for _ in range(2)]
    utils.set_random_seed(2)

    def train(model: Model) -> None:
        model.fit(X, Y, batch_size=5, shuffle=False, epochs=20, verbose=0)

    threads = [threading.Thread(target=train, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model in models:
        for one, other in zip(model.get_weights(), wanted[2:]):
            assert one.tobytes() == other.tobytes()


def test_variables_that_a_step_makes_are_made_once() -> None:
    class Lazy(Sequential):
        extra: Any = None

        def train_step(self, data: Any) -> dict[str, Any]:
            if self.extra is None:
                self.extra = Variable(0.0, trainable=False)
            self.extra.assign_add(1.0)
            return super().train_step(data)

    model = Lazy([Input((4,)), layers.Dense(3)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=5, epochs=2, verbose=0)
    assert float(model.extra) == 10.0


def test_a_metric_of_the_users_own_is_reset_by_its_own_code() -> None:
    resets = []

    class Counting(metrics.Mean):
        def reset_state(self) -> None:
            resets.append(1)
            super().reset_state()

    class Counted(Sequential):
        def __init__(self) -> None:
            super().__init__([Dense(1)])
            self.counting = Counting(name="counting")

    model = Counted()
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 2), "float32"), np.ones((4, 1), "float32"), epochs=3, verbose=0)
    assert len(resets) == 3
