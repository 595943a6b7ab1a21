"""ModelCheckpoint: what Keras's writes and says, and files that training goes on from."""

from __future__ import annotations

import os
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from goldens import FOLDER, load

from pylego import ops, random
from pylego.callbacks import Callback, EarlyStopping, ModelCheckpoint
from pylego.layers import BatchNormalization, Dense, Dropout, Input, Layer
from pylego.models import Sequential, load_model
from pylego.optimizers import Adam
from pylego.saving import numbers_file, training_state
from pylego.saving.errors import CorruptFileError
from pylego.saving.hdf5 import create_hdf5, open_hdf5
from pylego.utils import set_random_seed

CASES = load("model_checkpoint")["cases"]
RUN = runpy.run_path(str(FOLDER / "areas" / "model_checkpoint.py"))["run"]  # it ran Keras's
RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 6)).astype("float32")
Y = RNG.integers(0, 3, 50)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["arguments"]["filepath"])
def test_it_writes_and_says_what_keras_does(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ours = RUN(ModelCheckpoint, case["arguments"], case["steps"])
    for what in ("written", "printed", "warnings"):
        assert ours[what] == case[what]
    if case["error"] is None:
        assert ours["error"] is None
    else:
        assert ours["error"][0] == case["error"][0]


class Noise(Layer):
    """A layer that draws without a seed."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs + random.normal(ops.shape(inputs)) if training else inputs


def classifier(**settings: Any) -> Sequential:
    set_random_seed(5)
    stack = [Input((6,)), Dense(8, "relu"), BatchNormalization(), Dropout(0.5), Dense(3, "softmax")]
    model = Sequential(stack)
    loss = "sparse_categorical_crossentropy"
    model.compile(**{"optimizer": "adam", "loss": loss, "metrics": ["accuracy"], **settings})
    return model


def numbers(model: Any) -> list[bytes]:
    return [v.numpy().tobytes() for v in [*model.variables, *model.optimizer.variables]]


def fit(model: Any, epochs: int, *callbacks: Any, **options: Any) -> Any:
    return model.fit(
        X, Y, batch_size=8, epochs=epochs, verbose=0, callbacks=list(callbacks), **options
    )


SETTINGS: dict[str, Callable[[], dict[str, Any]]] = {
    "recorded": dict,
    "eager": lambda: {"run_eagerly": True},
    "averages": lambda: {"optimizer": Adam(use_ema=True, ema_overwrite_frequency=5)},
    "accumulation": lambda: {"optimizer": Adam(gradient_accumulation_steps=3)},
}


@pytest.mark.parametrize("name", ["m.keras", "내 모델.weights.h5", "m.h5"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_training_goes_on_from_a_checkpoint_with_the_same_bits(
    name: str, settings: Callable[[], dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / name
    is_of_weights = name.endswith(".weights.h5")
    whole = classifier(**settings())
    history = fit(whole, 5).history
    fit(classifier(**settings()), 3, ModelCheckpoint(path, save_weights_only=is_of_weights))
    if is_of_weights:
        model = classifier(**settings())
        set_random_seed(99)
        model.load_weights(path)
    else:
        set_random_seed(99)
        model = load_model(path)
    rest = fit(model, 5, initial_epoch=3)
    assert rest.history == {name: values[3:] for name, values in history.items()}
    assert numbers(model) == numbers(whole)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"row_order": {"seed": 1, "drawn": 2}, "draws": [1, 2]},
        {"row_order": {"seed": 1, "drawn": -2}, "draws": [1, 2], "seeds": []},
        {"row_order": {"seed": 1, "drawn": 2}, "draws": [1, 2**63], "seeds": []},
        {"row_order": [1, 2], "draws": [1, 2], "seeds": []},
        {"row_order": {"seed": 1, "drawn": 2}, "draws": [1, 2], "seeds": 5},
    ],
)
def test_a_state_that_is_none_is_refused(state: dict[str, Any], tmp_path: Path) -> None:
    model = classifier()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers_file, "training_state_of", lambda _: {"x": 1, **state})
        model.save_weights(tmp_path / "m.weights.h5")
    model.set_weights([weight + 1 for weight in model.get_weights()])
    before = numbers(model)
    with pytest.raises(CorruptFileError, match=r"m\.weights\.h5.*state of training is damaged"):
        model.load_weights(tmp_path / "m.weights.h5")
    assert numbers(model) == before


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "state": {"a": 1}}', b"[" * 100000],
)
def test_a_text_that_is_no_state_is_refused(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "m"
    with create_hdf5(path) as file:
        file.write("training_state/json", np.frombuffer(text, np.uint8))
    with open_hdf5(path) as opened, pytest.raises(ValueError, match=r"'m\.h5'.*training"):
        training_state.read_training_state(opened, "'m.h5'")


def test_draws_without_a_seed_go_on_while_the_model_trains(tmp_path: Path) -> None:
    def make() -> Sequential:
        set_random_seed(3)
        model = Sequential([Input((6,)), Noise(), Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model

    path = tmp_path / "m.weights.h5"
    losses = fit(make(), 6).history["loss"]
    model = make()
    fit(model, 2)
    model.save_weights(path)
    for epoch in (2, 4):  # also when it is saved once more
        model = make()
        set_random_seed(99)
        model.load_weights(path)
        draws = random.global_draws()
        assert fit(model, epoch + 2, initial_epoch=epoch).history["loss"] == losses[epoch:][:2]
        assert random.global_draws() == draws
        model.save_weights(path)


def test_a_model_that_never_trained_begins_as_the_other_would(tmp_path: Path) -> None:
    history = fit(classifier(), 2).history
    classifier().save_weights(tmp_path / "m.weights.h5")
    model = classifier()
    random.make_default_seed()  # so that the next seed is another one than in the process before
    model.load_weights(tmp_path / "m.weights.h5")
    assert fit(model, 2).history == history


def test_a_seed_that_is_set_after_opening_counts(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    classifier().save_weights(path)
    histories = []
    for seed in (1, 1, 2):
        model = classifier()
        model.load_weights(path)
        set_random_seed(seed)
        histories.append(fit(model, 1).history)
    assert histories[0] == histories[1] != histories[2]


def test_best_only_keeps_the_best(tmp_path: Path) -> None:
    path = tmp_path / "best.weights.h5"
    best: list[Any] = []

    class Watching(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if not best or logs["val_loss"] < best[0]:
                best[:] = [logs["val_loss"], self.model.get_weights()]

    checkpoint = ModelCheckpoint(path, save_best_only=True, save_weights_only=True)
    model = classifier()
    fit(model, 6, checkpoint, Watching(), validation_split=0.4)
    assert checkpoint.best == best[0]
    model.load_weights(path)
    assert all(map(np.array_equal, model.get_weights(), best[1]))


@pytest.mark.parametrize("steps", [1, 3])
def test_batches_are_counted_over_epochs(steps: int, tmp_path: Path) -> None:
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}-{batch}.keras", save_freq=6)
    fit(classifier(steps_per_execution=steps), 3, checkpoint)  # 7 batches an epoch
    expected = {1: ["1-6", "2-5", "3-4"], 3: ["1-6", "2-6", "3-6"]}[steps]
    assert sorted(os.listdir(tmp_path)) == [f"{name}.keras" for name in expected]


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "m.keras").mkdir()
    with pytest.raises(OSError, match=r"non-directory filepath for ModelCheckpoint.*m\.keras"):
        fit(classifier(), 1, ModelCheckpoint(tmp_path / "m.keras"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "mni"}, "Unknown mode of ModelCheckpoint 'mni'. Did you mean 'min'"),
        ({"save_freq": 0}, "save_freq is 'epoch' or a number of batches, 1 or more"),
        ({"save_freq": True}, "save_freq is 'epoch' or a number of batches"),
        ({"filepath": "{epoch.keras"}, "is not a pattern: expected '}'"),
        ({"filepath": "m.kears"}, r"must end in `\.keras`"),
        ({"periods": 5}, "ModelCheckpoint got an unknown argument 'periods'"),
    ],
)
def test_arguments_are_refused_at_once(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        ModelCheckpoint(**{"filepath": "m.keras", **arguments})


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("{val_los}.keras", "val_los.*There are epoch, accuracy, loss"),
        ("{loss:d}.keras", "Reason: Unknown format code 'd'"),
        ("{}.keras", "Reason: Format string contains positional"),
        ("{loss.real.x}.keras", "Reason: .*no attribute"),
    ],
)
def test_fields_that_do_not_fit_are_named(path: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((KeyError, ValueError), match=message):
        fit(classifier(), 1, ModelCheckpoint(tmp_path / path))


def test_a_number_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    checkpoint = ModelCheckpoint(tmp_path / "m.keras", "val_acurracy", save_best_only=True)
    with pytest.raises(ValueError, match=r"watches val_acurracy, which is not in .*'val_accuracy'"):
        fit(classifier(), 1, checkpoint, validation_split=0.2)
    checkpoint = ModelCheckpoint(tmp_path / "m.keras", save_best_only=True)
    with pytest.warns(UserWarning, match=r"only with val_loss, .*Pass validation_data"):
        fit(classifier(), 1, checkpoint)
    assert (tmp_path / "m.keras").exists()


def test_early_stopping_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    checkpoint = ModelCheckpoint(path, "loss", save_best_only=True)
    model = classifier()
    history = fit(model, 9, EarlyStopping("loss", patience=1, mode="max"), checkpoint)
    assert len(history.epoch) < 9
    assert numbers(load_model(path)) == numbers(model)


def test_period_says_after_how_many_epochs_as_in_keras_2(tmp_path: Path) -> None:
    fit(classifier(), 5, ModelCheckpoint(tmp_path / "{epoch}.keras", period=2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.keras", "4.keras"]
