"""Models through programs: the bits of eager training, and nothing that is stale or left behind."""

from __future__ import annotations

import gc
import os
import signal
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pylego import (
    GradientTape,
    Variable,
    constraints,
    engine,
    layers,
    metrics,
    ops,
    optimizers,
    utils,
)
from pylego.callbacks import Callback, LambdaCallback
from pylego.layers import Dense, Dropout, Input, Layer
from pylego.models import Model, Sequential
from pylego.program import MOST_PROGRAMS, Program
from pylego.structures import leaves

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
    assert all(not engine.is_promised(loss._handle) for loss in model.losses)


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
    assert all(not engine.is_promised(loss._handle) for loss in model.losses)


def test_a_label_that_is_no_class() -> None:
    utils.set_random_seed(1)
    model = Sequential([Input((4,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = LABELS.copy()
    labels[13] = 3
    for _ in range(2):
        with pytest.raises(
            IndexError, match=r"label 3 at.*have shape .*3 classes.*mended by y - 1"
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
    used = engine.memory_used()
    is_thorough = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
    for _ in range(1_000_000 if is_thorough else 100_000):
        model.predict(x, verbose=0)
    gc.collect()
    assert engine.memory_used() == used
    assert len(engine.lifetimes.lent_arrays) < 1000


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
