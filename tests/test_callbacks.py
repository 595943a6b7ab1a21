"""Callbacks: when they are called, what they are told, and what the progress bar shows."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from goldens import load

from pylego import metrics, ops
from pylego.callbacks import (
    Callback,
    CallbackList,
    EarlyStopping,
    History,
    LambdaCallback,
    ProgbarLogger,
    TerminateOnNaN,
)
from pylego.callbacks.figures import Figures
from pylego.layers import Dense, Input
from pylego.models import Sequential
from pylego.utils import Progbar, progbar

TRAINING = load("training")
PROGRESS = load("progress")
X = np.arange(10, dtype=np.float32).reshape(10, 1) / 10
Y = (X > 0.4).astype(np.float32)


def model() -> Sequential:
    stack = Sequential([Input((1,)), Dense(1, "sigmoid", kernel_initializer="ones")])
    stack.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    return stack


# ---- when they are called -------------------------------------------------------------------


class Hooks(Callback):
    """Note every hook, its number and the names in its logs."""

    def __init__(self) -> None:
        self.called: list[list] = []

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_") or name in ("on_batch_begin", "on_batch_end"):
            return super().__getattribute__(name)

        def note(*arguments: Any, logs: Any = None) -> None:
            *number, values = arguments if logs is None else (*arguments, logs)
            self.called.append([name, *number, sorted(values or {})])

        return note


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_hooks_come_in_keras_order(method: str) -> None:
    hooks = Hooks()
    options: dict[str, Any] = {"batch_size": 5, "verbose": 0, "callbacks": [hooks]}
    if method == "fit":
        options["validation_data"] = (X, Y)
    data = (X,) if method == "predict" else (X, Y)
    getattr(model(), method)(*data, **options)
    assert hooks.called == TRAINING["hooks"][method]


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_logs_are_a_dictionary_where_there_are_no_numbers(method: str) -> None:
    given: list[Any] = []

    class Kinds(Callback):
        def __getattribute__(self, name: str) -> Any:
            if name.startswith("on_"):
                return lambda *arguments: given.append((name, type(arguments[-1])))
            return super().__getattribute__(name)

    data = (X,) if method == "predict" else (X, Y)
    getattr(model(), method)(*data, verbose=0, callbacks=[Kinds()])
    assert len(given) >= 4
    assert [name for name, kind in given if not issubclass(kind, dict)] == []


def test_batch_logs_are_numbers_and_read_only_when_wanted() -> None:
    class Reading(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            assert all(isinstance(value, float) for value in logs.values())

    class Older(Callback):
        count = 0

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.count += 1

    assert CallbackList([Reading()]).wants("on_train_batch_end")
    assert CallbackList([Older()]).wants("on_train_batch_end")
    assert not CallbackList([History(), EarlyStopping()]).wants("on_train_batch_end")
    older = Older()
    model().fit(X, Y, batch_size=5, verbose=0, callbacks=[Reading(), older])
    assert older.count == 2


@pytest.mark.parametrize("moment", ["begin", "end"])
@pytest.mark.parametrize("what", ["train", "test", "predict"])
def test_a_callback_with_one_batch_hook_sees_each_batch(what: str, moment: str) -> None:
    seen: list[int] = []
    hook = f"on_{what}_batch_{moment}"
    # By a class and by a function, and beside a callback that does not look at batches.
    kind = type("One", (Callback,), {hook: lambda self, batch, logs=None: seen.append(batch)})
    one = LambdaCallback(**{hook: lambda batch, logs: seen.append(batch)})
    stack = model()
    method = {"train": stack.fit, "test": stack.evaluate, "predict": stack.predict}[what]
    data = (X,) if what == "predict" else (X, Y)
    for callback in (kind(), one):
        seen.clear()
        method(*data, batch_size=3, verbose=0, callbacks=[History(), callback])
        assert seen == [0, 1, 2, 3]


@pytest.mark.parametrize("hook", ["on_batch_begin", "on_batch_end"])
def test_an_older_hook_alone_sees_each_batch_of_training(hook: str) -> None:
    seen: list[int] = []
    kind = type("Older", (Callback,), {hook: lambda self, batch, logs=None: seen.append(batch)})
    model().fit(X, Y, batch_size=3, epochs=2, verbose=0, callbacks=[kind()])
    assert seen == [0, 1, 2, 3] * 2


def test_a_callback_that_is_appended_is_watched_too() -> None:
    seen: list[int] = []
    calls = CallbackList([History()])
    assert not calls.wants_batches("train")
    calls.append(LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(batch)))
    assert calls.wants_batches("train")
    assert not calls.wants_batches("test")
    calls.on_train_batch_begin(7)
    assert seen == [7]


def test_training_of_no_epochs_begins_and_ends() -> None:
    hooks = Hooks()
    stop = EarlyStopping("loss", restore_best_weights=True)
    stack = model()
    before = stack.get_weights()
    history = stack.fit(X, Y, epochs=0, verbose=0, callbacks=[hooks, stop])
    assert [name for name, *_ in hooks.called] == ["on_train_begin", "on_train_end"]
    assert (history.history, history.epoch) == ({}, [])
    assert (stop.stopped_epoch, stop.best_weights) == (0, None)
    for one, other in zip(before, stack.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_callbacks_know_model_and_params() -> None:
    class Looking(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            self.seen = (self.model, self.params)

    looking, stack = Looking(), model()
    stack.fit(X, Y, batch_size=5, epochs=3, verbose=0, callbacks=looking)
    assert looking.seen == (stack, {"verbose": 0, "epochs": 3, "steps": 2})


def test_early_stopping_reads_the_number_as_a_subclass_wants() -> None:
    class OfBoth(EarlyStopping):
        def get_monitor_value(self, logs: Any) -> Any:
            seen.append(logs["loss"])
            return 1.0

    seen: list[float] = []
    model().fit(X, Y, epochs=9, verbose=0, callbacks=[OfBoth("loss", mode="min")])
    assert len(seen) == 2
    assert EarlyStopping("loss").get_monitor_value({"loss": 0.25}) == 0.25
    with pytest.warns(UserWarning, match="'val_loss', which is not in the logs"):
        assert EarlyStopping().get_monitor_value(None) is None


def test_stop_training_in_the_middle_of_an_epoch() -> None:
    def stop(batch: int, logs: Any) -> None:
        stack.stop_training = batch == 1

    stack = model()
    history = stack.fit(
        X, Y, batch_size=2, epochs=4, verbose=0, callbacks=[LambdaCallback(on_train_batch_end=stop)]
    )
    assert history.epoch == [0]
    assert int(stack.optimizer.iterations) == 2
    assert stack.fit(X, Y, verbose=0).epoch == [0]  # the wish to stop does not last


def test_history_of_each_fit() -> None:
    stack = model()
    first = stack.fit(X, Y, epochs=2, verbose=0)
    second = stack.fit(X, Y, epochs=1, verbose=0)
    assert stack.history is second is not first
    assert len(first.history["loss"]) == 2
    own = History()
    assert stack.fit(X, Y, verbose=0, callbacks=[own]) is own
    assert stack.fit(X, Y, epochs=0, verbose=0).history == {}


@pytest.mark.parametrize(("older", "today"), [
    ("val_mean_absolute_error", "val_mae"), ("out_acc", "out_accuracy"), ("lr", "learning_rate"),
    ("mean_squared_error", "mse"), ("root_mean_squared_errors", "root_mean_squared_errors"),
])  # fmt: skip
def test_figures_have_their_older_names_too(older: str, today: str) -> None:
    assert Figures({today: 0.5})[older] == 0.5


def test_a_history_given_to_two_trainings_goes_on() -> None:
    stack, own = model(), History()
    stack.fit(X, Y, batch_size=3, epochs=2, verbose=0, callbacks=[own])
    assert own.epoch == [0, 1]
    stack.fit(X, Y, batch_size=3, epochs=5, initial_epoch=2, verbose=0, callbacks=[own])
    assert own.epoch == [2, 3, 4]
    assert {name: len(values) for name, values in own.history.items()} == {
        "accuracy": 5, "loss": 5,
    }  # fmt: skip
    assert int(stack.optimizer.iterations) == 5 * 4


def test_what_is_no_callback() -> None:
    with pytest.raises(TypeError, match=r"EarlyStopping\(\)"):
        model().fit(X, Y, verbose=0, callbacks=[EarlyStopping])
    with pytest.raises(TypeError, match=r"callbacks\.Callback"):
        model().fit(X, Y, verbose=0, callbacks=[print])


def test_lambda_callback() -> None:
    said: list = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: said.append(epoch),
        on_train_end=lambda logs: said.append(sorted(logs)),
    )
    model().fit(X, Y, epochs=2, verbose=0, callbacks=[callback])
    assert said == [0, 1, ["accuracy", "loss"]]
    with pytest.raises(TypeError, match="Did you mean 'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)


HOOKS = sorted(name for name in dir(Callback) if name.startswith("on_"))


def test_each_hook_of_a_lambda_callback_is_its_own() -> None:
    said: list[str] = []

    def note(hook: str) -> Any:
        return lambda *_, **__: said.append(hook)

    all_of_them = LambdaCallback(**{hook: note(hook) for hook in HOOKS})
    for hook in HOOKS:
        said.clear()
        getattr(all_of_them, hook)(0, {}) if "batch" in hook or "epoch" in hook else getattr(
            all_of_them, hook
        )({})
        assert said == [hook]
    for hook in HOOKS:
        with pytest.raises(TypeError, match=f"{hook} must be a function. Received: 3"):
            LambdaCallback(**{hook: 3})


# ---- early stopping -------------------------------------------------------------------------


class Counting:
    """Stand in for a model: its weights are the number of the epoch that made them."""

    stop_training = False
    epoch: int | None = None

    def get_weights(self) -> int | None:
        return self.epoch

    def set_weights(self, weights: int | None) -> None:
        self.epoch = weights


@pytest.mark.parametrize("case", TRAINING["early_stopping"]["cases"], ids=str)
def test_early_stopping_stops_where_keras_does(case: dict[str, Any]) -> None:
    callback = EarlyStopping(monitor="loss", **case["arguments"])
    stand_in = Counting()
    callback.set_model(stand_in)
    callback.on_train_begin()
    for epoch, value in enumerate(case["values"]):
        stand_in.epoch = epoch
        callback.on_epoch_end(epoch, {"loss": value})
        if stand_in.stop_training:
            break
    callback.on_train_end()
    assert epoch + 1 == case["epochs_run"]
    assert stand_in.stop_training == case["stopped"]
    assert stand_in.epoch == case["weights_of_epoch"]
    assert (callback.stopped_epoch, callback.best_epoch) == (
        case["stopped_epoch"],
        case["best_epoch"],
    )
    assert callback.best == pytest.approx(case["best"], nan_ok=True)


DIRECTIONS = TRAINING["early_stopping"]["direction_of_metrics"]


@pytest.mark.parametrize(("name", "direction"), DIRECTIONS.items())
def test_metrics_know_where_better_is(name: str, direction: str | None) -> None:
    assert getattr(metrics, name)()._direction == direction


def test_auto_mode_asks_the_metric() -> None:
    stack = model()
    callback = EarlyStopping("val_accuracy", patience=1)
    stack.fit(X, Y, validation_data=(X, Y), epochs=2, verbose=0, callbacks=[callback])
    assert callback._improves(0.9, 0.8)
    stack.compile("sgd", "mse", metrics=[lambda a, b: ops.mean(a - b, axis=-1)])
    name = stack.fit(X, Y, verbose=0) and stack.metrics_names[1]
    with pytest.raises(ValueError, match="mode='max'"):
        stack.fit(X, Y, epochs=2, verbose=0, callbacks=[EarlyStopping(name)])


def test_monitor_that_is_not_there() -> None:
    callback = EarlyStopping("val_acurracy")
    with pytest.warns(UserWarning, match="Did you mean 'val_accuracy'") as seen:
        model().fit(X, Y, validation_data=(X, Y), epochs=3, verbose=0, callbacks=[callback])
    assert len(seen) == 1
    with pytest.warns(UserWarning, match="validation_data"):
        model().fit(X, Y, verbose=0, callbacks=[EarlyStopping()])
    with pytest.raises(ValueError, match="'max'"):
        EarlyStopping(mode="maxi")


def test_early_stopping_restores_the_best_weights() -> None:
    stack = model()
    kept: list = []
    keep = LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(stack.get_weights()))
    stop = EarlyStopping("loss", mode="max", patience=2, restore_best_weights=True)
    history = stack.fit(X, Y, epochs=20, verbose=0, callbacks=[keep, stop])
    assert len(history.epoch) == 3
    for weight, best in zip(stack.get_weights(), kept[0]):
        np.testing.assert_array_equal(weight, best)


def ended(callback: EarlyStopping, losses: Sequence[float]) -> tuple[int, int | None]:
    """The epoch in which training stops, and which epoch's weights the model has then."""
    stand_in = Counting()
    callback.set_model(stand_in)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        stand_in.epoch = epoch
        callback.on_epoch_end(epoch, {"loss": loss})
        if stand_in.stop_training:
            break
    callback.on_train_end()
    return epoch, stand_in.epoch


def test_patience_runs_from_the_first_epoch_on_while_the_baseline_is_not_reached() -> None:
    losses = [10.0, 9.0, 9.0, 9.0, 9.0, 9.0]
    assert ended(EarlyStopping("loss", patience=3, baseline=1.0), losses)[0] == 2
    assert ended(EarlyStopping("loss", patience=3), losses)[0] == 4


def test_weights_of_epochs_that_are_not_looked_at_are_not_restored() -> None:
    callback = EarlyStopping("loss", start_from_epoch=2, restore_best_weights=True)
    assert ended(callback, [0.1, 0.1, 9.0, 9.5]) == (3, 2)
    callback = EarlyStopping("loss", start_from_epoch=2, restore_best_weights=True, baseline=1.0)
    assert ended(callback, [0.1, 0.1, math.nan, 9.5])[1] == 2


def test_early_stopping_begins_anew_with_each_training() -> None:
    stop = EarlyStopping("loss", patience=1)
    callback, stand_in = stop, Counting()
    callback.set_model(stand_in)
    for _ in range(2):
        stand_in.stop_training = False
        callback.on_train_begin()
        assert (stop.wait, stop.stopped_epoch, stop.best_epoch) == (0, 0, 0)
        callback.on_epoch_end(0, {"loss": 1.0})
        callback.on_epoch_end(1, {"loss": 0.5})
        assert not stand_in.stop_training
        callback.on_epoch_end(2, {"loss": 0.75})
        assert stand_in.stop_training
        assert (stop.stopped_epoch, stop.best_epoch, stop.best) == (2, 1, 0.5)


def test_early_stopping_says_which_epoch_it_was(capsys: pytest.CaptureFixture) -> None:
    for verbose, words in ((0, ""), (1, "Epoch 3: early stopping\n")):
        stop = EarlyStopping("loss", patience=2, mode="max", verbose=verbose)
        model().fit(X, Y, epochs=9, verbose=0, callbacks=[stop])
        assert capsys.readouterr().out == words
    model().fit(X, Y, epochs=2, verbose=0, callbacks=[EarlyStopping("loss", verbose=1)])
    assert capsys.readouterr().out == ""
    stop = EarlyStopping("loss", patience=2, mode="max", verbose=1, restore_best_weights=True)
    model().fit(X, Y, epochs=9, verbose=0, callbacks=[stop])
    assert capsys.readouterr().out.endswith("best epoch again: 1\n")


def test_the_nearest_of_several_names_is_suggested() -> None:
    callback = EarlyStopping("acuracy")
    callback.on_train_begin()
    with pytest.warns(UserWarning, match="Did you mean 'accuracy'"):
        callback.on_epoch_end(0, {"val_accuracy": 1.0, "accuracy": 1.0, "my_accuracies": 1.0})


def test_epochs_without_the_monitored_number_are_not_counted() -> None:
    callback, stand_in = EarlyStopping("val_loss", patience=1), Counting()
    callback.set_model(stand_in)
    callback.on_train_begin()
    callback.on_epoch_end(0, {"val_loss": 1.0})
    callback.on_epoch_end(1, {"loss": 1.0})
    assert (callback.wait, stand_in.stop_training) == (0, False)
    callback.on_epoch_end(2, {"val_loss": 2.0})
    assert stand_in.stop_training


# ---- a loss that is lost --------------------------------------------------------------------


def losing_model() -> Sequential:
    stack = Sequential([Input((1,)), Dense(1)])
    stack.compile("sgd", lambda y, p: ops.mean(p * 0 + y / y, axis=-1), metrics=["mse"])
    return stack


@pytest.mark.filterwarnings("ignore:The loss became")
def test_terminate_on_nan(capsys: pytest.CaptureFixture) -> None:
    y = np.ones((10, 1), np.float32)
    y[6] = 0
    options: dict[str, Any] = {"batch_size": 2, "shuffle": False, "verbose": 0}
    history = losing_model().fit(X, y, epochs=3, callbacks=[TerminateOnNaN()], **options)
    assert history.epoch == [0]
    assert "Batch 3" in capsys.readouterr().out
    with pytest.raises(RuntimeError, match="batch 3"):
        losing_model().fit(X, y, callbacks=[TerminateOnNaN(raise_error=True)], **options)


def test_a_lost_loss_is_said_once_with_epoch_and_batch() -> None:
    y = np.ones((10, 1), np.float32)
    y[6] = 0
    with pytest.warns(UserWarning, match="The loss became nan in epoch 1, at batch 3") as seen:
        losing_model().fit(X, y, batch_size=2, shuffle=False, epochs=3, verbose=0)
    assert [warning.filename for warning in seen] == [__file__]


def test_each_training_tells_of_its_lost_loss() -> None:
    y = np.ones((4, 1), np.float32)
    y[3] = 0
    stack = losing_model()
    options: dict[str, Any] = {"batch_size": 1, "shuffle": False, "verbose": 0}
    for _ in range(2):
        with pytest.warns(UserWarning, match="nan in epoch 1, at batch 3") as seen:
            stack.fit(X[:4], y, epochs=2, **options)
        assert len(seen) == 1


def test_a_loss_that_is_lost_later_is_counted_from_the_beginning_of_its_epoch() -> None:
    y = np.ones((4, 1), np.float32)

    def spoil(epoch: int, logs: Any) -> None:
        if epoch == 1:
            y[1] = 0

    batches = lambda: ((X[i : i + 1], y[i : i + 1]) for i in range(4))  # noqa: E731
    again = type("Batches", (), {"__iter__": lambda self: batches()})()
    with pytest.warns(UserWarning, match="nan in epoch 2, at batch 1 "):
        losing_model().fit(
            again, epochs=3, verbose=0, callbacks=[LambdaCallback(on_epoch_begin=spoil)]
        )


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), float("-inf")])
def test_terminate_on_nan_takes_every_loss_that_is_no_number(loss: float) -> None:
    callback, stand_in = TerminateOnNaN(), Counting()
    callback.set_model(stand_in)
    for logs in (None, {}, {"accuracy": loss}, {"loss": 1e30}, {"loss": 0.0}):
        callback.on_train_batch_end(0, logs)
    assert not stand_in.stop_training
    callback.on_train_batch_end(1, {"loss": loss})
    assert stand_in.stop_training


# ---- the progress bar -----------------------------------------------------------------------


class Terminal(io.StringIO):
    """An output that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def terminal(columns: int = 200) -> Iterator[Terminal]:
    """Print onto a terminal of that width, without colours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        patch.setenv("COLUMNS", str(columns))
        with contextlib.redirect_stdout(Terminal()) as screen:
            yield screen


def lines_on(screen: Terminal) -> list[str]:
    """What stands there at last: a carriage return goes back to the beginning of the line."""
    return [line.rsplit("\r", 1)[-1].rstrip() for line in screen.getvalue().split("\n")[:-1]]


@pytest.mark.parametrize(("seconds", "text"), PROGRESS["time_per_step"])
def test_pace_is_written_as_keras_does(seconds: float, text: str) -> None:
    assert progbar._pace(seconds, "step") == text


@pytest.mark.parametrize(("seconds", "text"), PROGRESS["time_remaining"])
def test_remaining_time_is_written_as_keras_does(seconds: float, text: str) -> None:
    assert progbar._clock(seconds) == text


@pytest.mark.parametrize(("value", "text", "_"), PROGRESS["numbers"])
def test_numbers_are_written_as_keras_does(value: float, text: str, _: str) -> None:
    bar = Progbar(1, verbose=0)
    bar.update(1, [("loss", value)])
    assert bar._values() == f" - loss: {text}"


@pytest.mark.parametrize("case", PROGRESS["bars"], ids=lambda case: f"{case['step']}/{case['of']}")
def test_bars_look_as_keras_bars(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progbar.time, "monotonic", lambda: 100.0)
    with terminal() as screen:
        bar = Progbar(case["of"])
        bar._start -= case["step"]  # a second per step
        bar._first_step_end = bar._start + 1
        bar.update(case["step"])
    text = screen.getvalue()
    assert text.count("━") == case["filled"]
    assert text.split()[0] == case["text"].split()[0]
    if case["step"]:
        assert text.split()[-2:] == case["text"].split()[-2:]


def test_a_terminal_sees_a_bar_for_each_epoch() -> None:
    with terminal() as screen:
        model().fit(X, Y, batch_size=2, epochs=2, validation_data=(X, Y))
    epochs = lines_on(screen)
    assert epochs[0] == "Epoch 1/2"
    assert epochs[2] == "Epoch 2/2"
    assert len(epochs) == 4
    assert epochs[1].startswith("5/5 ━━━━━━━━━━━━━━━━━━━━ 0s ")
    names = [part.split(":")[0] for part in epochs[1].split(" - ")[1:]]
    assert names == ["accuracy", "loss", "val_accuracy", "val_loss"]


def test_a_file_sees_a_line_for_each_epoch(capsys: pytest.CaptureFixture) -> None:
    model().fit(X, Y, batch_size=2, epochs=3)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("Epoch 2/3 - 5/5 - 0s - ")
    assert "loss: " in lines[1]
    model().fit(X, Y, batch_size=2, epochs=3, verbose=0)
    assert capsys.readouterr().out == ""
    model().evaluate(X, Y)
    model().predict(X)
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_verbose_2_is_a_line_for_each_epoch_on_a_terminal() -> None:
    with terminal() as screen:
        model().fit(X, Y, batch_size=2, epochs=3, verbose=2)
    assert "\r" not in screen.getvalue()
    assert len(lines_on(screen)) == 3


def test_the_bar_is_drawn_a_few_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(100.0, 0.001)
    monkeypatch.setattr(progbar.time, "monotonic", lambda: next(clock))
    with terminal() as screen:
        bar = Progbar(3000)
        for step in range(3000):
            bar.update(step + 1)
    seconds = next(clock) - 100
    assert 2 < screen.getvalue().count("\r") <= 5 * seconds + 2


def test_a_narrow_terminal_never_wraps() -> None:
    with terminal(columns=50) as screen:
        Progbar(100).update(1, [(f"a_long_name_{i}", 1.0) for i in range(9)])
    assert len(screen.getvalue().lstrip("\r")) < 50


def test_an_ascii_terminal_gets_ascii() -> None:
    with terminal() as screen:
        screen.encoding = "ascii"
        Progbar(4).update(2)
    assert "==========.........." in screen.getvalue()


def test_a_notebook_is_drawn_in_place(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    model().fit(X, Y, batch_size=2, verbose=1)
    out = capsys.readouterr().out
    assert out.startswith("\r")
    assert out.endswith("\n")
    assert out.count("\n") == 1


def test_an_exception_ends_the_line() -> None:
    def fail(batch: int, logs: Any) -> None:
        if batch == 2:
            raise KeyboardInterrupt

    stack = model()
    with terminal() as screen, pytest.raises(KeyboardInterrupt):
        stack.fit(X, Y, batch_size=1, callbacks=[LambdaCallback(on_train_batch_end=fail)])
    assert screen.getvalue().endswith("\n")
    assert int(stack.optimizer.iterations) == 3
    stack.fit(X, Y, verbose=0)
    assert stack.predict(X, verbose=0).shape == (10, 1)


def test_progbar_averages_what_is_not_stateful() -> None:
    bar = Progbar(4, verbose=0, stateful_metrics=["seen"])
    bar.add(1, [("loss", 1.0), ("seen", 1)])
    bar.add(3, [("loss", 2.0), ("seen", 4)])
    assert bar._values() == " - loss: 1.7500 - seen: 4.0000"
    with pytest.raises(ValueError, match="not both"):
        Progbar(1, stateful_metrics=[], stateless_metrics=[])


def test_a_step_that_is_told_twice_counts_once_each_time() -> None:
    bar = Progbar(4, verbose=0)
    bar.update(2, [("loss", 1.0)])
    bar.update(2, [("loss", 4.0)])
    assert bar._values() == " - loss: 2.0000"  # (2 * 1 + 4) / 3, as Keras has it
    bar.update(4, [("loss", 5.0)])
    assert bar._values() == " - loss: 3.2000"


def test_values_come_in_the_order_of_their_first_time() -> None:
    bar = Progbar(4, verbose=0, stateless_metrics=["b"])
    bar.update(1, [("b", 1.0), ("a", 1.0)])
    bar.update(2, [("c", 0.0005), ("a", 7.0), ("b", 3.0)])
    assert bar._values() == " - b: 2.0000 - a: 7.0000 - c: 5.0000e-04"
    Progbar(4, verbose=0, stateful_metrics=())
    bar = Progbar(4, verbose=0)
    bar.update(1, [("a", 1.0)])
    bar.update(2, [("a", 2.0)])
    assert bar._values() == " - a: 1.5000"


@pytest.mark.parametrize("target", [0, None])
def test_a_bar_without_steps(target: int | None, capsys: pytest.CaptureFixture) -> None:
    bar = Progbar(target)
    bar.update(0, [("loss", 1.0)], finalize=True)
    assert capsys.readouterr().out.startswith("0 - 0s - ")
    with terminal() as screen:
        bar = Progbar(target)
        bar.update(0, finalize=True)
        bar.close()
    assert screen.getvalue().lstrip("\r").startswith("      0/Unknown 0s ")
    assert screen.getvalue().count("\n") == 1


def test_a_bar_ends_at_its_target_and_not_before(capsys: pytest.CaptureFixture) -> None:
    bar = Progbar(3)
    bar.update(1)
    bar.add(1)
    assert capsys.readouterr().out == ""
    bar.add(1)
    assert capsys.readouterr().out.startswith("3/3 - ")
    Progbar(3).update(3, finalize=False)
    assert capsys.readouterr().out == ""
    Progbar(3).update(1, finalize=True)
    assert capsys.readouterr().out.startswith("1/3 - ")
    Progbar(3, verbose=0).update(3)
    assert capsys.readouterr().out == ""


def test_a_logger_shows_the_next_training_as_well(capsys: pytest.CaptureFixture) -> None:
    logger, stack = ProgbarLogger(), model()
    for epochs in (1, 2):
        stack.fit(X, Y, batch_size=3, epochs=epochs, callbacks=[logger], verbose=2)
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == epochs
        assert all("4/4 - " in line for line in lines)
        assert lines[0].startswith("Epoch 1/2 - " if epochs == 2 else "4/4 - ")
    stack.evaluate(X, Y, batch_size=5, callbacks=[logger])
    assert capsys.readouterr().out.startswith("2/2 - ")


def test_a_loop_of_unknown_length() -> None:
    def batches() -> Any:
        for start in range(0, 10, 2):
            yield X[start : start + 2], Y[start : start + 2]

    with terminal() as screen:
        model().fit(batches())
    assert lines_on(screen)[-1].startswith("5/5 ")


def test_the_logger_can_be_given(capsys: pytest.CaptureFixture) -> None:
    model().fit(X, Y, callbacks=[ProgbarLogger()], verbose=1)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_logger_ends_at_the_steps_that_were_asked_for(capsys: pytest.CaptureFixture) -> None:
    logger = ProgbarLogger()
    logger.set_params({"verbose": 2, "epochs": 1, "steps": 10})
    logger.on_epoch_begin(0)
    logger.on_train_batch_end(3, {"loss": 1.0})
    logger.on_epoch_end(0, {"loss": 1.0})
    assert capsys.readouterr().out.startswith("10/10 - ")
