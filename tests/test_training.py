"""Training: Keras's numbers, and the laws that hold for every model."""

from __future__ import annotations

import json
import signal
import types
import warnings
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import config, layers, losses, metrics, ops, optimizers, regularizers, utils
from pylego.autograd import GradientTape
from pylego.callbacks import Callback, EarlyStopping, LambdaCallback
from pylego.layers import Dense, Dropout, Flatten, Input, Layer, Reshape
from pylego.metrics import Mean, Metric
from pylego.models import Model, Sequential
from pylego.optimizers import SGD

TRAINING = load("training")
METRICS = load("metrics")
X = np.array(TRAINING["x"], np.float32)


# ---- Keras's numbers ------------------------------------------------------------------------


def golden_model(scenario: dict[str, Any]) -> Sequential:
    """The compiled model of a scenario, with the weights that Keras had."""
    model = Sequential([Input((X.shape[1],))])
    for one in scenario["layers"]:
        regularizer = regularizers.L2(one["l2"]) if one["l2"] else None
        model.add(Dense(one["units"], one["activation"], kernel_regularizer=regularizer))
    model.set_weights([np.array(weight, np.float32) for weight in scenario["initial_weights"]])
    arguments = dict(scenario["compile"])
    name, settings = arguments.pop("optimizer")
    model.compile(optimizer=getattr(optimizers, name)(**settings), **arguments)
    return model


def fit_arguments(scenario: dict[str, Any]) -> dict[str, Any]:
    """The arguments of fit, with what JSON had to write otherwise."""
    arguments = dict(scenario["fit"])
    if "class_weight" in arguments:
        arguments["class_weight"] = {int(k): v for k, v in arguments["class_weight"].items()}
    if "validation_data" in arguments:
        arguments["validation_data"] = tuple(map(np.array, arguments["validation_data"]))
    if "sample_weight" in arguments:
        arguments["sample_weight"] = np.array(arguments["sample_weight"])
    return arguments


class Recorder(Callback):
    """Keep the weights after each epoch and count the batches of each epoch."""

    def __init__(self) -> None:
        self.weights: list = []
        self.batches: list[int] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.batches.append(0)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches[-1] += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.weights.append(self.model.get_weights())


SCENARIOS = sorted(TRAINING["scenarios"])


@pytest.mark.filterwarnings("ignore:The data ended")
@pytest.mark.parametrize("name", SCENARIOS)
def test_fit_gives_keras_numbers(name: str) -> None:
    scenario = TRAINING["scenarios"][name]
    y = np.array(scenario["y"])
    model = golden_model(scenario)
    recorder = Recorder()
    history = model.fit(
        X, y, shuffle=False, verbose=0, callbacks=[recorder], **fit_arguments(scenario)
    )
    assert history.epoch == scenario["history_epoch"]
    assert list(history.history) == scenario["history_keys"]
    assert recorder.batches == scenario["batches"]
    for key, wanted in scenario["history"].items():
        np.testing.assert_allclose(history.history[key], wanted, rtol=2e-5, atol=2e-6)
    for weights, wanted_weights in zip(recorder.weights, scenario["weights_after_epoch"]):
        for weight, wanted in zip(weights, wanted_weights):
            np.testing.assert_allclose(weight, wanted, rtol=1e-4, atol=5e-6)
    assert int(model.optimizer.iterations) == scenario["iterations"]
    results = model.evaluate(X, y, batch_size=4, verbose=0)
    np.testing.assert_allclose(results, scenario["evaluate"], rtol=2e-5)
    named = model.evaluate(X, y, batch_size=4, verbose=0, return_dict=True)
    assert named == pytest.approx(scenario["evaluate_dict"], rel=2e-5)
    outputs = model.predict(X[:3], verbose=0)
    np.testing.assert_allclose(outputs, scenario["predict"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", SCENARIOS)
def test_single_batches_give_keras_numbers(name: str) -> None:
    scenario = TRAINING["scenarios"][name]
    y = np.array(scenario["y"])
    wanted = scenario["single_batches"]
    model = golden_model(scenario)

    def check(label: str, answer: Any) -> None:
        if isinstance(answer, dict):
            assert answer == pytest.approx(wanted[label], rel=2e-5)
        else:
            np.testing.assert_allclose(answer, wanted[label], rtol=2e-5, atol=1e-6)

    check("train_on_batch rows 0-3", model.train_on_batch(X[:4], y[:4]))
    check("train_on_batch rows 4-7", model.train_on_batch(X[4:8], y[4:8]))
    check("test_on_batch rows 0-3", model.test_on_batch(X[:4], y[:4]))
    model.reset_metrics()
    check("test_on_batch rows 0-3 again", model.test_on_batch(X[:4], y[:4]))
    check(
        "train_on_batch rows 0-3, return_dict",
        model.train_on_batch(X[:4], y[:4], return_dict=True),
    )
    check(
        "test_on_batch rows 0-1, sample_weight [1, 3], return_dict",
        model.test_on_batch(X[:2], y[:2], np.array([1.0, 3.0]), return_dict=True),
    )
    check("predict_on_batch rows 0-1", model.predict_on_batch(X[:2]))


def own_error(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(ops.absolute(y_true - y_pred), axis=-1)


COMPILED = {
    "loss only": {},
    "accuracy": {"metrics": ["accuracy"]},
    "acc": {"metrics": ["acc"]},
    "accuracy, mse": {"metrics": ["accuracy", "mse"]},
    "mse, accuracy": {"metrics": ["mse", "accuracy"]},
    "MAE": {"metrics": ["MAE"]},
    "mean_squared_error": {"metrics": ["mean_squared_error"]},
    "MeanSquaredError": {"metrics": ["MeanSquaredError"]},
    "binary_accuracy": {"metrics": ["binary_accuracy"]},
    "object with a name": {"metrics": [metrics.BinaryAccuracy(name="x")]},
    "object": {"metrics": [metrics.BinaryAccuracy()]},
    "function": {"metrics": [own_error]},
    "loss function": {"metrics": [losses.mean_absolute_error]},
    "accuracy twice": {"metrics": ["accuracy", "accuracy"]},
    "accuracy, acc": {"metrics": ["accuracy", "acc"]},
    "two objects of a class": {"metrics": [metrics.BinaryAccuracy(), metrics.BinaryAccuracy()]},
    "weighted": {"weighted_metrics": ["accuracy"]},
    "both": {"metrics": ["accuracy", "mse"], "weighted_metrics": ["accuracy"]},
    "empty list": {"metrics": []},
    "nested list": {"metrics": [["accuracy"]]},
    "dict by output name": {"metrics": {"dense": "accuracy"}},
}


@pytest.mark.parametrize("label", sorted(COMPILED))
def test_logs_have_keras_names(label: str) -> None:
    wanted = METRICS["compile"][label]
    model = Sequential([Input((2,)), Dense(1, "sigmoid", name="dense")])
    model.compile("sgd", "binary_crossentropy", **COMPILED[label])
    x, y = np.ones((4, 2)), np.array([[0], [1], [1], [0]])
    history = model.fit(x, y, validation_data=(x, y), verbose=0)
    assert sorted(history.history) == sorted(wanted["history"])
    results = model.evaluate(x, y, verbose=0)
    named = model.evaluate(x, y, verbose=0, return_dict=True)
    assert sorted(named) == sorted(wanted["evaluate_dict"])
    # Unlike Keras, each number comes once, and metrics_names says which it is.
    listed = results if isinstance(results, list) else [results]
    assert dict(zip(model.metrics_names, listed)) == named
    assert model.metrics_names[0] == "loss"


@pytest.mark.parametrize("case", METRICS["accuracy_by_shapes"], ids=str)
def test_accuracy_goes_by_shapes(case: dict[str, Any]) -> None:
    shape = case["y_pred"]
    model = Sequential([Input(tuple(shape[1:])), Reshape(tuple(shape[1:]))])
    model.compile("sgd", own_loss, metrics=["accuracy"])
    model.test_on_batch(np.zeros(shape), np.zeros(case["y_true"], int))
    assert type(model.metrics[1]).__name__ == case["class"]


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return ops.mean(y_pred, axis=-1)


@pytest.mark.parametrize("row", TRAINING["validation_splits"], ids=str)
def test_validation_split_takes_the_last_rows(row: list) -> None:
    count, share, *wanted = row
    seen: list[int] = []

    def shown(y_true: Any, y_pred: Any) -> Any:
        seen.append(y_true.shape[0])
        return own_error(y_true, y_pred)

    model = Sequential([Input((1,)), Dense(1)])
    model.compile("sgd", shown)
    data = np.arange(count, dtype=np.float32)
    if wanted == ["ValueError"]:
        with pytest.raises(ValueError, match="validation_split"):
            model.fit(data, data, validation_split=share, verbose=0)
        return
    model.fit(data, data, validation_split=share, verbose=0)
    trained, held_back = wanted
    assert seen == [held_back, trained, held_back]  # the first is the trial of what is held back


# ---- laws -----------------------------------------------------------------------------------


def digits_like(count: int = 64) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, count)
    x = rng.normal(size=(count, 6)).astype(np.float32)
    x[np.arange(count), y] += 2
    return x, y


def small_model() -> Sequential:
    model = Sequential([Input((6,)), Dense(16, "relu"), Dropout(0.2), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained_weights(**options: Any) -> list[np.ndarray]:
    utils.set_random_seed(11)
    x, y = digits_like()
    model = small_model()
    model.fit(x, y, epochs=3, batch_size=10, verbose=0, **options)
    return model.get_weights()


def assert_same_bits(a: list[np.ndarray], b: list[np.ndarray]) -> None:
    assert len(a) == len(b)
    for one, other in zip(a, b):
        np.testing.assert_array_equal(one, other)


def test_same_seed_same_bits() -> None:
    assert_same_bits(trained_weights(), trained_weights())


def test_another_seed_another_order() -> None:
    first = trained_weights()
    utils.set_random_seed(12)
    model = small_model()
    model.fit(*digits_like(), epochs=3, batch_size=10, verbose=0)
    assert any((a != b).any() for a, b in zip(first, model.get_weights()))


def test_one_thread_and_two_give_the_same_bits() -> None:
    threads = config.num_threads()
    try:
        config.set_num_threads(1)
        one = trained_weights()
        config.set_num_threads(2)
        assert_same_bits(one, trained_weights())
    finally:
        config.set_num_threads(threads)


def test_twice_two_epochs_are_four() -> None:
    x, y = digits_like()
    utils.set_random_seed(3)
    whole = small_model()
    whole.fit(x, y, epochs=4, batch_size=10, verbose=0)
    utils.set_random_seed(3)
    halves = small_model()
    halves.fit(x, y, epochs=2, batch_size=10, verbose=0)
    halves.fit(x, y, epochs=4, initial_epoch=2, batch_size=10, verbose=0)
    assert_same_bits(whole.get_weights(), halves.get_weights())


def test_what_is_shown_changes_nothing() -> None:
    silent = trained_weights()
    assert_same_bits(silent, trained_weights(callbacks=[Recorder()]))
    assert_same_bits(silent, trained_weights(validation_data=digits_like(20)))


def test_evaluate_and_predict_change_nothing() -> None:
    x, y = digits_like()
    model = small_model()
    model.fit(x, y, verbose=0)
    states = [*model.variables, *model.optimizer.variables]
    before = [variable.numpy() for variable in states]
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    model.test_on_batch(x, y)
    assert_same_bits(before, [variable.numpy() for variable in states])


def test_a_tiny_set_is_overfitted() -> None:
    utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(16, 4)), rng.integers(0, 2, 16)
    model = Sequential([Dense(32, "tanh"), Dense(1, "sigmoid")])
    model.compile(optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=150, batch_size=16, verbose=0)
    loss, accuracy = model.evaluate(x, y, verbose=0)
    assert accuracy == 1.0
    assert loss < 0.05


def test_shuffling_shows_every_row_once_and_in_other_orders() -> None:
    seen: list[list[float]] = []

    class Listening(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            seen.append(data[0].numpy().ravel().tolist())
            return super().train_step(data)

    model = Listening([Input((1,)), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    x = np.arange(7, dtype=np.float32)
    model.fit(x, x, batch_size=7, epochs=3, verbose=0)
    assert all(sorted(rows) == x.tolist() for rows in seen)
    assert seen[0] != seen[1] != seen[2]
    seen.clear()
    model.fit(x, x, batch_size=7, shuffle=False, verbose=0)
    assert seen == [x.tolist()]


def test_batches_of_one_predict_what_one_batch_predicts() -> None:
    x, _ = digits_like(9)
    model = small_model()
    whole = model.predict(x, verbose=0)
    assert whole.dtype == np.float32
    assert whole.flags.writeable
    assert whole.base is None
    np.testing.assert_allclose(model.predict(x, batch_size=1, verbose=0), whole, rtol=1e-5)
    assert model.predict(x[:0], verbose=0).shape == (0, 3)


def test_class_weight_is_a_sample_weight_by_class() -> None:
    x, y = digits_like(30)
    by_class, by_sample = small_model(), small_model()
    by_sample.set_weights(by_class.get_weights())
    weights = {0: 1.0, 1: 3.0, 2: 0.5}
    by_class.layers[1].rate = by_sample.layers[1].rate = 0.0
    by_class.fit(x, y, class_weight=weights, shuffle=False, verbose=0)
    sample_weight = np.array([weights[label] for label in y])
    by_sample.fit(x, y, sample_weight=sample_weight, shuffle=False, verbose=0)
    assert_same_bits(by_class.get_weights(), by_sample.get_weights())


# ---- models ---------------------------------------------------------------------------------


class TwoLayers(Model):
    """A subclassed model."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Dense(8, "relu")
        self.second = Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs))


def line() -> tuple[np.ndarray, np.ndarray]:
    x = np.linspace(-1, 1, 32, dtype=np.float32).reshape(-1, 1)
    return x, 3 * x - 1


def test_subclassed_model_learns() -> None:
    utils.set_random_seed(2)
    model = TwoLayers()
    model.compile(optimizers.Adam(0.05), "mse", metrics=["mae"])
    history = model.fit(*line(), epochs=120, verbose=0)
    assert history.history["loss"][-1] < 0.02
    assert [layer.name for layer in model.layers] == [model.first.name, model.second.name]
    assert len(model.get_weights()) == 4


def test_own_train_step() -> None:
    class Own(TwoLayers):
        def train_step(self, data: Any) -> dict[str, Any]:
            x, y = data
            with GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply(gradients, self.trainable_variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    utils.set_random_seed(4)
    own = Own()
    own.compile("sgd", "mse", metrics=["mae"])
    history = own.fit(*line(), shuffle=False, verbose=0, epochs=2)
    utils.set_random_seed(4)
    usual = TwoLayers()
    usual.compile("sgd", "mse", metrics=["mae"])
    wanted = usual.fit(*line(), shuffle=False, verbose=0, epochs=2)
    assert history.history == wanted.history
    assert_same_bits(own.get_weights(), usual.get_weights())


def test_own_metrics_and_losses_of_layers() -> None:
    class Watched(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.mean_input = metrics.Mean(name="mean_input")

        def call(self, inputs: Any) -> Any:
            self.add_loss(10.0 * ops.sum(ops.square(inputs)) * 0.0 + 2.0)
            self.mean_input.update_state(inputs)
            return inputs

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = Sequential([Input((1,)), Watched(), Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    logs = model.evaluate(np.full((4, 1), 3.0), np.zeros((4, 1)), verbose=0, return_dict=True)
    assert logs == pytest.approx({"loss": 2.0, "mean_input": 3.0})
    assert model.metrics_names == ["loss", "mean_input"]


def test_model_of_two_unconnected_placeholders_is_refused() -> None:
    with pytest.raises(ValueError, match="not connected"):
        Model(inputs=Input((2,)), outputs=Input((2,)))


def test_frozen_layers_stay() -> None:
    model = small_model()
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(*digits_like(), verbose=0)
    after = model.get_weights()
    assert_same_bits(before[:2], after[:2])
    assert (before[2] != after[2]).any()


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_waits_for_the_whole_step() -> None:
    class Pressed(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            if int(self.optimizer.iterations) == 2:
                signal.raise_signal(signal.SIGINT)
            return super().train_step(data)

    handler = signal.getsignal(signal.SIGINT)
    model = Pressed([Input((6,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*digits_like(), batch_size=8, verbose=0)
    assert int(model.optimizer.iterations) == 3
    assert signal.getsignal(signal.SIGINT) is handler
    model.fit(*digits_like(), verbose=0)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_waits_for_the_whole_recording() -> None:
    recorded = []

    class Pressed(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            if not recorded:
                signal.raise_signal(signal.SIGINT)
            recorded.append(super().train_step(data))
            return recorded[-1]

    handler = signal.getsignal(signal.SIGINT)
    model = Pressed([Input((6,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(KeyboardInterrupt):
        model.fit(*digits_like(), verbose=0)
    assert recorded
    assert int(model.optimizer.iterations) == 0
    assert signal.getsignal(signal.SIGINT) is handler
    model.fit(*digits_like(), verbose=0)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: None])
def test_ctrl_c_that_does_not_interrupt_does_not_end_training(handler: Any) -> None:
    class Pressed(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            signal.raise_signal(signal.SIGINT)
            return super().train_step(data)

    signal.signal(signal.SIGINT, handler)
    model = Pressed([Input((6,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    assert model.fit(*digits_like(), verbose=0).epoch == [0]
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.usefixtures("ctrl_c")
def test_a_second_ctrl_c_does_not_wait() -> None:
    class Pressed(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            return super().train_step(data)

    model = Pressed([Input((6,)), Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(*digits_like(), verbose=0)
    assert int(model.optimizer.iterations) == 0


# ---- Sequential -----------------------------------------------------------------------------


def test_sequential_is_built_as_it_grows() -> None:
    model = Sequential(name="stack")
    model.add(Flatten(input_shape=(4, 3)))
    assert (model.input_shape, model.output_shape) == ((None, 4, 3), (None, 12))
    model.add(Dense(5))
    assert model.output_shape == (None, 5)
    assert [w.path for w in model.weights] == [
        f"stack/{model.layers[1].name}/kernel",
        f"stack/{model.layers[1].name}/bias",
    ]
    assert model.count_params() == 65
    popped = model.pop()
    assert popped.units == 5
    assert model.output_shape == (None, 12)
    model.add(Dense(2))
    assert model.predict(np.zeros((2, 4, 3)), verbose=0).shape == (2, 2)


def test_sequential_is_built_by_data() -> None:
    model = Sequential([Dense(3), Dense(2)])
    assert not model.built
    with pytest.raises(AttributeError, match=r"input_shape.*build"):
        _ = model.input_shape
    with pytest.raises(ValueError, match="no weights yet"):
        model.count_params()
    assert model(np.ones((5, 4))).shape == (5, 2)
    assert model.input_shape == (None, 4)
    assert model.count_params() == 23


def test_a_misfit_is_reported_at_add() -> None:
    model = Sequential([Input((6,)), Dense(4, name="below")])
    with pytest.raises(ValueError, match=r"'square' \(Reshape\).*'below' \(Dense\).*\(None, 4\)"):
        model.add(Reshape((3, 3), name="square"))
    model.add(Reshape((2, 2)))
    assert model.output_shape == (None, 2, 2)
    used = Dense(2)
    used.build((None, 5))
    with pytest.raises(ValueError, match=r"\(Dense\) does not fit on the input.*\(None, 6\)"):
        Sequential([Input((6,)), used])


@pytest.mark.parametrize(
    ("part", "error", "words"),
    [
        (Dense, TypeError, r"Dense\(\.\.\.\)"),
        ("relu", TypeError, "Only layers"),
        (Dense(2, name="first"), ValueError, "'first'"),
        (Input((3,)), ValueError, "Input comes first"),
    ],
)
def test_what_cannot_be_added(part: Any, error: type, words: str) -> None:
    model = Sequential([Dense(2, input_shape=(2,), name="first")])
    with pytest.raises(error, match=words):
        model.add(part)
    assert len(model.layers) == 1


def test_get_layer() -> None:
    model = Sequential([Dense(2, name="first"), Dense(3, name="second")])
    assert model.get_layer("second") is model.get_layer(index=1) is model.layers[1]
    with pytest.raises(ValueError, match="Did you mean 'second'"):
        model.get_layer("sekond")


def test_config_makes_the_same_stack() -> None:
    class Doubled(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs * 2

        def compute_output_shape(self, input_shape: Any) -> Any:
            return input_shape

    model = Sequential([Input((4,)), Dense(3, "relu"), Doubled(), Dropout(0.5), Dense(1)])
    model = Sequential([model, Dense(2)])
    description = json.loads(json.dumps(model.get_config()))
    again = Sequential.from_config(description, custom_objects={"Doubled": Doubled})
    assert again.get_config() == model.get_config()
    again.set_weights(model.get_weights())
    x = np.ones((3, 4), np.float32)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_a_single_number_is_a_sample() -> None:
    model = Sequential([Dense(2, input_dim=1)])
    flat = model.predict(np.arange(3), verbose=0)
    np.testing.assert_array_equal(flat, model.predict(np.arange(3).reshape(3, 1), verbose=0))


def test_summary(capsys: pytest.CaptureFixture) -> None:
    lines: list[str] = []
    model = Sequential([Input((784,)), Dense(512, "relu", name="hidden"), Dense(10, name="top")])
    model.layers[0].trainable = False
    model.summary(print_fn=lines.append, line_length=80, show_trainable=True)
    text = lines[0]
    assert all(len(line) == 80 for line in text.splitlines() if line[0] in "┏┃┡│├└")
    rows = [line.split("│")[1:-1] for line in text.splitlines() if line.startswith("│")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["hidden (Dense)", "(None, 512)", "401,920", "N"],
        ["top (Dense)", "(None, 10)", "5,130", "Y"],
    ]
    assert " Total params: 407,050 (1.55 MB)" in text
    assert " Trainable params: 5,130 (20.04 KB)" in text
    assert " Non-trainable params: 401,920 (1.53 MB)" in text
    Sequential([Dense(3)]).summary()
    unbuilt = capsys.readouterr().out
    assert "0 (unbuilt)" in unbuilt
    assert "model.build" in unbuilt
    nested = Sequential([model, Dense(1)])
    nested.summary(print_fn=lines.append, expand_nested=True)
    assert "└ hidden" in lines[-1]
    model.summary(print_fn=lines.append, layer_range=("top", "top"))
    assert "hidden" not in lines[-1]


# ---- memory ---------------------------------------------------------------------------------


def test_memory_does_not_grow() -> None:
    from pylego import engine

    x, y = digits_like()
    model = small_model()

    def use() -> int:
        for _ in range(5):
            model.fit(x, y, verbose=0)
            model.predict(x[:1], verbose=0)
            model.evaluate(x, y, verbose=0)
        return engine.memory_used()

    use()
    assert use() == use()


def test_a_lost_model_frees_its_memory() -> None:
    import gc

    from pylego import engine

    def lose() -> int:
        model = small_model()
        model.fit(*digits_like(), verbose=0)
        del model
        gc.collect()
        return engine.memory_used()

    first = lose()
    assert lose() == first


def test_layers_module_is_what_the_model_uses() -> None:
    assert isinstance(Sequential(), layers.Layer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small_model().fit(*digits_like(), verbose=0)


# ---- a pass inside of another ---------------------------------------------------------------

INNER = {
    "evaluate": lambda m, x, y: m.evaluate(1000 * x, y, verbose=0),
    "evaluate with callbacks": lambda m, x, y: m.evaluate(
        1000 * x, y, verbose=0, callbacks=[Inside("on_test_batch_end", "predict")]
    ),
    "predict": lambda m, x, y: m.predict(1000 * x, verbose=0),
    "predict one batch": lambda m, x, y: m.predict_on_batch(1000 * x),
    "test one batch": lambda m, x, y: m.test_on_batch(1000 * x, y),
}
MOMENTS = ("on_train_batch_begin", "on_train_batch_end", "on_epoch_begin", "on_epoch_end")


class Inside(Callback):
    """Begin another pass at a moment of one."""

    def __init__(self, moment: str, what: str):
        super().__init__()
        self.what = what
        setattr(self, moment, types.MethodType(lambda self, *_: self.run(), self))

    def run(self) -> None:
        x, y = line()
        INNER[self.what](self.model, x, y)


class Seeing(Layer):
    """A layer that owns a metric, which each call adds to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Mean(name="seen")

    def call(self, inputs: Any) -> Any:
        self.seen.update_state(ops.mean(ops.absolute(inputs)))
        return inputs


class Largest(Metric):
    """A metric with a metric inside, and with something that it counts in Python."""

    def __init__(self) -> None:
        super().__init__(name="largest")
        self.inner = Mean()
        self.calls: list[int] = []

    def reset_state(self) -> None:
        self.inner.reset_state()
        self.calls.clear()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.inner.update_state(ops.max(y_pred))
        self.calls.append(1)

    def result(self) -> Any:
        return self.inner.result() + float(len(self.calls))


def logs_of_a_frozen_line(callbacks: list, **options: Any) -> dict[str, list[float]]:
    x, y = line()
    model = Sequential([Input((1,)), Seeing(), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse", metrics=["mae", Largest()], **options)
    fit = {"batch_size": 4, "epochs": 2, "verbose": 0, "shuffle": False}
    return model.fit(x, y, validation_data=(x, y), callbacks=callbacks, **fit).history


@pytest.mark.parametrize("run_eagerly", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("what", INNER)
def test_a_pass_in_a_callback_leaves_the_numbers_of_the_one_around_it(
    what: str, moment: str, run_eagerly: bool
) -> None:
    options = {"run_eagerly": run_eagerly}
    wanted = logs_of_a_frozen_line([], **options)
    assert logs_of_a_frozen_line([Inside(moment, what)], **options) == wanted


@pytest.mark.parametrize("moment", ["on_test_begin", "on_test_batch_begin", "on_test_batch_end"])
def test_an_evaluation_inside_of_an_evaluation(moment: str) -> None:
    wanted = logs_of_a_frozen_line([])

    class Once(Inside):
        is_inside = False

        def run(self) -> None:
            if not self.is_inside:
                self.is_inside = True
                super().run()
                self.is_inside = False

    assert logs_of_a_frozen_line([Once(moment, "evaluate")]) == wanted


def test_training_inside_of_training_keeps_its_history_and_its_end_to_itself() -> None:
    x, y = line()
    inner: list[Any] = []

    class Again(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if not inner:
                stop = EarlyStopping("loss", patience=0, min_delta=1e9)
                inner.append(self.model.fit(1e3 * x, y, epochs=5, verbose=0, callbacks=[stop]))
                self.model.train_on_batch(1e3 * x, y)

    model = Sequential([Input((1,)), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse")
    alone = model.fit(x, y, epochs=2, verbose=0, shuffle=False).history["loss"]
    history = model.fit(x, y, epochs=2, verbose=0, shuffle=False, callbacks=[Again()])
    assert history.history["loss"] == alone
    assert model.history is history
    assert inner[0].epoch == [0, 1]
    assert inner[0].history["loss"][0] > 100 * alone[0]


def test_what_evaluate_returns_and_leaves_is_of_its_own_data() -> None:
    x, y = line()
    seen: list[float] = []

    class Evaluate(Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            seen.append(self.model.evaluate(1000 * x, y, verbose=0))

    model = Sequential([Input((1,)), Dense(1, kernel_initializer="ones")])
    model.compile(SGD(0.0), "mse")
    model.fit(x, y, verbose=0, callbacks=[Evaluate()])
    assert seen == [model.evaluate(1000 * x, y, verbose=0)]
    assert float(model.metrics[0].result()) == seen[0]  # outside of training it stays
    with pytest.raises(ZeroDivisionError):
        model.fit(x, y, verbose=0, callbacks=[Failing()])
    assert model.evaluate(1000 * x, y, verbose=0) == float(model.metrics[0].result())


class Failing(Callback):
    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        raise ZeroDivisionError


def test_each_training_with_an_infinite_loss_warns() -> None:
    x, y = line()
    model = Sequential([Input((1,)), Dense(1)])
    model.compile(SGD(1e30), "mse")
    for _ in range(2):
        with pytest.warns(UserWarning, match="The loss became") as warned:
            model.fit(x, y, batch_size=2, epochs=3, verbose=0)
        assert len(warned) == 1


def test_totals_in_numpys_arrays_are_kept_apart_too() -> None:
    class Seen(metrics.Metric):
        def __init__(self) -> None:
            super().__init__(name="seen")
            self.rows = np.zeros(1)

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            self.rows[0] += len(y_true)

        def reset_state(self) -> None:
            self.rows[0] = 0

        def result(self) -> Any:
            return ops.convert_to_tensor(self.rows[0])

    x, y = np.ones((6, 1), np.float32), np.ones((6, 1), np.float32)
    model = Sequential([Input((1,)), Dense(1)])
    model.compile("sgd", "mse", metrics=[Seen()], run_eagerly=True)
    inside = LambdaCallback(on_train_batch_end=lambda batch, logs: model.evaluate(x, y, verbose=0))
    history = model.fit(x, y, batch_size=2, callbacks=[inside], verbose=0)
    assert history.history["seen"] == [6.0]
