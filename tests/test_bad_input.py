"""Every mistake in training gets an exception of the right type that says what to do."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import layers, losses, metrics, ops
from pylego.layers import Activation, Conv2D, Dense, Flatten, Input, ReLU, Softmax
from pylego.models import Model, Sequential
from pylego.training.data import read_rows
from pylego.utils import to_categorical

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


class Forgetful(Model):
    def call(self, inputs: Any) -> None: ...


def forgetful() -> Forgetful:
    made = Forgetful(name="forgetful")
    made.compile("sgd", "mse")
    return made


def texts(count: int = 10) -> np.ndarray:
    return np.array(["cat", "dog"] * (count // 2))


class Pairs(pylego.utils.PyDataset):
    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> tuple:
        return X, Y


def pairs() -> Iterator[tuple]:
    yield X, Y


class Silent(metrics.Metric):
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None: ...

    def result(self) -> Any:
        return None


Case = tuple[Callable[[], Any], type[Exception], str]

CASES: dict[str, Case] = {
    # data
    "x missing": (lambda: model().fit(), ValueError, "x is None"),
    "x missing in a list": (lambda: model().predict([None]), ValueError, r"x is \[None\]"),
    "a call of None": (lambda: model()([None]), TypeError, "None stands where"),
    "y missing": (lambda: model().fit(X), ValueError, "y is missing"),
    "lengths differ": (lambda: model().fit(X, Y[:5]), ValueError, r"x 10 .*y 5"),
    "weights too few": (
        lambda: model().fit(X, Y, sample_weight=[1, 2]), ValueError, "sample_weight 2",
    ),
    "no rows": (lambda: model().fit(X[:0], Y[:0]), ValueError, r"x has shape \(0, 4\)"),
    "no rows to evaluate": (lambda: model().evaluate(X[:0], Y[:0]), ValueError, "no rows"),
    "a batch without rows": (
        lambda: model().fit(((X[:n], Y[:n]) for n in (4, 0)), verbose=0),
        ValueError, r"A batch that x yields has shape \(0, 4\), which holds no rows",
    ),
    "no rows in a batch to evaluate": (
        lambda: model().evaluate(((X[:n], Y[:n]) for n in (0, 4)), verbose=0),
        ValueError, "A batch that x yields",
    ),
    "no rows in a batch to validate": (
        lambda: model().fit(X, Y, validation_data=((X[:n], Y[:n]) for n in (4, 0)), verbose=0),
        ValueError, "A batch that x yields",
    ),
    "an empty list": (lambda: model().fit([], []), ValueError, "no rows"),
    "one number": (lambda: model().predict(3.0), ValueError, "single number"),
    "ragged": (
        lambda: model().fit([[1, 2], [3]], [0, 1]), ValueError, "x: .*unequal length",
    ),
    "objects": (
        lambda: model().fit(np.array([object()] * 10), Y), TypeError, "x: .*Python objects",
    ),
    "None among numbers": (
        lambda: model().fit([[1.0, 2.0, 3.0, None]] * 10, Y), TypeError, r"x: .*\[0, 3\] is None",
    ),
    "lists among numbers": (
        lambda: model().fit(np.array([1, [2, 3]] * 5, object), Y), TypeError,
        r"x: .*\[1\] is of type list\. .*pad_sequences",
    ),
    "text among numbers": (
        lambda: model().fit(np.array([[1, 2, "a", 4]] * 10, object), Y), TypeError,
        r"x: .*\[0, 2\] is of type str\. .*StringLookup",
    ),
    "numbers as objects": (
        lambda: model().fit(X.astype(object), Y), TypeError, r"x: .*x\.astype\('float32'\)",
    ),
    "words to be padded": (
        lambda: pylego.utils.pad_sequences([[1], ["cat"]]), ValueError,
        r"sequence 1 .*int32: .*'cat'.*TextVectorization",
    ),
    "a model that is not there": (
        lambda: pylego.models.load_model("nothing.keras"), FileNotFoundError,
        r"\(looked in .*\): 'nothing\.keras'",
    ),
    "an image that is not there": (
        lambda: pylego.utils.load_img("nothing.png"), FileNotFoundError,
        r"\(looked in .*\): 'nothing\.png'",
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
    "a single sample": (
        lambda: model().predict(np.ones(4)), ValueError, r"^A single sample .* x\[None\]",
    ),
    "a recurrent layer on the last step alone": (
        lambda: Sequential([Input((8, 2)), layers.LSTM(3), layers.GRU(3)]), ValueError,
        r"'gru.*' \(GRU\) does not fit on 'lstm.*\(batch, steps, features\).*return_sequences=True",
    ),
    "numbers in a row for a recurrent layer": (
        lambda: Sequential([Input((8,)), layers.SimpleRNN(3)]), ValueError,
        r"\(None, 8\)\. .*Reshape\(\(8, 1\)\)",
    ),
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
    "losses of two outputs": (
        lambda: model(loss=["mse", "mse"]).fit(X, Y), ValueError, "one output"),
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
    # what was not called, and what returns nothing
    "a layer without steps in both directions": (
        lambda: layers.Bidirectional(Dense(2)), TypeError,
        r"Bidirectional is made with a recurrent layer.*layer=<Dense",
    ),
    "NumPy in a loss": (
        lambda: model(loss=lambda y, y_pred: np.mean((y - y_pred) ** 2)).fit(X, Y), TypeError,
        r"looks at the numbers.*ops\.mean\(x\) for np\.mean\(x\).*run_eagerly=True",
    ),
    "a layer that was not called": (
        lambda: Dense(2)(Dense(3)), TypeError, r"of type Dense\. Call it first, y = layer\(x\)",
    ),
    "inputs among the arguments of a layer": (
        lambda: Dense(2, Input((3,))), TypeError, r"y = Layer\(\.\.\.\)\(x\)",
    ),
    "a call that returns nothing, in fit": (
        lambda: forgetful().fit(X, Y), TypeError, r"call\(\) of 'forgetful' returns nothing",
    ),
    "a call that returns nothing, in predict": (
        lambda: forgetful().predict(X), TypeError, r"call\(\) of 'forgetful' returns nothing",
    ),
    "a class of data": (
        lambda: model().fit(Pairs), TypeError, r"x is the class Pairs; make an object: Pairs\(",
    ),
    "a function that yields": (
        lambda: model().fit(pairs), TypeError, r"x is the function pairs; give what it returns",
    ),
    "validation of four parts": (
        lambda: model().fit(X, Y, validation_data=(X, Y, Y, Y)), ValueError,
        "^validation_data: .*4 parts",
    ),
    "validation of other lengths": (
        lambda: model().fit(X, Y, validation_data=(X[:5], Y)), ValueError,
        "^validation_data: .*x 5 .*y 10",
    ),
    "a result of None": (
        lambda: model(metrics=[Silent()]).fit(X, Y), TypeError,
        r"metric 'silent': result\(\) must return a number.* None",
    ),
}  # fmt: skip


# ---- what beginners do -----------------------------------------------------------------------

ROWS = 70  # no multiple of a batch
FLAT = np.linspace(0, 1, ROWS * 64, dtype=np.float32).reshape(ROWS, 64)
IMAGES = FLAT.reshape(ROWS, 8, 8, 1)
DIGITS = np.arange(ROWS) % 10
ONE_HOT = np.eye(10, dtype=np.float32)[DIGITS]
SPARSE, CATEGORICAL = "sparse_categorical_crossentropy", "categorical_crossentropy"


def digits(loss: str = SPARSE, units: int = 10, activation: str = "softmax") -> Sequential:
    stack = Sequential([Dense(units, activation, input_shape=(64,))], name="stack")
    stack.compile("sgd", loss, metrics=["accuracy"])
    return stack


def of_images(loss: str, *between: Any, shape: tuple = (8, 8, 1)) -> Sequential:
    first = Conv2D(2, 3, input_shape=shape) if len(shape) == 3 else Dense(2, input_shape=shape)
    stack = Sequential([first, *between, Dense(10, "softmax")], name="stack")
    stack.compile("sgd", loss)
    return stack


def fresh(*layers: Any) -> Sequential:
    stack = Sequential(layers)
    stack.compile("sgd", SPARSE)
    return stack


def quietly(method: str, stack: Sequential, *data: Any, **options: Any) -> Any:
    return getattr(stack, method)(*data, verbose=0, **options)


BEGINNERS: dict[str, tuple[Callable[[], Any], str]] = {
    "x and y exchanged": (
        lambda: quietly("fit", digits(), DIGITS, FLAT),
        r"^x and y look exchanged: y has shape \(70, 64\), as x should",
    ),
    "x and one-hot y exchanged": (
        lambda: quietly("fit", digits(), ONE_HOT, FLAT), r"^x and y look exchanged",
    ),
    "exchanged in evaluate": (
        lambda: quietly("evaluate", digits(), DIGITS, FLAT), r"^x and y look exchanged",
    ),
    "exchanged, and the first data build": (
        lambda: quietly("fit", fresh(Dense(10)), DIGITS, FLAT), "x and y look exchanged",
    ),
    "images exchanged, and the first data build": (
        lambda: quietly("fit", fresh(Conv2D(2, 3)), DIGITS, IMAGES), "x and y look exchanged",
    ),
    "one row": (
        lambda: quietly("predict", digits(), FLAT[0]),
        r"^A single sample needs a batch axis: write x\[None\].*Received: shape \(64,\)",
    ),
    "one row, called": (lambda: digits()(FLAT[0]), r"^A single sample .* x\[None\]"),
    "one image": (
        lambda: quietly("predict", of_images(SPARSE), IMAGES[0]), r"^A single sample .* x\[None\]",
    ),
    "one image without channels": (
        lambda: quietly("predict", of_images(SPARSE), IMAGES[0, ..., 0]),
        r"^A single sample .* x\[None, \.\.\., None\]",
    ),
    "one image of rows": (
        lambda: quietly("predict", of_images(SPARSE, shape=(8, 8)), IMAGES[0, ..., 0]),
        r"^A single sample .* x\[None\]",
    ),
    "one image with a channel too many": (
        lambda: quietly("predict", of_images(SPARSE, shape=(8, 8)), IMAGES[0]),
        r"^A single sample .* x\[None, \.\.\., 0\]",
    ),
    "labels of one axis": (
        lambda: quietly("fit", digits(CATEGORICAL), FLAT, DIGITS),
        r"\(70,\).*\(70, 10\).*y holds labels.*sparse_categ.*to_categorical\(y, 10\)",
    ),
    "labels of two axes": (
        lambda: quietly("fit", digits(CATEGORICAL), FLAT, DIGITS[:, None]),
        r"\(70, 1\).*\(70, 10\).*y holds labels.*sparse_categ.*to_categorical\(y, 10\)",
    ),
    "to_categorical twice": (
        lambda: quietly("fit", digits(CATEGORICAL), FLAT, to_categorical(ONE_HOT)),
        r"\(70, 10, 2\).*apply to_categorical once",
    ),
    "to_categorical twice, with labels wanted": (
        lambda: quietly("fit", digits(), FLAT, to_categorical(ONE_HOT)),
        r"\(70, 10, 2\).*apply to_categorical once",
    ),
    "one-hot rows for labels": (
        lambda: quietly("fit", digits(), FLAT, ONE_HOT),
        r"look one-hot: use categorical_crossentropy",
    ),
    "no Flatten": (
        lambda: quietly("fit", of_images(CATEGORICAL), IMAGES, ONE_HOT),
        r"\(70, 6, 6, 10\).*put Flatten\(\) or GlobalAveragePooling2D\(\) before the last",
    ),
    "no Flatten, labels": (
        lambda: quietly("fit", of_images(SPARSE), IMAGES, DIGITS), r"put Flatten\(\) or Global",
    ),
    "no Flatten, labels of two axes": (
        lambda: quietly("fit", of_images(SPARSE), IMAGES, DIGITS[:, None]), r"put Flatten\(\)",
    ),
    "no Flatten of rows": (
        lambda: quietly("fit", of_images(SPARSE, shape=(8, 8)), IMAGES[..., 0], DIGITS),
        r"GlobalAveragePooling1D",
    ),
    "too few units": (
        lambda: quietly("fit", digits(CATEGORICAL, 7), FLAT, ONE_HOT),
        r"\(70, 10\).*\(70, 7\)\. .*give the last layer 10 units",
    ),
    "one unit for labels": (
        lambda: quietly("fit", digits(SPARSE, 1, "sigmoid"), FLAT, DIGITS > 4),
        "single unit.*binary_crossentropy",
    ),
    "labels from 1": (
        lambda: quietly("fit", digits(), FLAT, DIGITS + 1),
        r"^y\[\d+\] is the label 10, but there are 10 .*y - 1",
    ),
    "many units for one number": (
        lambda: quietly("fit", digits("mse"), FLAT, DIGITS), "one number per sample.*1 unit",
    ),
    "images for rows": (
        lambda: quietly("fit", digits("mse", 64), FLAT, IMAGES),
        r"Reshape\(\(8, 8, 1\)\), or write y\.reshape\(-1, 64\)",
    ),
    "smaller images": (
        lambda: quietly("fit", fresh_autoencoder(), IMAGES, IMAGES), r"\(8, 8\).*\(6, 6\).*'same'",
    ),
    "an accuracy for labels": (
        lambda: quietly("fit", with_metric(SPARSE, "categorical_accuracy"), FLAT, DIGITS),
        r"\(70,\).*metrics=\['accuracy'\]",
    ),
    "an accuracy for one-hot rows": (
        lambda: quietly(
            "fit", with_metric(CATEGORICAL, "sparse_categorical_accuracy"), FLAT, ONE_HOT
        ),
        r"\(70, 10\).*metrics=\['accuracy'\]",
    ),
    "validation data": (
        lambda: quietly("fit", digits(), FLAT, DIGITS, validation_data=(FLAT[:40], ONE_HOT[:40])),
        r"^validation_data: .*\(40, 10\).*look one-hot",
    ),
    "weights": (
        lambda: quietly("fit", digits(), FLAT, DIGITS, sample_weight=np.ones((ROWS, 3))),
        r"\(70, 3\).*\(70,\)",
    ),
    "a loss of one's own": (
        lambda: quietly("fit", digits(lambda t, p: ops.square(t - p)), FLAT, DIGITS),  # type: ignore
        r"\(70,\) and \(70, 10\)",
    ),
    "the first rows only": (
        lambda: quietly("fit", digits(), FLAT[:, :5], DIGITS), r"Received: shape \(70, 5\)",
    ),
    "text": (
        lambda: quietly("fit", digits(), FLAT, np.array(["cat"] * ROWS, object)),
        r"^y: it holds text, such as 'cat'\. Number the classes first",
    ),
    "no y": (lambda: quietly("fit", digits(), FLAT), r"y is missing, as in fit\(x, y\)"),
    "rows of unequal length": (
        lambda: quietly("fit", digits(), [[1], [1, 2]], [0, 1]), "^x: .*fill the short ones up",
    ),
}  # fmt: skip


def fresh_autoencoder() -> Sequential:
    stack = Sequential([Conv2D(1, 3, activation="sigmoid", input_shape=(8, 8, 1))])
    stack.compile("sgd", "binary_crossentropy")
    return stack


def with_metric(loss: str, metric: str) -> Sequential:
    stack = Sequential([Dense(10, "softmax")])
    stack.compile("sgd", loss, metrics=[metric])
    return stack


@pytest.mark.parametrize("label", BEGINNERS)
def test_mistake_of_a_beginner(label: str) -> None:
    call, words = BEGINNERS[label]
    with pytest.raises((ValueError, TypeError, IndexError), match=words) as caught:
        call()
    # A user who gave 70 rows has seen no batch of 32.
    assert not re.search(r"\(32\b|\(64, ", str(caught.value).replace("(64,)", ""))


def test_a_square_image_is_not_said_to_count_samples() -> None:
    with pytest.raises(ValueError, match="single sample") as caught:
        quietly("predict", of_images(SPARSE), IMAGES[0])
    assert "input_shape" not in str(caught.value)


def test_outside_of_fit_shapes_are_those_that_came() -> None:
    with pytest.raises(ValueError, match=r"\(32, 3\)"):
        losses.mean_squared_error(np.ones((32, 3)), np.ones((32, 2)))
    with pytest.raises(ValueError, match=r"\(32, 10\)"):
        quietly("fit", digits(), iter([(FLAT[:32], ONE_HOT[:32])]))


def test_a_recorded_step_does_not_speak_of_earlier_data() -> None:
    stack = digits()
    quietly("fit", stack, FLAT, DIGITS)
    with pytest.raises(IndexError, match=r"^y\[\d+\] is the label 10, but there are 10 classes"):
        quietly("fit", stack, FLAT[:64], DIGITS[:64] + 1)


def test_one_number_per_sample_is_not_taken_for_exchanged_data() -> None:
    with pytest.raises(ValueError, match=r"column: write x\[:, None\]") as caught:
        quietly("fit", fresh(Dense(10)), np.ones(70), np.ones((70, 1)))
    assert "exchanged" not in str(caught.value)


# ---- mistakes that train ---------------------------------------------------------------------


def warned_of(units: int, activation: Any, loss: Any, y: Any, *more: Any) -> list[str]:
    stack = Sequential([Dense(units, activation, input_shape=(64,)), *more])
    stack.compile("sgd", loss)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        stack.fit(FLAT, y, epochs=2, verbose=0)
        stack.fit(FLAT, y, verbose=0)
    assert all(one.filename == __file__ for one in seen)
    return [str(one.message) for one in seen]


YES = (DIGITS > 4).astype(np.float32)
BINARY = "binary_crossentropy"
SILENT: list[tuple[tuple, str]] = [
    (
        (1, "sigmoid", BINARY, DIGITS),
        "0 to 9: for 10 classes .* 10 units with activation='softmax'",
    ),
    ((1, "sigmoid", BINARY, YES * 2 - 1), r"write \(y \+ 1\) / 2"),
    ((1, "sigmoid", BINARY, YES + 1), "write y - 1"),
    ((1, "sigmoid", BINARY, DIGITS / 7), "loss='mse'"),
    ((64, "sigmoid", BINARY, FLAT * 255), "scale it, for example y / 255"),
    ((10, "sigmoid", CATEGORICAL, ONE_HOT), "activation='softmax'"),
    ((10, "sigmoid", SPARSE, DIGITS), "activation='softmax'"),
    ((10, None, CATEGORICAL, ONE_HOT, Activation("sigmoid")), "activation='softmax'"),
    (
        (10, "relu", CATEGORICAL, ONE_HOT),
        "'relu': give it activation='softmax', or the loss from_lo",
    ),
    ((10, None, SPARSE, DIGITS), "'linear': give it activation='softmax'"),
    ((1, None, BINARY, YES), "'linear': give it activation='sigmoid'"),
    ((1, "tanh", BINARY, YES), "'tanh': give it activation='sigmoid'"),
    (
        (1, "sigmoid", losses.BinaryCrossentropy(from_logits=True), YES),
        "'sigmoid' out of the layer",
    ),
    (
        (10, "softmax", losses.SparseCategoricalCrossentropy(from_logits=True), DIGITS),
        "activation='softmax' out of the layer, or from_logits=True out of the loss",
    ),
    (
        (10, None, losses.CategoricalCrossentropy(from_logits=True), ONE_HOT, Softmax()),
        "'softmax' o",
    ),
]
FINE: list[tuple] = [
    (1, "sigmoid", BINARY, YES),
    (1, "sigmoid", BINARY, YES > 0),
    (1, "sigmoid", BINARY, YES * 0.9),
    (1, "sigmoid", losses.BinaryCrossentropy(label_smoothing=0.1), YES),
    (64, "sigmoid", BINARY, FLAT),
    (10, "sigmoid", BINARY, ONE_HOT),
    (10, "softmax", CATEGORICAL, ONE_HOT * 0.9 + 0.01),
    (10, "softmax", BINARY, ONE_HOT),
    (10, None, SPARSE, DIGITS, Softmax()),
    (10, None, SPARSE, DIGITS, Activation("softmax")),
    (10, "softmax", SPARSE, DIGITS, Flatten()),
    (10, None, losses.SparseCategoricalCrossentropy(from_logits=True), DIGITS),
    (1, None, losses.BinaryCrossentropy(from_logits=True), YES),
    (10, lambda x: ops.softmax(x), SPARSE, DIGITS),
    (1, "hard_sigmoid", BINARY, YES),
    (1, "sigmoid", BINARY, YES + 1e-7),
    (64, None, BINARY, FLAT, ReLU(1.0)),
    (1, "sigmoid", "mse", YES),
    (1, None, "mse", DIGITS),
    (10, "softmax", "mse", ONE_HOT),
]


@pytest.mark.parametrize(("made", "words"), SILENT, ids=[words for _, words in SILENT])
def test_what_trains_and_learns_nothing_is_warned_of_once(made: tuple, words: str) -> None:
    (message,) = warned_of(*made)
    assert re.search(words, message)


@pytest.mark.parametrize("made", FINE, ids=range(len(FINE)))
def test_what_is_meant_so_is_not_warned_of(made: tuple) -> None:
    assert warned_of(*made) == []


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_number_is_no_label(missing: float) -> None:
    y = YES.copy()
    y[3] = missing
    assert not [said for said in warned_of(1, "sigmoid", BINARY, y) if "takes targets" in said]


def test_a_mistake_is_warned_of_again_after_compile_and_for_generators() -> None:
    stack = Sequential([Dense(1, "sigmoid")])
    for _ in range(2):
        stack.compile("sgd", BINARY)
        with pytest.warns(UserWarning, match="for 10 classes"):
            stack.fit(iter([(FLAT, DIGITS)]), verbose=0)


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


def test_two_outputs_need_targets_for_each() -> None:
    class Two(Model):
        def call(self, inputs: Any) -> Any:
            return inputs, inputs

    two = Two()
    two.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"2 outputs, but y is a single array"):
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
    with pytest.warns(UserWarning, match=r"sample_weight\[3\]"):
        model().fit(X, Y, sample_weight=y[:, 0], verbose=0)


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


def test_samples_whose_axes_are_in_another_order_are_transposed() -> None:
    stack = Sequential([layers.Input((8, 6, 3)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"x\.transpose\(0, 2, 3, 1\)") as caught:
        stack.predict(np.ones((9, 3, 8, 6)), verbose=0)
    assert "reshape" not in str(caught.value)
    with pytest.raises(ValueError, match=r"x\.transpose\(0, 2, 1, 3\)"):
        stack.predict(np.ones((9, 6, 8, 3)), verbose=0)


def test_one_channel_may_be_moved_by_a_reshape() -> None:
    stack = Sequential([layers.Input((8, 6, 1)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"x\.reshape\(-1, 8, 6, 1\)"):
        stack.predict(np.ones((9, 1, 8, 6)), verbose=0)


@pytest.mark.parametrize("counted", [64, None])
def test_rows_with_targets_are_no_single_sample(counted: int | None) -> None:
    stack = Sequential([layers.Input((counted, 8)), layers.Dense(3)])
    stack.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"input_shape=\(8,\)") as caught:
        stack.fit(np.ones((64, 8)), np.ones((64, 3)), verbose=0)
    assert "single sample" not in str(caught.value)


def test_a_label_of_no_class_is_told_with_its_place_in_y() -> None:
    stack = digits()
    y = DIGITS.copy()
    y[40] = 12
    with pytest.raises(
        IndexError, match=r"^y\[40\] is the label 12, but there are 10 classes: 0 to 9\. "
    ) as e:
        quietly("fit", stack, FLAT, y)
    assert len(str(e.value)) < 250
    with pytest.raises(IndexError, match=r"^validation_data: y\[40\] is the label 12, but"):
        quietly("fit", digits(), FLAT, DIGITS, validation_data=(FLAT, y))


@pytest.mark.parametrize("broken", [2.5, np.nan])
def test_a_label_that_is_no_whole_number_is_told_without_other_advice(broken: float) -> None:
    y = DIGITS.astype(np.float32)
    y[40] = broken
    with pytest.raises(
        IndexError,
        match=r"^y\[40\] is .*, which is not a class: labels are whole numbers from 0 to 9$",
    ):
        quietly("fit", digits(), FLAT, y)


def test_what_the_engine_says_of_a_label_comes_as_numbers() -> None:
    outputs = np.full((2, 3), 1 / 3, "float32")
    refused: list[Any] = []
    for labels in ([0, 7], [-1, 0], [0.5, 0.0], [np.nan, 0.0]):
        with pytest.raises(IndexError) as told:
            ops.sparse_categorical_crossentropy(np.array(labels), outputs)
        refused.append(told.value.refused_label)
    assert refused == [(7, 3), (-1, 3), (None, 3), (None, 3)]
    with pytest.raises(IndexError) as told:
        ops.take(outputs, 9, axis=0)
    assert not hasattr(told.value, "refused_label")


def test_users_errors_about_labels_are_left_alone() -> None:
    class Choosy(Sequential):
        def train_step(self, data: Any) -> dict[str, Any]:
            raise IndexError("label 12 at (3,), but there are 10 classes: 0 to 9")

    stack = Choosy([Dense(10, "softmax", input_shape=(64,))])
    stack.compile("sgd", SPARSE)
    with pytest.raises(IndexError, match=r"^label 12 at"):
        quietly("fit", stack, FLAT, np.where(DIGITS == 3, 12, DIGITS))


def test_a_layer_that_returns_nothing_is_named() -> None:
    class Forgetful(layers.Layer):
        def call(self, inputs):
            pass

    with pytest.raises(TypeError, match=r"call.. of layer 'forgetful.*' returns nothing"):
        Sequential([layers.Input((3,)), Forgetful(), layers.Dense(1)])


def test_a_forgotten_super_init_is_told() -> None:
    class NoSuper(layers.Layer):
        def __init__(self):
            self.size = 3

    class NoSuperModel(pylego.Model):
        def __init__(self):
            self.size = 3

    with pytest.raises(RuntimeError, match=r"has to begin with super\(\)\.__init__\(\)"):
        Sequential([NoSuper()])
    with pytest.raises(AttributeError, match=r"has to begin with super\(\)\.__init__\(\)"):
        NoSuperModel().summary()
