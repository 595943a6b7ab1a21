"""What a recording depends on: all that the user's code can read, and nothing else."""

from __future__ import annotations

import sys
import types
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import GradientTape, Variable, layers, losses, metrics, ops, optimizers, versions
from pylego.layers import Dense, Input, Layer
from pylego.models import Model, Sequential

X = np.random.default_rng(3).normal(size=(6, 4)).astype(np.float32)
Y = X[:, :2] * 2

FACTOR = 1.0
settings = types.ModuleType("my_settings")
settings.factor = 1.0  # type: ignore[attr-defined]


def factor() -> float:
    return FACTOR


class Base(Layer):
    held: Any = 1.0


class OfClass(Base):
    def call(self, x: Any) -> Any:
        return x * self.held


class OfMethod(Layer):
    def call(self, x: Any) -> Any:
        return x * self.factor()

    def factor(self) -> float:
        return 1.0


class OfProperty(Layer):
    _factor = [1.0]  # noqa: RUF012

    @property
    def factor(self) -> float:
        return self._factor[0]

    def call(self, x: Any) -> Any:
        return x * self.factor


class OfGlobal(Layer):
    def call(self, x: Any) -> Any:
        return x * factor()


class OfModule(Layer):
    def call(self, x: Any) -> Any:
        return x * settings.factor


class OfDefault(Layer):
    def call(self, x: Any, factor: float = 1.0) -> Any:
        return x * factor


class OfName(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = [1.0]

    def call(self, x: Any) -> Any:
        return x * getattr(self, "hidden")[0]  # noqa: B009


class OfArray(Layer):
    """The array is longer than what is compared as a setting elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.table = np.ones((3000, 4), np.float32)

    def call(self, x: Any) -> Any:
        return x * self.table[2500]


def of_closure(held: list) -> Layer:
    value = held[0]

    class OfClosure(Layer):
        def call(self, x: Any) -> Any:
            return x * value

    def change(to: float) -> None:
        nonlocal value
        value = to

    held.append(change)
    return OfClosure()


def _set_global(value: float) -> None:
    global FACTOR
    FACTOR = value


HELD: list = [1.0]
WAYS: dict[str, tuple[Callable[[], Layer], Callable[[Any, float], Any]]] = {
    "a class attribute": (OfClass, lambda _, v: setattr(OfClass, "held", v)),
    "a class attribute of a base": (OfClass, lambda _, v: setattr(Base, "held", v)),
    "a method": (OfMethod, lambda _, v: setattr(OfMethod, "factor", lambda self: v)),
    "a list of a class": (OfProperty, lambda _, v: OfProperty._factor.__setitem__(0, v)),
    "a global of a function": (OfGlobal, lambda _, v: _set_global(v)),
    "an attribute of a module": (OfModule, lambda _, v: setattr(settings, "factor", v)),
    "a default": (OfDefault, lambda _, v: setattr(OfDefault.call, "__defaults__", (v,))),
    "an attribute by its name": (OfName, lambda m, v: m.layers[0].hidden.__setitem__(0, v)),
    "an array": (OfArray, lambda m, v: m.layers[0].table.__setitem__(2500, v)),
    "a closure": (lambda: of_closure(HELD), lambda _, v: HELD[-1](v)),
}


@pytest.mark.parametrize("name", WAYS)
def test_what_the_users_code_reads_may_change(name: str) -> None:
    make, change = WAYS[name]
    model = Sequential([Input((4,)), make()])
    model.compile("sgd", "mse")
    try:
        for value in (1.0, 2.0, 3.0, 2.0):
            change(model, value)
            for _ in range(3):
                np.testing.assert_array_equal(model.predict(X, verbose=0), X * value)
                np.testing.assert_array_equal(model.predict(X[:1], verbose=0), X[:1] * value)
                np.testing.assert_array_equal(model.predict_on_batch(X), X * value)
                np.testing.assert_array_equal(model(X).numpy(), X * value)
                loss = model.test_on_batch(X, X * 0)
                np.testing.assert_allclose(loss, np.mean((X * value) ** 2), rtol=1e-6)
    finally:
        for undo in WAYS.values():
            if undo is WAYS[name]:
                change(model, 1.0)
        if "held" in vars(OfClass):
            del OfClass.held


@pytest.mark.parametrize("where", ["an attribute", "a default"])
def test_a_slice_that_the_code_reads_may_change(where: str) -> None:
    """Slices cannot be hashed before Python 3.12."""

    class Part(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.part = slice(0, 2)

        def call(self, x: Any, rows: slice = slice(None)) -> Any:
            return x[rows, self.part]

    model = Sequential([Part()])
    assert model.predict(X, verbose=0).tobytes() == X[:, :2].tobytes()
    if where == "an attribute":
        model.layers[0].part = slice(1, 4)
        assert model.predict(X, verbose=0).tobytes() == X[:, 1:].tobytes()
    else:
        Part.call.__defaults__ = (slice(None, None, -1),)
        assert model.predict(X, verbose=0).tobytes() == X[::-1, :2].tobytes()


def test_what_a_function_takes_from_outside_may_change() -> None:
    held = {"factor": 2.0}

    @pylego.function
    def scaled(x: Any) -> Any:
        return x * held["factor"]

    for value in (2.0, 3.0, 2.0):
        held["factor"] = value
        for _ in range(2):
            np.testing.assert_array_equal(scaled(X).numpy(), X * value)
    assert len(scaled.programs) == 2


class Settings(dict):
    """A container with an attribute, as configurations often are."""

    factor = 1.0


def objects(value: float) -> np.ndarray:
    made = np.empty(1, object)
    made[0] = value
    return made


@pytest.mark.parametrize(
    ("held", "read", "write"),
    [
        (bytearray(1), lambda held: held[0], lambda held, v: held.__setitem__(0, v)),
        (array("d", [0.0]), lambda held: held[0], lambda held, v: held.__setitem__(0, v)),
        (objects(0.0), lambda held: held[0], lambda held, v: held.__setitem__(0, v)),
        (objects([0.0]), lambda held: held[0][0], lambda held, v: held[0].__setitem__(0, v)),
        (Settings(), lambda held: held.factor, lambda held, v: setattr(held, "factor", v)),
        (Settings(), lambda held: held.factor, lambda held, v: setattr(Settings, "factor", v)),
    ],
    ids=["bytearray", "array.array", "objects", "lists in an array", "attribute", "its class"],
)
def test_what_holds_values_in_its_own_way_may_change(held: Any, read: Any, write: Any) -> None:
    scaled = pylego.function(lambda x: x * read(held))
    for value in (2, 3, 2):
        write(held, value)
        for _ in range(2):
            np.testing.assert_array_equal(scaled(X).numpy(), X * value)
    assert len(scaled.programs) == 2


def test_a_long_chain_of_objects_is_read() -> None:
    chain = types.SimpleNamespace(value=1.0, rest=None)
    last = chain
    for _ in range(700):
        chain = types.SimpleNamespace(value=1.0, rest=chain)

    def final(link: Any) -> float:
        while link.rest:
            link = link.rest
        return link.value

    scaled = pylego.function(lambda x: x * final(chain))
    for value in (2.0, 3.0):
        last.value = value
        np.testing.assert_array_equal(scaled(X).numpy(), X * value)


class Guarded(dict):
    def values(self) -> Any:
        raise AssertionError("nobody asked for the values")


def test_no_method_of_a_container_runs_while_it_is_read() -> None:
    held = Guarded(factor=1.0)
    scaled = pylego.function(lambda x: x * held["factor"])
    for value in (2.0, 3.0):
        held["factor"] = value
        np.testing.assert_array_equal(scaled(X).numpy(), X * value)


# ---- the fast call of code of ones own ----------------------------------------------------------


class Twice(Layer):
    def build(self, shape: Any) -> None:
        self.scale = self.add_weight((shape[-1],), "ones")

    def call(self, x: Any) -> Any:
        return x * self.scale * 2.0 + np.float32(np.sqrt(4.0)) - 2.0


class Distance(losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


class Largest(metrics.Metric):
    def __init__(self) -> None:
        super().__init__(name="largest")
        self.so_far = self.add_variable((), name="so_far")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.so_far.assign(ops.maximum(self.so_far, ops.max(ops.absolute(y_true - y_pred))))

    def result(self) -> Any:
        return self.so_far


class Signs(optimizers.Optimizer):
    def __init__(self) -> None:
        super().__init__(0.01)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        variable.assign_sub(ops.sign(gradient) * learning_rate)


class Own(Model):
    """All of it is a user's own: model, layer, loss, metric, optimizer, activation."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Twice(), Dense(2, activation=lambda x: x * ops.sigmoid(x))

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.second(self.first(inputs))


def own(**options: Any) -> Own:
    pylego.utils.set_random_seed(4)
    model = Own()
    model(X)
    model.compile(Signs(), Distance(), metrics=[Largest()], **options)
    return model


def frames_of_the_users_code(call: Callable[[], Any]) -> int:
    """How many functions of this file run inside of the call."""
    found = 0

    def count(frame: Any, event: str, _: Any) -> None:
        nonlocal found
        found += event == "call" and frame.f_code.co_filename == __file__

    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


CALLS: dict[str, Callable[[Model], Any]] = {
    "call": lambda m: m(X),
    "call on a tensor": lambda m: m(ops.convert_to_tensor(X)),
    "predict": lambda m: m.predict(X[:1], verbose=0),
    "predict_on_batch": lambda m: m.predict_on_batch(X),
    "train_on_batch": lambda m: m.train_on_batch(X, Y),
    "test_on_batch": lambda m: m.test_on_batch(X, Y),
}


@pytest.mark.parametrize("name", CALLS)
def test_code_of_ones_own_gets_the_fast_call(name: str) -> None:
    call, model, eager = CALLS[name], own(), own(run_eagerly=True)
    for _ in range(5):
        wanted, found = call(eager), call(model)
        np.testing.assert_array_equal(np.asarray(found), np.asarray(wanted))
    assert frames_of_the_users_code(lambda: call(model)) == 2  # these two lambdas
    assert frames_of_the_users_code(lambda: call(eager)) > 2


def test_a_call_that_does_more_than_compute_runs_in_python(capsys: Any) -> None:
    class Printing(Layer):
        def call(self, x: Any) -> Any:
            print("called")
            return x

    class Counting(Layer):
        count = 0

        def call(self, x: Any) -> Any:
            self.count += 1
            return x

    class Noisy(Layer):
        def call(self, x: Any) -> Any:
            return x + np.random.normal(size=4)

    for layer in (Printing(), Counting(), Noisy()):
        model = Sequential([Input((4,)), layer])
        seen = [model(X).numpy().tobytes() for _ in range(5)]
        assert len(set(seen)) == (5 if isinstance(layer, Noisy) else 1)
        if isinstance(layer, Counting):
            assert layer.count >= 5
    assert capsys.readouterr().out.count("called") >= 5


def test_a_call_that_adds_losses_runs_in_python() -> None:
    class Penalty(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(ops.mean(x))
            return x

    model = Sequential([Input((4,)), Penalty()])
    for value in (1.0, 2.0, 3.0, 4.0):
        model(X * 0 + np.float32(value))
        assert [float(loss) for loss in model.losses] == [value]


def test_the_fast_call_leaves_gradients_to_python() -> None:
    model = own()
    for _ in range(4):
        model(X)
    with GradientTape() as tape:
        loss = ops.sum(model(X))
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))


def test_a_model_of_dictionaries_is_called_as_a_program() -> None:
    class Two(Model):
        def call(self, inputs: Any) -> Any:
            return {"sum": inputs["a"] + inputs["b"], "pair": (inputs["a"], inputs["b"] * 3.0)}

    model = Two()
    for a, b in ((X, X * 2), (X * 3, X), (X, X), (X, X * 5)):
        for given in ({"a": a, "b": b}, {"b": b, "a": a}):
            found = model(given)
            np.testing.assert_array_equal(found["sum"], a + b)
            np.testing.assert_array_equal(found["pair"][1], b * 3)
    assert len(list(model.programs)) == 2


def test_what_no_code_names_costs_no_recording() -> None:
    class Logging(Sequential):
        pass

    model = Logging([Input((4,)), Dense(2)])
    model.compile("sgd", "mse")
    model.log, model.data = [], np.zeros(10)
    for step in range(6):
        model.train_on_batch(X, Y)
        model.log.append(step)
        model.data[step] = step
    assert len(list(model.programs)) == 1


def test_a_value_that_the_code_itself_changes_makes_no_recording_stale() -> None:
    seen: list[int] = []

    class Seeing(Layer):
        steps = 0

        def call(self, x: Any) -> Any:
            seen.append(len(seen))
            self.steps += 1
            return x

    model = Sequential([Input((4,)), Seeing(), Dense(2)])
    model.compile("sgd", "mse")
    for _ in range(3):
        for rows in (6, 5, 4):
            model.fit(X[:rows], Y[:rows], verbose=0)
    assert sum(program.inputs != [] for program in model.programs) == 3


# ---- steps on one batch -------------------------------------------------------------------------


def small(**options: Any) -> Sequential:
    pylego.utils.set_random_seed(1)
    model = Sequential([Input((4,)), Dense(5, "tanh"), layers.Dropout(0.2), Dense(2)])
    model.compile("adam", "mse", metrics=["mae"], weighted_metrics=["mse"], **options)
    return model


def test_batches_of_other_dtypes_shapes_and_strides() -> None:
    recorded, eager = small(), small(run_eagerly=True)
    batches = [X, X.astype(np.float64), X[:3], np.asfortranarray(X), X[::2], X.tolist(), X]
    for x in [*batches, *batches]:
        y = np.asarray(x)[:, :2] * 2
        weights = np.linspace(0, 1, len(y))
        for more in ({}, {"sample_weight": weights}, {"return_dict": True}):
            one, other = (m.train_on_batch(x, y, **more) for m in (recorded, eager))
            assert one == other
            one, other = (m.test_on_batch(x, y, **more) for m in (recorded, eager))
            assert one == other
        found, wanted = recorded.predict_on_batch(x), eager.predict_on_batch(x)
        np.testing.assert_array_equal(found, wanted)
    for one, other in zip(recorded.get_weights(), eager.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_what_predict_on_batch_returned_is_not_written_again() -> None:
    model = small()
    for _ in range(3):
        first = model.predict_on_batch(X)
    before = first.copy()
    model.predict_on_batch(X * 2)
    np.testing.assert_array_equal(first, before)


def test_a_label_that_is_no_class_in_a_batch_that_came_before() -> None:
    model = Sequential([Input((4,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    labels = np.zeros(6, "int64")
    for _ in range(3):
        model.train_on_batch(X, labels)
    labels[4] = 7
    with pytest.raises(IndexError, match=r"y\[4\] is the label 7, .*3 classes"):
        model.train_on_batch(X, labels)
    assert int(model.optimizer.iterations) == 3


def test_single_batches_inside_fit_keep_its_metrics() -> None:
    class Peeking(pylego.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            for _ in range(3):
                self.model.test_on_batch(X, Y * 0)

    histories = []
    for calls in ([], [Peeking()]):
        model = small()
        model.test_on_batch(X, Y)
        pylego.utils.set_random_seed(5)
        history = model.fit(X, Y, batch_size=2, epochs=2, shuffle=False, verbose=0, callbacks=calls)
        histories.append(history.history)
    assert histories[0] == histories[1]


def test_variables_are_read_anew() -> None:
    class Scaled(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.factor = Variable(1.0, trainable=False)

        def call(self, x: Any) -> Any:
            return x * self.factor

    model = Sequential([Input((4,)), Scaled()])
    for value in (1.0, 2.0, 3.0, 4.0, 5.0):
        model.layers[0].factor.assign(value)
        np.testing.assert_array_equal(model(X).numpy(), X * np.float32(value))
    assert len(list(model.programs)) == 1


def test_names_that_only_look_like_something_else() -> None:
    """Attributes that are called like functions which do something, and globals that are arrays."""

    class Odd(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.input, self.print, self.next = 1.0, 2.0, 3.0

        def call(self, x: Any) -> Any:
            return x * self.input * self.print * self.next + X[0, 0] + np.float32(1.0)

    model = Sequential([Input((4,)), Odd()])
    wanted = X * 6.0 + X[0, 0] + 1.0
    for _ in range(4):
        np.testing.assert_allclose(model(X).numpy(), wanted, rtol=1e-6)
    assert frames_of_the_users_code(lambda: model(X)) == 1


def test_objects_that_answer_any_name_are_read_without_asking_them() -> None:
    class Answering:
        __slots__ = ("factor",)

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    class Times(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.answering = Answering()

        def call(self, x: Any) -> Any:
            return x * self.answering.factor

    layer = Times()
    model = Sequential([layer])
    for value in (2.0, 3.0):
        layer.answering.factor = value
        np.testing.assert_array_equal(model.predict(X, verbose=0), X * value)


def test_batches_of_two_sizes_in_turn_are_both_remembered() -> None:
    model = own()
    for _ in range(3):
        for rows in (6, 4):
            model.train_on_batch(X[:rows], Y[:rows])
    for rows in (6, 4):
        call = lambda rows=rows: model.train_on_batch(X[:rows], Y[:rows])  # noqa: E731
        assert frames_of_the_users_code(call) == 1


def test_models_of_built_in_parts_have_nothing_to_look_at() -> None:
    """One comparison of versions is all that their calls pay."""
    model = Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    x = np.ones((2, 3), np.float32)
    model.fit(x, np.ones((2, 1)), verbose=0)
    for _ in range(2):
        model.predict(x, verbose=0)
    assert model.programs._single is not None
    assert model.programs._single.reads is None


def test_training_once_more_changes_nothing_that_recordings_read() -> None:
    """Each change costs a reading of the whole model, longer than some steps of a small one."""
    model = Sequential([Input((4,)), Dense(2)])
    model.compile("adam", "mse")
    model.fit(X, Y, verbose=0)
    model.fit(X, Y, verbose=0)
    before = versions.number
    model.fit(X, Y, verbose=0)
    assert versions.number == before


def test_targets_go_by_the_name_that_the_last_layer_has_now() -> None:
    model = Sequential([Input((4,)), Dense(2, name="first")])
    model.compile("sgd", "mse")
    model.fit(X, {"first": Y}, verbose=0)
    model.layers[-1].name = "second"
    model.fit(X, {"second": Y}, verbose=0)
    with pytest.raises(ValueError, match="the output is named 'second'"):
        model.fit(X, {"first": Y}, verbose=0)


def test_containers_that_lie_deep_in_each_other_are_looked_at_to_a_depth():
    deep: list = [2.0]
    for _ in range(5000):
        deep = [deep]
    chosen = {"factor": 3.0, "deep": deep}
    scaled = pylego.function(lambda x: x * chosen["factor"] if chosen["deep"] else x)
    assert float(scaled(ops.array(1.0))) == 3
    chosen["factor"] = 4.0
    assert float(scaled(ops.array(1.0))) == 4
