"""Callbacks that set the learning rate, and the one that judges averaged weights."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from goldens import expect_close, load

from pylego.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    SwapEMAWeights,
)
from pylego.layers import Dense, Input
from pylego.models import Sequential, load_model
from pylego.optimizers import SGD

GOLDEN = load("callbacks")
X = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
Y = 2 * X


def line(optimizer: Any = "sgd") -> Sequential:
    model = Sequential([Input((1,)), Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    return model


# ---- plateaus -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["plateaus"], ids=str)
def test_rates_fall_where_keras_s_do(case: dict[str, Any]) -> None:
    callback = ReduceLROnPlateau(**case["arguments"])
    optimizer = SGD(0.1)
    callback.set_model(SimpleNamespace(optimizer=optimizer, metrics=[]))
    callback.on_train_begin()
    for epoch, (value, rate) in enumerate(zip(case["values"], case["rates"])):
        callback.on_epoch_end(epoch, {"val_loss": value})
        expect_close(optimizer.learning_rate, rate)


def test_training_uses_the_reduced_rate(capsys: pytest.CaptureFixture) -> None:
    stuck = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9, verbose=1)
    model = line(SGD(0.02))
    weights: list[float] = []
    note = LambdaCallback(
        on_epoch_end=lambda epoch, logs: weights.append(float(model.get_weights()[0][0, 0]))
    )
    history = model.fit(X, Y, epochs=4, callbacks=[stuck, note], verbose=0)
    expect_close(history.history["learning_rate"], [0.02, 0.02, 0.01, 0.005])
    w = 1.0
    for rate, seen in zip((0.02, 0.02, 0.01, 0.005), weights):
        w -= rate * 2 * float(np.mean(X * X)) * (w - 2)  # the slope of the mean square
        assert abs(seen - w) < 1e-5
    said = capsys.readouterr().out
    assert said.count("ReduceLROnPlateau reducing learning rate to") == 3
    assert said.startswith("\nEpoch 2: ")


def test_what_a_plateau_cannot_watch_is_said() -> None:
    for arguments, words in (
        ({"factor": 1.0}, "does not support a factor >= 1.0"),
        ({"mode": "up"}, "mode of ReduceLROnPlateau"),
        ({"patience": -1}, "patience"),
    ):
        with pytest.raises(ValueError, match=words):
            ReduceLROnPlateau(**arguments)
    with pytest.raises(TypeError, match="Did you mean 'min_lr'"):
        ReduceLROnPlateau(minlr=0.1)
    with pytest.warns(UserWarning, match="Pass validation_data or validation_split"):
        line().fit(X, Y, epochs=2, callbacks=[ReduceLROnPlateau()], verbose=0)
    assert ReduceLROnPlateau(epsilon=0.25).min_delta == 0.25


class PowerCut(Callback):
    """Stop the program in the middle of training."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 3:
            raise RuntimeError("no current")


def test_a_plateau_goes_on_where_training_goes_on(tmp_path: Path) -> None:
    def fit(folder: str, *more: Callback) -> list[float]:
        stuck = ReduceLROnPlateau("loss", factor=0.5, patience=2, min_delta=1e9)
        backup = BackupAndRestore(tmp_path / folder)
        fitted = line().fit(X, Y, epochs=7, callbacks=[stuck, backup, *more], verbose=0)
        return fitted.history["learning_rate"]

    with pytest.raises(RuntimeError):
        fit("broken", PowerCut())
    assert fit("broken") == fit("whole")


# ---- schedules by a function ----------------------------------------------------------------


def test_a_function_of_one_or_two_arguments_sets_the_rate(capsys: pytest.CaptureFixture) -> None:
    for schedule in (lambda epoch, rate: rate / 2, lambda epoch: 0.1 / 2 ** (epoch + 1)):
        scheduler = LearningRateScheduler(schedule, verbose=1)
        history = line(SGD(0.1)).fit(X / 4, Y, epochs=3, callbacks=[scheduler], verbose=0)
        expect_close(history.history["learning_rate"], [0.05, 0.025, 0.0125])
        assert capsys.readouterr().out.startswith(
            "\nEpoch 1: LearningRateScheduler setting learning rate to 0.05"
        )


def test_a_mistake_inside_of_the_function_is_its_own() -> None:
    def schedule(epoch: int, rate: float) -> float:
        return rate + "a"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        line().fit(X, Y, callbacks=[LearningRateScheduler(schedule)], verbose=0)


@pytest.mark.parametrize("answer", [None, "fast", float("nan"), -1.0])
def test_a_rate_is_a_number(answer: Any) -> None:
    scheduler = LearningRateScheduler(lambda epoch: answer)
    with pytest.raises((TypeError, ValueError), match="what the schedule returns must be"):
        line().fit(X, Y, callbacks=[scheduler], verbose=0)
    with pytest.raises(TypeError, match="schedule is a function"):
        LearningRateScheduler(0.1)


# ---- averaged weights -----------------------------------------------------------------------


@pytest.mark.parametrize("swaps", [False, True])
def test_validation_uses_averages_as_keras_does(swaps: bool) -> None:
    golden = GOLDEN["averaged"][str(swaps)]
    model = line(SGD(0.02, use_ema=True, ema_momentum=0.5))
    seen: list[float] = []
    note = LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(float(model.get_weights()[0][0, 0]))
    )
    history = model.fit(
        X, Y, 2, 3, validation_data=(X, Y), shuffle=False, verbose=0,
        callbacks=[SwapEMAWeights(swaps), note],
    )  # fmt: skip
    expect_close(seen, golden["weights"], rtol=1e-5)
    expect_close(model.get_weights()[0][0, 0], golden["last"], rtol=1e-5)
    for name, values in golden["history"].items():
        expect_close(history.history[name], values, rtol=1e-5)


@pytest.mark.parametrize("swaps", [False, True])
def test_training_that_stops_early_ends_with_averages(swaps: bool) -> None:
    ends = []
    for epochs, stop in ((2, []), (9, [EarlyStopping("loss", patience=1, min_delta=1e9)])):
        model = line(SGD(0.02, use_ema=True, ema_momentum=0.5))
        model.fit(X, Y, 2, epochs, shuffle=False, verbose=0,
                  callbacks=[SwapEMAWeights(swaps), *stop])  # fmt: skip
        ends.append(model.get_weights()[0][0, 0])
    assert ends[0] == ends[1]


def test_a_checkpoint_after_it_holds_the_averages(tmp_path: Path) -> None:
    model = line(SGD(0.02, use_ema=True, ema_momentum=0.5))
    path = tmp_path / "{epoch}.keras"
    model.fit(X, Y, 2, 2, shuffle=False, verbose=0,
              callbacks=[SwapEMAWeights(True), ModelCheckpoint(path)])  # fmt: skip
    expected = GOLDEN["averaged"]["True"]["weights"][:2]
    for epoch, weight in enumerate(expected, 1):
        saved = load_model(tmp_path / f"{epoch}.keras")
        expect_close(saved.get_weights()[0][0, 0], weight, rtol=1e-5)


def test_evaluate_and_predict_give_the_weights_back() -> None:
    model = line(SGD(0.02, use_ema=True, ema_momentum=0.5))
    model.train_on_batch(X, Y)
    own = model.get_weights()[0]
    plain, judged = (
        model.evaluate(X, Y, verbose=0),
        model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()]),
    )
    assert plain == judged  # after one step the average is the weight itself
    model.train_on_batch(X, Y)
    own = model.get_weights()[0]
    assert model.evaluate(X, Y, verbose=0, callbacks=[SwapEMAWeights()]) > model.evaluate(
        X, Y, verbose=0
    )
    far = model.predict(X, verbose=0, callbacks=[SwapEMAWeights()])
    assert (far < model.predict(X, verbose=0)).all()
    np.testing.assert_array_equal(model.get_weights()[0], own)


def test_averages_that_are_not_kept_are_missed() -> None:
    with pytest.raises(ValueError, match="use_ema=True"):
        line().fit(X, Y, validation_data=(X, Y), callbacks=[SwapEMAWeights()], verbose=0)
    with pytest.raises(ValueError, match="use_ema=True"):  # also where nothing is ever validated
        line().fit(X, Y, callbacks=[SwapEMAWeights()], verbose=0)
