"""config: limits for trying programs out, and where progress is told."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pylego import config, layers, saving, utils
from pylego.callbacks import EarlyStopping, LambdaCallback
from pylego.models import Sequential
from pylego.utils import Progbar, PyDataset

X, Y = np.arange(40, dtype="float32").reshape(20, 2) / 40, np.ones((20, 1), "float32")


@pytest.fixture(autouse=True)
def _settings_of_before() -> Iterator[None]:
    yield
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)
    config.enable_interactive_logging()


def line() -> Sequential:
    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


class Batches(PyDataset):
    """Five batches of four rows."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> tuple:
        rows = slice(index * 4, index * 4 + 4)
        return X[rows], Y[rows]


# ---- limits ---------------------------------------------------------------------------------


def test_epochs_are_limited_with_a_warning() -> None:
    assert config.max_epochs() is None
    config.set_max_epochs(2)
    with pytest.warns(UserWarning, match="Limiting epochs to 2"):
        assert line().fit(X, Y, epochs=5, verbose=0).epoch == [0, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert line().fit(X, Y, epochs=2, verbose=0).epoch == [0, 1]


@pytest.mark.parametrize("data", [(X, Y), (Batches(),)], ids=["rows", "batches"])
def test_steps_are_limited_with_a_warning(data: tuple) -> None:
    model = line()
    size = 4 if len(data) == 2 else None
    config.set_max_steps_per_epoch(3)
    for count, run in {
        6: lambda: model.fit(*data, batch_size=size, epochs=2, verbose=0),
        9: lambda: model.fit(*data, batch_size=size, epochs=1, steps_per_epoch=4, verbose=0),
    }.items():
        with pytest.warns(UserWarning, match="Limiting steps_per_epoch to 3"):
            run()
        assert int(model.optimizer.iterations) == count
    seen: list[int] = []
    count_batches = LambdaCallback(on_test_batch_end=lambda batch, logs: seen.append(batch))
    with pytest.warns(UserWarning, match="Limiting"):
        model.evaluate(*data, batch_size=size, verbose=0, callbacks=[count_batches])
    assert seen == [0, 1, 2]
    with pytest.warns(UserWarning, match="Limiting"):
        assert model.predict(data[0], batch_size=size, verbose=0).shape == (12, 1)


def test_limits_that_do_not_count_are_silent() -> None:
    config.set_max_steps_per_epoch(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = line()
        model.fit(Batches(), epochs=2, verbose=0)
        model.fit(X, Y, batch_size=4, steps_per_epoch=2, verbose=0)
        assert model.predict(X, batch_size=4, verbose=0).shape == (20, 1)
    assert int(model.optimizer.iterations) == 12


def test_a_known_prediction_is_limited_too() -> None:
    model = line()
    model.predict(X, batch_size=4, verbose=0)
    config.set_max_steps_per_epoch(1)
    with pytest.warns(UserWarning, match="Limiting"):
        assert model.predict(X, batch_size=4, verbose=0).shape == (4, 1)


def test_limits_are_whole_numbers() -> None:
    for set_limit in (config.set_max_epochs, config.set_max_steps_per_epoch):
        with pytest.raises(ValueError, match="max_"):
            set_limit(0)
        with pytest.raises(TypeError, match="max_"):
            set_limit(1.5)  # type: ignore[arg-type]


def test_limits_come_from_the_environment() -> None:
    program = "from pylego import config; print(config.max_epochs(), config.max_steps_per_epoch())"

    def run(**environment: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env=environment
        )

    assert run(KERAS_MAX_EPOCHS="3", KERAS_MAX_STEPS_PER_EPOCH="7").stdout == "3 7\n"
    assert run(KERAS_MAX_EPOCHS="").stdout == "None None\n"
    assert "KERAS_MAX_EPOCHS is a whole number" in run(KERAS_MAX_EPOCHS="two").stderr


# ---- interactive logging --------------------------------------------------------------------


def test_what_is_told_is_printed_or_logged(
    capsys: pytest.CaptureFixture, caplog: pytest.LogCaptureFixture
) -> None:
    assert utils.is_interactive_logging_enabled()
    model = line()
    stop = EarlyStopping("loss", min_delta=1e9, patience=1, verbose=1)

    def run() -> None:
        model.fit(X, Y, epochs=9, callbacks=[stop])
        model.summary()
        Progbar(2).update(2)

    parts = ("Epoch 1/9", "early stopping", 'Model: "', "2/2")
    with caplog.at_level(logging.INFO, "pylego"):
        run()
        printed = capsys.readouterr().out
        assert all(part in printed for part in parts)
        assert not caplog.records
        utils.disable_interactive_logging()
        assert not config.is_interactive_logging_enabled()
        run()
        assert capsys.readouterr().out == ""
        logged = [record.getMessage() for record in caplog.records]
    assert all(any(part in line for line in logged) for part in parts)
    assert {record.name for record in caplog.records} == {"pylego"}
    config.enable_interactive_logging()
    Progbar(1).update(1)
    assert "1/1" in capsys.readouterr().out


# ---- passes that a callback ends, or divides -----------------------------------------------------


def endless() -> Iterator[tuple]:
    while True:
        yield X[:4], Y[:4]


@pytest.mark.parametrize(
    ("method", "event", "word"),
    [
        ("fit", "train", "training"),
        ("evaluate", "test", "evaluating"),
        ("predict", "predict", "predicting"),
    ],
)
def test_a_callback_ends_a_pass(method: str, event: str, word: str) -> None:
    model, seen = line(), []

    def stop_after_three(batch: int, logs: dict) -> None:
        seen.append(batch)
        setattr(model, f"stop_{word}", len(seen) == 3)

    stop = LambdaCallback(**{f"on_{event}_batch_end": stop_after_three})
    for _ in range(2):  # what was asked of one pass is over with it
        seen.clear()
        getattr(model, method)(endless(), verbose=0, callbacks=[stop])
        assert seen == [0, 1, 2]


@pytest.mark.parametrize("data", [(X,), (Batches(),)], ids=["rows", "batches"])
def test_predictions_call_back_after_so_many_steps(data: tuple) -> None:
    model = line()
    whole = model.predict(*data, batch_size=4 if len(data[0]) == 20 else None, verbose=0)
    model.compile("sgd", "mse", steps_per_execution=2)
    begun, ended, rows = [], [], []

    def end(batch: int, logs: dict) -> None:
        ended.append(batch)
        rows.append(logs["outputs"])

    calls = LambdaCallback(
        on_predict_batch_begin=lambda batch, logs: begun.append(batch), on_predict_batch_end=end
    )
    size = 4 if len(data[0]) == 20 else None
    found = model.predict(*data, batch_size=size, verbose=0, callbacks=[calls])
    assert (begun, ended) == ([0, 2, 4], [1, 3, 4])
    assert [len(some) for some in rows] == [8, 8, 4]
    assert np.array_equal(found, whole)
    assert np.array_equal(np.concatenate(rows), whole)


def test_without_an_optimizer_a_model_is_evaluated_and_saved(tmp_path: Path) -> None:
    model = line()
    loss = model.evaluate(X, Y, verbose=0)
    model.compile(None, "mse")
    assert model.evaluate(X, Y, verbose=0) == model.test_on_batch(X, Y) == loss
    for learn in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match="optimizer=None, so it cannot learn"):
            learn(X, Y)
    model.save(tmp_path / "model.keras")
    again = saving.load_model(tmp_path / "model.keras")
    assert (again.optimizer, again.evaluate(X, Y, verbose=0)) == (None, loss)
    model.save(tmp_path / "model.h5")
    assert np.array_equal(saving.load_model(tmp_path / "model.h5").predict(X), model.predict(X))
