"""Files .h5 of real Keras 1, 2 and 3 are opened, predict, and go on training; ours are written."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from goldens import FOLDER
from old_files import SHARED, needs_old_models, old_file, sequential, weights_file

from pylego import layers, models, ops
from pylego.saving import legacy
from pylego.saving.errors import CorruptFileError

GOLDEN = sorted((FOLDER / "legacy").glob("*.h5"))


def numbers(facts: Any, kind: str) -> Any:
    found = [facts[name] for name in sorted(facts.files) if name.rstrip("0123456789") == kind]
    return found[0] if len(found) == 1 else found


def listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def expect_outputs(outputs: Any, expected: Any, atol: float = 1e-5) -> None:
    for ours, theirs in zip(listed(outputs), listed(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=atol)


# ---- files of real Keras ----


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_file_of_keras_predicts_and_goes_on_training(path: Path) -> None:
    facts = np.load(path.with_suffix(".npz"))
    model = legacy.load(path)
    x, y = numbers(facts, "x"), numbers(facts, "y")
    expect_outputs(model.predict(x, verbose=0), numbers(facts, "out"))
    losses = [np.ravel(model.train_on_batch(x, y))[0] for _ in range(3)]
    np.testing.assert_allclose(losses, facts["losses"], rtol=1e-4)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_was_opened_is_written_and_opened_again(path: Path) -> None:
    facts = np.load(path.with_suffix(".npz"))
    model, file = legacy.load(path), io.BytesIO()
    legacy.save(model, file)
    again = legacy.load(io.BytesIO(file.getvalue()))
    expect_outputs(again.predict(numbers(facts, "x"), verbose=0), numbers(facts, "out"))
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    for ours, former in zip(again.optimizer.variables, model.optimizer.variables, strict=True):
        np.testing.assert_array_equal(ours.numpy(), former.numpy())


def test_weights_of_a_file_are_loaded_into_a_model() -> None:
    path = FOLDER / "legacy" / "keras2_graph.h5"
    model = legacy.load(path)
    before = model.get_weights()
    for layer in model.layers:
        layer.set_weights([0 * array for array in layer.get_weights()])
    legacy.load_weights(model, path)
    for ours, former in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, former)


# ---- the old models that lie beside the repository ----

OPENED = {
    "12net": {"shape": (1, 24, 24, 3)},
    "adagrad": {"shape": (2, 100)},
    "cnn_batch_norm": {"shape": (2, 10, 10, 3)},
    "conv2d_reshape_theano_2": {"shape": (2, 5, 5, 5)},
    "conv2d_theano_1": {"shape": (2, 5, 5, 5)},
    "dense_tensorflow_1": {"shape": (2, 4)},
    "sepconv2d_tensorflow_2": {"shape": (2, 3, 4, 5)},
    "bidirectional_lstm_theano_1": {"shape": (2, 4, 10)},
    "embedding_conv1d_theano_1": {"shape": (2, 10), "below": 4},
    "lstm_functional_tf_keras_2": {"shape": (2, 10, 4)},
    "lstm_tensorflow_1": {"shape": (2, 4, 1)},
    "masking_two_lstm": {"shape": (2, 10, 42)},
    "simple_rnn_tensorflow_2": {"shape": (2, 4, 1)},
}
WITH_PREDICTIONS = ("simple_lstm_th_keras_1", "simple_rnn_tf_keras_2")


@needs_old_models
@pytest.mark.parametrize("name", OPENED)
def test_an_old_model_opens_and_predicts(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pylego has no Adagrad yet
        model = legacy.load(SHARED / f"{name}.h5")
    rng, shape = np.random.default_rng(0), OPENED[name]["shape"]
    below = OPENED[name].get("below")
    x = (
        rng.normal(size=shape).astype("float32")
        if below is None
        else rng.integers(below, size=shape)
    )
    outputs = listed(model.predict(x, verbose=0))
    assert all(np.isfinite(output).all() and np.ptp(output) > 0 for output in outputs)


@needs_old_models
def test_the_convolution_of_theano_reads_its_kernel_backwards() -> None:
    path = SHARED / "conv2d_theano_1.h5"
    with h5py.File(path) as file:
        group = file["model_weights/convolution2d_1"]
        kernel, bias = group["convolution2d_1_W"][()], group["convolution2d_1_b"][()]
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 5)).astype("float32")
    expected = np.zeros((2, 3, 3, 6), "float32") + bias
    for row, column, i, j in np.ndindex(3, 3, 3, 3):
        patch = x[:, row + i, column + j]
        expected[:, row, column] += patch @ kernel[2 - i, 2 - j]
    outputs = legacy.load(path).predict(x, verbose=0)
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


@needs_old_models
@pytest.mark.parametrize("name", WITH_PREDICTIONS)
def test_an_old_recurrent_model_predicts_what_it_predicted_then(name: str) -> None:
    model = legacy.load(SHARED / f"{name}_model.h5")
    with h5py.File(SHARED / f"{name}_inputs_and_outputs.h5") as file:
        (x,) = (array[()] for array in file["inputs"].values())
        (expected,) = (array[()] for array in file["predictions"].values())
    found = model.predict(x, batch_size=model.input_shape[0], verbose=0)
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@needs_old_models
def test_a_lambda_with_code_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'lambda_1' is a Lambda whose Python code.*safe_mode"):
        legacy.load(SHARED / "sequential_lambda.h5")


# ---- writing ----


def small_model() -> models.Sequential:
    model = models.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.Conv2D(2, 3, activation="relu", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(),
            layers.Dense(2, name="dense"),
        ]
    )
    model.compile("adam", "mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(4, 6, 6, 1)).astype("float32")
    model.fit(x, np.ones((4, 2)), verbose=0)
    return model


def test_a_file_has_keras_groups_and_attributes() -> None:
    model, target = small_model(), io.BytesIO()
    legacy.save(model, target)
    with h5py.File(target, "r") as file:
        assert file.attrs["keras_version"][:2] == "3."
        config = json.loads(file.attrs["model_config"])
        assert config["class_name"] == "Sequential"
        assert all("module" not in layer for layer in config["config"]["layers"])
        training = json.loads(file.attrs["training_config"])
        assert training["loss"] == "mean_squared_error"  # Keras opens no file that says mse
        assert training["optimizer_config"]["class_name"] == "Adam"
        weights = file["model_weights"]
        assert [*weights.attrs["layer_names"]][:2] in (["conv", "norm"], [b"conv", b"norm"])
        names = [*map(str, weights["norm"].attrs["weight_names"])]
        ends = [name.strip("b'").rpartition("/")[2] for name in names]
        assert ends == ["gamma", "beta", "moving_mean", "moving_variance"]
        assert len(file["optimizer_weights"].attrs["weight_names"]) == 2 + 2 * 6


@pytest.mark.parametrize("name", ["rmse", "mse"])
def test_a_loss_of_the_user_is_saved_by_its_own_name(name: str) -> None:
    def mean_root(y_true: Any, y_pred: Any) -> Any:
        return ops.sqrt(ops.mean(ops.square(y_true - y_pred), axis=-1))

    mean_root.__name__ = name
    model = models.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("adam", mean_root, metrics=[mean_root])
    target = io.BytesIO()
    legacy.save(model, target)
    with h5py.File(target, "r") as file:
        assert json.loads(file.attrs["training_config"])["loss"] == name
    opened = legacy.load(io.BytesIO(target.getvalue()), {name: mean_root})
    assert opened.compiled


def test_a_file_without_the_optimizer() -> None:
    target = io.BytesIO()
    legacy.save(small_model(), target, include_optimizer=False)
    with h5py.File(target, "r") as file:
        assert "training_config" not in file.attrs
        assert "optimizer_weights" not in file
    assert not legacy.load(io.BytesIO(target.getvalue())).compiled


def test_weights_alone_go_by_order_and_by_name() -> None:
    model, target = small_model(), io.BytesIO()
    legacy.save_weights(model, target)
    other = models.Sequential(
        [layers.Input((6, 6, 1)), layers.Conv2D(2, 3, name="conv"), layers.Conv2D(7, 2, name="x")]
    )
    untouched = other.layers[1].get_weights()
    with pytest.raises(ValueError, match=r"3 layers with weights, and the model .* has 2"):
        legacy.load_weights(other, io.BytesIO(target.getvalue()))
    legacy.load_weights(other, io.BytesIO(target.getvalue()), by_name=True)
    np.testing.assert_array_equal(
        other.layers[0].get_weights()[0], model.get_layer("conv").get_weights()[0]
    )
    np.testing.assert_array_equal(other.layers[1].get_weights()[0], untouched[0])


def test_what_does_not_fit_is_skipped_or_refused_as_a_whole() -> None:
    target = io.BytesIO()
    legacy.save_weights(small_model(), target)
    other = models.Sequential(
        [
            layers.Input((6, 6, 1)),
            layers.Conv2D(2, 3, name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.Flatten(),
            layers.Dense(5, name="dense"),
        ]
    )
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"'dense' has shape \(32, 5\), and the file has \(32, 2"):
        legacy.load_weights(other, io.BytesIO(target.getvalue()))
    for ours, former in zip(other.get_weights(), before, strict=True):
        np.testing.assert_array_equal(ours, former)
    with pytest.warns(UserWarning, match="stays as it is"):
        legacy.load_weights(other, io.BytesIO(target.getvalue()), by_name=True, skip_mismatch=True)
    np.testing.assert_array_equal(other.layers[-1].get_weights()[0], before[-2])
    assert not np.array_equal(other.layers[0].get_weights()[0], before[0])


# ---- what is refused ----


def test_a_file_of_weights_is_no_model() -> None:
    file = weights_file({"dense_1": {"dense_1_W": np.ones((2, 3), "float32")}})
    with pytest.raises(ValueError, match=r"weights only.*load_weights"):
        legacy.load(file)


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        "Dense",
        {"class_name": "Sequential"},
        {"class_name": "Sequential", "config": 3},
        {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": []}]},
        {"class_name": "Sequential", "config": [["Dense"]]},
        {"class_name": "Sequential", "config": []},
        {"class_name": "Model", "config": {"layers": {}, "input_layers": 1, "output_layers": 2}},
        {"class_name": "Model", "config": {"layers": [], "input_layers": [], "output_layers": []}},
        {"class_name": "os", "config": {"name": "system"}},
        sequential(("Merge", {"mode": "concat", "layers": "x"})),
        sequential(("Merge", {"mode": ["code"], "mode_type": "lambda", "layers": []})),
        sequential(("Dense", {"output_dim": 2, "batch_input_shape": [None, "x"]})),
        sequential(("Dense", {"output_dim": "huge", "batch_input_shape": [None, 3]})),
        sequential(("BatchNormalization", {"mode": 1, "batch_input_shape": [None, 3]})),
        sequential(("Highway", {"batch_input_shape": [None, 3], "name": "highway_1"})),
    ],
)
def test_a_hostile_description_is_refused_in_words(config: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        legacy.load(old_file(config, {}))
    assert "cannot be opened" in str(caught.value)


def test_models_without_end_are_refused() -> None:
    config: Any = sequential(("Dense", {"output_dim": 2, "batch_input_shape": [None, 2]}))
    for _ in range(300):
        config = sequential(("Sequential", config["config"]))
    with pytest.raises(ValueError, match="cannot be opened"):
        legacy.load(old_file(config, {}))


def test_broken_json_is_a_damaged_file() -> None:
    target = io.BytesIO()
    with h5py.File(target, "w") as file:
        file.attrs["model_config"] = b'{"class_name": '
    with pytest.raises(CorruptFileError, match=r"model_config.*not JSON"):
        legacy.load(target)


def test_names_of_arrays_that_are_not_there() -> None:
    config = sequential(("Dense", {"output_dim": 2, "batch_input_shape": [None, 3]}))
    file = old_file(config, {"dense_1": {"dense_1_W": np.ones((3, 2)), "dense_1_b": np.ones(2)}})
    with h5py.File(file, "r+") as opened:
        del opened["model_weights/dense_1/dense_1_b"]
    with pytest.raises(CorruptFileError):
        legacy.load(file)
