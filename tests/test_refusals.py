"""Whatever comes in, what goes wrong is a Python exception that says what was wanted and what came.

The mistakes of training are in test_bad_input.py; these are those of all other doors.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pylego
from pylego import (
    callbacks,
    config,
    constraints,
    engine,
    initializers,
    losses,
    metrics,
    ops,
    optimizers,
    random,
    utils,
)
from pylego.layers import Activation, Dense, Dropout, Flatten, Input, Reshape
from pylego.models import Sequential

X = np.ones((10, 4), np.float32)
Y = np.array([0, 1] * 5)

# ---- any operation, any value ----------------------------------------------------------------

ODD = {
    "None": None,
    "text": "abc",
    "bytes": b"abc",
    "object": object(),
    "objects": np.array([object(), None]),
    "ragged": [[1, 2], [3]],
    "empty": [],
    "no rows": np.zeros((0, 3), np.float32),
    "huge": 10**30,
    "overflowing": 2**62,
    "least": -(2**63),
    "negative": -5,
    "fraction": 2.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "complex": 1j,
    "complexes": np.ones(2, np.complex64),
    "nine axes": np.ones((1,) * 9),
    "texts": np.array(["a", "b"]),
    "dictionary": {"a": 1},
    "set": {1, 2},
    "overflowing shape": (2**40, 2**40),
    "negative shape": (-2, -3),
    "long shape": (1,) * 9,
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "None inside": [None, 1],
    "class": int,
    "function": lambda x: x,
    "uint64": np.array([2**64 - 1], np.uint64),
    "records": np.zeros(2, [("a", "f4")]),
    "wild indices": np.array([0, 5, -7]),
}
MATRIX = np.arange(6, dtype=np.float32).reshape(2, 3)
PLAIN = {
    "axis": 0, "axes": 0, "source": 0, "destination": 1, "axis1": 0, "axis2": 1,
    "shape": (2, 3), "newshape": (3, 2), "dtype": "float32", "num_classes": 3, "N": 3, "n": 3,
    "repeats": 2, "shift": 1, "pad_width": 1, "start_indices": (0, 0), "indices_or_sections": 1,
    "indices": np.array([0, 1]), "xs": [np.ones(3, np.float32)] * 2,
}  # fmt: skip
OPERATIONS = ops.__all__


def needed(parameters: Any) -> dict[str, Any]:
    return {p.name: PLAIN.get(p.name, MATRIX) for p in parameters if p.default is p.empty}


def refusal(operation: Callable, arguments: dict[str, Any]) -> str | None:
    try:
        operation(**arguments)
    except (TypeError, ValueError, IndexError, MemoryError) as error:
        return str(error)
    return None


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_works_or_says_why_not(name: str) -> None:
    operation = getattr(ops, name)
    parameters = inspect.signature(operation).parameters.values()
    for target in parameters:
        for value in ODD.values():
            sentence = refusal(operation, {**needed(parameters), target.name: value})
            assert sentence is None or len(sentence) > 10


# ---- the doors one by one --------------------------------------------------------------------


def once(gradient: Any, variable: Any) -> None:
    optimizers.Adam().apply_gradients([(gradient, variable)])


def fit(**arguments: Any) -> None:
    model = Sequential([Dense(1, input_shape=(4,))])
    model.compile("sgd", arguments.pop("loss", "mse"), metrics=arguments.pop("metrics", None))
    model.fit(X, Y, verbose=0, **arguments)


Case = tuple[Callable[[], Any], type[Exception], str]

CASES: list[Case] = [
    # tensors
    (lambda: ops.ones(3) + "a", TypeError, "add: A tensor cannot hold text, such as 'a'"),
    (lambda: ops.ones(3) * None, TypeError, "multiply: .*None of type NoneType"),
    (lambda: ops.convert_to_tensor([[1], [2, 3]]), ValueError, "unequal length"),
    (lambda: ops.convert_to_tensor(np.ones((1,) * 9)), ValueError, "at most 8 axes, got 9"),
    (lambda: ops.ones(3, "int32") + 2**40, ValueError, "int32 cannot hold 1099511627776"),
    (lambda: ops.ones(3).reshape(2, 2), ValueError, r"reshape: .*\(3,\).*\(2, 2\)"),
    (lambda: ops.ones(3).reshape(2**70), ValueError, "reshape: shape does not fit into 64 bits"),
    (lambda: ops.ones(3).reshape(1.5), TypeError, "reshape: shape must be a whole number"),
    (lambda: ops.ones(3)[5], IndexError, "index 5"),
    (lambda: pylego.Tensor([1.0]), TypeError, "ops.convert_to_tensor"),
    (lambda: pylego.Variable([1.0], shape=(3,)), ValueError, r"\(3,\).*\(1,\)"),
    (lambda: pylego.Variable(lambda s, dtype: 5.0, (2,)), ValueError, r"\(2,\).*\(\)"),
    (lambda: pylego.Variable([1.0]).assign([1.0, 2.0]), ValueError, r"\(1,\).*\(2,\)"),
    (lambda: engine.apply("sum", [ops.ones(3)._handle], axes=(0,)), TypeError, "keepdims"),
    # operations
    (lambda: ops.matmul(X, X), ValueError, r"matmul: .*\(10, 4\)"),
    (lambda: ops.zeros((-1,)), ValueError, "full: axis 0"),
    (lambda: ops.zeros("abc"), TypeError, "a shape is"),
    (lambda: ops.zeros((2**40, 2**40)), MemoryError, "overflows 64 bits"),
    (lambda: ops.sum(X, axis=1.5), TypeError, "axis=1.5"),
    (lambda: ops.sum(X, axis=10**30), ValueError, "axis"),
    (lambda: ops.eye(-2), ValueError, "N must be 0 or more"),
    (lambda: ops.arange(float("inf")), ValueError, "finite"),
    (lambda: ops.repeat(X, -1), ValueError, "repeat: .*-1"),
    (lambda: ops.repeat(X, [1, 2, 3], axis=1), ValueError, "4 elements"),
    (lambda: ops.roll(X, [1, 2], axis=0), ValueError, "2 shifts came for 1 axes"),
    (lambda: ops.split(X, 3, axis=1), ValueError, "split: axis 1 of length 4"),
    (lambda: ops.scatter([5], [1.0], (3,)), ValueError, "scatter: indices"),
    (lambda: ops.one_hot([1], 2.5), TypeError, "one_hot: classes must be a whole number"),
    (lambda: ops.cast(X, "float8"), TypeError, "float8"),
    (lambda: random.uniform((2,), minval="a"), TypeError, "random_uniform: low .*'a'"),
    (lambda: random.randint((2,), 0.5, 2), TypeError, "low must be a whole number"),
    (lambda: random.randint((2,), 0, 2**70), ValueError, "64 bits"),
    # layers
    (lambda: Dense(0), ValueError, "Dense: units must be 1 or more"),
    (lambda: Dense(10**30), ValueError, "units must be below"),
    (lambda: Dense(2.5), TypeError, "units=2.5"),
    (lambda: Dense(2, "rellu"), ValueError, "Did you mean 'relu'"),
    (lambda: Dense(2, activation=5), TypeError, "The activation must be"),
    (lambda: Dense(2, name=5), TypeError, "name=5"),
    (lambda: Dense(2, input_shape=(-4,)), ValueError, "-4"),
    (lambda: Dense(2, input_shape="ab"), ValueError, "lengths of a shape"),
    (lambda: Dense(2, input_dim=4.0), ValueError, "lengths of a shape"),
    (lambda: Dense(2, name="head")("abc"), TypeError, "'head': .*text"),
    (lambda: Dense(2, name="head")([[1], [2, 3]]), ValueError, "'head': .*unequal length"),
    (lambda: Dense(2, name="head")(None), ValueError, "'head' was called without inputs"),
    (lambda: Dense(2, name="head")(3.0), ValueError, "'head' expects .*2 axes"),
    (lambda: Dense(2, name="head").build(None), TypeError, "'head' is built for the shape"),
    (lambda: Dense(2, name="head").build(5), TypeError, "'head' is built for the shape"),
    (lambda: Dense(2, name="head").set_weights(None), TypeError, "'head'.*NoneType"),
    (lambda: Dense(2, name="head").kernel, AttributeError, "built"),
    (lambda: Activation("tanhh"), ValueError, "Did you mean 'tanh'"),
    (lambda: Dropout(2), ValueError, "rate=2"),
    (lambda: Dropout(0.5, noise_shape="a"), ValueError, "lengths of a shape"),
    (lambda: Flatten(name="flat")(3.0), ValueError, "'flat' expects .*1 axis"),
    (lambda: Reshape("ab"), TypeError, "a shape is"),
    (lambda: Reshape((2.5,)), TypeError, "2.5"),
    (lambda: Reshape((3, 3), name="box")(X), ValueError, r"'box' .*\(3, 3\)"),
    (lambda: Input((1,) * 9), ValueError, "at most 8 axes"),
    (lambda: Input(4), ValueError, r"Input\(shape=\(4,\)\)"),
    # models
    (lambda: Sequential(5), TypeError, "list of layers"),
    (lambda: Sequential([Dense]), TypeError, r"Dense\(\.\.\.\)"),
    (lambda: Sequential().add(None), TypeError, "Only layers"),
    (lambda: Sequential([Dense(2)]).build("abc"), TypeError, "shape of a batch"),
    (lambda: Sequential.from_config({}), ValueError, "'layers'"),
    (lambda: fit(class_weight={0: None}), TypeError, "weight of class 0"),
    (lambda: fit(class_weight={0: "a"}), TypeError, "weight of class 0"),
    (lambda: fit(validation_split="a"), TypeError, "validation_split='a'"),
    (lambda: fit(loss=lambda y, p: None), TypeError, "loss 'lambda' must return numbers"),
    (lambda: fit(metrics=[lambda y, p: "a"]), TypeError, "metric 'lambda' must return numbers"),
    (lambda: Sequential([Dense(1)]).compile(loss_weights="a", loss="mse"), TypeError, "weights='a"),
    (lambda: Sequential([Dense(1)]).compile(5, "mse"), TypeError, "The optimizer must be"),
    # optimizers
    (lambda: optimizers.Adam(None), TypeError, "Adam: learning_rate=?.*None"),
    (lambda: optimizers.Adam(float("nan")), ValueError, "learning_rate=nan"),
    (lambda: optimizers.Adam(beta_1=2), ValueError, "beta_1 must be a number from 0 to 1"),
    (lambda: optimizers.Adam(epsilon="a"), TypeError, "epsilon='a'"),
    (lambda: optimizers.Adam(weight_decay="a"), TypeError, "weight_decay='a'"),
    (lambda: optimizers.Adam(clipnorm="a"), TypeError, "clipnorm must be a number"),
    (lambda: optimizers.SGD(momentum="a"), TypeError, "SGD: momentum"),
    (lambda: optimizers.RMSprop(rho=2), ValueError, "RMSprop: rho"),
    (lambda: optimizers.Adam().apply_gradients([5]), TypeError, "pairs of gradient and variable"),
    (lambda: once(1.0, 2.0), TypeError, "changes variables. Received: 2.0"),
    (lambda: once(ops.ones(3), pylego.Variable(2.0)), ValueError, r"\(3,\)"),
    # losses, metrics, callbacks
    (lambda: losses.get(5), TypeError, "The loss must be"),
    (
        lambda: losses.SparseCategoricalCrossentropy()([0.5], [[0.1, 0.9]]),
        IndexError,
        "whole number",
    ),
    (lambda: losses.SparseCategoricalCrossentropy()([np.nan], [[0.1, 0.9]]), IndexError, "is NaN"),
    (lambda: metrics.MeanMetricWrapper(5), TypeError, "needs a function"),
    (lambda: metrics.BinaryAccuracy(threshold="a"), TypeError, "threshold='a'"),
    (lambda: callbacks.LambdaCallback(on_epoch_end=5), TypeError, "on_epoch_end must be a func"),
    (lambda: callbacks.EarlyStopping(patience="a"), TypeError, "patience='a'"),
    # settings
    (lambda: config.set_num_threads(0), ValueError, "1 to 1024"),
    (lambda: config.set_num_threads("2"), TypeError, "count='2'"),
    (lambda: config.set_num_threads(2**40), ValueError, "1 to 1024"),
    (lambda: config.set_epsilon(-1), ValueError, "epsilon must be 0 or more"),
    (lambda: config.set_floatx("int8"), ValueError, "float32"),
    (lambda: utils.set_random_seed("a"), ValueError, "seed='a'"),
    (lambda: utils.to_categorical([0, 5], 3), ValueError, r"x\[1\] is 5"),
    (lambda: initializers.get("glorot"), ValueError, "'glorot_normal' or 'glorot_uniform'"),
    (lambda: constraints.get("maxnorm5"), ValueError, "constraint"),
]


@pytest.mark.parametrize(("call", "error", "words"), CASES, ids=[words for _, _, words in CASES])
def test_refusal(call: Callable, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


# ---- mistakes of tutorials -------------------------------------------------------------------


def classifier(last: Any, loss: str) -> Sequential:
    model = Sequential([Flatten(input_shape=(4, 4)), Dense(8, "relu"), last])
    model.compile("adam", loss, metrics=["accuracy"])
    return model


IMAGES = np.ones((6, 4, 4), np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2])

MISTAKES: list[Case] = [
    (lambda: Sequential([Dense(2, input_shape=(6, 4, 4))]).predict(IMAGES), ValueError,
     r"counts samples, leave it out: input_shape=\(4, 4\)"),
    (lambda: Sequential([Flatten(input_shape=(6, 4, 4))]).predict(IMAGES), ValueError,
     "counts samples"),
    (lambda: classifier(Dense(3, "softmax"), "categorical_crossentropy").fit(IMAGES, LABELS),
     ValueError, "sparse_categorical_crossentropy, or through utils.to_categorical"),
    (lambda: classifier(Dense(3, "softmax"), "sparse_categorical_crossentropy").fit(
        IMAGES, np.eye(3)[LABELS]), ValueError, "use categorical_crossentropy"),
    (lambda: classifier(Dense(2, "softmax"), "sparse_categorical_crossentropy").fit(IMAGES, LABELS),
     IndexError, "give the last layer more units"),
    (lambda: classifier(Dense(4, "softmax"), "categorical_crossentropy").fit(
        IMAGES, np.eye(3)[LABELS]), ValueError, "give the last layer 3 units"),
    (lambda: classifier(Dense(3, "softmax"), "binary_crossentropy").fit(IMAGES, LABELS), ValueError,
     "Integer labels for 3 classes"),
    (lambda: classifier(Dense(3, "sofmax"), "mse"), ValueError, "Did you mean 'softmax'"),
    (lambda: classifier(Dense(3), "categorical_crossentropi"), ValueError,
     "Did you mean 'categorical_crossentropy'"),
    (lambda: Sequential([Dense(3, input_shape=(4, 4))]).predict(IMAGES.reshape(6, 16)), ValueError,
     r"\(None, 4, 4\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_mistake_of_a_tutorial(call: Callable, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


def test_images_without_flatten_misfit_at_the_targets() -> None:
    model = Sequential([Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match=r"\(6,\).*\(6, 4, 3\)"):
        model.fit(IMAGES, LABELS, verbose=0)


def test_one_unit_with_softmax_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="softmax over a single number is always 1"):
        classifier(Dense(1, "softmax"), "mse").fit(IMAGES, LABELS > 0, verbose=0)


def test_one_class_is_warned_of() -> None:
    with pytest.warns(UserWarning, match="over a single class is always 0"):
        classifier(Dense(1, "sigmoid"), "categorical_crossentropy").fit(
            IMAGES, LABELS > 0, verbose=0
        )


def test_what_is_meant_well_is_taken() -> None:
    model = Sequential([Dense(np.int64(1), input_dim=np.int64(4))])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile(optimizers.Adam, losses.MeanSquaredError, metrics="accuracy")
        assert sorted(model.fit(X, Y, verbose=0).history) == ["accuracy", "loss"]


# ---- no memory -------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="limits memory as Linux does")
def test_no_memory_is_a_memory_error_and_life_goes_on() -> None:
    program = """
        import resource
        import numpy as np
        from pylego import ops
        from pylego.layers import Dense
        from pylego.models import Sequential

        resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
        x = ops.ones((1000, 1000))
        mistakes = [
            lambda: ops.ones((40_000, 40_000)),
            lambda: ops.reshape(x, (1000, 1000, 1)) + ops.reshape(x, (1, 1000, 1000)),
            lambda: Sequential([Dense(2**20)]).predict(np.ones((2, 1000)), verbose=0),
            lambda: [ops.exp(x) for _ in range(1000)],
        ]
        for mistake in mistakes:
            try:
                mistake()
            except MemoryError as error:
                assert "memory" in str(error), error
                assert ops.sum(x).item() == 1e6
                continue
            raise SystemExit("no MemoryError")
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        check=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
    )
