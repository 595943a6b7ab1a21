"""Every mistake in training gets an exception of the right type that says what to do."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pylego import losses, ops
from pylego.layers import Dense, Flatten, Input
from pylego.models import Model, Sequential
from pylego.models.data import read_rows

X = np.ones((10, 4), np.float32)
Y = np.array([0, 1] * 5, np.float32).reshape(10, 1)
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])


def model(units: int = 1, loss: Any = "binary_crossentropy", **options: Any) -> Sequential:
    activation = "sigmoid" if units == 1 else "softmax"
    stack = Sequential([Input((4,)), Dense(units, activation)], name="stack")
    stack.compile("sgd", loss, **options)
    return stack


def classifier() -> Sequential:
    return model(3, "sparse_categorical_crossentropy")


def uncompiled() -> Sequential:
    return Sequential([Input((4,)), Dense(1)], name="stack")


def texts(count: int = 10) -> np.ndarray:
    return np.array(["cat", "dog"] * (count // 2))


Case = tuple[Callable[[], Any], type[Exception], str]

CASES: dict[str, Case] = {
    # data
    "x missing": (lambda: model().fit(), ValueError, "x is None"),
    "y missing": (lambda: model().fit(X), ValueError, "y is missing"),
    "lengths differ": (lambda: model().fit(X, Y[:5]), ValueError, r"x 10 .*y 5"),
    "weights too few": (
        lambda: model().fit(X, Y, sample_weight=[1, 2]), ValueError, "sample_weight 2",
    ),
    "no rows": (lambda: model().fit(X[:0], Y[:0]), ValueError, r"x has shape \(0, 4\)"),
    "no rows to evaluate": (lambda: model().evaluate(X[:0], Y[:0]), ValueError, "no rows"),
    "an empty list": (lambda: model().fit([], []), ValueError, "no rows"),
    "one number": (lambda: model().predict(3.0), ValueError, "single number"),
    "ragged": (
        lambda: model().fit([[1, 2], [3]], [0, 1]), ValueError, "x: .*unequal length",
    ),
    "objects": (
        lambda: model().fit(np.array([object()] * 10), Y), TypeError, "x: .*Python objects",
    ),
    "None among numbers": (
        lambda: model().fit([[1.0, 2.0, 3.0, None]] * 10, Y), TypeError, "x: .*None among",
    ),
    "text as targets": (lambda: model().fit(X, texts()), TypeError, r"y: .*np\.unique\(y"),
    "a list of text": (lambda: model().fit(X, list(texts())), TypeError, r"y: .*np\.unique\(y"),
    "complex": (lambda: model().predict(X * 1j), TypeError, "x: .*complex"),
    "a dictionary": (
        lambda: model().fit({"a": X, "b": X}, Y), ValueError, "'a', 'b'.*column_stack",
    ),
    "a list of arrays": (lambda: model().fit([X, X], Y), ValueError, r"2 arrays.*np\.stack\(x\)"),
    "a scalar y": (lambda: model().fit(X, 3), ValueError, "y must have rows"),
    # shapes
    "too few columns": (lambda: model().fit(X[:, :3], Y), ValueError, r"'stack'.*4.*\(10, 3\)"),
    "an axis too many": (lambda: model().predict(np.ones((2, 2, 4))), ValueError, "'stack'.*axes"),
    "a single sample": (lambda: model().predict(np.ones(4)), ValueError, r"x\.reshape\(1, 4\)"),
    "broadcast of targets": (
        lambda: model(loss="mse").fit(X, np.ones((10, 3))), ValueError, r"\(10, 3\).*\(10, 1\)",
    ),
    "flat targets for many outputs": (
        lambda: model(3, "mse").fit(X, LABELS), ValueError, r"\(10,\).*\(10, 3\)",
    ),
    "labels for one-hot": (
        lambda: model(3, "categorical_crossentropy").fit(X, LABELS),
        ValueError, "sparse_categorical_crossentropy.*to_categorical",
    ),
    "one-hot for labels": (
        lambda: classifier().fit(X, np.eye(3)[LABELS]), ValueError, "look one-hot",
    ),
    # labels
    "label too large": (
        lambda: classifier().fit(X, LABELS + 1), IndexError, r"3 classes.*0 to 2.*y - 1",
    ),
    "label negative": (lambda: classifier().fit(X, LABELS - 1), IndexError, "3 classes"),
    # settings
    "batch_size 0": (lambda: model().fit(X, Y, batch_size=0), ValueError, "batch_size=0"),
    "batch_size -1": (lambda: model().predict(X, batch_size=-1), ValueError, "batch_size=-1"),
    "batch_size 2.5": (lambda: model().fit(X, Y, batch_size=2.5), TypeError, r"batch_size=2\.5"),
    "epochs -1": (lambda: model().fit(X, Y, epochs=-1), ValueError, "epochs=-1"),
    "epochs 1.0": (lambda: model().fit(X, Y, epochs=1.0), TypeError, "epochs"),
    "initial_epoch -1": (lambda: model().fit(X, Y, initial_epoch=-1), ValueError, "initial_epoch"),
    "steps 0": (lambda: model().fit(X, Y, steps_per_epoch=0), ValueError, "steps=0"),
    "verbose 3": (lambda: model().fit(X, Y, verbose=3), ValueError, "verbose=3"),
    "shuffle batch": (lambda: model().fit(X, Y, shuffle="batch"), ValueError, "shuffle='batch'"),
    "split leaves nothing": (
        lambda: model().fit(X[:1], Y[:1], validation_split=0.5), ValueError, "leaves 0",
    ),
    "split 1": (lambda: model().fit(X, Y, validation_split=1.0), ValueError, "between 0 and 1"),
    "split of a generator": (
        lambda: model().fit(iter([(X, Y)]), validation_split=0.5), ValueError, "validation_data",
    ),
    "batch_size of a generator": (
        lambda: model().fit(iter([(X, Y)]), batch_size=2), ValueError, "batch_size",
    ),
    "y of a generator": (lambda: model().fit(iter([(X, Y)]), Y), ValueError, "argument y"),
    "an empty generator": (lambda: model().fit(iter([])), ValueError, "no batches"),
    "four parts": (lambda: model().fit(iter([(X, Y, Y, Y)])), ValueError, "4 parts"),
    "validation_freq 0": (
        lambda: model().fit(X, Y, validation_data=(X, Y), validation_freq=0), ValueError,
        "validation_freq",
    ),
    "validation data of one part": (
        lambda: model().fit(X, Y, validation_data=X), ValueError, r"validation_data is \(x, y\)",
    ),
    "class_weight list": (lambda: model().fit(X, Y, class_weight=[1, 2]), TypeError, "dictionary"),
    "class_weight names": (
        lambda: model().fit(X, Y, class_weight={"cat": 2}), TypeError, "'cat'",
    ),
    "both weights": (
        lambda: model().fit(X, Y, class_weight={0: 1}, sample_weight=np.ones(10)), ValueError,
        "Multiply",
    ),
    "unknown argument of fit": (
        lambda: model().fit(X, Y, epoch=3), TypeError, "'epoch'. Did you mean 'epochs'",
    ),
    # compile
    "fit before compile": (lambda: uncompiled().fit(X, Y), ValueError, r"'stack'.*compile\("),
    "evaluate before compile": (lambda: uncompiled().evaluate(X, Y), ValueError, "compile"),
    "train before compile": (lambda: uncompiled().train_on_batch(X, Y), ValueError, "compile"),
    "unknown loss": (
        lambda: model(loss="categorical_crossentrophy"), ValueError,
        "Did you mean 'categorical_crossentropy'",
    ),
    "unknown metric": (
        lambda: model(metrics=["binary_acuracy"]), ValueError, "Did you mean 'binary_accuracy'",
    ),
    "unknown optimizer": (
        lambda: uncompiled().compile("adma", "mse"), ValueError, "Did you mean 'adam'",
    ),
    "unknown argument of compile": (
        lambda: uncompiled().compile("sgd", "mse", metric=["mse"]), TypeError,
        "Did you mean 'metrics'",
    ),
    "losses of two outputs": (lambda: model(loss=["mse", "mse"]), ValueError, "one output"),
    "no loss": (lambda: model(loss=None).fit(X, Y), ValueError, "compile\\(loss="),
    "loss without reduction": (
        lambda: model(loss=losses.MeanSquaredError(reduction=None)).fit(X, Y), ValueError,
        "'mean_squared_error' gave shape",
    ),
    # layers
    "no layers": (lambda: Sequential(name="stack").predict(X), ValueError, "'stack'.*no layers"),
    "a model that does not know its shape": (
        lambda: Sequential([Dense(2)]).count_params(), ValueError, "input's shape",
    ),
    "number of samples in input_shape": (
        lambda: Sequential([Flatten(input_shape=(10, 4))]).predict(X), ValueError,
        "10 counts samples",
    ),
}  # fmt: skip


@pytest.mark.parametrize("label", CASES)
def test_mistake(label: str) -> None:
    call, error, words = CASES[label]
    with pytest.raises(error, match=words):
        call()


def test_a_model_survives_a_mistake() -> None:
    stack = classifier()
    before = stack.get_weights()
    with pytest.raises(IndexError):
        stack.fit(X, LABELS + 1, batch_size=10, verbose=0)
    for weight, kept in zip(stack.get_weights(), before):
        np.testing.assert_array_equal(weight, kept)
    assert stack.fit(X, LABELS, verbose=0).epoch == [0]


def test_a_step_must_return_logs() -> None:
    class Silent(Model):
        def call(self, inputs: Any) -> Any:
            return inputs

        def train_step(self, data: Any) -> Any:
            return None

    silent = Silent()
    silent.compile("sgd", "mse")
    with pytest.raises(TypeError, match="train_step of Silent must return a dictionary"):
        silent.fit(X, X, verbose=0)


def test_two_outputs_need_an_own_loss() -> None:
    class Two(Model):
        def call(self, inputs: Any) -> Any:
            return inputs, inputs

    two = Two()
    two.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"one output.*compute_loss"):
        two.fit(X, X, verbose=0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.filterwarnings("ignore:The loss became")
def test_missing_numbers_are_said_once_with_their_place(bad: float) -> None:
    x = X.copy()
    x[7, 2] = x[8, 1] = bad
    with pytest.warns(UserWarning, match=r"x\[7, 2\] is -?(nan|inf) \(row 7, column 2\)") as seen:
        model().fit(x, Y, epochs=3, batch_size=2, verbose=0)
    assert sum("row 7" in str(one.message) for one in seen) == 1
    y = Y.copy()
    y[3] = bad
    with pytest.warns(UserWarning, match=r"y\[3, 0\]"):
        model().fit(X, y, verbose=0)


def test_large_numbers_are_no_missing_numbers() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        history = model().fit(np.full((10, 4), 3e38, np.float32), Y, verbose=0, epochs=0)
    assert history.epoch == []


def test_an_exception_names_the_data() -> None:
    with pytest.raises(ValueError, match=r"^y: "):
        read_rows(X, [[1], [2, 3]])


def test_nb_epoch_still_means_epochs() -> None:
    assert model().fit(X, Y, nb_epoch=2, verbose=0).epoch == [0, 1]


def test_a_loss_that_is_no_number() -> None:
    stack = model(loss=lambda y_true, y_pred: ops.mean(y_pred - y_true, axis=-1))
    assert isinstance(stack.evaluate(X, Y, verbose=0), float)


MISFITTING_VALIDATION = [
    ((np.zeros((4, 3)), np.zeros((4, 1))), ValueError),
    ((np.zeros((4, 4)), np.zeros((4, 2))), ValueError),
]


@pytest.mark.parametrize(("validation_data", "error"), MISFITTING_VALIDATION)
def test_validation_data_that_misfit_show_before_training(
    validation_data: Any, error: type
) -> None:
    learner = Sequential([Dense(1)])
    learner.compile("sgd", "mse")
    learner.predict(np.zeros((1, 4)), verbose=0)
    before = [w.copy() for w in learner.get_weights()]
    with pytest.raises(error, match=r"\(4, 3\)|\(4, 2\)"):
        learner.fit(np.ones((4, 4)), np.ones((4, 1)), validation_data=validation_data, verbose=0)
    for old, new in zip(before, learner.get_weights()):
        np.testing.assert_array_equal(old, new)
